/* The keystore. It is the WebSocket server's own and not Tomcat's, as the vendor has it: two targets that wrote one file
 * would undo each other's work, and a store that Tomcat's target renewed alone would leave the Core with the old
 * certificate in memory. */
#include "websocket.h"

#include <stdlib.h>
#include <string.h>

#define ALIAS "tomcat" /* the vendor's; FME Flow takes the one key there is */

/* Java that reads PKCS#12 with SHA-256 and PBES2: 8u301, 11.0.12, 16 and later. "1.8.0_292", "11.0.11", "17.0.5". */
static bool
reads_modern(const char *version)
{
	long numbers[4] = { 0 };
	size_t count = 0;
	for (const char *at = version; *at != '\0' && count < CE_PLUG_COUNT(numbers);) {
		size_t size = strspn(at, "0123456789");
		if (size > 0)
			numbers[count++] = strtol(at, NULL, 10);
		at += size > 0 ? size : 1;
	}
	bool eight = numbers[0] == 1 && numbers[1] == 8;
	return (eight && numbers[3] >= 301) || (numbers[0] == 11 && (numbers[1] > 0 || numbers[2] >= 12)) || numbers[0] >= 16;
}

/* The Core's own Java. An installation that does not say which it has is left to the proof. */
static int
check_java(struct websocket_work *work)
{
	const struct ce_services *services = work->services;
	const char *path = services->format(work->call, "%s/Utilities/jre/release", work->settings.fme);
	struct ce_stat stat = { .size = sizeof(stat) };
	ce_text *text = NULL;
	if (!path)
		return ce_plug_no_memory(services, work->call);
	int rc = services->stat(work->call, path, &stat);
	if (rc < 0 || !stat.exists || work->settings.profile == CE_PROFILE_LEGACY)
		return rc;
	rc = services->text->open(work->call, path, CE_TEXT_DIRECTIVES, &text);
	ce_text_entry *entry = rc >= 0 ? services->text->find(text, NULL, "JAVA_VERSION") : NULL;
	const char *version = entry ? services->text->value(entry, 0) : NULL;
	if (rc < 0 || !version || reads_modern(version))
		return rc;
	return services->fail(work->call, CE_ERR_REFUSED, "FME Flow's Java is %s, which cannot read a modern keystore (8u301, 11.0.12 "
		"and 16 can); set 'profile' to legacy", version);
}

/* Whether an attribute of Tomcat's configuration names the store. */
static bool
is_named(const struct ce_xml_services *xml, const ce_xml_element *element, const char *path)
{
	static const char *const names[] = { "keystoreFile", "certificateKeystoreFile" };
	for (size_t i = 0; i < CE_PLUG_COUNT(names); i++)
		if (ce_plug_equal(xml->attribute(element, names[i]), path))
			return true;
	for (const ce_xml_element *child = xml->child(element); child; child = xml->next(child))
		if (is_named(xml, child, path))
			return true;
	return false;
}

static int
check_tomcat(struct websocket_work *work, const char *keystore)
{
	const struct ce_services *services = work->services;
	const char *path = services->format(work->call, "%s/Utilities/tomcat/conf/server.xml", work->settings.fme);
	struct ce_stat stat = { .size = sizeof(stat) };
	ce_xml *document = NULL;
	if (!path)
		return ce_plug_no_memory(services, work->call);
	int rc = services->stat(work->call, path, &stat);
	if (rc < 0 || !stat.exists)
		return rc;
	rc = services->xml->open(work->call, path, &document);
	if (rc < 0 || !is_named(services->xml, services->xml->root(document), keystore))
		return rc;
	return services->fail(work->call, CE_ERR_REFUSED, "the keystore '%s' is Tomcat's by '%s', and what one target writes the other "
		"would write over; leave 'keystore' out, or name another file", keystore, path);
}

static int
settle_path(struct websocket_work *work, const char **ret_path)
{
	const struct ce_certificate_facts *facts = NULL;
	const char *path = work->settings.keystore;
	int rc = path ? CE_OK : work->services->certificate(work->call, &facts);
	if (rc < 0)
		return rc;
	if (!path)
		path = work->services->format(work->call, "%s/Server/%s-websocket.p12", work->settings.fme, facts->name);
	if (!path)
		return ce_plug_no_memory(work->services, work->call);
	if (!ce_websocket_value(path))
		return work->services->fail(work->call, CE_ERR_REFUSED, "the keystore '%s' cannot be said in FME Flow's files: no quotes, "
			"forward slashes only, printable ASCII; set 'keystore'", path);
	*ret_path = path;
	return work->settings.keystore ? check_tomcat(work, path) : CE_OK;
}

/* As configured, as it stands in the server's file if FME Flow and Java take it, else a new one. */
static int
settle_password(struct websocket_work *work, const char **ret_password)
{
	const char *password = work->settings.password;
	if (!password)
		password = ce_websocket_get(work, "WEBSOCKET_KEYSTORE_FILE_PASSWORD");
	bool good = password && ce_websocket_value(password) && strlen(password) >= 6;
	int rc = good ? work->services->mask(work->call, password) : work->services->secret(work->call, "keystore", &password);
	if (rc >= 0)
		*ret_password = password;
	return rc;
}

/* A new store belongs to whom the server's file belongs to: whoever may read the password may read the store. */
static int
file_mode(struct websocket_work *work, const char *path, struct ce_file_mode *ret_mode)
{
	const struct ce_services *services = work->services;
	const struct websocket_settings *settings = &work->settings;
	struct ce_stat store = { .size = sizeof(store) }, config = { .size = sizeof(config) };
	*ret_mode = (struct ce_file_mode){ sizeof(*ret_mode), settings->owner, settings->group, settings->mode };
	int rc = services->stat(work->call, path, &store);
	if (rc >= 0 && !store.exists)
		rc = services->stat(work->call, work->paths[WEBSOCKET_SERVER], &config);
	if (rc < 0 || store.exists)
		return rc;
	if (!ret_mode->owner)
		ret_mode->owner = services->format(work->call, "%lu", config.uid);
	if (!ret_mode->group)
		ret_mode->group = services->format(work->call, "%lu", config.gid);
	if (!ret_mode->mode)
		ret_mode->mode = config.mode & 040 ? "0640" : "0600";
	return ret_mode->owner && ret_mode->group ? CE_OK : ce_plug_no_memory(services, work->call);
}

int
ce_websocket_material(struct websocket_work *work, const char **ret_keystore, const char **ret_password)
{
	struct ce_material material = { .size = sizeof(material), .kind = CE_MATERIAL_PKCS12, .profile = work->settings.profile,
		.alias = ALIAS };
	struct ce_file_mode mode;
	int rc = check_java(work);
	if (rc >= 0)
		rc = settle_path(work, ret_keystore);
	if (rc >= 0)
		rc = settle_password(work, ret_password);
	if (rc >= 0)
		rc = file_mode(work, *ret_keystore, &mode);
	if (rc < 0)
		return rc;
	material.password = *ret_password;
	return work->services->write_material(work->call, *ret_keystore, &material, &mode);
}
