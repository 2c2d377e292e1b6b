/* Looking for applications: administrators' units that run a jar, and the configuration where Spring Boot looks for it. */
#include "springboot.h"

#include <string.h>

/* The word of a command line that names a jar; NULL: none. */
static const char *
jar_of(const struct ce_services *services, ce_call *call, const char *line)
{
	while (*line != '\0') {
		line += strspn(line, " \t\n\\\"'");
		size_t size = strcspn(line, " \t\n\"'");
		if (size > 4 && strncmp(line + size - 4, ".jar", 4) == 0 && line[0] != '-')
			return services->format(call, "%.*s", (int)size, line);
		line += size;
	}
	return NULL;
}

static int
report(const struct ce_services *services, ce_call *call, const char *config, const char *unit)
{
	int rc = services->found_begin(call, services->format(call, "application of unit %s", unit));
	if (rc >= 0)
		rc = services->found_option(call, "config", config);
	return rc < 0 ? rc : services->found_option(call, "unit", unit);
}

/* In the order of Spring Boot: config/ goes before the directory itself, properties before YAML. */
static int
look_into(const struct ce_services *services, ce_call *call, const char *directory, const char *unit)
{
	static const char *const names[] = { "config/application.properties", "config/application.yml",
		"config/application.yaml", "application.properties", "application.yml", "application.yaml" };
	for (size_t i = 0; i < CE_PLUG_COUNT(names); i++) {
		struct ce_stat stat = { .size = sizeof(stat) };
		const char *path = services->format(call, "%s/%s", directory, names[i]);
		int rc = path ? services->stat(call, path, &stat) : ce_plug_no_memory(services, call);
		if (rc < 0)
			return rc;
		if (stat.exists && !stat.is_directory)
			return report(services, call, path, unit);
	}
	return CE_OK;
}

/* A unit that cannot be read is none that is found. */
static int
look_at(const struct ce_services *services, ce_call *call, const char *path, const char *unit)
{
	ce_text *text = NULL;
	const char *jar = NULL, *directory = NULL;
	if (!path)
		return ce_plug_no_memory(services, call);
	if (services->text->open(call, path, CE_TEXT_INI, &text) < 0)
		return CE_OK;
	for (ce_text_entry *entry = services->text->first(text); entry; entry = services->text->next(entry)) {
		const char *key = services->text->key(entry), *value = services->text->value(entry, 0);
		if (ce_plug_equal(key, "ExecStart") && !jar)
			jar = jar_of(services, call, value);
		if (ce_plug_equal(key, "WorkingDirectory") && value[0] == '/')
			directory = value;
	}
	if (jar && !directory && jar[0] == '/')
		directory = ce_plug_directory(services, call, jar);
	return jar && directory ? look_into(services, call, directory, unit) : CE_OK;
}

static int
look_through(const struct ce_services *services, ce_call *call, const char *directory)
{
	struct ce_stat stat = { .size = sizeof(stat) };
	const char *const *names = NULL;
	int rc = services->stat(call, directory, &stat);
	if (rc < 0 || !stat.exists || !stat.is_directory)
		return rc;
	rc = services->list(call, directory, &names);
	for (; rc >= 0 && *names; names++) {
		size_t size = strlen(*names);
		if (size > 8 && ce_plug_equal(*names + size - 8, ".service"))
			rc = look_at(services, call, services->format(call, "%s/%s", directory, *names), *names);
	}
	return rc;
}

int
ce_springboot_discover(const struct ce_services *services, ce_call *call)
{
	static const char *const directories[] = { "/etc/systemd/system", "/run/systemd/system" };
	int rc = CE_OK;
	for (size_t i = 0; i < CE_PLUG_COUNT(directories) && rc >= 0; i++)
		rc = look_through(services, call, directories[i]);
	return rc < 0 ? rc : CE_OK;
}
