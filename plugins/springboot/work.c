/* Opening the configuration. What goes before it is looked at first, since it says which profiles are active. */
#include "springboot.h"

#include <string.h>

static int
syntax_of(const char *path)
{
	size_t size = strlen(path);
	return size > 11 && ce_plug_equal(path + size - 11, ".properties") ? CE_TEXT_PROPERTIES : CE_TEXT_YAML;
}

static int
add_configured_profiles(struct springboot_work *work)
{
	int rc = CE_OK;
	for (const char *const *profile = work->settings.profiles; profile && *profile && rc >= 0; profile++)
		rc = ce_springboot_add_profiles(work, *profile);
	return rc;
}

/* Profiles that the configuration itself makes active, where nothing before it does. */
static int
add_own_profiles(struct springboot_work *work)
{
	const struct ce_text_services *text = work->services->text;
	ce_text_entry *entry = text->find(work->text, "0", "spring.profiles.active");
	if (work->profile_count > 0 || !entry || !text->value(entry, 0))
		return CE_OK;
	return ce_springboot_add_profiles(work, text->value(entry, 0));
}

int
ce_springboot_open(const struct ce_services *services, ce_call *call, struct springboot_work *ret_work)
{
	*ret_work = (struct springboot_work){ .services = services, .call = call };
	int rc = ce_springboot_settings(services, call, &ret_work->settings);
	if (rc < 0)
		return rc;
	ret_work->directory = ret_work->settings.directory;
	rc = add_configured_profiles(ret_work);
	if (rc >= 0 && ret_work->settings.unit)
		rc = ce_springboot_unit(ret_work);
	if (rc >= 0)
		rc = services->text->open(call, ret_work->settings.config, syntax_of(ret_work->settings.config), &ret_work->text);
	if (rc >= 0)
		rc = add_own_profiles(ret_work);
	if (rc >= 0)
		rc = ce_springboot_siblings(ret_work);
	return rc < 0 ? rc : ce_springboot_version(ret_work);
}
