/* Drives a fuzz target without libFuzzer, so that every build runs it in `make check`: each file of the corpus,
 * then changed copies of it. What is changed follows from a fixed seed, so a run can be repeated; a finding names the
 * file and the round, and is left beside the log.
 *
 *	fuzz_NAME                runs over tests/fuzz/corpus/NAME of the source tree ($TOP_SRCDIR)
 *	fuzz_NAME FILE...        runs over these files as they are
 */
#ifdef CE_LIBFUZZER
typedef int ce_main_is_in_libfuzzer;
#else

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX (1 << 20)
#define ROUNDS 64 /* changed copies of each file */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t seed = 0x9e3779b97f4a7c15;

/* xorshift64: chance that is the same everywhere. */
static size_t
below(size_t limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return limit ? (size_t)(seed % limit) : 0;
}

/* Returns the new size; there is room for twice the size. */
static size_t
change(uint8_t *data, size_t size)
{
	static const uint8_t telling[] = { 0, 1, 0x7f, 0x80, 0xff, '"', '\'', '<', '>', '&', '\\', '/', '\r', '\n', '{', '}' };
	size_t at = below(size), length = below(size - at < 64 ? size - at : 64);
	switch (below(5)) {
	case 0:
		return at; /* cut off */
	case 1:
		data[at] ^= (uint8_t)(1u << below(8));
		return size;
	case 2:
		data[at] = telling[below(sizeof(telling))];
		return size;
	case 3: /* a piece taken out */
		memmove(data + at, data + at + length, size - at - length);
		return size - length;
	default: /* a piece said twice */
		memmove(data + at + length, data + at, size - at);
		return size + length;
	}
}

static void
keep(const char *name, const uint8_t *data, size_t size)
{
	FILE *file = fopen(name, "wb");
	if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0) {
		fprintf(stderr, "%s: %s\n", name, strerror(errno));
		exit(99);
	}
}

/* A copy of exactly the input's size, so that the sanitizers see one byte too far. */
static void
try_input(const uint8_t *data, size_t size)
{
	uint8_t *exact = malloc(size ? size : 1);
	if (!exact)
		exit(99);
	memcpy(exact, data, size);
	(void)LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

static void
try_changed(const char *path, const uint8_t *data, size_t size, const char *crash)
{
	uint8_t *copy = malloc(size * 16 + 1);
	if (!copy)
		exit(99);
	for (int round = 0; round < ROUNDS && size > 0; round++) {
		size_t now = size;
		memcpy(copy, data, size);
		for (size_t times = 1 + below(4); times > 0 && now > 0; times--)
			now = change(copy, now);
		keep(crash, copy, now);
		printf("%s round %d\n", path, round);
		fflush(stdout);
		try_input(copy, now);
	}
	free(copy);
}

static void
try_file(const char *path, const char *crash)
{
	static uint8_t data[INPUT_MAX];
	FILE *file = fopen(path, "rb");
	if (!file) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(99);
	}
	size_t size = fread(data, 1, sizeof(data), file);
	fclose(file);
	printf("%s\n", path);
	fflush(stdout);
	try_input(data, size);
	if (crash)
		try_changed(path, data, size, crash);
}

static int
not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int
try_corpus(const char *name)
{
	char folder[PATH_MAX], path[PATH_MAX + NAME_MAX + 2], crash[PATH_MAX];
	const char *top = getenv("TOP_SRCDIR"), *build = getenv("TOP_BUILDDIR");
	snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s", top ? top : ".", name);
	snprintf(crash, sizeof(crash), "%s/tests/fuzz/fuzz_%s.input", build ? build : ".", name);

	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, not_hidden, alphasort);
	if (count <= 0) {
		fprintf(stderr, "%s: there is no corpus\n", folder);
		return 1;
	}
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		try_file(path, crash);
		free(entries[i]);
	}
	free(entries);
	(void)remove(crash);
	printf("%d files, %d changed copies of each\n", count, ROUNDS);
	return 0;
}

int
main(int argc, char *argv[])
{
	const char *name = strrchr(argv[0], '/');
	name = name ? name + 1 : argv[0];
	if (strncmp(name, "lt-", 3) == 0)
		name += 3;
	if (strncmp(name, "fuzz_", 5) != 0)
		return 99;
	if (argc == 1)
		return try_corpus(name + 5);
	for (int i = 1; i < argc; i++)
		try_file(argv[i], NULL);
	return 0;
}

#endif
