/* What plugins ask of the engine: key material, secrets, HTTP; truststores are in truststore.c. */
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "crypto/keystore.h"
#include "engine/engine_own.h"

#define CREDENTIALS_MAX 4096

static bool
is_keystore(int kind)
{
	return kind == CE_MATERIAL_PKCS12 || kind == CE_MATERIAL_JKS;
}

static int
note_of(const struct ce_material *material, const char *certificate, char **ret_note, struct ce_error *err)
{
	const char *alias = material->alias ? material->alias : "";
	int made = is_keystore(material->kind)
	                   ? asprintf(ret_note, "%s keystore, alias %s, certificate %s", ce_material_label(material->kind),
	                           alias, certificate)
	                   : asprintf(ret_note, "%s, certificate %s", ce_material_label(material->kind), certificate);
	if (made >= 0)
		return CE_OK;
	*ret_note = NULL;
	return ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

/* Names a built keystore: what it was built from. The password is in it, so it is a digest. */
static int
digest_of(const struct ce_material *material, const char *fingerprint, char ret_hex[CE_SHA256_HEX], struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_SECRET;
	const char *alias = material->alias ? material->alias : "", *password = material->password ? material->password : "";
	int code = ce_buf_addf(&text, err, "%d/%d/%s/%zu:%s/%s", material->kind, material->profile, fingerprint, strlen(alias),
		alias, password);
	return code < 0 ? code : ce_sha256_hex(ce_buf_bytes(&text), ret_hex, err);
}

/* Stands for bytes that only an apply would make; no file ever equals it. */
static int
placeholder(struct ce_buf *ret_bytes, struct ce_error *err)
{
	return ce_buf_adds(ret_bytes, "to be made by certengine apply\n", err);
}

/* A keystore is built once for a generation and target, since its salts are random, and kept. */
static int
build_keystore(struct ce_certificate_run *certificate, const struct ce_material *material, struct ce_buf *ret_bytes,
	struct ce_error *err)
{
	struct ce_store *store = certificate->engine->store;
	const char *name = certificate->config->name;
	char digest[CE_SHA256_HEX];
	int code = digest_of(material, certificate->bundle.facts.fingerprint, digest, err);
	if (code < 0)
		return code;
	code = ce_store_material(store, name, certificate->bundle.generation, digest, ret_bytes, err);
	if (code != CE_ERR_NOT_FOUND)
		return code;
	ce_error_clear(err);
	if (certificate->engine->read_only)
		return placeholder(ret_bytes, err);
	code = ce_run_key(certificate, err);
	if (code == CE_OK)
		code = ce_material_build(&certificate->bundle, material, ret_bytes, err);
	if (code < 0)
		return code;
	return ce_store_material_put(store, name, certificate->bundle.generation, digest, ce_buf_bytes(ret_bytes), err);
}

static int
build(struct ce_certificate_run *certificate, const struct ce_material *material, struct ce_buf *ret_bytes,
	struct ce_error *err)
{
	if (certificate->expects_new || certificate->bundle.generation == 0)
		return placeholder(ret_bytes, err);
	if (is_keystore(material->kind))
		return build_keystore(certificate, material, ret_bytes, err);
	if (ce_material_is_secret(material->kind)) {
		int code = ce_run_key(certificate, err);
		if (code < 0)
			return code;
	}
	return ce_material_build(&certificate->bundle, material, ret_bytes, err);
}

/* A store that holds something of somebody else is not overwritten. One that cannot be opened is, but only
 * where this target has been deployed before: then it is ours and damaged. */
static int
guard_existing(struct ce_target_run *target, const struct ce_material *material, struct ce_bytes existing,
	const char *path, struct ce_error *err)
{
	struct ce_keystore keystore = { 0 };
	struct ce_error own = { 0 };
	if (ce_probe_keystore(&target->certificate->engine->probe, existing, material->password, &keystore, &own) < 0) {
		if (target->last.generation > 0)
			return CE_OK;
		return ce_fail(err, CE_ERR_REFUSED, "'%s' exists and cannot be read with the password of this target (%s); move it "
			"away or name another path", path, own.text);
	}
	CE_CLEANUP(ce_keystore_release) struct ce_keystore held = keystore;
	for (size_t i = 0; i < held.count; i++)
		if (!held.entries[i].is_key || strcasecmp(held.entries[i].alias, material->alias) != 0)
			return ce_fail(err, CE_ERR_REFUSED, "keystore '%s' also holds '%s', which certengine does not manage; name a "
				"keystore of its own for this target", path, held.entries[i].alias);
	return CE_OK;
}

static int
make_material(const struct ce_plugin_target *plugin_target, const struct ce_material *material,
	struct ce_bytes existing, const char *path, struct ce_buf *ret_bytes, char **ret_note, struct ce_error *err)
{
	struct ce_target_run *target = plugin_target->context;
	struct ce_certificate_run *certificate = target->certificate;
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_SECRET;
	int code = CE_OK;
	if (ce_material_is_secret(material->kind))
		code = ce_key_demand_file(target, ce_material_label(material->kind), err);
	if (code == CE_OK)
		code = build(certificate, material, &bytes, err);
	if (code < 0)
		return code;
	bool same = existing.size == bytes.size && existing.size > 0 && memcmp(existing.data, bytes.data, bytes.size) == 0;
	if (!same && existing.size > 0 && is_keystore(material->kind))
		code = guard_existing(target, material, existing, path, err);
	if (code < 0)
		return code;
	bool known = !certificate->expects_new && certificate->bundle.generation > 0;
	char shown[17] = "to be issued";
	if (known)
		snprintf(shown, sizeof(shown), "%.16s", certificate->bundle.facts.fingerprint);
	code = note_of(material, shown, ret_note, err);
	if (code < 0)
		return code;
	*ret_bytes = bytes;
	bytes = (struct ce_buf)CE_BUF_SECRET;
	return CE_OK;
}

static int
get_secret(const struct ce_plugin_target *plugin_target, const char *name, char **ret_text, struct ce_error *err)
{
	const struct ce_engine *engine = ((struct ce_target_run *)plugin_target->context)->certificate->engine;
	int code = ce_store_secret(engine->store, plugin_target->certificate, plugin_target->name, name, !engine->read_only,
		ret_text, err);
	if (code != CE_ERR_NOT_FOUND || !engine->read_only)
		return code;
	ce_error_clear(err);
	return ce_random_password(24, ret_text, err); /* a plan: stands for the one that apply will make */
}

/* The first line of a file that nobody else can read. */
static int
read_credentials(const char *path, char **ret_text, struct ce_error *err)
{
	struct ce_file_info info;
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_SECRET;
	int code = ce_file_read(path, CREDENTIALS_MAX, &bytes, &info, err);
	if (code < 0)
		return ce_error_wrap(err, "credentials file");
	/* The group may read what root gave it to read; more than that is a leak. */
	mode_t allowed = info.uid == 0 ? 0640 : 0600;
	if (info.mode & (mode_t)~allowed & 0777)
		return ce_fail(err, CE_ERR_REFUSED, "credentials file '%s' is open to others (mode %04o); make it 0600", path,
			(unsigned)info.mode);
	size_t length = strcspn(ce_buf_text(&bytes), "\r\n");
	char *text = strndup(ce_buf_text(&bytes), length);
	if (!text)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	if (strchr(text, ':')) {
		*ret_text = text;
		return CE_OK;
	}
	ce_wipe_strp(&text);
	return ce_fail(err, CE_ERR_CONFIG, "credentials file '%s' has no line of the form user:password", path);
}

/* A plugin may use the files that the operator gave it, not send those of others to where it likes. */
static bool
is_configured(const struct ce_plugin_target *target, const char *path)
{
	for (size_t i = 0; i < target->option_count; i++)
		if (target->options[i].type == CE_OPTION_PATH && target->options[i].text
		    && strcmp(target->options[i].text, path) == 0)
			return true;
	return false;
}

/* Requests go out from this machine: a loopback address of another host would be asked here. */
static int
refuse_loopback(const struct ce_plugin_target *target, const char *url, struct ce_error *err)
{
	const char *start = strstr(url, "://");
	if (!target->host->address || !start)
		return CE_OK;
	start += 3;
	bool v6 = *start == '[';
	size_t size = strcspn(start + v6, v6 ? "]" : ":/?#");
	CE_CLEANUP(ce_freep) char *address = strndup(start + v6, size);
	if (!address)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	if (!ce_hosts_is_loopback(address))
		return CE_OK;
	return ce_fail(err, CE_ERR_REFUSED, "'%s' is an address of host '%s' itself, which is not asked by HTTP from here: configure "
		"a URL that is reached from outside, or another way to reload", url, target->host->name);
}

static int
send_http(const struct ce_plugin_target *plugin_target, const struct ce_http_request *request, int *ret_status,
	struct ce_buf *ret_body, struct ce_error *err)
{
	struct ce_engine *engine = ((struct ce_target_run *)plugin_target->context)->certificate->engine;
	CE_CLEANUP(ce_wipe_strp) char *credentials = NULL;
	int reachable = refuse_loopback(plugin_target, request->url, err);
	if (reachable < 0)
		return reachable;
	const char *const files[] = { request->credentials_file, request->ca_file };
	for (size_t i = 0; i < CE_COUNT(files); i++)
		if (files[i] && !is_configured(plugin_target, files[i]))
			return ce_fail(err, CE_ERR_REFUSED, "plugin '%s' asked for a request with '%s', which no option of the target names",
				plugin_target->plugin, files[i]);
	if (request->credentials_file) {
		int code = read_credentials(request->credentials_file, &credentials, err);
		if (code < 0)
			return code;
	}
	struct ce_net_request asked = { .method = request->method, .url = request->url, .credentials = credentials,
		.ca_file = request->ca_file, .content_type = request->content_type, .body = request->body,
		.timeout_ms = request->timeout_ms };
	struct ce_net_reply reply = { 0 };
	int code = ce_net_http(&engine->net, &asked, &reply, err);
	if (code < 0)
		return code;
	*ret_status = reply.status;
	*ret_body = reply.body;
	return CE_OK;
}

static void
log_line(const struct ce_plugin_target *target, int level, const char *line)
{
	ce_log(level, "certificate '%s', target '%s', plugin '%s': %s", target->certificate, target->name, target->plugin, line);
}

const struct ce_plugin_backend ce_engine_backend = {
	.material = make_material,
	.truststore = ce_engine_truststore,
	.secret = get_secret,
	.http = send_http,
	.log = log_line,
};
