#include "fake.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
keep(ce_call *call, void *memory)
{
	if (!memory || call->kept_count >= FAKE_KEPT)
		abort();
	call->kept[call->kept_count++] = memory;
	return memory;
}

CERTENGINE_PRINTF(3, 4) static int
fake_fail(ce_call *call, int code, const char *format, ...)
{
	va_list list;
	if (call->code != CE_OK)
		return code;
	va_start(list, format);
	vsnprintf(call->text, sizeof(call->text), format, list);
	va_end(list);
	call->code = code;
	return code;
}

static int
fail_with(ce_call *call, const struct ce_error *err)
{
	return fake_fail(call, err->code, "%s", err->text);
}

CERTENGINE_PRINTF(2, 3) static void
note(ce_call *call, const char *format, ...)
{
	size_t used = strlen(call->notes);
	va_list list;
	va_start(list, format);
	vsnprintf(call->notes + used, sizeof(call->notes) - used, format, list);
	va_end(list);
}

static void
fake_log(ce_call *call, int level, const char *format, ...)
{
	(void)call;
	(void)level;
	(void)format;
}

static void *
fake_allocate(ce_call *call, size_t size)
{
	return keep(call, calloc(1, size));
}

CERTENGINE_PRINTF(2, 3) static const char *
fake_format(ce_call *call, const char *format, ...)
{
	char *text = NULL;
	va_list list;
	va_start(list, format);
	int size = vasprintf(&text, format, list);
	va_end(list);
	return size < 0 ? NULL : keep(call, text);
}

/* ---------------------------------------------------------------- options */

static const struct ce_option *
option_row(const char *name)
{
	for (const struct ce_option *option = certengine_plugin.options; option->name; option++)
		if (strcmp(option->name, name) == 0)
			return option;
	fprintf(stderr, "the plugin asked for an option '%s' that its table does not have\n", name);
	abort();
}

static const char *
fake_option(ce_call *call, const char *name)
{
	const struct ce_option *row = option_row(name);
	size_t size = strlen(name);
	const char *at = call->options;
	while (at && *at != '\0') {
		const char *end = strchrnul(at, ';');
		if (strncmp(at, name, size) == 0 && at[size] == '=')
			return keep(call, strndup(at + size + 1, (size_t)(end - at) - size - 1));
		at = *end == ';' ? end + 1 : end;
	}
	return row->fallback;
}

static long long
fake_option_int(ce_call *call, const char *name)
{
	const char *text = fake_option(call, name);
	return text ? atoll(text) : 0;
}

static int
fake_option_bool(ce_call *call, const char *name)
{
	const char *text = fake_option(call, name);
	return text && strcmp(text, "true") == 0;
}

static const char *const *
split(ce_call *call, const char *text)
{
	const char **items = fake_allocate(call, 16 * sizeof(*items));
	char *copy = keep(call, strdup(text ? text : ""));
	char *save = NULL;
	size_t count = 0;
	for (char *item = strtok_r(copy, ",", &save); item && count < 15; item = strtok_r(NULL, ",", &save))
		items[count++] = item;
	return items;
}

static const char *const *
fake_option_list(ce_call *call, const char *name)
{
	return split(call, fake_option(call, name));
}

static int
fake_certificate(ce_call *call, const struct ce_certificate_facts **ret_facts)
{
	call->facts = (struct ce_certificate_facts){ sizeof(call->facts), "shop", split(call, call->names),
		call->key_kind ? call->key_kind : "ec-p256", "ab12", 1 };
	*ret_facts = &call->facts;
	return CE_OK;
}

/* ------------------------------------------------------------------ files */

static struct fake_file *
find_file(ce_call *call, const char *path)
{
	for (size_t i = 0; i < FAKE_FILES; i++)
		if (call->files[i].path && strcmp(call->files[i].path, path) == 0)
			return &call->files[i];
	return NULL;
}

static void
put_bytes(ce_call *call, const char *path, struct ce_bytes bytes)
{
	struct fake_file *file = find_file(call, path);
	for (size_t i = 0; i < FAKE_FILES && !file; i++)
		if (!call->files[i].path)
			file = &call->files[i];
	if (!file)
		abort();
	if (!file->path)
		file->path = strdup(path);
	else if (file->bytes.size == bytes.size && memcmp(ce_buf_text(&file->bytes), bytes.data, bytes.size) == 0)
		return;
	ce_buf_release(&file->bytes);
	if (ce_buf_add(&file->bytes, bytes.data, bytes.size, NULL) < 0)
		abort();
	call->written++;
}

void
fake_put(ce_call *call, const char *path, const char *text)
{
	struct ce_bytes bytes = { (const unsigned char *)text, strlen(text) };
	put_bytes(call, path, bytes);
}

const char *
fake_get(ce_call *call, const char *path)
{
	struct fake_file *file = find_file(call, path);
	return file ? ce_buf_text(&file->bytes) : NULL;
}

static int
fake_read(ce_call *call, const char *path, size_t limit, struct ce_bytes *ret_bytes)
{
	struct fake_file *file = find_file(call, path);
	if (!file)
		return fake_fail(call, CE_ERR_NOT_FOUND, "there is no file '%s'", path);
	if (file->bytes.size > limit)
		return fake_fail(call, CE_ERR_LIMIT, "'%s' is too large", path);
	*ret_bytes = ce_buf_bytes(&file->bytes);
	return CE_OK;
}

static bool
is_directory(ce_call *call, const char *path)
{
	size_t size = strlen(path);
	for (size_t i = 0; i < FAKE_FILES; i++)
		if (call->files[i].path && strncmp(call->files[i].path, path, size) == 0 && call->files[i].path[size] == '/')
			return true;
	return false;
}

static int
fake_stat(ce_call *call, const char *path, struct ce_stat *ret_stat)
{
	struct ce_stat stat = { .size = sizeof(stat), .mode = 0640, .uid = 0, .gid = 998 };
	stat.is_directory = is_directory(call, path);
	stat.exists = stat.is_directory || find_file(call, path) != NULL;
	*ret_stat = stat;
	return CE_OK;
}

static int
fake_list(ce_call *call, const char *path, const char *const **ret_names)
{
	(void)path;
	*ret_names = split(call, "apache-tomcat-9,other,tomcat-broken");
	return CE_OK;
}

/* An archive is a file that holds nothing but the member that is asked for. */
static int
fake_archive_member(ce_call *call, const char *path, const char *member, struct ce_bytes *ret_bytes)
{
	call->archives++;
	if (strcmp(member, "org/apache/catalina/util/ServerInfo.properties") != 0)
		return fake_fail(call, CE_ERR_NOT_FOUND, "no member '%s'", member);
	return fake_read(call, path, 1 << 20, ret_bytes);
}

static int
fake_write(ce_call *call, const char *path, struct ce_bytes bytes, const struct ce_file_mode *mode)
{
	if (mode)
		note(call, "mode %s %s:%s %s\n", path, mode->owner ? mode->owner : "-", mode->group ? mode->group : "-",
			mode->mode ? mode->mode : "-");
	put_bytes(call, path, bytes);
	return CE_OK;
}

/* Material is written as a line that says what it is. */
static int
fake_write_material(ce_call *call, const char *path, const struct ce_material *material, const struct ce_file_mode *mode)
{
	static const char *const kinds[] = { "", "pkcs12", "jks", "key", "leaf", "chain", "fullchain", "all", "der" };
	char text[256];
	snprintf(text, sizeof(text), "%s%s%s%s%s%s", kinds[material->kind],
		material->profile == CE_PROFILE_LEGACY ? " legacy" : "", material->alias ? " alias " : "",
		material->alias ? material->alias : "", material->password ? " password " : "",
		material->password ? material->password : "");
	struct ce_bytes bytes = { (const unsigned char *)text, strlen(text) };
	return fake_write(call, path, bytes, mode);
}

static int
fake_remove(ce_call *call, const char *path)
{
	return fake_fail(call, CE_ERR_PLUGIN, "remove of '%s' was not expected", path);
}

static int
fake_command(ce_call *call, const char *what, const char *const *do_argv, const char *const *undo_argv,
	const char *const *check_argv)
{
	(void)do_argv;
	(void)undo_argv;
	(void)check_argv;
	return fake_fail(call, CE_ERR_PLUGIN, "command '%s' was not expected", what);
}

static int
fake_secret(ce_call *call, const char *name, const char **ret_text)
{
	(void)call;
	(void)name;
	*ret_text = FAKE_SECRET;
	return CE_OK;
}

static int
fake_mask(ce_call *call, const char *text)
{
	(void)call;
	(void)text;
	return CE_OK;
}

static int
fake_reload_by(ce_call *call, const char *key, const char *what)
{
	snprintf(call->reload_key, sizeof(call->reload_key), "%s", key);
	snprintf(call->reload_text, sizeof(call->reload_text), "%s", what);
	return CE_OK;
}

static int
fake_committed(ce_call *call, const char *path)
{
	return call->committed && strcmp(call->committed, path) == 0;
}

static int
fake_run(ce_call *call, const struct ce_run *run, struct ce_run_result *ret_result)
{
	note(call, "run");
	for (const char *const *argument = run->argv; *argument; argument++)
		note(call, " %s", *argument);
	note(call, "\n");
	static const char complaint[] = "it did not start\nmore\n";
	ret_result->status = call->run_status;
	ret_result->err = (struct ce_bytes){ (const unsigned char *)complaint, sizeof(complaint) - 1 };
	return CE_OK;
}

static int
fake_http(ce_call *call, const struct ce_http_request *request, struct ce_http_reply *ret_reply)
{
	note(call, "%s %s %s\n", request->method, request->url, request->credentials_file);
	ret_reply->status = call->http_status;
	ret_reply->body = (struct ce_bytes){ (const unsigned char *)call->http_body, strlen(call->http_body) };
	return CE_OK;
}

static int
fake_endpoint(ce_call *call, const char *host, int port, const char *sni)
{
	note(call, "endpoint %s %d %s\n", host, port, sni ? sni : "-");
	return CE_OK;
}

static int
fake_found_begin(ce_call *call, const char *title)
{
	note(call, "found %s\n", title);
	return CE_OK;
}

static int
fake_found_option(ce_call *call, const char *name, const char *value)
{
	note(call, "  %s=%s\n", name, value);
	return CE_OK;
}

/* -------------------------------------------------------------------- XML */

static int
fake_xml_open(ce_call *call, const char *path, ce_xml **ret_document)
{
	struct ce_bytes bytes = { NULL, 0 };
	struct ce_error err = { 0 };
	int rc = fake_read(call, path, CE_XML_BYTES_MAX, &bytes);
	if (rc < 0)
		return rc;
	if (call->document_count >= CE_COUNT(call->documents))
		abort();
	if (ce_xml_parse(bytes, &call->documents[call->document_count], &err) < 0)
		return fail_with(call, &err);
	call->document_paths[call->document_count] = keep(call, strdup(path));
	*ret_document = call->documents[call->document_count++];
	return CE_OK;
}

static bool
holds(const ce_xml_element *top, const ce_xml_element *wanted)
{
	if (top == wanted)
		return true;
	for (const ce_xml_element *child = ce_xml_child(top); child; child = ce_xml_next(child))
		if (holds(child, wanted))
			return true;
	return false;
}

static ce_xml *
document_of(ce_call *call, const ce_xml_element *element)
{
	for (size_t i = 0; i < call->document_count; i++)
		if (holds(ce_xml_root(call->documents[i]), element))
			return call->documents[i];
	abort();
}

static int
fake_xml_set(ce_call *call, ce_xml_element *element, const char *name, const char *value)
{
	struct ce_error err = { 0 };
	int rc = ce_xml_set(document_of(call, element), element, name, value, &err);
	return rc < 0 ? fail_with(call, &err) : rc;
}

static int
fake_xml_add(ce_call *call, ce_xml_element *parent, ce_xml_element *before, const char *name,
	ce_xml_element **ret_element)
{
	struct ce_error err = { 0 };
	int rc = ce_xml_add(document_of(call, parent), parent, before, name, ret_element, &err);
	return rc < 0 ? fail_with(call, &err) : rc;
}

static int
fake_xml_drop(ce_call *call, ce_xml_element *element)
{
	struct ce_error err = { 0 };
	int rc = ce_xml_drop(document_of(call, element), element, &err);
	return rc < 0 ? fail_with(call, &err) : rc;
}

static int
fake_xml_stage(ce_call *call, ce_xml *document)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
	struct ce_error err = { 0 };
	size_t index = 0;
	while (call->documents[index] != document)
		index++;
	int rc = ce_xml_apply(document, &out, &err);
	if (rc < 0)
		return fail_with(call, &err);
	return rc == CE_UNCHANGED ? rc : fake_write(call, call->document_paths[index], ce_buf_bytes(&out), NULL);
}

static const struct ce_xml_services xml_services = { sizeof(struct ce_xml_services), fake_xml_open, ce_xml_root, ce_xml_child,
	ce_xml_next, ce_xml_name, ce_xml_attribute, ce_xml_line, fake_xml_set, fake_xml_add, fake_xml_drop,
	fake_xml_stage };

const struct ce_services fake_services = {
	.size = sizeof(struct ce_services),
	.fail = fake_fail,
	.log = fake_log,
	.allocate = fake_allocate,
	.format = fake_format,
	.option = fake_option,
	.option_int = fake_option_int,
	.option_bool = fake_option_bool,
	.option_list = fake_option_list,
	.certificate = fake_certificate,
	.read = fake_read,
	.stat = fake_stat,
	.list = fake_list,
	.archive_member = fake_archive_member,
	.write = fake_write,
	.write_material = fake_write_material,
	.remove = fake_remove,
	.command = fake_command,
	.secret = fake_secret,
	.mask = fake_mask,
	.reload_by = fake_reload_by,
	.committed = fake_committed,
	.run = fake_run,
	.http = fake_http,
	.endpoint = fake_endpoint,
	.found_begin = fake_found_begin,
	.found_option = fake_found_option,
	.xml = &xml_services,
};

void
fake_end(ce_call *call)
{
	for (size_t i = 0; i < call->kept_count; i++)
		free(call->kept[i]);
	for (size_t i = 0; i < call->document_count; i++)
		ce_xml_free(call->documents[i]);
	memset(call->documents, 0, sizeof(call->documents));
	call->kept_count = 0;
	call->document_count = 0;
	call->written = 0;
	call->archives = 0;
	call->code = CE_OK;
	call->text[0] = '\0';
	call->notes[0] = '\0';
}

void
fake_release(ce_call *call)
{
	fake_end(call);
	for (size_t i = 0; i < FAKE_FILES; i++) {
		free(call->files[i].path);
		ce_buf_release(&call->files[i].bytes);
	}
}
