/* What the store holds, handed out: certificates for whoever cannot be a target, and the roots of our own CAs for whoever
 * must trust them. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/sys.h"
#include "crypto/keystore.h"
#include "engine/engine_own.h"

enum format { PEM, DER, PKCS12, JKS };
static const char *const formats[] = { "pem", "der", "p12", "jks", NULL };

/* Parts, and the material of each in each format; 0: there is none. */
struct part {
	const char *name;
	bool of_issuer;
	int materials[4];
};
#define NONE 0
#define SPECIAL (-1)
static const struct part parts[] = {
	{ "fullchain", false, { CE_MATERIAL_PEM_FULLCHAIN, NONE, NONE, NONE } },
	{ "leaf", false, { CE_MATERIAL_PEM_LEAF, CE_MATERIAL_DER_LEAF, NONE, NONE } },
	{ "chain", false, { CE_MATERIAL_PEM_CHAIN, NONE, NONE, NONE } },
	{ "key", false, { CE_MATERIAL_PEM_KEY, NONE, NONE, NONE } },
	{ "all", false, { CE_MATERIAL_PEM_ALL, NONE, CE_MATERIAL_PKCS12, CE_MATERIAL_JKS } },
	{ "roots", true, { SPECIAL, SPECIAL, CE_MATERIAL_PKCS12, CE_MATERIAL_JKS } },
	{ "crl", true, { SPECIAL, SPECIAL, NONE, NONE } },
};

/* --- what was asked for --- */

static int
unknown(const char *what, const char *given, const struct ce_strlist *known, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf list = CE_BUF_INIT;
	for (size_t i = 0; i < known->count; i++) {
		int code = ce_buf_addf(&list, err, "%s%s", i > 0 ? ", " : "", known->items[i]);
		if (code < 0)
			return code;
	}
	return ce_fail(err, CE_ERR_CONFIG, "there is no %s '%s' here: one of %s", what, given, ce_buf_text(&list));
}

static int
find_part(const struct ce_export *wish, const struct part **ret_part, struct ce_error *err)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist known = CE_STRLIST_INIT;
	for (size_t i = 0; i < CE_COUNT(parts); i++) {
		if (parts[i].of_issuer != wish->of_issuer)
			continue;
		if (!wish->part || strcmp(parts[i].name, wish->part) == 0) {
			*ret_part = &parts[i]; /* the first one is what is meant without a word */
			return CE_OK;
		}
		int code = ce_strlist_add(&known, parts[i].name, err);
		if (code < 0)
			return code;
	}
	return unknown("part", wish->part, &known, err);
}

/* The part that is written in this format, where the one that was asked for is not; NULL: none is. */
static const char *
part_with(const struct ce_export *wish)
{
	for (size_t i = 0; i < CE_COUNT(parts); i++)
		for (int format = PEM; wish->format && formats[format]; format++)
			if (parts[i].of_issuer == wish->of_issuer && parts[i].materials[format] != NONE
			    && !strcmp(formats[format], wish->format))
				return parts[i].name;
	return NULL;
}

static int
find_format(const struct ce_export *wish, const struct part *part, enum format *ret_format, struct ce_error *err)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist known = CE_STRLIST_INIT;
	for (int i = PEM; formats[i]; i++) {
		bool wanted = strcmp(formats[i], wish->format ? wish->format : formats[PEM]) == 0;
		if (wanted && part->materials[i] != NONE) {
			*ret_format = (enum format)i;
			return CE_OK;
		}
		int code = part->materials[i] != NONE ? ce_strlist_add(&known, formats[i], err) : CE_OK;
		if (code < 0)
			return code;
	}
	const char *other = part_with(wish);
	if (other)
		return ce_fail(err, CE_ERR_CONFIG, "the part '%s' is not written as '%s': use --part %s", part->name, wish->format, other);
	char what[64];
	(void)snprintf(what, sizeof(what), "format of the part '%s' named", part->name);
	return unknown(what, wish->format, &known, err);
}

/* Of a keystore's entry: Java lower-cases it anyway. */
static int
fill_material(const struct ce_export *wish, const struct part *part, enum format format, char alias[65],
	struct ce_material *material, struct ce_error *err)
{
	bool keystore = format == PKCS12 || format == JKS;
	if (keystore && !wish->password)
		return ce_fail(err, CE_ERR_CONFIG, "a keystore needs a password: --password-file FILE");
	size_t at = 0;
	for (; wish->name[at] && at < 64; at++)
		alias[at] = (char)tolower((unsigned char)wish->name[at]);
	alias[at] = '\0';
	*material = (struct ce_material){ .size = sizeof(*material), .kind = part->materials[format], .alias = alias,
		.password = wish->password };
	return CE_OK;
}

/* --- certificates --- */

static int
export_certificate(struct ce_engine *engine, const struct ce_export *wish, const struct ce_material *material,
	struct ce_exported *ret_exported, struct ce_error *err)
{
	if (!ce_config_certificate(&engine->config, wish->name))
		return ce_fail(err, CE_ERR_CONFIG, "'%s' is no configured certificate; `certengine status` lists them, and --issuer is for "
			"issuers", wish->name);
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	ce_bundle_init(&bundle);
	long live = 0;
	bool secret = ce_material_is_secret(material->kind);
	int code = ce_store_live(engine->store, wish->name, &live, err);
	if (code == CE_OK && live == 0)
		return ce_fail(err, CE_ERR_NOT_FOUND, "certificate '%s' has not been issued yet", wish->name);
	if (code == CE_OK)
		code = ce_store_bundle(engine->store, wish->name, live, secret, &bundle, err);
	if (code == CE_OK)
		code = ce_material_build(&bundle, material, &ret_exported->bytes, err);
	if (code == CE_OK && ret_exported->bytes.size == 0)
		code = ce_fail(err, CE_ERR_NOT_FOUND, "the certificate '%s' has no chain beside itself", wish->name);
	ret_exported->secret = secret;
	return code;
}

/* --- issuers --- */

static int
to_der(struct ce_bytes pem, const char *name, struct ce_buf *ret_der, struct ce_error *err)
{
	size_t count = 0;
	int code = ce_pem_single(pem, &count, ret_der, err);
	if (code < 0 || count == 1)
		return code;
	return ce_fail(err, CE_ERR_LIMIT, "issuer '%s' has %zu of them at this time, and DER holds one: use --format pem", name,
		count);
}

static int
export_issuer(struct ce_engine *engine, const struct ce_export *wish, const struct part *part, enum format format,
	const struct ce_material *material, struct ce_exported *ret_exported, struct ce_error *err)
{
	const struct ce_issuer_config *issuer = ce_config_issuer(&engine->config, wish->name);
	if (!issuer)
		return ce_fail(err, CE_ERR_CONFIG, "'%s' is no configured issuer; `certengine issuer list` shows them", wish->name);
	const struct ce_issuer_driver *driver = ce_issuer_driver(issuer->kind);
	bool crl = strcmp(part->name, "crl") == 0;
	int (*get)(const struct ce_issuer_config *, struct ce_store *, struct ce_buf *, struct ce_error *)
		= crl ? driver->crls : driver->anchors;
	if (!get)
		return ce_fail(err, CE_ERR_REFUSED, "issuer '%s' of kind '%s' is no CA of our own: what it publishes comes from itself",
			wish->name, issuer->kind);
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
	int code = get(issuer, engine->store, &pem, err);
	if (code == CE_ERR_NOT_FOUND)
		return ce_fail(err, code, "the CA of issuer '%s' has not been made yet: the first `certengine apply` that needs it does",
			wish->name);
	if (code < 0)
		return code;
	if (format == DER)
		return to_der(ce_buf_bytes(&pem), wish->name, &ret_exported->bytes, err);
	if (format != PEM)
		return ce_truststore_build(ce_buf_bytes(&pem), material, ce_now(), &ret_exported->bytes, err);
	return ce_buf_add(&ret_exported->bytes, pem.data, pem.size, err);
}

void
ce_exported_release(struct ce_exported *exported)
{
	ce_buf_release(&exported->bytes);
}

int
ce_engine_export(struct ce_engine *engine, const struct ce_export *wish, struct ce_exported *ret_exported,
	struct ce_error *err)
{
	const struct part *part = NULL;
	enum format format = PEM;
	struct ce_material material;
	char alias[65];
	CE_CLEANUP(ce_exported_release) struct ce_exported exported = { .bytes = CE_BUF_SECRET };
	ce_error_step(err, "export");
	int code = find_part(wish, &part, err);
	if (code == CE_OK)
		code = find_format(wish, part, &format, err);
	if (code == CE_OK)
		code = fill_material(wish, part, format, alias, &material, err);
	if (code == CE_OK)
		code = ce_store_open_readonly(engine->state, &engine->store, err);
	if (code == CE_OK)
		code = wish->of_issuer ? export_issuer(engine, wish, part, format, &material, &exported, err)
		                       : export_certificate(engine, wish, &material, &exported, err);
	if (code < 0)
		return code;
	exported.text = format == PEM;
	*ret_exported = exported;
	exported = (struct ce_exported){ .bytes = CE_BUF_SECRET };
	return CE_OK;
}
