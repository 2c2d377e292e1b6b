/* The CA of a target's certificate in a truststore of its product. The store is foreign and read by the probe process;
 * what was put there is remembered, so that only that is ever replaced. */
#include <string.h>

#include "base/sys.h"
#include "crypto/digest.h"
#include "crypto/keystore.h"
#include "engine/engine_own.h"

/* Stores that the system makes again from its own: an edit would not last. */
static const char *const generated[] = { "/etc/ssl/certs/", "/etc/pki/ca-trust/extracted/" };

CE_MUSTCHECK static int
check_place(const char *path, struct ce_error *err)
{
	for (size_t i = 0; i < CE_COUNT(generated); i++)
		if (strncmp(path, generated[i], strlen(generated[i])) == 0)
			return ce_fail(err, CE_ERR_REFUSED, "truststore '%s' is made by the system from its trusted CAs and an edit would be lost; "
				"put the CA into the system's trust store", path);
	return CE_OK;
}

/* Names the place of the entry in the store. */
CE_MUSTCHECK static int
digest_of(const struct ce_trust_words *words, char ret_hex[CE_SHA256_HEX], struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	int code = ce_buf_addf(&text, err, "%s\n%s", words->alias, words->path);
	return code < 0 ? code : ce_sha256_hex(ce_buf_bytes(&text), ret_hex, err);
}

/* The certificate's issuer, as DER. A CA of our own sends no root, and the one that issued the certificate is not always the
 * one that is asked now: the roots of all are tried. */
CE_MUSTCHECK static int
find_issuer(const struct ce_certificate_run *certificate, struct ce_buf *ret_der, struct ce_error *err)
{
	const struct ce_config *config = &certificate->engine->config;
	CE_CLEANUP(ce_buf_release) struct ce_buf roots = CE_BUF_INIT;
	int code = ce_buf_add(&roots, certificate->anchors.data, certificate->anchors.size, err);
	for (size_t i = 0; i < config->issuer_count && code == CE_OK; i++) {
		const struct ce_issuer_driver *driver = ce_issuer_driver(config->issuers[i].kind);
		CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
		struct ce_error own = { 0 }; /* one that was not made, or cannot be read, has issued nothing that is wanted here */
		if (driver && driver->anchors && driver->anchors(&config->issuers[i], certificate->engine->store, &pem, &own) == CE_OK)
			code = ce_buf_add(&roots, pem.data, pem.size, err);
	}
	return code < 0 ? code : ce_bundle_issuer(&certificate->bundle, ce_buf_bytes(&roots), ret_der, err);
}

/* As for a keystore that only an apply can make; no file ever equals it. */
CE_MUSTCHECK static int
stand_in(const struct ce_trust_words *words, struct ce_buf *ret_bytes, char **ret_note, struct ce_error *err)
{
	if (asprintf(ret_note, "truststore, alias %s, the CA of the certificate to be issued", words->alias) >= 0)
		return ce_buf_adds(ret_bytes, "to be made by certengine apply\n", err);
	*ret_note = NULL;
	return ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

/* Remembered before the change is committed: after a crash between the two it is merely not there. */
CE_MUSTCHECK static int
remember(struct ce_target_run *target, const char *place, struct ce_bytes ca, char **ret_note, const char *alias,
	struct ce_error *err)
{
	char fingerprint[CE_SHA256_HEX];
	struct ce_store *store = target->certificate->engine->store;
	int code = ce_sha256_hex(ca, fingerprint, err);
	if (code == CE_OK && !target->certificate->engine->read_only)
		code = ce_store_trusted_add(store, target->plugin.certificate, target->config->name, place, fingerprint, err);
	if (code < 0)
		return code;
	if (asprintf(ret_note, "truststore, alias %s, CA certificate %.16s", alias, fingerprint) >= 0)
		return CE_OK;
	*ret_note = NULL;
	return ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

int
ce_engine_truststore(const struct ce_plugin_target *plugin_target, const struct ce_trust_words *words,
	struct ce_bytes existing, struct ce_buf *ret_bytes, char **ret_note, struct ce_error *err)
{
	struct ce_target_run *target = plugin_target->context;
	struct ce_certificate_run *certificate = target->certificate;
	struct ce_engine *engine = certificate->engine;
	bool known = certificate->bundle.generation > 0;
	char place[CE_SHA256_HEX];
	CE_CLEANUP(ce_buf_release) struct ce_buf ca = CE_BUF_INIT;
	CE_CLEANUP(ce_strlist_release) struct ce_strlist ours = CE_STRLIST_INIT;
	int code = check_place(words->path, err);
	if (code == CE_OK)
		code = digest_of(words, place, err);
	if (code == CE_OK && known)
		code = find_issuer(certificate, &ca, err);
	if (code == CE_OK)
		code = ce_store_trusted(engine->store, plugin_target->certificate, plugin_target->name, place, &ours, err);
	if (code < 0)
		return ce_error_wrap(err, "truststore '%.300s'", words->path);

	const struct ce_truststore_edit edit = { .ca = ce_buf_bytes(&ca), .alias = words->alias, .password = words->password,
		.ours = (const char *const *)ours.items, .when = ce_now() };
	code = ce_probe_truststore(&engine->probe, existing, &edit, ret_bytes, err);
	if (code < 0)
		return ce_error_wrap(err, "truststore '%.300s'", words->path);
	if (!known)
		return stand_in(words, ret_bytes, ret_note, err);
	return code == CE_OK ? remember(target, place, ce_buf_bytes(&ca), ret_note, words->alias, err) : code;
}
