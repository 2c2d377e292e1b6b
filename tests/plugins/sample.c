/* The sample plugin: one text file, the certificate as PEM or keystore, a command that reloads; and, for
 * tests of the engine, any callback can be told to fail, to hang or to crash. */
#include <certengine/plugin.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

static const char *const moments[] = { "none", "create", "install", "reload", "endpoints", "verify", "destroy", NULL };

static const struct ce_option options[] = {
	{ "file", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "a text file to write" },
	{ "content", CE_OPTION_STRING, 0, "sample", 0, 0, NULL, "what to write into it" },
	{ "password", CE_OPTION_SECRET, 0, NULL, 0, 0, NULL, "written behind the content, and protects the keystore" },
	{ "owner", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "owner of all files" },
	{ "group", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "group of all files" },
	{ "mode", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "mode of all files" },
	{ "key_file", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "the private key as PEM" },
	{ "cert_file", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "certificate and chain as PEM" },
	{ "keystore", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "a PKCS#12 keystore" },
	{ "truststore", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "a truststore that shall trust the CA" },
	{ "trust_alias", CE_OPTION_STRING, 0, "sample-ca", 0, 0, NULL, "the CA's alias in it" },
	{ "trust_password", CE_OPTION_SECRET, 0, NULL, 0, 0, NULL, "its password, if it is not Java's" },
	{ "remove", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "a file that must not be there" },
	{ "command", CE_OPTION_LIST, 0, NULL, 0, 0, NULL, "a step that is no file" },
	{ "undo", CE_OPTION_LIST, 0, NULL, 0, 0, NULL, "what takes the step back" },
	{ "check", CE_OPTION_LIST, 0, NULL, 0, 0, NULL, "exits 0 when the step is done" },
	{ "reload", CE_OPTION_LIST, 0, NULL, 0, 0, NULL, "the command that reloads" },
	{ "reload_key", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "targets with the same key reload once" },
	{ "host", CE_OPTION_STRING, 0, "127.0.0.1", 0, 0, NULL, "where the certificate is served" },
	{ "port", CE_OPTION_INT, 0, NULL, 1, 65535, NULL, "the port it is served on; none: nowhere" },
	{ "sni", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "the name to ask for" },
	{ "fail_in", CE_OPTION_ENUM, 0, "none", 0, 0, moments, "the callback that fails" },
	{ "hang_in", CE_OPTION_ENUM, 0, "none", 0, 0, moments, "the callback that never returns" },
	{ "crash_in", CE_OPTION_ENUM, 0, "none", 0, 0, moments, "the callback that crashes" },
	{ NULL, 0, 0, NULL, 0, 0, NULL, NULL },
};

/* What one target remembers from create. */
struct sample {
	int crash_in_destroy, hang_in_destroy;
};

static void
crash(void)
{
	signal(SIGSEGV, SIG_DFL); /* a sanitizer would make a report of it */
	raise(SIGSEGV);
}

static void
hang(void)
{
	for (;;)
		pause();
}

/* Does what the target was told to do in this callback. */
static int
misbehave(const struct ce_services *s, ce_call *call, const char *moment)
{
	if (strcmp(s->option(call, "hang_in"), moment) == 0)
		hang();
	if (strcmp(s->option(call, "crash_in"), moment) == 0)
		crash();
	if (strcmp(s->option(call, "fail_in"), moment) == 0)
		return s->fail(call, CE_ERR_PRODUCT, "the sample fails in %s as it was told", moment);
	return CE_OK;
}

/* Instances come from a pool of the plugin's own: the process is the plugin's alone. */
static int
sample_create(const struct ce_services *s, ce_call *call, void **ret_instance)
{
	static struct sample kinds[4];
	int code = misbehave(s, call, "create");
	if (code != CE_OK)
		return code;
	if (s->option(call, "keystore") && !s->option(call, "password"))
		return s->fail(call, CE_ERR_CONFIG, "option 'keystore' needs the option 'password'");

	int crashes = strcmp(s->option(call, "crash_in"), "destroy") == 0;
	int hangs = strcmp(s->option(call, "hang_in"), "destroy") == 0;
	struct sample *sample = &kinds[crashes + 2 * hangs];
	sample->crash_in_destroy = crashes;
	sample->hang_in_destroy = hangs;
	*ret_instance = sample;
	return CE_OK;
}

static void
sample_destroy(void *instance)
{
	const struct sample *sample = instance;
	if (sample->crash_in_destroy)
		crash();
	if (sample->hang_in_destroy)
		hang();
}

static struct ce_file_mode
file_mode(const struct ce_services *s, ce_call *call)
{
	struct ce_file_mode mode = { sizeof(mode), s->option(call, "owner"), s->option(call, "group"), s->option(call, "mode") };
	return mode;
}

static int
install_text(const struct ce_services *s, ce_call *call)
{
	const char *file = s->option(call, "file");
	const char *password = s->option(call, "password");
	if (!file)
		return CE_OK;
	const char *text = s->format(call, "%s\n%s%s%s", s->option(call, "content"), password ? "password=" : "",
		password ? password : "", password ? "\n" : "");
	if (!text)
		return s->fail(call, CE_ERR_MEMORY, "out of memory");
	struct ce_bytes bytes = { (const unsigned char *)text, strlen(text) };
	struct ce_file_mode mode = file_mode(s, call);
	return s->write(call, file, bytes, &mode);
}

static int
install_material(const struct ce_services *s, ce_call *call, const char *option, int kind)
{
	const char *file = s->option(call, option);
	if (!file)
		return CE_OK;
	struct ce_material material = { sizeof(material), kind, CE_PROFILE_MODERN, NULL, NULL };
	if (kind == CE_MATERIAL_PKCS12) {
		material.alias = "sample";
		material.password = s->option(call, "password");
	}
	struct ce_file_mode mode = file_mode(s, call);
	return s->write_material(call, file, &material, &mode);
}

static int
install_rest(const struct ce_services *s, ce_call *call)
{
	const char *gone = s->option(call, "remove");
	int code = gone ? s->remove(call, gone) : CE_OK;
	const char *const *act = s->option_list(call, "command");
	const char *const *undo = s->option_list(call, "undo");
	const char *const *check = s->option_list(call, "check");
	if (code >= CE_OK && act[0])
		code = s->command(call, "the sample's step", act, undo[0] ? undo : NULL, check[0] ? check : NULL);
	const char *key = s->option(call, "reload_key");
	if (code >= CE_OK && key)
		code = s->reload_by(call, key, s->format(call, "sample %s", key));
	return code;
}

static int
sample_install(const struct ce_services *s, ce_call *call, void *instance)
{
	(void)instance;
	int code = install_text(s, call);
	if (code >= CE_OK)
		code = install_material(s, call, "key_file", CE_MATERIAL_PEM_KEY);
	if (code >= CE_OK)
		code = install_material(s, call, "cert_file", CE_MATERIAL_PEM_FULLCHAIN);
	if (code >= CE_OK)
		code = install_material(s, call, "keystore", CE_MATERIAL_PKCS12);
	const char *truststore = s->option(call, "truststore");
	if (code >= CE_OK && truststore)
		code = s->truststore(call, truststore, s->option(call, "trust_password"), s->option(call, "trust_alias"));
	if (code >= CE_OK)
		code = install_rest(s, call);
	return code < CE_OK ? code : misbehave(s, call, "install");
}

static int
sample_reload(const struct ce_services *s, ce_call *call, void *instance)
{
	(void)instance;
	int code = misbehave(s, call, "reload");
	struct ce_run run = { sizeof(run), s->option_list(call, "reload"), { NULL, 0 }, 0 };
	if (code != CE_OK || !run.argv[0])
		return code;
	struct ce_run_result result;
	code = s->run(call, &run, &result);
	if (code < CE_OK)
		return code;
	if (result.status != 0)
		return s->fail(call, CE_ERR_PRODUCT, "reload by '%s' ended with %d: %.*s", run.argv[0], result.status,
			(int)result.err.size, (const char *)result.err.data);
	return CE_OK;
}

static int
sample_endpoints(const struct ce_services *s, ce_call *call, void *instance)
{
	(void)instance;
	int code = misbehave(s, call, "endpoints");
	int port = (int)s->option_int(call, "port");
	if (code != CE_OK || port == 0)
		return code;
	return s->endpoint(call, s->option(call, "host"), port, s->option(call, "sni"));
}

static int
sample_verify(const struct ce_services *s, ce_call *call, void *instance)
{
	(void)instance;
	return misbehave(s, call, "verify");
}

CERTENGINE_EXPORT extern const struct certengine_plugin certengine_plugin;
const struct certengine_plugin certengine_plugin = {
	.abi = CERTENGINE_ABI,
	.size = sizeof(struct certengine_plugin),
	.name = "sample",
	.version = "1.0",
	.summary = "writes files and runs a command; for tests",
	.options = options,
	.option_size = sizeof(struct ce_option),
	.create = sample_create,
	.destroy = sample_destroy,
	.install = sample_install,
	.reload = sample_reload,
	.endpoints = sample_endpoints,
	.verify = sample_verify,
};
