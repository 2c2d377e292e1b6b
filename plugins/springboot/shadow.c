/* Other files of the same application that Spring Boot reads: what they say of TLS would go before the configuration, or
 * would be overruled by it without notice. One file says it all, or nothing is changed. */
#include "springboot.h"

#include <string.h>

static const char *const endings[] = { ".properties", ".yml", ".yaml" };

int
ce_springboot_add_profiles(struct springboot_work *work, const char *list)
{
	const struct ce_services *services = work->services;
	while (*list != '\0') {
		list += strspn(list, " ,");
		size_t size = strcspn(list, " ,");
		if (size > 0 && work->profile_count >= SPRINGBOOT_PROFILES_MAX)
			return services->fail(work->call, CE_ERR_LIMIT, "more than %d profiles are active", SPRINGBOOT_PROFILES_MAX);
		if (size > 0) {
			const char *name = services->format(work->call, "%.*s", (int)size, list);
			if (!name)
				return ce_plug_no_memory(services, work->call);
			work->profiles[work->profile_count++] = name;
		}
		list += size;
	}
	return CE_OK;
}

static int
check_file(struct springboot_work *work, const char *path)
{
	const struct ce_services *services = work->services;
	struct ce_stat stat = { .size = sizeof(stat) };
	ce_text *text = NULL;
	if (!path)
		return ce_plug_no_memory(services, work->call);
	int rc = ce_plug_equal(path, work->settings.config) ? CE_OK : services->stat(work->call, path, &stat);
	if (rc < 0 || !stat.exists || stat.is_directory)
		return rc;
	bool properties = strlen(path) > 11 && ce_plug_equal(path + strlen(path) - 11, ".properties");
	rc = services->text->open(work->call, path, properties ? CE_TEXT_PROPERTIES : CE_TEXT_YAML, &text);
	if (rc < 0)
		return rc;
	for (ce_text_entry *entry = services->text->first(text); entry; entry = services->text->next(entry))
		if (ce_springboot_watched(services->text->key(entry)))
			return services->fail(work->call, CE_ERR_REFUSED,
				"line %ld of '%s' sets '%s', and Spring Boot reads that file beside '%s'; keep what is said of TLS in one of them, "
				"and set 'config' to it", services->text->line(entry), path, services->text->key(entry), work->settings.config);
	return CE_OK;
}

/* NAME.properties, NAME.yml, NAME.yaml, and for each active profile NAME-PROFILE likewise. */
static int
check_directory(struct springboot_work *work, const char *directory, const char *name)
{
	int rc = CE_OK;
	for (size_t i = 0; i < CE_PLUG_COUNT(endings) && rc >= 0; i++) {
		rc = check_file(work, work->services->format(work->call, "%s/%s%s", directory, name, endings[i]));
		for (size_t j = 0; j < work->profile_count && rc >= 0; j++)
			rc = check_file(work, work->services->format(work->call, "%s/%s-%s%s", directory, name, work->profiles[j],
				endings[i]));
	}
	return rc;
}

int
ce_springboot_siblings(struct springboot_work *work)
{
	const struct ce_services *services = work->services;
	const char *config = work->settings.config, *file = strrchr(config, '/') + 1;
	const char *dot = strrchr(file, '.');
	const char *name = services->format(work->call, "%.*s", dot ? (int)(dot - file) : (int)strlen(file), file);
	const char *directory = ce_plug_directory(services, work->call, config);
	const char *below = directory ? services->format(work->call, "%s/config", directory) : NULL;
	if (!name || !below)
		return ce_plug_no_memory(services, work->call);
	int rc = check_directory(work, directory, name);
	return rc < 0 ? rc : check_directory(work, below, name);
}
