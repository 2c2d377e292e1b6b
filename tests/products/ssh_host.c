/* The operations of a host that is reached by SSH, one by one: usage: ssh_host ADDRESS PORT USER IDENTITY KNOWN-HOSTS DIRECTORY
 * Prints what is wrong and ends with 1. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sys.h"
#include "host/ssh.h"

static const char *directory;
static struct ce_host *host;
static struct ce_error err;

#define MUST(condition) \
	do { \
		if (!(condition)) { \
			printf("%s:%d: %s: %s\n", __func__, __LINE__, #condition, err.text); \
			exit(1); \
		} \
	} while (0)

static const char *
in(const char *name)
{
	static char paths[4][512];
	static size_t next;
	char *path = paths[next++ % CE_COUNT(paths)];
	snprintf(path, sizeof(paths[0]), "%s/%s", directory, name);
	return path;
}

static void
put(const char *name, const char *content)
{
	FILE *file = fopen(in(name), "w");
	MUST(file && fputs(content, file) >= 0 && fclose(file) == 0);
}

static int
run_shell(const char *script, int timeout_ms, size_t limit, struct ce_bytes input, struct ce_outcome *outcome)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	struct ce_process_spec spec = { .argv = argv, .timeout_ms = timeout_ms, .output_limit = limit, .input = input };
	ce_error_clear(&err);
	return host->run(host, &spec, outcome, &err);
}

/* Its children go with it, and the connection goes on. */
static void
a_program_whose_time_is_over_is_killed(void)
{
	char script[1024];
	CE_CLEANUP(ce_outcome_release) struct ce_outcome outcome = CE_OUTCOME_INIT;
	snprintf(script, sizeof(script), "echo before; sleep 300 & echo $! >'%s'; wait", in("child"));
	long long begin = ce_monotonic_ms();
	MUST(run_shell(script, 1500, 0, (struct ce_bytes){ NULL, 0 }, &outcome) == CE_ERR_TIMEOUT);
	MUST(outcome.timed_out && strcmp(ce_buf_text(&outcome.out), "before\n") == 0);
	MUST(ce_monotonic_ms() - begin < 15000);
	CE_CLEANUP(ce_buf_release) struct ce_buf pid = CE_BUF_INIT;
	MUST(host->read(host, in("child"), 100, &pid, NULL, &err) == CE_OK);
	char there[64];
	snprintf(there, sizeof(there), "/proc/%ld", strtol(ce_buf_text(&pid), NULL, 10));
	for (int i = 0; i < 100 && access(there, F_OK) == 0; i++)
		usleep(50000);
	MUST(access(there, F_OK) != 0);
}

static void
streams_statuses_and_signals_are_those_of_the_program(void)
{
	CE_CLEANUP(ce_outcome_release) struct ce_outcome outcome = CE_OUTCOME_INIT;
	CE_CLEANUP(ce_outcome_release) struct ce_outcome killed = CE_OUTCOME_INIT;
	CE_CLEANUP(ce_outcome_release) struct ce_outcome flood = CE_OUTCOME_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf input = CE_BUF_INIT;
	void *bytes = ce_buf_grow(&input, 3000000);
	MUST(bytes);
	memset(bytes, 'i', 3000000);
	MUST(run_shell("echo out; echo err >&2; wc -c; exit 7", 0, 0, ce_buf_bytes(&input), &outcome) == CE_OK);
	MUST(outcome.status == 7 && strcmp(ce_buf_text(&outcome.out), "out\n3000000\n") == 0);
	MUST(strcmp(ce_buf_text(&outcome.err), "err\n") == 0);
	MUST(run_shell("kill -SEGV $$", 0, 0, (struct ce_bytes){ NULL, 0 }, &killed) == CE_OK && killed.status == 128 + 11);
	MUST(run_shell("head -c 2000000 /dev/zero; echo gone >&2", 0, 1000, ce_buf_bytes(&input), &flood) == CE_OK);
	MUST(flood.out.size == 1000 && strcmp(ce_buf_text(&flood.err), "gone\n") == 0);
}

static struct ce_host_replace *
prepare(const char *name, const char *content)
{
	struct ce_host_replace *replace = NULL;
	struct ce_file_spec spec = { .path = in(name), .temporary = ".certengine-test", .uid = geteuid(), .gid = getegid(),
		.mode = 0640, .bytes = { (const unsigned char *)content, strlen(content) } };
	MUST(host->prepare(host, &spec, &replace, &err) == CE_OK);
	return replace;
}

static void
what_is_displaced_is_shown_and_what_appeared_is_left(void)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf displaced = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf now = CE_BUF_INIT;
	struct ce_file_info info;
	put("file", "old");
	put(".certengine-test", "left by a run that was killed");
	CE_CLEANUP(ce_host_replacep) struct ce_host_replace *replace = prepare("file", "new");
	put("file", "edited");
	MUST(host->switch_in(host, replace, &displaced, &err) == CE_OK && host->settle(host, replace, &err) == CE_OK);
	MUST(strcmp(ce_buf_text(&displaced), "edited") == 0);
	MUST(host->read(host, in("file"), 100, &now, &info, &err) == CE_OK && strcmp(ce_buf_text(&now), "new") == 0);
	MUST(info.mode == 0640 && info.size == 3 && info.uid == geteuid());

	CE_CLEANUP(ce_host_replacep) struct ce_host_replace *fresh = prepare("fresh", "ours");
	put("fresh", "theirs");
	MUST(host->switch_in(host, fresh, NULL, &err) == CE_ERR_FOREIGN);
	ce_host_replacep(&fresh);
	MUST(host->stat(host, in(".certengine-test"), &info, &err) == CE_OK && !info.exists);
	MUST(host->read(host, in("fresh"), 100, &now, NULL, &err) == CE_OK && strcmp(ce_buf_text(&now), "theirs") == 0);

	CE_CLEANUP(ce_host_replacep) struct ce_host_replace *gone = prepare("file", "newer");
	MUST(unlink(in("file")) == 0 && host->switch_in(host, gone, &displaced, &err) == CE_ERR_FOREIGN);
	MUST(host->remove(host, in("fresh"), &err) == CE_OK && host->remove(host, in("fresh"), &err) == CE_UNCHANGED);
	MUST(host->remove(host, in("no/such"), &err) == CE_UNCHANGED);
}

static void
limits_and_kinds_are_judged_before_anything_is_read(void)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_INIT;
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	struct ce_file_info info;
	put("large", "0123456789");
	MUST(mkdir(in("folder"), 0755) == 0);
	MUST(host->read(host, in("large"), 9, &bytes, NULL, &err) == CE_ERR_LIMIT);
	MUST(host->read(host, in("folder"), 9, &bytes, NULL, &err) == CE_ERR_REFUSED);
	MUST(host->read(host, in("no/such"), 9, &bytes, NULL, &err) == CE_ERR_NOT_FOUND);
	MUST(host->read(host, in("large/x"), 9, &bytes, NULL, &err) == CE_ERR_NOT_FOUND);
	MUST(host->stat(host, in("folder"), &info, &err) == CE_OK && info.is_directory);
	MUST(host->stat(host, in("large/x"), &info, &err) == CE_OK && !info.exists);
	MUST(host->stat(host, "/", &info, &err) == CE_OK && info.is_directory);
	MUST(host->list(host, in("folder"), 0, &names, &err) == CE_OK && names.count == 0);
	MUST(host->list(host, directory, 1, &names, &err) == CE_ERR_LIMIT);
	MUST(host->list(host, directory, 100, &names, &err) == CE_OK && ce_strlist_has(&names, "large"));
	MUST(host->list(host, in("large"), 100, &names, &err) == CE_ERR_NOT_FOUND);
	unsigned long id = 99;
	MUST(host->account(host, "root", false, &id, &err) == CE_OK && id == 0);
	MUST(host->account(host, "daemon", true, &id, &err) == CE_OK && id > 0);
	MUST(host->account(host, "no-such-account", true, &id, &err) == CE_ERR_CONFIG);
}

int
main(int argc, char **argv)
{
	if (argc != 7)
		return 2;
	const char *const identities[] = { argv[4], NULL }, *const known[] = { argv[5], NULL };
	struct ce_ssh_spec spec = { .url = "ssh://it", .address = argv[1], .port = atoi(argv[2]), .user = argv[3], .timeout_s = 10,
		.identities = identities, .known_hosts = known };
	directory = argv[6];
	MUST(ce_ssh_host_new(&spec, &host, &err) == CE_OK);
	limits_and_kinds_are_judged_before_anything_is_read();
	what_is_displaced_is_shown_and_what_appeared_is_left();
	streams_statuses_and_signals_are_those_of_the_program();
	a_program_whose_time_is_over_is_killed();
	MUST(host->open(host, &err) == CE_OK);
	ce_ssh_host_free(host);
	return 0;
}
