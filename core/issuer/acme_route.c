/* How a CA is reached (trusted roots, proxy, interface, client certificate, language), and what is asked of it beyond names:
 * profile, lifetime, and the certificate that a new one replaces. */
#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/sys.h"
#include "base/text.h"
#include "crypto/ari.h"
#include "crypto/certificate.h"
#include "crypto/key.h"
#include "issuer/acme_own.h"
#include "net/url.h"

#define PEM_MAX 65536
#define DAY_S 86400LL
#define NAMES_MAX 100
/* CAs date certificates back by as much as an hour, and clocks differ. */
#define BACKDATE_MAX_S 7200

/* --- checks that need no request --- */

static bool
has(const struct ce_issuer_config *issuer, const char *option)
{
	return ce_settings_find(&issuer->settings, option) != NULL;
}

/* Options that are words for libcurl or in a header: it says little about what is wrong with them, and late. */
static int
check_words(const struct ce_issuer_config *issuer, struct ce_acme_complaint *ret_complaint)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const struct {
		const char *option, *more, *what;
	} words[] = {
		{ "language", "0123456789-*,;=. ", "languages as in the header Accept-Language, such as \"de, en;q=0.5\"" },
		{ "interface", "0123456789-_.:@%", "the name of a network interface, or an own address" },
		{ "dns_servers", "0123456789.:,[]%", "addresses of name servers, separated by commas" },
	};
	for (size_t i = 0; i < CE_COUNT(words); i++) {
		const struct ce_setting *word = ce_settings_find(&issuer->settings, words[i].option);
		const char *rest = word && word->kind == CE_SETTING_STRING ? word->text : "a";
		bool good = strpbrk(rest, letters) || strpbrk(rest, "0123456789*");
		for (size_t step; good && *rest; rest += step) {
			step = strspn(rest, letters) + strspn(rest + strspn(rest, letters), words[i].more);
			good = step > 0;
		}
		ret_complaint->option = words[i].option;
		if (!good)
			return ce_fail(&ret_complaint->why, CE_ERR_CONFIG, "%s is not %s", words[i].option, words[i].what);
	}
	return CE_OK;
}

int
ce_acme_route_check(const struct ce_issuer_config *issuer, struct ce_acme_complaint *ret_complaint)
{
	const struct ce_setting *proxy = ce_settings_find(&issuer->settings, "proxy");
	bool certificate = has(issuer, "client_certificate"), key = has(issuer, "client_key");
	if (certificate != key) {
		ret_complaint->option = certificate ? "client_certificate" : "client_key";
		return ce_fail(&ret_complaint->why, CE_ERR_CONFIG, "a client certificate needs both client_certificate and client_key");
	}
	ret_complaint->option = "proxy";
	int rc = CE_OK;
	if (proxy && proxy->kind == CE_SETTING_STRING)
		rc = ce_url_check(proxy->text, false, &ret_complaint->why);
	return rc ? rc : check_words(issuer, ret_complaint);
}

/* What the published profiles of a public CA take (letsencrypt.org/docs/profiles, 2026-07). */
static const struct {
	const char *host, *profile;
	size_t names;
} limits[] = {
	{ "letsencrypt.org", "tlsserver", 25 },
	{ "letsencrypt.org", "shortlived", 25 },
};

static bool
is_of(const char *url, const char *host)
{
	const char *at = strstr(url, "://");
	size_t size = at ? strcspn(at + 3, "/:?#") : 0, length = strlen(host);
	if (size < length || strncasecmp(at + 3 + size - length, host, length))
		return false;
	return size == length || at[3 + size - length - 1] == '.';
}

int
ce_acme_order_check_names(const struct ce_acme_issuer *issuer, const struct ce_certificate_config *certificate,
	struct ce_error *err)
{
	const char *profile = certificate->profile;
	long long most = ce_option_int(ce_acme_options, &issuer->config->settings, "names_max");
	size_t allowed = most > 0 ? (size_t)most : NAMES_MAX;
	bool published = false;
	for (size_t i = 0; profile && i < CE_COUNT(limits); i++) {
		if (!strcmp(profile, limits[i].profile) && is_of(issuer->directory, limits[i].host) && limits[i].names < allowed) {
			allowed = limits[i].names;
			published = true;
		}
	}
	if (certificate->names.count <= allowed)
		return CE_OK;
	return ce_fail(err, CE_ERR_CONFIG, "issuer '%s' takes at most %zu names in a certificate%s%s%s, not %zu: %s",
		issuer->config->name, allowed, published ? " of profile '" : "", published ? profile : "", published ? "'" : "",
		certificate->names.count, published ? "divide the names among certificates" :
		"divide them among certificates, or raise names_max if the CA takes more");
}

/* --- the way --- */

/* "de_DE.UTF-8" is "de-DE, de;q=0.8, en;q=0.5"; what is no language is English. */
static void
language_of_locale(const char *locale, char *out, size_t room)
{
	size_t size = strspn(locale, "abcdefghijklmnopqrstuvwxyz");
	bool region = locale[size] == '_' && isupper((unsigned char)locale[size + 1]) && isupper((unsigned char)locale[size + 2]);
	if (size < 2 || size > 3 || !strncmp(locale, "en", size))
		snprintf(out, room, "en");
	else if (region)
		snprintf(out, room, "%.*s-%.2s, %.*s;q=0.8, en;q=0.5", (int)size, locale, locale + size + 1, (int)size, locale);
	else
		snprintf(out, room, "%.*s, en;q=0.5", (int)size, locale);
}

static void
set_language(struct ce_acme_issuer *issuer)
{
	static const char *const variables[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
	const char *chosen = ce_option_text(ce_acme_options, &issuer->config->settings, "language"), *locale = NULL;
	for (size_t i = 0; i < CE_COUNT(variables) && (!locale || !*locale); i++)
		locale = getenv(variables[i]);
	if (chosen)
		ce_text_printable(issuer->language, sizeof(issuer->language), chosen);
	else
		language_of_locale(locale ? locale : "C", issuer->language, sizeof(issuer->language));
}

/* Files of PEM; what each holds is for the TLS library to judge. */
static const struct {
	const char *option, *marker, *what;
	size_t limit;
	size_t offset; /* of the issuer's buffer */
} files[] = {
	{ "ca_file", "-----BEGIN CERTIFICATE-----", "certificate", CE_FILE_DEFAULT_LIMIT, offsetof(struct ce_acme_issuer, trust) },
	{ "client_certificate", "-----BEGIN CERTIFICATE-----", "certificate", PEM_MAX,
		offsetof(struct ce_acme_issuer, client_certificate) },
	{ "client_key", "PRIVATE KEY-----", "private key", PEM_MAX, offsetof(struct ce_acme_issuer, client_key) },
};

int
ce_acme_route_load(struct ce_acme_issuer *issuer, struct ce_error *err)
{
	const char *name = issuer->config->name;
	issuer->client_key.secret = true;
	set_language(issuer);
	for (size_t i = 0; i < CE_COUNT(files); i++) {
		const char *option = files[i].option, *path = ce_option_text(ce_acme_options, &issuer->config->settings, option);
		struct ce_buf *pem = (struct ce_buf *)((char *)issuer + files[i].offset);
		int rc = path ? ce_file_read(path, files[i].limit, pem, NULL, err) : CE_OK;
		if (rc)
			return ce_error_wrap(err, "%s of issuer '%s'", option, name);
		if (path && !strstr(ce_buf_text(pem), files[i].marker))
			return ce_fail(err, CE_ERR_CONFIG, "%s of issuer '%s': '%s' holds no %s", option, name, path, files[i].what);
	}
	return CE_OK;
}

void
ce_acme_route_put(const struct ce_acme_issuer *issuer, struct ce_acme_issuer_job *job)
{
	const struct ce_settings *settings = &issuer->config->settings;
	const char *mode = ce_option_text(ce_acme_options, settings, "profile_mode");
	job->language = (char *)issuer->language;
	job->proxy = (char *)ce_option_text(ce_acme_options, settings, "proxy");
	job->interface = (char *)ce_option_text(ce_acme_options, settings, "interface");
	job->dns = (char *)ce_option_text(ce_acme_options, settings, "dns_servers");
	job->client_certificate = issuer->client_certificate;
	job->client_key = issuer->client_key;
	job->preferred_chain = (char *)ce_option_text(ce_acme_options, settings, "preferred_chain");
	job->partial = ce_acme_is_partial(issuer);
	job->profile_preferred = mode && !strcmp(mode, "preferred");
}

void
ce_acme_route_release(struct ce_acme_issuer *issuer)
{
	ce_buf_release(&issuer->trust);
	ce_buf_release(&issuer->client_certificate);
	ce_buf_release(&issuer->client_key);
}

/* --- what an order asks for --- */

/* Only what this account was issued can be replaced by it (RFC 9773 section 5). */
static bool
is_ours(const struct ce_acme_issuer *issuer, struct ce_bytes leaf)
{
	struct ce_facts facts = { 0 };
	struct ce_error ignored = { 0 };
	if (!issuer->url || ce_facts_read(leaf, &facts, &ignored))
		return false;
	bool ours = facts.not_before + BACKDATE_MAX_S >= issuer->made_at;
	ce_facts_release(&facts);
	return ours;
}

int
ce_acme_order_wishes(const struct ce_acme_issuer *issuer, const struct ce_issue_request *request,
	struct ce_acme_wishes *ret_wishes, struct ce_error *err)
{
	long long days = ce_option_int(ce_acme_options, &issuer->config->settings, "days"), now = ce_now();
	struct ce_error ignored = { 0 };
	ret_wishes->replaces = NULL;
	if (days > 0) {
		ce_text_time(ret_wishes->not_before, now);
		ce_text_time(ret_wishes->not_after, now + days * DAY_S - 1);
	}
	if (request->replaces_pem.size == 0 || !is_ours(issuer, request->replaces_pem))
		return CE_OK;
	/* A certificate without what the identifier is made of cannot be named: it is ordered as any other. */
	int rc = ce_ari_cert_id(request->replaces_pem, &ret_wishes->replaces, &ignored);
	return rc == CE_ERR_MEMORY ? ce_fail(err, rc, "%s", ignored.text) : CE_OK;
}
