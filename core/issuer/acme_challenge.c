/* The groups "challenge" of an issuer: how control of names is proved, and for which names. */
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "acme/json.h"
#include "base/text.h"
#include "crypto/names.h"
#include "issuer/acme_own.h"
#include "issuer/acme_present.h"

#define WAYS_MAX CE_ACME_WAYS_MAX
#define KEY_MAX 64

const char *const ce_hook_dialects[] = { "certengine", "certbot", "lego", "lego-raw", "dehydrated", "uacme", NULL };

/* The members that are texts and numbers, by the names of their options. */
static const struct {
	const char *name;
	size_t offset;
} texts[] = {
	{ "webroot", offsetof(struct ce_way, webroot) }, { "server", offsetof(struct ce_way, server) },
	{ "tsig_key_file", offsetof(struct ce_way, tsig_key_file) }, { "zone", offsetof(struct ce_way, zone) },
	{ "alias", offsetof(struct ce_way, alias) }, { "resolver", offsetof(struct ce_way, resolver) },
	{ "hook", offsetof(struct ce_way, hook) }, { "cleanup_hook", offsetof(struct ce_way, cleanup_hook) },
	{ "dialect", offsetof(struct ce_way, dialect) }, { "environment_file", offsetof(struct ce_way, environment_file) },
	{ "dnsapi", offsetof(struct ce_way, dnsapi) }, { "acme_sh", offsetof(struct ce_way, acme_sh) },
}, numbers[] = {
	{ "port", offsetof(struct ce_way, port) }, { "ttl", offsetof(struct ce_way, ttl) },
	{ "timeout", offsetof(struct ce_way, timeout) }, { "wait", offsetof(struct ce_way, wait) },
};

static char **
text_of(const struct ce_way *way, size_t i)
{
	return (char **)((char *)way + texts[i].offset);
}

static long long *
number_of(const struct ce_way *way, size_t i)
{
	return (long long *)((char *)way + numbers[i].offset);
}

void
ce_way_release(struct ce_way *way)
{
	ce_strlist_release(&way->names);
	for (size_t i = 0; i < CE_COUNT(texts); i++)
		free(*text_of(way, i));
	memset(way, 0, sizeof(*way));
}

void
ce_ways_release(struct ce_ways *ways)
{
	for (size_t i = 0; i < ways->count; i++)
		ce_way_release(&ways->items[i]);
	free(ways->items);
	*ways = (struct ce_ways){ NULL, 0 };
}

static bool
is_dns(const struct ce_way *way)
{
	return way->kind == CE_ACME_DNS || way->kind == CE_ACME_DNS_ACCOUNT;
}

static enum ce_way_method
method_of(const struct ce_way *way)
{
	if (way->kind == CE_ACME_DNS_PERSIST)
		return CE_WAY_PERSIST;
	if (way->webroot)
		return CE_WAY_WEBROOT;
	if (way->hook)
		return CE_WAY_HOOK;
	if (way->dnsapi)
		return CE_WAY_DNSAPI;
	return is_dns(way) ? CE_WAY_UPDATE : CE_WAY_BUILT_IN;
}

const char *
ce_way_name(const struct ce_way *way)
{
	return ce_acme_challenge_names[way->kind];
}

/* --- from the settings --- */

/* "challenge" for the only group, "challenge[1]" for one of a list. */
static bool
group_is_there(const struct ce_settings *settings, const char *group)
{
	size_t size = strlen(group);
	for (size_t i = 0; i < settings->count; i++)
		if (!strncmp(settings->items[i].name, group, size) && settings->items[i].name[size] == '.')
			return true;
	return false;
}

static const char *
key(char out[KEY_MAX], const char *group, const char *name)
{
	(void)snprintf(out, KEY_MAX, "%.40s.%.20s", group, name); /* both are ours and shorter */
	return out;
}

static int
read_way(const struct ce_settings *settings, const char *group, struct ce_way *way, struct ce_error *err)
{
	char name[KEY_MAX];
	const char *kind = ce_option_text(ce_acme_options, settings, key(name, group, "kind"));
	for (int i = 0; i < CE_ACME_CHALLENGES; i++)
		if (kind && !strcmp(kind, ce_acme_challenge_names[i]))
			way->kind = (enum ce_acme_challenge)i;
	int rc = CE_OK;
	for (size_t i = 0; i < CE_COUNT(texts) && !rc; i++)
		rc = ce_text_assign(text_of(way, i), ce_option_text(ce_acme_options, settings, key(name, group, texts[i].name)), err);
	for (size_t i = 0; i < CE_COUNT(numbers); i++)
		*number_of(way, i) = ce_option_int(ce_acme_options, settings, key(name, group, numbers[i].name));
	way->self_check = ce_option_bool(ce_acme_options, settings, key(name, group, "self_check"));
	if (!rc)
		rc = ce_strlist_copy(&way->names, ce_option_list(ce_acme_options, settings, key(name, group, "names")), err);
	if (way->port == 0)
		way->port = way->kind == CE_ACME_ALPN ? 443 : 80;
	way->method = method_of(way);
	return rc;
}

int
ce_ways_read(const struct ce_settings *settings, struct ce_ways *ret_ways, struct ce_error *err)
{
	CE_CLEANUP(ce_ways_release) struct ce_ways ways = { calloc(WAYS_MAX, sizeof(*ways.items)), 0 };
	if (!ways.items)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	char group[KEY_MAX] = "challenge[0]";
	bool list = group_is_there(settings, group);
	do {
		if (ways.count == WAYS_MAX)
			return ce_fail(err, CE_ERR_CONFIG, "more than %d challenge groups", WAYS_MAX);
		int rc = read_way(settings, list ? group : "challenge", &ways.items[ways.count++], err);
		if (rc)
			return rc;
		snprintf(group, sizeof(group), "challenge[%zu]", ways.count);
	} while (list && group_is_there(settings, group));
	*ret_ways = ways;
	ways = (struct ce_ways){ NULL, 0 };
	return CE_OK;
}

/* --- what fits together --- */

#define HTTP (1u << CE_ACME_HTTP)
#define ALPN (1u << CE_ACME_ALPN)
#define DNS (1u << CE_ACME_DNS | 1u << CE_ACME_DNS_ACCOUNT)
#define PERSIST (1u << CE_ACME_DNS_PERSIST)
#define ALPHANUMERIC "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define ANY (HTTP | ALPN | DNS | PERSIST)

/* Which kinds know an option, and which one excludes it or is needed with it. */
static const struct {
	const char *option;
	unsigned kinds;
	const char *excludes, *needs;
} fits[] = {
	{ "webroot", HTTP, "port", NULL }, { "webroot", HTTP, "hook", NULL }, { "port", HTTP | ALPN, "hook", NULL },
	{ "server", DNS, "hook", NULL }, { "server", DNS, "dnsapi", NULL }, { "tsig_key_file", DNS, NULL, "server" },
	{ "zone", DNS, NULL, "server" }, { "alias", DNS, NULL, NULL }, { "resolver", DNS | PERSIST, NULL, NULL },
	{ "hook", HTTP | DNS, "dnsapi", NULL }, { "cleanup_hook", HTTP | DNS, NULL, "hook" }, { "dialect", HTTP | DNS, NULL, "hook" },
	{ "dnsapi", DNS, NULL, NULL }, { "acme_sh", DNS, NULL, "dnsapi" }, { "ttl", DNS, NULL, NULL }, { "wait", HTTP | DNS, NULL, NULL },
	{ "timeout", HTTP | DNS, NULL, NULL }, { "self_check", DNS, NULL, NULL }, { "names", ANY, NULL, NULL },
};

struct complaint {
	const struct ce_issuer_config *issuer;
	struct ce_problems *problems;
	const char *group;
};

static int CE_PRINTF(4, 5)
complain(const struct complaint *complaint, const struct ce_setting *at, struct ce_error *err, const char *format, ...)
{
	char text[400];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	const struct ce_settings *settings = &complaint->issuer->settings;
	return ce_problems_add(complaint->problems, at ? at->file : settings->file, at ? at->line : settings->line, err,
		"issuer '%s': %s", complaint->issuer->name, text);
}

static int
check_options(const struct complaint *complaint, const struct ce_way *way, struct ce_error *err)
{
	const struct ce_settings *settings = &complaint->issuer->settings;
	char name[KEY_MAX];
	int rc = CE_OK;
	for (size_t i = 0; i < CE_COUNT(fits) && !rc; i++) {
		const struct ce_setting *here = ce_settings_find(settings, key(name, complaint->group, fits[i].option));
		if (!here)
			continue;
		if (!(fits[i].kinds & 1u << way->kind))
			rc = i > 0 && !strcmp(fits[i - 1].option, fits[i].option) ? CE_OK /* said already */
				: complain(complaint, here, err, "%s is of no use for %s", here->name, ce_way_name(way));
		else if (fits[i].excludes && ce_settings_find(settings, key(name, complaint->group, fits[i].excludes)))
			rc = complain(complaint, here, err, "%s and %s exclude each other", here->name, name);
		else if (fits[i].needs && !ce_settings_find(settings, key(name, complaint->group, fits[i].needs)))
			rc = complain(complaint, here, err, "%s is of no use without %s", here->name, name);
	}
	return rc;
}

/* Options that become words of a script for nsupdate, or names in the DNS. */
static int
check_words(const struct complaint *complaint, struct ce_error *err)
{
	static const struct {
		const char *option, *alphabet, *what;
	} words[] = {
		{ "server", ALPHANUMERIC "-._:[]%", "the name or address of a name server, maybe with :PORT" },
		{ "zone", ALPHANUMERIC "-._", "a name in the DNS" },
		{ "alias", ALPHANUMERIC "-._", "a name in the DNS" },
	};
	char name[KEY_MAX];
	int rc = CE_OK;
	for (size_t i = 0; i < CE_COUNT(words) && !rc; i++) {
		const struct ce_setting *here = ce_settings_find(&complaint->issuer->settings, key(name, complaint->group, words[i].option));
		if (!here || here->kind != CE_SETTING_STRING)
			continue;
		size_t size = strlen(here->text);
		bool good = size > 0 && size < 256 && strspn(here->text, words[i].alphabet) == size && here->text[0] != '-'
		            && strpbrk(here->text, ALPHANUMERIC);
		if (!good)
			rc = complain(complaint, here, err, "%s must be %s, not '%.100s'", here->name, words[i].what, here->text);
	}
	return rc;
}

static int
check_way(const struct complaint *complaint, const struct ce_way *way, struct ce_error *err)
{
	char name[KEY_MAX];
	const struct ce_setting *place = ce_settings_find(&complaint->issuer->settings, key(name, complaint->group, "kind"));
	int rc = check_options(complaint, way, err);
	if (!rc)
		rc = check_words(complaint, err);
	if (!rc && way->method == CE_WAY_UPDATE && !way->server)
		rc = complain(complaint, place, err, "%s needs to know how the DNS is written to: give %s.server, %s.hook or %s.dnsapi",
			ce_way_name(way), complaint->group, complaint->group, complaint->group);
	if (!rc && way->dialect && !strncmp(way->dialect, "lego", 4) && way->kind == CE_ACME_HTTP)
		rc = complain(complaint, place, err, "hooks of the dialect %s write to the DNS only", way->dialect);
	if (!rc && way->cleanup_hook && (!way->dialect || strcmp(way->dialect, "certbot")))
		rc = complain(complaint, place, err, "cleanup_hook belongs to the dialect certbot: other hooks are told what to do");
	struct sockaddr_in address;
	if (!rc && way->resolver && ce_dns_server_read(way->resolver, &address, NULL))
		rc = complain(complaint, place, err, "%s.resolver must be an IPv4 address, maybe with :PORT, not '%s'", complaint->group,
			way->resolver);
	if (!rc && way->dnsapi && (strncmp(way->dnsapi, "dns_", 4) || strspn(way->dnsapi, "abcdefghijklmnopqrstuvwxyz0123456789_")
	    != strlen(way->dnsapi)))
		rc = complain(complaint, place, err, "%s.dnsapi must be a name such as dns_cf, not '%s'", complaint->group, way->dnsapi);
	return rc;
}

int
ce_ways_check(const struct ce_issuer_config *issuer, struct ce_problems *problems, struct ce_error *err)
{
	CE_CLEANUP(ce_ways_release) struct ce_ways ways = { NULL, 0 };
	char group[KEY_MAX] = "challenge[0]";
	bool list = group_is_there(&issuer->settings, group);
	int rc = ce_ways_read(&issuer->settings, &ways, err);
	if (rc == CE_ERR_CONFIG)
		return ce_problems_add(problems, issuer->settings.file, issuer->settings.line, err, "issuer '%s': more than %d challenge "
			"groups", issuer->name, WAYS_MAX);
	for (size_t i = 0; i < ways.count && !rc; i++) {
		snprintf(group, sizeof(group), list ? "challenge[%zu]" : "challenge", i);
		const struct complaint complaint = { issuer, problems, group };
		rc = check_way(&complaint, &ways.items[i], err);
	}
	return rc;
}

/* --- which names --- */

bool
ce_way_serves(const struct ce_way *way, const char *name)
{
	bool dns = is_dns(way) || way->kind == CE_ACME_DNS_PERSIST;
	if (way->broken.code || (name[0] == '*' && !dns) || (ce_name_is_ip(name) && dns))
		return false; /* RFC 8555 section 8.3 and 8738 section 7 */
	for (size_t i = 0; i < way->names.count; i++)
		if (!fnmatch(way->names.items[i], name, FNM_CASEFOLD | FNM_NOESCAPE))
			return true;
	return way->names.count == 0;
}

static int
no_way(const struct ce_ways *ways, const char *name, struct ce_error *err)
{
	bool dns = false;
	for (size_t i = 0; i < ways->count; i++)
		dns = dns || is_dns(&ways->items[i]) || ways->items[i].kind == CE_ACME_DNS_PERSIST;
	if (name[0] == '*' && !dns)
		return ce_fail(err, CE_ERR_CONFIG, "a CA proves '%s' by the DNS only: give the issuer a challenge group of kind dns-01, "
			"or name each host", name);
	return ce_fail(err, CE_ERR_CONFIG, "no challenge group of the issuer can prove '%s': see challenge.kind and challenge.names",
		name);
}

int
ce_ways_choices(const struct ce_ways *ways, const struct ce_strlist *names, struct ce_strlist *ret_choices,
	struct ce_error *err)
{
	for (size_t i = 0; i < names->count; i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf choice = CE_BUF_INIT;
		int rc = CE_OK;
		for (size_t k = 0; k < ways->count && !rc; k++)
			if (ce_way_serves(&ways->items[k], names->items[i]))
				rc = ce_buf_addf(&choice, err, "%s%zu", choice.size ? " " : "", k);
		if (!rc && choice.size == 0)
			rc = no_way(ways, names->items[i], err);
		if (!rc)
			rc = ce_strlist_add(ret_choices, ce_buf_text(&choice), err);
		if (rc)
			return rc;
	}
	return CE_OK;
}

/* --- kept --- */

int
ce_way_keep(const struct ce_way *way, char **ret_text, struct ce_error *err)
{
	json_t *json = json_pack("{s:s, s:i}", "kind", ce_way_name(way), "directories", way->directories_made);
	bool good = json != NULL;
	for (size_t i = 0; i < CE_COUNT(texts); i++)
		if (*text_of(way, i))
			good = good && !json_object_set_new(json, texts[i].name, json_string(*text_of(way, i)));
	for (size_t i = 0; i < CE_COUNT(numbers); i++)
		good = good && !json_object_set_new(json, numbers[i].name, json_integer(*number_of(way, i)));
	char *text = good ? ce_json_steal_text(json) : NULL;
	if (!good)
		json_decref(json);
	*ret_text = text;
	return text ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

int
ce_way_recall(const char *text, struct ce_way *ret_way, struct ce_error *err)
{
	CE_CLEANUP(json_decrefp) json_t *json = ce_json_object((struct ce_bytes){ (const unsigned char *)text, strlen(text) });
	CE_CLEANUP(ce_way_release) struct ce_way way = { 0 };
	const char *kind = ce_json_text(json, "kind");
	bool known = false;
	for (int i = 0; kind && i < CE_ACME_CHALLENGES; i++) {
		if (strcmp(kind, ce_acme_challenge_names[i]))
			continue;
		way.kind = (enum ce_acme_challenge)i;
		known = true;
	}
	if (!known)
		return ce_fail(err, CE_ERR_INVALID, "a challenge of unknown kind");
	for (size_t i = 0; i < CE_COUNT(texts); i++) {
		const char *value = ce_json_text(json, texts[i].name);
		int rc = ce_text_assign(text_of(&way, i), value, err);
		if (rc)
			return rc;
	}
	for (size_t i = 0; i < CE_COUNT(numbers); i++)
		*number_of(&way, i) = json_integer_value(json_object_get(json, numbers[i].name));
	way.directories_made = (int)json_integer_value(json_object_get(json, "directories"));
	way.method = method_of(&way);
	*ret_way = way;
	way = (struct ce_way){ 0 };
	return CE_OK;
}
