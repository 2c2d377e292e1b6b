/* The certificate and its key: as a keystore or as PEM files, and the attributes that name them. What belongs to the
 * other form is removed: Tomcat goes by the first kind it meets and would start with the old material. */
#include "tomcat.h"

static int
remove_values(struct tomcat_work *work, const struct tomcat_place *place, const enum tomcat_value *values, size_t count)
{
	int rc = CE_OK;
	for (size_t i = 0; i < count && rc >= 0; i++)
		rc = ce_tomcat_set(work, place, values[i], NULL);
	return rc;
}

static int
write_material(struct tomcat_work *work, const char *path, struct ce_material *material, int kind)
{
	struct ce_file_mode mode;
	int rc = ce_tomcat_file_mode(work, path, &mode);
	if (rc < 0)
		return rc;

	material->size = sizeof(*material);
	material->kind = kind;
	return work->services->write_material(work->call, path, material, &mode);
}

/* The path of a file: as configured, as it stands in server.xml, or a new one. An attribute that already means the
 * file is left as it is written. */
static int
settle_path(struct tomcat_work *work, const struct tomcat_place *place, enum tomcat_value value, const char *configured,
	const char *ending, const char **ret_path)
{
	bool there = ce_tomcat_get(work, place, value) != NULL;
	if (there && !configured)
		return ce_tomcat_resolve(work, place, value, ret_path);

	const char *path = configured;
	int rc = path ? CE_OK : ce_tomcat_new_path(work, place, ending, &path);
	if (rc >= 0 && !ce_plug_equal(ce_tomcat_path(work, place, value), path))
		rc = ce_tomcat_set(work, place, value, path);
	if (rc < 0)
		return rc;

	*ret_path = path;
	return CE_OK;
}

/* JKS stays JKS; PKCS#12 is said in so many words, because the default of older Java is another. A store of another
 * kind (a token, the Windows store) is only replaced when a file was asked for. */
static int
settle_type(struct tomcat_work *work, const struct tomcat_place *place, int *ret_kind)
{
	const char *type = ce_tomcat_get(work, place, TOMCAT_STORE_TYPE);
	bool jks = ce_plug_equal_nocase(type, "JKS");
	*ret_kind = jks ? CE_MATERIAL_JKS : CE_MATERIAL_PKCS12;
	if (jks || ce_plug_equal_nocase(type, "PKCS12"))
		return CE_OK;
	if (type && !work->settings.keystore)
		return work->services->fail(work->call, CE_ERR_REFUSED,
			"line %ld of '%s': the keystore of type '%s' is no file that can be written; set 'keystore' to change to a file",
			work->services->xml->line(place->holder), work->settings.config, type);

	int rc = ce_tomcat_set(work, place, TOMCAT_STORE_PROVIDER, NULL);
	return rc < 0 ? rc : ce_tomcat_set(work, place, TOMCAT_STORE_TYPE, "PKCS12");
}

/* The attribute is written when it is asked for or all is new. Java compares aliases without regard to case, so
 * one in capitals stays as it is. */
static int
settle_alias(struct tomcat_work *work, const struct tomcat_place *place, bool fresh, const char **ret_alias)
{
	const char *there = ce_tomcat_get(work, place, TOMCAT_STORE_ALIAS);
	const char *alias = work->settings.alias ? work->settings.alias : there ? there : "tomcat";
	if (!ce_plug_is_ascii(alias, 1) || alias[0] == '$')
		return work->services->fail(work->call, CE_ERR_REFUSED,
			"line %ld of '%s': the alias is no printable ASCII text; set 'alias'",
			work->services->xml->line(place->holder), work->settings.config);
	alias = ce_plug_lower(work->services, work->call, alias);
	if (!alias)
		return ce_plug_no_memory(work->services, work->call);

	*ret_alias = alias;
	if (ce_plug_equal_nocase(there, alias) || (!there && !fresh && !work->settings.alias))
		return CE_OK;
	return ce_tomcat_set(work, place, TOMCAT_STORE_ALIAS, alias);
}

/* The key has the store's password: PKCS#12 knows no other. An attribute that says the same is left alone. */
static int
drop_key_password(struct tomcat_work *work, const struct tomcat_place *place, const char *password)
{
	static const enum tomcat_value values[] = { TOMCAT_KEY_PASSWORD_FILE, TOMCAT_PEM_PASSWORD, TOMCAT_PEM_PASSWORD_FILE };
	int rc = remove_values(work, place, values, CE_PLUG_COUNT(values));
	if (rc < 0 || ce_plug_equal(ce_tomcat_get(work, place, TOMCAT_KEY_PASSWORD), password))
		return rc;
	return ce_tomcat_set(work, place, TOMCAT_KEY_PASSWORD, NULL);
}

static int
install_keystore(struct tomcat_work *work, const struct tomcat_place *place)
{
	static const enum tomcat_value other[] = { TOMCAT_PEM_LEAF, TOMCAT_PEM_KEY, TOMCAT_PEM_CHAIN };
	bool fresh = !ce_tomcat_get(work, place, TOMCAT_STORE_FILE);
	struct ce_material material = { .profile = work->settings.profile };
	const char *path = NULL;
	int kind = 0;
	int rc = settle_path(work, place, TOMCAT_STORE_FILE, work->settings.keystore, ".p12", &path);
	if (rc >= 0)
		rc = settle_type(work, place, &kind);
	if (rc >= 0)
		rc = settle_alias(work, place, fresh, &material.alias);
	if (rc >= 0)
		rc = ce_tomcat_password(work, place, fresh, &material.password);
	if (rc >= 0)
		rc = drop_key_password(work, place, material.password);
	if (rc >= 0)
		rc = remove_values(work, place, other, CE_PLUG_COUNT(other));
	return rc < 0 ? rc : write_material(work, path, &material, kind);
}

/* Certificate and chain in one file, unless there is a chain file; the key in that file too, if none is named. */
static int
write_pem(struct tomcat_work *work, const char *leaf, const char *key, const char *chain)
{
	struct ce_material material = { .profile = work->settings.profile };
	if (!key || ce_plug_equal(key, leaf))
		return write_material(work, leaf, &material, CE_MATERIAL_PEM_ALL);

	int rc = write_material(work, key, &material, CE_MATERIAL_PEM_KEY);
	if (rc >= 0)
		rc = write_material(work, leaf, &material, chain ? CE_MATERIAL_PEM_LEAF : CE_MATERIAL_PEM_FULLCHAIN);
	if (rc >= 0 && chain)
		rc = write_material(work, chain, &material, CE_MATERIAL_PEM_CHAIN);
	return rc;
}

static int
install_pem(struct tomcat_work *work, const struct tomcat_place *place)
{
	static const enum tomcat_value other[] = { TOMCAT_STORE_FILE, TOMCAT_STORE_PASSWORD, TOMCAT_STORE_PASSWORD_FILE,
		TOMCAT_STORE_TYPE, TOMCAT_STORE_PROVIDER, TOMCAT_STORE_ALIAS, TOMCAT_KEY_PASSWORD, TOMCAT_KEY_PASSWORD_FILE,
		TOMCAT_PEM_PASSWORD, TOMCAT_PEM_PASSWORD_FILE };
	const struct tomcat_settings *settings = &work->settings;
	bool fresh = !ce_tomcat_get(work, place, TOMCAT_PEM_LEAF);
	bool has_key = fresh || settings->key_file || ce_tomcat_get(work, place, TOMCAT_PEM_KEY);
	bool has_chain = settings->chain_file || ce_tomcat_get(work, place, TOMCAT_PEM_CHAIN);
	const char *leaf = NULL, *key = NULL, *chain = NULL;
	int rc = settle_path(work, place, TOMCAT_PEM_LEAF, settings->certificate_file, ".crt", &leaf);
	if (rc >= 0 && has_key)
		rc = settle_path(work, place, TOMCAT_PEM_KEY, settings->key_file, ".key", &key);
	if (rc >= 0 && has_chain)
		rc = settle_path(work, place, TOMCAT_PEM_CHAIN, settings->chain_file, ".chain.crt", &chain);
	if (rc >= 0)
		rc = remove_values(work, place, other, CE_PLUG_COUNT(other));
	if (rc < 0)
		return rc;

	if (chain && (ce_plug_equal(chain, leaf) || !key || ce_plug_equal(key, leaf)))
		return work->services->fail(work->call, CE_ERR_REFUSED,
			"line %ld of '%s': a chain file goes with a certificate file and a key file of their own; name three files, or "
			"remove the chain file", work->services->xml->line(place->holder), settings->config);
	return write_pem(work, leaf, key, chain);
}

static bool
has_any(struct tomcat_work *work, const struct tomcat_place *place, enum tomcat_value from, enum tomcat_value to)
{
	for (int value = from; value <= (int)to; value++)
		if (ce_tomcat_get(work, place, (enum tomcat_value)value))
			return true;
	return false;
}

int
ce_tomcat_material(struct tomcat_work *work, const struct tomcat_place *place)
{
	const struct tomcat_settings *settings = &work->settings;
	bool store = has_any(work, place, TOMCAT_STORE_FILE, TOMCAT_STORE_ALIAS);
	bool pem = has_any(work, place, TOMCAT_PEM_LEAF, TOMCAT_PEM_CHAIN);
	if (settings->form == TOMCAT_FORM_PEM || settings->certificate_file)
		return install_pem(work, place);
	if (settings->form == TOMCAT_FORM_KEYSTORE || settings->keystore || !pem)
		return install_keystore(work, place);
	if (!store)
		return install_pem(work, place);
	return work->services->fail(work->call, CE_ERR_REFUSED,
		"line %ld of '%s': attributes of a keystore and of PEM files are mixed, and Tomcat uses only one of them; set 'form' "
		"and the others are removed", work->services->xml->line(place->holder), settings->config);
}
