/* The parts of the tomcat plugin. Everything lives as long as one callback; there is no state between them.
 *
 * A connector holds its TLS settings in one of two forms: the hosts form (SSLHostConfig with Certificate, from
 * Tomcat 8.5 on) and the legacy form (attributes of the Connector itself, up to Tomcat 9). A place is where the
 * attributes of one certificate stand, in either form. */
#ifndef CE_PLUGINS_TOMCAT_H
#define CE_PLUGINS_TOMCAT_H

#include "common/plug.h"

enum tomcat_form { TOMCAT_FORM_AUTO, TOMCAT_FORM_KEYSTORE, TOMCAT_FORM_PEM };
enum tomcat_password_in { TOMCAT_PASSWORD_AUTO, TOMCAT_PASSWORD_FILE, TOMCAT_PASSWORD_ATTRIBUTE };
enum tomcat_reload { TOMCAT_RELOAD_MANAGER, TOMCAT_RELOAD_COMMAND, TOMCAT_RELOAD_RESTART };

/* The options, as far as they are not plain text: related, defaulted, checked. */
struct tomcat_settings {
	const char *base, *home, *config, *version; /* home, version: NULL if not given */
	long port;                                  /* 0: not given */
	const char *address, *host_name;            /* NULL: not given */
	enum tomcat_form form;
	const char *keystore, *alias;               /* NULL: not given */
	enum tomcat_password_in password_in;
	const char *password_file;
	int profile;
	const char *certificate_file, *key_file, *chain_file;
	long redirect_from;
	enum tomcat_reload reload;
	const char *manager_url, *manager_credentials, *manager_ca;
	const char *const *reload_command, *const *restart_command;
	const char *unit;
	const char *owner, *group, *mode;
};

struct tomcat_version {
	long major, minor, patch;
};

struct tomcat_connector {
	ce_xml_element *element, *service;
	long line;
	long port;           /* where it listens, with the server's offset; 0: none; -1: cannot be told */
	const char *address; /* NULL: all */
	bool tls;
};

/* One callback at work on one server.xml. */
struct tomcat_work {
	const struct ce_services *services;
	ce_call *call;
	struct tomcat_settings settings;
	ce_xml *document;
	long port_offset;
	struct tomcat_connector *connectors;
	size_t connector_count;
	bool version_known;
	struct tomcat_version version;
	bool restart;        /* sslReload is not enough */
	bool warned;         /* that the account Tomcat has is not known */
};

/* The values of one certificate, by their meaning. */
enum tomcat_value {
	TOMCAT_STORE_FILE, TOMCAT_STORE_PASSWORD, TOMCAT_STORE_PASSWORD_FILE, TOMCAT_STORE_TYPE, TOMCAT_STORE_PROVIDER,
	TOMCAT_STORE_ALIAS, TOMCAT_PEM_LEAF, TOMCAT_PEM_KEY, TOMCAT_PEM_CHAIN, TOMCAT_KEY_PASSWORD,
	TOMCAT_KEY_PASSWORD_FILE, TOMCAT_PEM_PASSWORD, TOMCAT_PEM_PASSWORD_FILE, TOMCAT_VALUES
};

struct tomcat_place {
	const struct tomcat_connector *connector;
	ce_xml_element *host;        /* the SSLHostConfig; NULL: legacy form */
	ce_xml_element *holder;      /* the Certificate, or the Connector in legacy form */
	const char *const *names;    /* attribute name of each enum tomcat_value, NULL: there is none */
	const char *host_name;       /* in lower case; "_default_" */
	bool is_default;             /* the host of clients that name none or an unknown one */
};

/* settings.c */
int ce_tomcat_settings(const struct ce_services *services, ce_call *call, struct tomcat_settings *ret_settings);
bool ce_tomcat_can_restart(const struct tomcat_settings *settings);

/* connector.c: opens server.xml and finds its connectors; the one this target is about (NULL: none yet). */
int ce_tomcat_open(const struct ce_services *services, ce_call *call, struct tomcat_work *ret_work);
int ce_tomcat_choose(struct tomcat_work *work, struct tomcat_connector **ret_connector);
int ce_tomcat_add_connector(struct tomcat_work *work, struct tomcat_connector **ret_connector);
int ce_tomcat_own_connector(struct tomcat_work *work, const struct tomcat_connector *connector);
int ce_tomcat_redirect(struct tomcat_work *work, const struct tomcat_connector *connector);

/* legacy.c: the first legacy TLS attribute of a connector, NULL if it has none; its rewriting. */
const char *ce_tomcat_legacy(struct tomcat_work *work, const struct tomcat_connector *connector);
int ce_tomcat_modernise(struct tomcat_work *work, const struct tomcat_connector *connector);

/* place.c */
ce_xml_element *ce_tomcat_child_named(const struct ce_xml_services *xml, ce_xml_element *after, ce_xml_element *parent,
	const char *name);
struct tomcat_place ce_tomcat_host_place(struct tomcat_work *work, const struct tomcat_connector *connector,
	ce_xml_element *host, ce_xml_element *certificate);
struct tomcat_place ce_tomcat_legacy_place(const struct tomcat_connector *connector);
/* CE_UNCHANGED: there is none yet, ret_place is not written. */
int ce_tomcat_find_place(struct tomcat_work *work, const struct tomcat_connector *connector, struct tomcat_place *ret_place);
int ce_tomcat_make_place(struct tomcat_work *work, const struct tomcat_connector *connector, struct tomcat_place *ret_place);
const char *ce_tomcat_get(const struct tomcat_work *work, const struct tomcat_place *place, enum tomcat_value value);
int ce_tomcat_set(struct tomcat_work *work, const struct tomcat_place *place, enum tomcat_value value, const char *text);

/* path.c: a path from server.xml, absolute (NULL: none, or not to be told), or refused with its line; a path for a new
 * file; whose it shall be. */
const char *ce_tomcat_path(const struct tomcat_work *work, const struct tomcat_place *place, enum tomcat_value value);
int ce_tomcat_resolve(struct tomcat_work *work, const struct tomcat_place *place, enum tomcat_value value,
	const char **ret_path);
int ce_tomcat_new_path(struct tomcat_work *work, const struct tomcat_place *place, const char *ending,
	const char **ret_path);
int ce_tomcat_file_mode(struct tomcat_work *work, const char *path, struct ce_file_mode *ret_mode);

/* material.c, password.c: the certificate into the place; fresh: no keystore was named there before. */
int ce_tomcat_material(struct tomcat_work *work, const struct tomcat_place *place);
int ce_tomcat_password(struct tomcat_work *work, const struct tomcat_place *place, bool fresh,
	const char **ret_password);

/* version.c: read once, when it matters. */
int ce_tomcat_version(struct tomcat_work *work);
bool ce_tomcat_has_legacy(const struct tomcat_work *work);
bool ce_tomcat_has_password_files(const struct tomcat_work *work);

/* reload.c, endpoints.c, discover.c */
int ce_tomcat_reload_by(struct tomcat_work *work);
int ce_tomcat_reload(const struct ce_services *services, ce_call *call, void *instance);
int ce_tomcat_endpoints(const struct ce_services *services, ce_call *call, void *instance);
int ce_tomcat_discover(const struct ce_services *services, ce_call *call);

#endif
