/* The systemd unit of the application: its environment and command line go before every file. */
#include "springboot.h"

#include <string.h>
#include <strings.h>

/* Without dots, dashes and underscores, which environment variables cannot have or have instead. */
static bool
same_loosely(const char *text, size_t size, const char *key)
{
	for (size_t i = 0;; key++) {
		while (i < size && strchr("._-", text[i]))
			i++;
		while (*key != '\0' && strchr("._-", *key))
			key++;
		if (*key == '\0' || *key == '*')
			return *key == '*' || i == size;
		if (i == size || strncasecmp(text + i, key, 1) != 0)
			return false;
		i++;
	}
}

enum meaning { SHADOWS = 1, PROFILES, LOCATION };

/* What a name means wherever it stands; a star ends one that is only a beginning. */
static const struct {
	const char *key;
	enum meaning meaning;
} meanings[] = {
	{ "server.ssl.*", SHADOWS },
	{ "spring.ssl.bundle.*", SHADOWS },
	{ "server.port", SHADOWS },
	{ "server.address", SHADOWS },
	{ "spring.application.json", SHADOWS },
	{ "spring.profiles.active", PROFILES },
	{ "spring.config.location", LOCATION },
	{ "spring.config.name", LOCATION },
};

static int
take(struct springboot_work *work, const char *name, size_t size, const char *value, const char *where)
{
	const struct springboot_settings *settings = &work->settings;
	enum meaning meaning = 0;
	for (size_t i = 0; i < CE_PLUG_COUNT(meanings) && meaning == 0; i++)
		if (same_loosely(name, size, meanings[i].key))
			meaning = meanings[i].meaning;
	const char *directory = ce_plug_directory(work->services, work->call, settings->config);
	const char *file = strrchr(settings->config, '/') + 1;
	bool elsewhere = meaning == LOCATION && directory && !strstr(value, directory) && strncmp(value, file, strlen(value)) != 0;
	if (meaning == PROFILES && !settings->profiles)
		return ce_springboot_add_profiles(work, value);
	if (meaning == SHADOWS && settings->port > 0 && same_loosely(name, size, "server.port"))
		return CE_OK;
	if (meaning == SHADOWS || elsewhere)
		return work->services->fail(work->call, CE_ERR_REFUSED,
			"%s sets %.*s, which goes before '%s'; take it out there, or set 'config' to the file that counts", where, (int)size,
			name, settings->config);
	return CE_OK;
}

/* Words as systemd cuts them, without its escapes; "--name=value", "-Dname=value" and "NAME=value" count. */
static int
take_words(struct springboot_work *work, const char *text, const char *where)
{
	int rc = CE_OK;
	while (*text != '\0' && rc >= 0) {
		text += strspn(text, " \t\n\\");
		char quote = *text == '"' || *text == '\'' ? *text++ : '\0';
		const char ends[] = { quote ? quote : ' ', quote ? quote : '\t', quote ? quote : '\n', '\0' };
		size_t size = strcspn(text, ends);
		const char *word = work->services->format(work->call, "%.*s", (int)size, text);
		if (!word)
			return ce_plug_no_memory(work->services, work->call);
		text += size + (quote && text[size] == quote ? 1 : 0);
		word += ce_plug_starts(word, "--") || ce_plug_starts(word, "-D") ? 2 : 0;
		const char *sign = strchr(word, '=');
		rc = sign ? take(work, word, (size_t)(sign - word), sign + 1, where) : CE_OK;
	}
	return rc;
}

/* A file of variables; the unit goes without one whose name has a dash in front. */
static int
take_environment_file(struct springboot_work *work, const char *path)
{
	const struct ce_services *services = work->services;
	struct ce_stat stat = { .size = sizeof(stat) };
	ce_text *text = NULL;
	path += *path == '-' ? 1 : 0;
	int rc = *path == '/' ? services->stat(work->call, path, &stat) : CE_OK;
	if (rc < 0 || !stat.exists)
		return rc;
	rc = services->text->open(work->call, path, CE_TEXT_DIRECTIVES, &text);
	if (rc < 0)
		return rc;
	for (ce_text_entry *entry = services->text->first(text); entry && rc >= 0; entry = services->text->next(entry)) {
		const char *key = services->text->key(entry), *value = services->text->value(entry, 0);
		bool java = ce_plug_equal(key, "JAVA_OPTS") || ce_plug_equal(key, "JAVA_TOOL_OPTIONS") || ce_plug_equal(key, "RUN_ARGS");
		const char *where = services->format(work->call, "line %ld of '%s'", services->text->line(entry), path);
		size_t quoted = strspn(value, "\"'");
		rc = where ? take(work, key, strlen(key), value + quoted, where) : ce_plug_no_memory(services, work->call);
		if (rc >= 0 && java)
			rc = take_words(work, value + quoted, where);
	}
	return rc;
}

static int
take_entry(struct springboot_work *work, const ce_text_entry *entry, const char *path)
{
	const struct ce_text_services *text = work->services->text;
	const char *key = text->key(entry), *value = text->value(entry, 0);
	const char *where = work->services->format(work->call, "line %ld of '%s'", text->line(entry), path);
	if (!where)
		return ce_plug_no_memory(work->services, work->call);
	if (ce_plug_equal(key, "Environment") || ce_plug_equal(key, "ExecStart"))
		return take_words(work, value, where);
	if (ce_plug_equal(key, "EnvironmentFile"))
		return take_environment_file(work, value);
	if (ce_plug_equal(key, "WorkingDirectory") && value[0] == '/' && !work->settings.directory)
		work->directory = value;
	return CE_OK;
}

static int
take_file(struct springboot_work *work, const char *path)
{
	const struct ce_services *services = work->services;
	struct ce_stat stat = { .size = sizeof(stat) };
	ce_text *text = NULL;
	if (!path)
		return ce_plug_no_memory(services, work->call);
	int rc = services->stat(work->call, path, &stat);
	if (rc < 0 || !stat.exists || stat.is_directory)
		return rc < 0 ? rc : CE_UNCHANGED;
	rc = services->text->open(work->call, path, CE_TEXT_INI, &text);
	if (rc < 0)
		return rc;
	for (ce_text_entry *entry = services->text->first(text); entry && rc >= 0; entry = services->text->next(entry))
		if (ce_plug_equal(services->text->section(entry), "Service"))
			rc = take_entry(work, entry, path);
	return rc;
}

/* NAME.service.d/ *.conf in every directory add to the unit. */
static int
take_additions(struct springboot_work *work, const char *directory)
{
	const struct ce_services *services = work->services;
	const char *below = services->format(work->call, "%s/%s.d", directory, work->settings.unit);
	struct ce_stat stat = { .size = sizeof(stat) };
	const char *const *names = NULL;
	if (!below)
		return ce_plug_no_memory(services, work->call);
	int rc = services->stat(work->call, below, &stat);
	if (rc < 0 || !stat.exists || !stat.is_directory)
		return rc;
	rc = services->list(work->call, below, &names);
	for (; rc >= 0 && *names; names++)
		if (strlen(*names) > 5 && ce_plug_equal(*names + strlen(*names) - 5, ".conf"))
			rc = take_file(work, services->format(work->call, "%s/%s", below, *names));
	return rc;
}

int
ce_springboot_unit(struct springboot_work *work)
{
	static const char *const directories[] = { "/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system",
		"/usr/lib/systemd/system", "/lib/systemd/system" };
	const char *unit = work->settings.unit;
	bool suffix = strchr(unit, '.') != NULL;
	int rc = CE_UNCHANGED;
	for (size_t i = 0; i < CE_PLUG_COUNT(directories) && rc == CE_UNCHANGED; i++)
		rc = take_file(work, work->services->format(work->call, "%s/%s%s", directories[i], unit, suffix ? "" : ".service"));
	for (size_t i = 0; i < CE_PLUG_COUNT(directories) && rc >= 0; i++)
		rc = take_additions(work, directories[i]);
	return rc < 0 ? rc : CE_OK;
}
