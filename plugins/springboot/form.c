/* What the configuration stores the certificate as, and the keys that say so. */
#include "springboot.h"

static const char *
bundle_key(struct springboot_work *work, const char *kind, const char *bundle, const char *key)
{
	return work->services->format(work->call, "spring.ssl.bundle.%s.%s.%s", kind, bundle, key);
}

static struct springboot_keys
keystore_keys(void)
{
	return (struct springboot_keys){ .form = SPRINGBOOT_KEYSTORE, .location = "server.ssl.key-store",
		.password = "server.ssl.key-store-password", .type = "server.ssl.key-store-type",
		.provider = "server.ssl.key-store-provider", .alias = "server.ssl.key-alias",
		.key_password = "server.ssl.key-password" };
}

static struct springboot_keys
pem_keys(void)
{
	return (struct springboot_keys){ .form = SPRINGBOOT_PEM, .certificate = "server.ssl.certificate",
		.private_key = "server.ssl.certificate-private-key" };
}

static struct springboot_keys
jks_bundle_keys(struct springboot_work *work, const char *bundle)
{
	return (struct springboot_keys){ .form = SPRINGBOOT_BUNDLE_JKS, .bundle = bundle,
		.location = bundle_key(work, "jks", bundle, "keystore.location"),
		.password = bundle_key(work, "jks", bundle, "keystore.password"),
		.type = bundle_key(work, "jks", bundle, "keystore.type"),
		.provider = bundle_key(work, "jks", bundle, "keystore.provider"),
		.alias = bundle_key(work, "jks", bundle, "key.alias"),
		.key_password = bundle_key(work, "jks", bundle, "key.password") };
}

static struct springboot_keys
pem_bundle_keys(struct springboot_work *work, const char *bundle)
{
	return (struct springboot_keys){ .form = SPRINGBOOT_BUNDLE_PEM, .bundle = bundle,
		.certificate = bundle_key(work, "pem", bundle, "keystore.certificate"),
		.private_key = bundle_key(work, "pem", bundle, "keystore.private-key") };
}

/* A bundle that the server names goes before all other keys (WebServerSslBundle of Spring Boot 3). */
static int
found_bundle(struct springboot_work *work, const char *bundle, struct springboot_keys *keys)
{
	struct springboot_keys jks = jks_bundle_keys(work, bundle), pem = pem_bundle_keys(work, bundle);
	const char *store = NULL, *certificate = NULL, *reloads = NULL;
	int rc = ce_springboot_get(work, jks.location, &store);
	if (rc >= 0)
		rc = ce_springboot_get(work, pem.certificate, &certificate);
	if (rc < 0)
		return rc;
	if ((store != NULL) == (certificate != NULL))
		return work->services->fail(work->call, CE_ERR_REFUSED, "'%s' names the bundle '%s', which is %s there",
			work->settings.config, bundle, store ? "a keystore and PEM files" : "not defined");
	*keys = store ? jks : pem;
	rc = ce_springboot_get(work, bundle_key(work, store ? "jks" : "pem", bundle, "reload-on-update"), &reloads);
	bool old = work->major > 0 && (work->major < 3 || (work->major == 3 && work->minor < 2));
	keys->reloads = ce_plug_equal_nocase(reloads, "true") && !old;
	return rc;
}

/* What is new: by the option, else a keystore, which every version can. */
static int
fresh_keys(struct springboot_work *work, struct springboot_keys *keys)
{
	int rc = CE_OK;
	if (work->settings.form == SPRINGBOOT_PEM) {
		rc = ce_springboot_needs(work, 2, 7, "PEM files");
		*keys = pem_keys();
	} else if (work->settings.form == SPRINGBOOT_BUNDLE) {
		rc = ce_springboot_needs(work, 3, 2, "bundles that are loaded again when their files change");
		*keys = pem_bundle_keys(work, "certengine");
		keys->reloads = true;
	} else {
		*keys = keystore_keys();
	}
	keys->fresh = true;
	return rc;
}

/* The form that is asked for is the one that is there. */
static int
check_form(struct springboot_work *work, const struct springboot_keys *keys)
{
	static const char *const names[] = { "auto", "keystore", "pem", "bundle" };
	enum springboot_form wanted = work->settings.form, there = keys->bundle ? SPRINGBOOT_BUNDLE : keys->form;
	if (wanted == SPRINGBOOT_AUTO || wanted == there)
		return CE_OK;
	return work->services->fail(work->call, CE_ERR_REFUSED, "'%s' stores its certificate as %s, not as %s; remove its keys "
		"there, or leave 'form' out", work->settings.config, names[there], names[wanted]);
}

int
ce_springboot_keys(struct springboot_work *work, struct springboot_keys *ret_keys)
{
	const char *bundle = NULL, *store = NULL, *certificate = NULL, *enabled = NULL;
	int rc = ce_springboot_get(work, "server.ssl.enabled", &enabled);
	if (rc >= 0)
		rc = ce_springboot_get(work, "server.ssl.bundle", &bundle);
	if (rc >= 0)
		rc = ce_springboot_get(work, "server.ssl.key-store", &store);
	if (rc >= 0)
		rc = ce_springboot_get(work, "server.ssl.certificate", &certificate);
	if (rc < 0)
		return rc;
	if (ce_plug_equal_nocase(enabled, "false"))
		return work->services->fail(work->call, CE_ERR_REFUSED,
			"server.ssl.enabled is false in '%s'; remove it there to serve TLS", work->settings.config);
	if (!bundle && store && certificate)
		return work->services->fail(work->call, CE_ERR_REFUSED,
			"'%s' has server.ssl.key-store and server.ssl.certificate, of which only one counts; remove the other",
			work->settings.config);
	if (!bundle && !store && !certificate)
		return fresh_keys(work, ret_keys);
	if (bundle)
		rc = found_bundle(work, bundle, ret_keys);
	else
		*ret_keys = store ? keystore_keys() : pem_keys();
	return rc < 0 ? rc : check_form(work, ret_keys);
}
