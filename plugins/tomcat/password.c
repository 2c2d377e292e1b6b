/* The password of the keystore. It is made once and then stays, so that a renewal changes the store alone and
 * sslReload is enough. */
#include "tomcat.h"

#include <string.h>

#define TOMCAT_DEFAULT "changeit"
#define PASSWORD_FILE_LIMIT 4096

/* Where the password shall stand: as asked for, else where it stands, else in a file if this Tomcat reads one. */
static int
wants_file(struct tomcat_work *work, const struct tomcat_place *place, bool fresh, bool *ret_file)
{
	const struct tomcat_settings *settings = &work->settings;
	bool has_file = ce_tomcat_get(work, place, TOMCAT_STORE_PASSWORD_FILE) != NULL;
	bool asked = settings->password_in == TOMCAT_PASSWORD_FILE || settings->password_file;
	*ret_file = has_file && settings->password_in != TOMCAT_PASSWORD_ATTRIBUTE;
	if (*ret_file || (!asked && (!fresh || settings->password_in == TOMCAT_PASSWORD_ATTRIBUTE)))
		return CE_OK;

	int rc = ce_tomcat_version(work);
	if (rc < 0)
		return rc;
	*ret_file = ce_tomcat_has_password_files(work);
	if (!*ret_file && asked)
		return work->services->fail(work->call, CE_ERR_CONFIG,
			"password_in: Tomcat %ld.%ld.%ld reads no password file (8.5.96, 9.0.83, 10.1.16 and later do); use 'attribute'",
			work->version.major, work->version.minor, work->version.patch);
	return CE_OK;
}

static int
read_file(struct tomcat_work *work, const char *path, const char **ret_text)
{
	const struct ce_services *services = work->services;
	struct ce_stat stat = { .size = sizeof(stat) };
	struct ce_bytes bytes = { NULL, 0 };
	int rc = services->stat(work->call, path, &stat);
	if (rc < 0 || !stat.exists)
		return rc;

	rc = services->read(work->call, path, PASSWORD_FILE_LIMIT, &bytes);
	if (rc < 0)
		return rc;

	*ret_text = ce_plug_first_line(services, work->call, bytes);
	return *ret_text ? CE_OK : ce_plug_no_memory(services, work->call);
}

/* The password in use; NULL when there is none. A file beats the attribute, as in Tomcat. */
static int
current(struct tomcat_work *work, const struct tomcat_place *place, bool fresh, const char **ret_password)
{
	const struct ce_services *services = work->services;
	const char *attribute = ce_tomcat_get(work, place, TOMCAT_STORE_PASSWORD);
	if (ce_tomcat_get(work, place, TOMCAT_STORE_PASSWORD_FILE)) {
		const char *path = NULL;
		int rc = ce_tomcat_resolve(work, place, TOMCAT_STORE_PASSWORD_FILE, &path);
		return rc < 0 ? rc : read_file(work, path, ret_password);
	}
	if (attribute && strstr(attribute, "${"))
		return services->fail(work->call, CE_ERR_REFUSED,
			"line %ld of '%s': %s is a placeholder that Tomcat fills in from its system properties, so the password is not "
			"known here; write the password itself, or remove the attribute and one is made",
			services->xml->line(place->holder), work->settings.config, place->names[TOMCAT_STORE_PASSWORD]);
	*ret_password = attribute ? attribute : fresh ? NULL : TOMCAT_DEFAULT;
	return CE_OK;
}

/* Java reads only ASCII passwords from modern stores and keytool insists on six characters. */
static int
keep_or_make(struct tomcat_work *work, const char **password)
{
	if (!ce_plug_is_ascii(*password, 6))
		return work->services->secret(work->call, "keystore", password);
	return work->services->mask(work->call, *password);
}

static int
put_into_file(struct tomcat_work *work, const struct tomcat_place *place, const char *password)
{
	const struct ce_services *services = work->services;
	const char *path = work->settings.password_file, *there = NULL, *text = NULL;
	int rc = CE_OK;
	if (!path && ce_tomcat_get(work, place, TOMCAT_STORE_PASSWORD_FILE)) {
		rc = ce_tomcat_resolve(work, place, TOMCAT_STORE_PASSWORD_FILE, &path);
	} else {
		if (!path)
			rc = ce_tomcat_new_path(work, place, ".password", &path);
		if (rc >= 0)
			rc = ce_tomcat_set(work, place, TOMCAT_STORE_PASSWORD_FILE, path);
		if (rc >= 0)
			rc = ce_tomcat_set(work, place, TOMCAT_STORE_PASSWORD, NULL);
	}
	if (rc >= 0)
		rc = read_file(work, path, &there);
	if (rc < 0 || ce_plug_equal(there, password))
		return rc;

	struct ce_file_mode mode;
	rc = ce_tomcat_file_mode(work, path, &mode);
	if (rc < 0)
		return rc;
	text = services->format(work->call, "%s\n", password);
	if (!text)
		return ce_plug_no_memory(services, work->call);

	struct ce_bytes bytes = { (const unsigned char *)text, strlen(text) };
	rc = services->write(work->call, path, bytes, &mode);
	if (rc >= 0)
		work->restart = true;
	return rc;
}

int
ce_tomcat_password(struct tomcat_work *work, const struct tomcat_place *place, bool fresh, const char **ret_password)
{
	bool file = false;
	const char *before = NULL;
	int rc = wants_file(work, place, fresh, &file);
	if (rc >= 0)
		rc = current(work, place, fresh, &before);
	const char *password = before;
	if (rc >= 0)
		rc = keep_or_make(work, &password);
	if (rc < 0)
		return rc;

	if (file) {
		rc = put_into_file(work, place, password);
	} else if (password != before || work->settings.password_in == TOMCAT_PASSWORD_ATTRIBUTE) {
		rc = ce_tomcat_set(work, place, TOMCAT_STORE_PASSWORD, password);
		if (rc >= 0)
			rc = ce_tomcat_set(work, place, TOMCAT_STORE_PASSWORD_FILE, NULL);
	}
	if (rc < 0)
		return rc;

	*ret_password = password;
	return CE_OK;
}
