#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "store/tree.h"

/* No certificate has been issued that often; a folder with a larger number is not ours, and one more would not fit. */
#define GENERATION_MAX 999999999

/* A plain positive decimal number; 0 for anything else. */
static long
number_of(const char *text)
{
	if (text[0] < '1' || text[0] > '9' || strspn(text, "0123456789") != strlen(text))
		return 0;
	errno = 0;
	long number = strtol(text, NULL, 10);
	return errno == 0 && number <= GENERATION_MAX ? number : 0;
}

int
ce_store_generations(struct ce_store *store, const char *certificate, long **ret_generations, size_t *ret_count,
	struct ce_error *err)
{
	struct ce_store_path path;
	int code = ce_store_certificate_path(certificate, &path, err, "generations");
	if (code < 0)
		return code;
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	code = ce_store_list(store, path.text, &names, err);
	if (code < 0)
		return code;

	CE_CLEANUP(ce_freep) long *found = calloc(names.count + 1, sizeof(*found));
	if (!found)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	size_t count = 0;
	for (size_t i = 0; i < names.count; i++) {
		long number = number_of(names.items[i]);
		if (number == 0)
			continue;
		size_t at = count++;
		for (; at > 0 && found[at - 1] > number; at--)
			found[at] = found[at - 1];
		found[at] = number;
	}

	*ret_generations = CE_STEAL(found);
	*ret_count = count;
	return CE_OK;
}

/* The number a new generation gets: never one that was given before, as long as prune keeps the newest. */
static int
next_generation(struct ce_store *store, const char *certificate, long *ret_next, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) long *generations = NULL;
	size_t count = 0;
	int code = ce_store_generations(store, certificate, &generations, &count, err);
	if (code < 0)
		return code;
	*ret_next = count > 0 ? generations[count - 1] + 1 : 1;
	return CE_OK;
}

int
ce_store_generation_add(struct ce_store *store, const char *certificate, const struct ce_bundle *bundle,
	long *ret_generation, struct ce_error *err)
{
	struct ce_bytes key = ce_buf_bytes(&bundle->key);
	const struct ce_store_part parts[] = { { ce_store_key_file(key), key }, { "leaf.pem", ce_buf_bytes(&bundle->leaf) },
		{ "chain.pem", ce_buf_bytes(&bundle->chain) } };
	long generation = 0;
	struct ce_store_path fresh, place;
	int code = next_generation(store, certificate, &generation, err);
	if (code == CE_OK)
		code = ce_store_certificate_path(certificate, &fresh, err, "generations/.new");
	if (code == CE_OK)
		code = ce_store_certificate_path(certificate, &place, err, "generations/%ld", generation);
	if (code == CE_OK)
		code = ce_store_put_directory(store, fresh.text, place.text, parts, CE_COUNT(parts), err);
	if (code < 0)
		return code;

	*ret_generation = generation;
	return CE_OK;
}

/* Fails unless the generation is there, so that nothing is hung below a number that was never given. */
static int
require_generation(struct ce_store *store, const char *certificate, long generation, struct ce_error *err)
{
	struct ce_store_path path;
	int code = ce_store_certificate_path(certificate, &path, err, "generations/%ld", generation);
	if (code < 0)
		return code;
	bool there = false;
	code = ce_store_has(store, path.text, &there, err);
	if (code < 0)
		return code;
	if (!there || generation < 1)
		return ce_fail(err, CE_ERR_NOT_FOUND, "certificate '%s' has no generation %ld", certificate, generation);
	return CE_OK;
}

int
ce_store_live_set(struct ce_store *store, const char *certificate, long generation, struct ce_error *err)
{
	int code = require_generation(store, certificate, generation, err);
	if (code < 0)
		return code;
	struct ce_store_path path;
	code = ce_store_certificate_path(certificate, &path, err, "live");
	if (code < 0)
		return code;
	char text[24];
	int size = snprintf(text, sizeof(text), "%ld\n", generation);
	return ce_store_write(store, path.text, (struct ce_bytes){ (const unsigned char *)text, (size_t)size }, err);
}

/* Without a readable mark the newest generation counts: it was checked before it was stored. */
static int
live_without_mark(struct ce_store *store, const char *certificate, long *ret_generation, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) long *generations = NULL;
	size_t count = 0;
	int code = ce_store_generations(store, certificate, &generations, &count, err);
	if (code < 0)
		return code;
	long newest = count > 0 ? generations[count - 1] : 0;
	ce_log(CE_LOG_WARNING, "the mark of the live generation of certificate '%s' is damaged; generation %ld is taken",
		certificate, newest);
	*ret_generation = newest;
	return CE_OK;
}

int
ce_store_live(struct ce_store *store, const char *certificate, long *ret_generation, struct ce_error *err)
{
	struct ce_store_path path;
	int code = ce_store_certificate_path(certificate, &path, err, "live");
	if (code < 0)
		return code;
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	code = ce_store_read(store, path.text, &text, err);
	if (code == CE_ERR_NOT_FOUND) {
		ce_error_forget(err);
		*ret_generation = 0;
		return CE_OK;
	}
	if (code < 0)
		return code;

	if (text.size > 0 && text.data[text.size - 1] == '\n')
		text.data[text.size - 1] = '\0';
	long generation = number_of(ce_buf_text(&text));
	if (generation == 0)
		return live_without_mark(store, certificate, ret_generation, err);
	*ret_generation = generation;
	return CE_OK;
}

/* One file of a generation that is known to exist, so an absent one is damage like any other. */
static int
read_part(struct ce_store *store, const char *certificate, long generation, const char *name, struct ce_buf *ret_bytes,
	struct ce_error *err)
{
	struct ce_store_path path;
	int code = ce_store_certificate_path(certificate, &path, err, "generations/%ld/%s", generation, name);
	if (code < 0)
		return code;
	return ce_store_read(store, path.text, ret_bytes, err);
}

static int
read_bundle(struct ce_store *store, const char *certificate, long generation, bool with_key,
	struct ce_bundle *bundle, struct ce_error *err)
{
	int code = read_part(store, certificate, generation, "leaf.pem", &bundle->leaf, err);
	if (code < 0)
		return code;
	code = ce_facts_read(ce_buf_bytes(&bundle->leaf), &bundle->facts, err);
	if (code < 0)
		return code;
	code = read_part(store, certificate, generation, "chain.pem", &bundle->chain, err);
	if (code < 0)
		return code;
	code = read_part(store, certificate, generation, "key.uri", &bundle->key, err);
	if (code == CE_ERR_NOT_FOUND) {
		ce_error_forget(err);
		code = with_key ? read_part(store, certificate, generation, "key.pem", &bundle->key, err) : CE_OK;
		if (code == CE_OK && !with_key)
			return CE_OK;
	}
	if (code < 0)
		return code;
	if (bundle->key.size == 0)
		return ce_fail(err, CE_ERR_INVALID, "its key is empty");
	return CE_OK;
}

int
ce_store_bundle(struct ce_store *store, const char *certificate, long generation, bool with_key,
	struct ce_bundle *ret_bundle, struct ce_error *err)
{
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	ce_bundle_init(&bundle);
	struct ce_error first = { 0 };
	int code = read_bundle(store, certificate, generation, with_key, &bundle, &first);
	if (code < 0) {
		/* Looked for only now: the good case spends no call on it. */
		int missing = require_generation(store, certificate, generation, err);
		if (missing < 0)
			return missing;
		bool damage = code == CE_ERR_NOT_FOUND || code == CE_ERR_CRYPTO || code == CE_ERR_LIMIT;
		return ce_fail(err, damage ? CE_ERR_INVALID : code, "generation %ld of certificate '%s' is damaged: %s",
			generation, certificate, first.text);
	}

	bundle.generation = generation;
	*ret_bundle = bundle;
	ce_bundle_init(&bundle);
	return CE_OK;
}

/* Leaves the generations that must stay: the keep newest, the live one and the one before it. */
static bool
may_go(const long *generations, size_t count, size_t at, long live, size_t keep)
{
	if (at + keep >= count || generations[at] == live)
		return false;
	return generations[at + 1] != live;
}

int
ce_store_prunable(struct ce_store *store, const char *certificate, size_t keep, long **ret_generations,
	size_t *ret_count, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) long *generations = NULL;
	size_t count = 0;
	int code = ce_store_generations(store, certificate, &generations, &count, err);
	if (code < 0)
		return code;
	long live = 0;
	code = ce_store_live(store, certificate, &live, err);
	if (code < 0)
		return code;

	/* The newest stays in any case: its number must never be given again. */
	if (keep == 0)
		keep = 1;
	CE_CLEANUP(ce_freep) long *gone = calloc(count + 1, sizeof(*gone));
	if (!gone)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	size_t found = 0;
	for (size_t i = 0; i < count; i++)
		if (may_go(generations, count, i, live, keep))
			gone[found++] = generations[i];

	*ret_generations = CE_STEAL(gone);
	*ret_count = found;
	return CE_OK;
}

int
ce_store_prune(struct ce_store *store, const char *certificate, size_t keep, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) long *generations = NULL;
	size_t count = 0;
	int code = ce_store_prunable(store, certificate, keep, &generations, &count, err);
	if (code < 0)
		return code;
	for (size_t i = 0; i < count; i++) {
		struct ce_store_path path;
		code = ce_store_certificate_path(certificate, &path, err, "generations/%ld", generations[i]);
		if (code < 0)
			return code;
		code = ce_store_drop_directory(store, path.text, ".gone", err);
		if (code < 0)
			return code;
	}
	return count > 0 ? CE_OK : CE_UNCHANGED;
}

int
ce_store_key_record(struct ce_store *store, const char *certificate, long generation, struct ce_buf *ret_record,
	struct ce_error *err)
{
	return read_part(store, certificate, generation, "key.uri", ret_record, err);
}

int
ce_store_reserved_key(struct ce_store *store, const char *certificate, struct ce_buf *ret_record, struct ce_error *err)
{
	struct ce_store_path path;
	int code = ce_store_certificate_path(certificate, &path, err, "key.uri");
	return code < 0 ? code : ce_store_read(store, path.text, ret_record, err);
}

int
ce_store_reserved_key_put(struct ce_store *store, const char *certificate, struct ce_bytes record, struct ce_error *err)
{
	struct ce_store_path path;
	int code = ce_store_certificate_path(certificate, &path, err, "key.uri");
	return code < 0 ? code : ce_store_write(store, path.text, record, err);
}

static int
material_path(struct ce_store *store, const char *certificate, long generation, const char *digest_hex,
	struct ce_store_path *ret_path, struct ce_error *err)
{
	int code = ce_store_name_check("keystore", digest_hex, err);
	if (code < 0)
		return code;
	code = require_generation(store, certificate, generation, err);
	if (code < 0)
		return code;
	return ce_store_certificate_path(certificate, ret_path, err, "generations/%ld/material/%s", generation, digest_hex);
}

int
ce_store_material(struct ce_store *store, const char *certificate, long generation, const char *digest_hex,
	struct ce_buf *ret_bytes, struct ce_error *err)
{
	struct ce_store_path path;
	int code = material_path(store, certificate, generation, digest_hex, &path, err);
	return code < 0 ? code : ce_store_read(store, path.text, ret_bytes, err);
}

int
ce_store_material_put(struct ce_store *store, const char *certificate, long generation, const char *digest_hex,
	struct ce_bytes bytes, struct ce_error *err)
{
	struct ce_store_path path;
	int code = material_path(store, certificate, generation, digest_hex, &path, err);
	return code < 0 ? code : ce_store_write(store, path.text, bytes, err);
}
