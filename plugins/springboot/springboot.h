/* The parts of the springboot plugin. Everything lives as long as one callback; there is no state between them.
 *
 * A key means what it means to Spring Boot: dashes, underscores and capitals do not matter, the last document that is
 * active counts, and placeholders are resolved to find files, but never written over. */
#ifndef CE_PLUGINS_SPRINGBOOT_H
#define CE_PLUGINS_SPRINGBOOT_H

#include "common/plug.h"

#define SPRINGBOOT_PROFILES_MAX 16

enum springboot_form {
	SPRINGBOOT_AUTO, SPRINGBOOT_KEYSTORE, SPRINGBOOT_PEM, SPRINGBOOT_BUNDLE, /* as configured */
	SPRINGBOOT_BUNDLE_JKS, SPRINGBOOT_BUNDLE_PEM                           /* as found */
};

struct springboot_settings {
	const char *config;
	const char *version, *directory;       /* NULL: not given */
	const char *const *profiles, *const *placeholders, *const *properties;
	enum springboot_form form;
	const char *keystore, *alias, *password, *certificate_file, *key_file; /* NULL: not given */
	int profile;
	const char *address;
	long port;                             /* 0: not given */
	const char *const *restart_command;    /* NULL: not given */
	const char *unit;
	const char *owner, *group, *mode;
};

struct springboot_work {
	const struct ce_services *services;
	ce_call *call;
	struct springboot_settings settings;
	ce_text *text;
	const char *profiles[SPRINGBOOT_PROFILES_MAX + 1];
	size_t profile_count;
	const char *directory;                 /* relative paths count from here; NULL: not known */
	long major, minor;                     /* of Spring Boot; 0: not known */
};

/* What the certificate is stored as, and the keys that say so; NULL: there is no such key. */
struct springboot_keys {
	enum springboot_form form;
	const char *location, *password, *type, *provider, *alias, *key_password; /* a keystore */
	const char *certificate, *private_key;                                  /* PEM files */
	const char *bundle;                    /* its name, NULL: none */
	bool reloads;                          /* the bundle is loaded again when its files change */
	bool fresh;                            /* nothing was there */
};

/* settings.c */
int ce_springboot_settings(const struct ce_services *services, ce_call *call, struct springboot_settings *ret_settings);

/* work.c: opens the configuration, after a look at all that goes before it. */
int ce_springboot_open(const struct ce_services *services, ce_call *call, struct springboot_work *ret_work);

/* keys.c */
bool ce_springboot_same(const char *a, const char *b);
/* Whether the key is one that says how TLS is served, so that it must not be set elsewhere. */
bool ce_springboot_watched(const char *key);
/* The entry that counts; NULL: none. */
int ce_springboot_find(struct springboot_work *work, const char *key, ce_text_entry **ret_entry);
/* Its value with placeholders resolved; NULL: none. */
int ce_springboot_get(struct springboot_work *work, const char *key, const char **ret_value);
/* Sets the value as it is written; set: unless it means the same already, and never to a placeholder. */
int ce_springboot_put(struct springboot_work *work, const char *key, const char *value);
int ce_springboot_set(struct springboot_work *work, const char *key, const char *value);
int ce_springboot_resolve(struct springboot_work *work, const char *value, long line, const char **ret_value);

/* shadow.c, unit.c: files and settings that go before the configuration. */
int ce_springboot_siblings(struct springboot_work *work);
int ce_springboot_unit(struct springboot_work *work);
int ce_springboot_add_profiles(struct springboot_work *work, const char *list);

/* version.c: CE_OK also when it is not known; needs: fails when it is older, or not known. */
int ce_springboot_version(struct springboot_work *work);
int ce_springboot_needs(struct springboot_work *work, long major, long minor, const char *what);

/* form.c, material.c */
int ce_springboot_keys(struct springboot_work *work, struct springboot_keys *ret_keys);
int ce_springboot_material(struct springboot_work *work, const struct springboot_keys *keys);

/* reload.c */
int ce_springboot_reload_by(struct springboot_work *work, const struct springboot_keys *keys, bool changed);
int ce_springboot_reload(const struct ce_services *services, ce_call *call, void *instance);
int ce_springboot_endpoints(const struct ce_services *services, ce_call *call, void *instance);

/* discover.c */
int ce_springboot_discover(const struct ce_services *services, ce_call *call);

#endif
