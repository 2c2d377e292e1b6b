/* What a plugin process sends, as the engine takes it: services under the rules of each callback, and
 * the description. The first byte chooses which; then come messages, each behind two bytes of length. Whatever is sent, the
 * answer is one of the three kinds or a breach of the contract, and what was staged is within bounds. */
#include <stdlib.h>
#include <string.h>

#include "plugin/describe.h"
#include "plugin/pool.h"
#include "plugin/wire.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* --------------------------------------------------- a machine with one file */

static int
host_read(const struct ce_host *host, const char *path, size_t limit, struct ce_buf *ret_bytes,
	struct ce_file_info *ret_info, struct ce_error *err)
{
	(void)host;
	must(path[0] == '/' && !strstr(path, "/../"));
	if (strcmp(path, "/file") != 0 || limit < 4)
		return ce_fail(err, CE_ERR_NOT_FOUND, "no file '%s'", path);
	struct ce_file_info info = { .exists = true, .mode = 0640, .size = 4 };
	if (ret_info)
		*ret_info = info;
	return ce_buf_adds(ret_bytes, "text", err);
}

static int
host_stat(const struct ce_host *host, const char *path, struct ce_file_info *ret_info, struct ce_error *err)
{
	(void)host;
	(void)err;
	must(path[0] == '/');
	*ret_info = (struct ce_file_info){ .exists = true, .is_directory = strcmp(path, "/file") != 0, .mode = 0755 };
	return CE_OK;
}

static int
host_list(const struct ce_host *host, const char *path, size_t limit, struct ce_strlist *ret_names, struct ce_error *err)
{
	(void)host;
	must(path[0] == '/' && limit > 0);
	return ce_strlist_add(ret_names, "file", err);
}

static int
host_run(const struct ce_host *host, const struct ce_process_spec *spec, struct ce_outcome *ret_outcome,
	struct ce_error *err)
{
	(void)host;
	(void)ret_outcome;
	(void)err;
	must(spec->argv[0][0] == '/' && spec->timeout_ms <= CE_PLUGIN_TIMEOUT_MAX);
	return CE_OK;
}

static int
host_account(const struct ce_host *self, const char *name, bool group, unsigned long *ret_id, struct ce_error *err)
{
	(void)self;
	(void)group;
	(void)err;
	*ret_id = strlen(name);
	return CE_OK;
}

static const struct ce_host host = {
	.name = "pretended", .read = host_read, .stat = host_stat, .list = host_list, .run = host_run,
	.account = host_account,
};

/* ------------------------------------------------------ an engine that agrees */

static int
material(const struct ce_plugin_target *target, const struct ce_material *wanted, struct ce_bytes existing,
	const char *path, struct ce_buf *ret_bytes, char **ret_note, struct ce_error *err)
{
	(void)target;
	(void)existing;
	must(path[0] == '/' && wanted->kind >= CE_MATERIAL_PKCS12 && wanted->kind <= CE_MATERIAL_DER_LEAF);
	*ret_note = strdup("material");
	return ce_buf_adds(ret_bytes, "material", err);
}

static int
truststore(const struct ce_plugin_target *target, const struct ce_trust_words *words, struct ce_bytes existing,
	struct ce_buf *ret_bytes, char **ret_note, struct ce_error *err)
{
	(void)target;
	(void)existing;
	must(words->path[0] == '/' && words->alias[0] && words->password[0]);
	*ret_note = strdup("truststore");
	return ce_buf_adds(ret_bytes, "truststore", err);
}

static int
secret(const struct ce_plugin_target *target, const char *name, char **ret_text, struct ce_error *err)
{
	(void)target;
	(void)err;
	must(strchr(name, '/') == NULL);
	*ret_text = strdup("generated-secret");
	return CE_OK;
}

static int
http(const struct ce_plugin_target *target, const struct ce_http_request *request, int *ret_status,
	struct ce_buf *ret_body, struct ce_error *err)
{
	(void)target;
	must(strncmp(request->url, "http", 4) == 0 && !strpbrk(request->url, "\r\n"));
	*ret_status = 200;
	return ce_buf_adds(ret_body, "body", err);
}

static void
log_line(const struct ce_plugin_target *target, int level, const char *line)
{
	(void)target;
	must(level >= CE_LEVEL_DEBUG && level <= CE_LEVEL_WARNING && !strpbrk(line, "\r\n\033"));
}

static const struct ce_plugin_backend backend = { material, truststore, secret, http, log_line };

/* ------------------------------------------------------------------- one input */

/* The next message, false at the end. */
static bool
next_message(const unsigned char **data, size_t *size, struct ce_message *ret_message)
{
	if (*size < 4)
		return false;
	size_t length = (*data)[0] | (size_t)(*data)[1] << 8;
	size_t have = *size - 2 < length ? *size - 2 : length;
	bool parsed = ce_message_parse(*data + 2, have, ret_message, NULL) == CE_OK;
	*data += 2 + have;
	*size -= 2 + have;
	return parsed;
}

static void
judge_staged(const struct ce_serving *serving, const struct ce_staged *staged)
{
	must(serving->staged_count <= CE_PLUGIN_CHANGES_MAX + 1);
	for (size_t i = 0; i < staged->changes.count; i++) {
		const struct ce_change *change = &staged->changes.items[i];
		const char *first = change->kind == CE_CHANGE_COMMAND ? change->do_argv.items[0] : change->path;
		must(first[0] == '/');
	}
	for (size_t i = 0; i < staged->endpoint_count; i++)
		must(staged->endpoints[i].port > 0 && staged->endpoints[i].port < 65536 && staged->endpoints[i].host[0]);
}

static void
serve_all(const struct ce_phase *phase, const unsigned char *data, size_t size)
{
	static struct ce_option rows[] = { { "known", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "known" }, { 0 } };
	struct ce_plugins plugins = { .backend = &backend };
	char name[] = "fuzzed";
	struct ce_plugin_process process = { .name = name, .plugins = &plugins, .info = { .options = rows } };
	struct ce_plugin_target target = { .plugin = name, .certificate = "c", .name = "t", .host = &host };
	CE_CLEANUP(ce_staged_release) struct ce_staged staged = { .changes = CE_CHANGES_INIT };
	CE_CLEANUP(ce_plugin_discovery_release) struct ce_plugin_discovery discovery = { NULL, 0 };
	struct ce_serving serving = { .process = &process, .target = &target, .phase = phase, .changes = &staged.changes,
		.staged = &staged, .discovery = &discovery };

	CE_CLEANUP(ce_message_release) struct ce_message asked = CE_MESSAGE_INIT(0);
	int code = CE_OK;
	while (code == CE_OK && next_message(&data, &size, &asked)) {
		CE_CLEANUP(ce_message_release) struct ce_message reply = CE_MESSAGE_INIT(0);
		struct ce_error err;
		ce_error_clear(&err);
		code = ce_serve(&serving, &asked, &reply, &err);
		must(code == CE_OK || serving.breach);
		must(code != CE_OK || (reply.kind >= CE_WIRE_DONE && reply.kind <= CE_WIRE_FAILED));
	}
	judge_staged(&serving, &staged);
}

static void
describe(const unsigned char *data, size_t size)
{
	CE_CLEANUP(ce_message_release) struct ce_message ready = CE_MESSAGE_INIT(0);
	struct ce_plugin_info info;
	if (!next_message(&data, &size, &ready) || ce_describe(&ready, "fuzzed", &info, NULL) != CE_OK)
		return;
	must(strcmp(info.name, "fuzzed") == 0 && info.options != NULL);
	ce_describe_release(&info);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	if (size == 0)
		return 0;
	const struct ce_phase *phase = ce_phase_of(CE_WIRE_CREATE + data[0] % 8);
	if (phase)
		serve_all(phase, data + 1, size - 1);
	else
		describe(data + 1, size - 1);
	return 0;
}
