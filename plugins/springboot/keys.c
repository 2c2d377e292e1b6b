/* Keys and values as Spring Boot takes them. */
#include "springboot.h"

#include <string.h>
#include <strings.h>

#define DEPTH_MAX 8

static char
lower(char letter)
{
	return (char)(letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter);
}

/* Relaxed binding: server.ssl.key-store, server.ssl.keyStore and server.ssl.key_store are one. */
bool
ce_springboot_same(const char *a, const char *b)
{
	for (;;) {
		a += strspn(a, "-_");
		b += strspn(b, "-_");
		if (lower(*a) != lower(*b))
			return false;
		if (*a == '\0')
			return true;
		a++;
		b++;
	}
}

bool
ce_springboot_watched(const char *key)
{
	static const char *const watched[] = { "server.ssl.", "spring.ssl.bundle.", "server.port", "server.address" };
	for (size_t i = 0; i < CE_PLUG_COUNT(watched); i++) {
		size_t size = strlen(watched[i]);
		if (strncasecmp(key, watched[i], size) == 0 && (watched[i][size - 1] == '.' || key[size] == '\0'))
			return true;
	}
	return false;
}

/* ------------------------------------------------------------------ documents */

enum activity { ACTIVE, PASSIVE, UNCLEAR };

static bool
is_profile(const struct springboot_work *work, const char *name, size_t size)
{
	for (size_t i = 0; i < work->profile_count; i++)
		if (strlen(work->profiles[i]) == size && strncmp(work->profiles[i], name, size) == 0)
			return true;
	return work->profile_count == 0 && size == 7 && strncmp(name, "default", 7) == 0;
}

/* A list of profiles, one of which must be active. Expressions (a & !b) are Spring's to judge. */
static enum activity
judge_profiles(const struct springboot_work *work, const char *list)
{
	enum activity activity = PASSIVE;
	if (strpbrk(list, "!&|()$"))
		return UNCLEAR;
	while (*list != '\0') {
		list += strspn(list, " ,");
		size_t size = strcspn(list, " ,");
		if (size > 0 && is_profile(work, list, size))
			activity = ACTIVE;
		list += size;
	}
	return activity;
}

/* Whether the document of an entry counts: what it is activated on (spring.profiles up to Spring Boot 2.3). */
static enum activity
judge_document(const struct springboot_work *work, const char *section)
{
	const struct ce_text_services *text = work->services->text;
	enum activity activity = ACTIVE;
	for (ce_text_entry *entry = text->first(work->text); entry; entry = text->next(entry)) {
		const char *key = text->key(entry), *value = text->value(entry, 0);
		if (!ce_plug_equal(text->section(entry), section) || !key)
			continue;
		bool profiles = strncasecmp(key, "spring.config.activate.on-profile", 33) == 0 ||
			(strncasecmp(key, "spring.profiles", 15) == 0 && (key[15] == '\0' || key[15] == '['));
		if (strncasecmp(key, "spring.config.activate.on-", 26) == 0 && !profiles)
			return UNCLEAR;
		if (!profiles)
			continue;
		enum activity judged = value ? judge_profiles(work, value) : UNCLEAR;
		if (judged == ACTIVE || judged == UNCLEAR)
			return judged;
		activity = judged;
	}
	return activity;
}

static int
unclear(struct springboot_work *work, const ce_text_entry *entry)
{
	return work->services->fail(work->call, CE_ERR_REFUSED,
		"line %ld of '%s': '%s' stands in a document that is only active on a condition which cannot be judged here; move it "
		"to a document of its own profile, or out of it", work->services->text->line(entry), work->settings.config,
		work->services->text->key(entry));
}

int
ce_springboot_find(struct springboot_work *work, const char *key, ce_text_entry **ret_entry)
{
	const struct ce_text_services *text = work->services->text;
	ce_text_entry *found = NULL;
	for (ce_text_entry *entry = text->first(work->text); entry; entry = text->next(entry)) {
		if (!ce_springboot_same(text->key(entry), key))
			continue;
		enum activity activity = judge_document(work, text->section(entry));
		if (activity == UNCLEAR)
			return unclear(work, entry);
		if (activity == PASSIVE)
			continue;
		if (found && ce_plug_equal(text->section(found), text->section(entry)))
			return work->services->fail(work->call, CE_ERR_REFUSED,
				"line %ld of '%s': '%s' is set in line %ld already; leave one of them", text->line(entry),
				work->settings.config, text->key(entry), text->line(found));
		found = entry;
	}
	*ret_entry = found;
	return CE_OK;
}

/* --------------------------------------------------------------- placeholders */

static const char *
given(const struct springboot_work *work, const char *name)
{
	size_t size = strlen(name);
	for (const char *const *item = work->settings.placeholders; item && *item; item++)
		if (strncmp(*item, name, size) == 0 && (*item)[size] == '=')
			return *item + size + 1;
	return NULL;
}

static int resolve(struct springboot_work *work, const char *value, long line, int depth, const char **ret_value);

/* One name: as the option has it, as the file has it, or the default behind its colon. */
static int
look_up(struct springboot_work *work, const char *inner, long line, int depth, const char **ret_value)
{
	const struct ce_services *services = work->services;
	const char *colon = strchr(inner, ':');
	const char *name = colon ? services->format(work->call, "%.*s", (int)(colon - inner), inner) : inner;
	ce_text_entry *entry = NULL;
	if (!name)
		return ce_plug_no_memory(services, work->call);
	*ret_value = given(work, name);
	if (*ret_value)
		return CE_OK;
	int rc = ce_springboot_find(work, name, &entry);
	if (rc < 0)
		return rc;
	const char *value = entry ? services->text->value(entry, 0) : colon ? colon + 1 : NULL;
	if (!value)
		return services->fail(work->call, CE_ERR_CONFIG,
			"line %ld of '%s': nothing says what ${%s} is; name it in 'placeholders'", line, work->settings.config, name);
	return resolve(work, value, entry ? services->text->line(entry) : line, depth + 1, ret_value);
}

static int
resolve(struct springboot_work *work, const char *value, long line, int depth, const char **ret_value)
{
	const struct ce_services *services = work->services;
	const char *out = "", *at = value;
	if (depth > DEPTH_MAX)
		return services->fail(work->call, CE_ERR_REFUSED, "line %ld of '%s': placeholders refer to each other", line,
			work->settings.config);
	for (const char *open = NULL; (open = strstr(at, "${")) != NULL;) {
		const char *close = strchr(open, '}'), *inner = NULL, *found = NULL;
		if (!close || (strstr(open + 2, "${") && strstr(open + 2, "${") < close))
			return services->fail(work->call, CE_ERR_REFUSED, "line %ld of '%s': a placeholder within a placeholder", line,
				work->settings.config);
		inner = services->format(work->call, "%.*s", (int)(close - open - 2), open + 2);
		int rc = inner ? look_up(work, inner, line, depth, &found) : ce_plug_no_memory(services, work->call);
		if (rc < 0)
			return rc;
		out = services->format(work->call, "%s%.*s%s", out, (int)(open - at), at, found);
		if (!out)
			return ce_plug_no_memory(services, work->call);
		at = close + 1;
	}
	*ret_value = services->format(work->call, "%s%s", out, at);
	return *ret_value ? CE_OK : ce_plug_no_memory(services, work->call);
}

int
ce_springboot_resolve(struct springboot_work *work, const char *value, long line, const char **ret_value)
{
	return resolve(work, value, line, 0, ret_value);
}

/* ------------------------------------------------------------ getting, setting */

int
ce_springboot_get(struct springboot_work *work, const char *key, const char **ret_value)
{
	const struct ce_text_services *text = work->services->text;
	ce_text_entry *entry = NULL;
	*ret_value = NULL;
	int rc = key ? ce_springboot_find(work, key, &entry) : CE_OK;
	if (rc < 0 || !entry)
		return rc;
	if (!text->value(entry, 0))
		return work->services->fail(work->call, CE_ERR_REFUSED, "line %ld of '%s': the value of '%s' is an alias",
			text->line(entry), work->settings.config, text->key(entry));
	return ce_springboot_resolve(work, text->value(entry, 0), text->line(entry), ret_value);
}

/* New keys go to their like, if that is active, else to the first document that always is. */
static int
section_for(struct springboot_work *work, const char **ret_section)
{
	const struct ce_text_services *text = work->services->text;
	const char *section = NULL;
	for (ce_text_entry *entry = text->first(work->text); entry; entry = text->next(entry))
		if (ce_springboot_watched(text->key(entry)) && judge_document(work, text->section(entry)) == ACTIVE)
			section = text->section(entry);
	if (!section && judge_document(work, "0") == ACTIVE)
		section = "0";
	if (!section)
		return work->services->fail(work->call, CE_ERR_REFUSED,
			"'%s' begins with a document of another profile, and none says how TLS is served; add one that does",
			work->settings.config);
	*ret_section = section;
	return CE_OK;
}

int
ce_springboot_put(struct springboot_work *work, const char *key, const char *value)
{
	const struct ce_text_services *text = work->services->text;
	ce_text_entry *entry = NULL;
	const char *section = NULL;
	int rc = ce_springboot_find(work, key, &entry);
	if (rc >= 0 && entry)
		return text->change(work->call, entry, 0, value);
	if (rc >= 0)
		rc = section_for(work, &section);
	return rc < 0 ? rc : text->set(work->call, work->text, section, key, value);
}

int
ce_springboot_set(struct springboot_work *work, const char *key, const char *value)
{
	const char *now = NULL;
	int rc = ce_springboot_get(work, key, &now);
	if (rc < 0 || ce_plug_equal(now, value))
		return rc;
	if (strstr(value, "${"))
		return work->services->fail(work->call, CE_ERR_REFUSED, "'%s' would be a placeholder: its value holds ${", key);
	return ce_springboot_put(work, key, value);
}
