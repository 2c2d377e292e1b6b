/* Uses every service where it may, and says what came of it: the test compares the lines. */
#include "misfit.h"

#include <string.h>

static const struct ce_option options[] = {
	{ "root", CE_OPTION_PATH, 1, NULL, 0, 0, NULL, "a directory with files of the test" },
	{ "count", CE_OPTION_INT, 0, "3", 1, 9, NULL, "a number" },
	{ "loud", CE_OPTION_BOOL, 0, "true", 0, 0, NULL, "a truth" },
	{ "names", CE_OPTION_LIST, 0, NULL, 0, 0, NULL, "a list" },
	{ "secret", CE_OPTION_SECRET, 0, NULL, 0, 0, NULL, "a secret" },
	{ NULL, 0, 0, NULL, 0, 0, NULL, NULL },
};

#define SAY(...) s->log(call, CE_LEVEL_NOTICE, __VA_ARGS__)

static int
create(const struct ce_services *s, ce_call *call, void **ret_instance)
{
	const char *const *names = s->option_list(call, "names");
	*ret_instance = NULL;
	SAY("create count=%lld loud=%d first=%s secret=%s", s->option_int(call, "count"), s->option_bool(call, "loud"),
		names[0] ? names[0] : "-", s->option(call, "secret") ? s->option(call, "secret") : "-");
	return CE_OK;
}

static int
discover(const struct ce_services *s, ce_call *call)
{
	static const char *const argv[] = { "/bin/echo", "found it", NULL };
	struct ce_run run = { sizeof(run), argv, { NULL, 0 }, 0 };
	struct ce_run_result result;
	int code = s->run(call, &run, &result);
	SAY("discover count=%lld", s->option_int(call, "count"));
	if (code == CE_OK)
		code = s->found_begin(call, s->format(call, "%.8s", (const char *)result.out.data));
	if (code == CE_OK)
		code = s->found_option(call, "root", "/opt/product");
	return code == CE_OK ? s->found_option(call, "count", "4") : code;
}

static int
look(const struct ce_services *s, ce_call *call, const char *root)
{
	struct ce_bytes bytes;
	struct ce_stat st;
	const char *const *names = NULL;
	int code = s->read(call, s->format(call, "%s/old.txt", root), 100, &bytes);
	if (code == CE_OK)
		SAY("read %.*s", (int)bytes.size, (const char *)bytes.data);
	SAY("absent %d", s->read(call, s->format(call, "%s/absent", root), 100, &bytes));
	SAY("too large %d", s->read(call, s->format(call, "%s/old.txt", root), 1, &bytes));
	if (code == CE_OK)
		code = s->stat(call, s->format(call, "%s/old.txt", root), &st);
	if (code == CE_OK)
		SAY("stat %d %d %o %lld", st.exists, st.is_directory, st.mode, st.bytes);
	if (code == CE_OK)
		code = s->list(call, root, &names);
	for (size_t i = 0; code == CE_OK && names[i]; i++)
		SAY("name %s", names[i]);
	return code;
}

static int
edit(const struct ce_services *s, ce_call *call, const char *root)
{
	ce_xml *xml = NULL;
	int code = s->xml->open(call, s->format(call, "%s/server.xml", root), &xml);
	if (code != CE_OK)
		return code;
	ce_xml_element *connector = s->xml->child(s->xml->root(xml));
	SAY("xml %s %s line %ld", s->xml->name(connector), s->xml->attribute(connector, "port"), s->xml->line(connector));
	SAY("password %s", s->xml->attribute(connector, "keystorePass"));
	code = s->xml->stage(call, xml);
	SAY("xml stage unchanged %d", code == CE_UNCHANGED);
	if (code >= CE_OK)
		code = s->xml->set(call, connector, "port", "8444");
	if (code >= CE_OK)
		code = s->xml->stage(call, xml);
	return code;
}

/* Directives, and a file of another syntax that is refused. */
static int
edit_text(const struct ce_services *s, ce_call *call, const char *root)
{
	ce_text *text = NULL;
	int code = s->text->open(call, s->format(call, "%s/app.conf", root), CE_TEXT_DIRECTIVES, &text);
	if (code != CE_OK)
		return code;
	ce_text_entry *entry = s->text->find(text, NULL, "PORT");
	SAY("text %s %s line %ld", s->text->key(entry), s->text->value(entry, 0), s->text->line(entry));
	SAY("text password %s", s->text->value(s->text->find(text, NULL, "STORE_PASSWORD"), 0));
	SAY("text stage unchanged %d", s->text->stage(call, text) == CE_UNCHANGED);
	code = s->text->set(call, text, NULL, "PORT", "8444");
	if (code >= CE_OK)
		code = s->text->set(call, text, NULL, "NEW_PASS", "fresh.secret");
	if (code >= CE_OK)
		code = s->text->set(call, text, NULL, "OLD", NULL);
	if (code >= CE_OK)
		SAY("text twice %d", s->text->set(call, text, NULL, "TWICE", "x"));
	return code < CE_OK ? code : s->text->stage(call, text);
}

static int
install(const struct ce_services *s, ce_call *call, void *instance)
{
	const struct ce_certificate_facts *facts = NULL;
	const char *root = s->option(call, "root"), *secret = NULL;
	struct ce_bytes text = { (const unsigned char *)"new", 3 };
	struct ce_file_mode mode = { sizeof(mode), NULL, NULL, "0604" };
	(void)instance;
	int code = s->certificate(call, &facts);
	if (code == CE_OK)
		SAY("certificate %s %s %s %s %ld", facts->name, facts->names[1], facts->key_kind, facts->fingerprint,
			facts->generation);
	if (code >= CE_OK)
		code = s->write(call, s->format(call, "%s/new.txt", root), text, &mode);
	if (code >= CE_OK)
		code = s->remove(call, s->format(call, "%s/gone.txt", root));
	if (code >= CE_OK)
		code = look(s, call, root);
	if (code >= CE_OK)
		code = s->secret(call, "keystore", &secret);
	if (code >= CE_OK) {
		SAY("secret %s", secret);
		code = s->mask(call, "masked-by-hand");
		SAY("masked %s", "masked-by-hand");
	}
	if (code >= CE_OK)
		code = edit(s, call, root);
	if (code >= CE_OK)
		code = edit_text(s, call, root);
	return code;
}

static int
reload(const struct ce_services *s, ce_call *call, void *instance)
{
	static const char *const argv[] = { "/bin/cat", NULL };
	struct ce_run run = { sizeof(run), argv, { (const unsigned char *)"through a pipe", 14 }, 5000 };
	struct ce_run_result result;
	struct ce_http_request request = { sizeof(request), "POST", "https://localhost/reload", "//etc/./credentials", NULL,
		"text/plain", { (const unsigned char *)"body", 4 }, 0 };
	struct ce_http_reply reply;
	const char *root = s->option(call, "root");
	(void)instance;
	SAY("committed %d %d", s->committed(call, s->format(call, "%s/new.txt", root)), s->committed(call, "/other"));
	SAY("still masked %s", "masked-by-hand");
	int code = s->run(call, &run, &result);
	if (code == CE_OK)
		SAY("run %d %.*s", result.status, (int)result.out.size, (const char *)result.out.data);
	if (code == CE_OK)
		code = s->http(call, &request, &reply);
	if (code == CE_OK)
		SAY("http %d %.*s", reply.status, (int)reply.body.size, (const char *)reply.body.data);
	request.url = "file:///etc/passwd";
	SAY("http of a file %d", s->http(call, &request, &reply));
	run.timeout_ms = 200;
	static const char *const slow[] = { "/bin/sleep", "9", NULL };
	run.argv = slow;
	SAY("slow %d", s->run(call, &run, &result));
	return code;
}

static int
endpoints(const struct ce_services *s, ce_call *call, void *instance)
{
	(void)instance;
	SAY("bad port %d", s->endpoint(call, "localhost", 0, NULL));
	int code = s->endpoint(call, "localhost", 443, "shop.example");
	return code == CE_OK ? s->endpoint(call, "::1", 8443, NULL) : code;
}

static int
verify(const struct ce_services *s, ce_call *call, void *instance)
{
	struct ce_bytes bytes;
	(void)instance;
	int code = s->archive_member(call, s->format(call, "%s/some.zip", s->option(call, "root")), "inner.txt", &bytes);
	if (code == CE_OK)
		SAY("member %.*s", (int)bytes.size, (const char *)bytes.data);
	return code;
}

DECLARED;
const struct certengine_plugin certengine_plugin = {
	HEAD("services"), .options = options, .create = create, .discover = discover, .install = install,
	.reload = reload, .endpoints = endpoints, .verify = verify,
};
