#include "plugin/loader.h"

#include <dlfcn.h>
#include <ltdl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define SYMBOL "certengine_plugin"
#define OPTION_SIZE_MAX 4096

/* What ABI 1 began with: a smaller contract was never valid. */
#define PLUGIN_SIZE_LEAST (offsetof(struct certengine_plugin, verify) + sizeof(((struct certengine_plugin *)0)->verify))
#define OPTION_SIZE_LEAST (offsetof(struct ce_option, help) + sizeof(((struct ce_option *)0)->help))

/* libltdl binds lazily, so a missing symbol would only be found in the middle of a deployment, and its own text for
 * every failure is "file not found". The system's loader binds everything now and knows the reason. */
CE_MUSTCHECK static int
bind_all(const char *path, struct ce_error *err)
{
	if (dlopen(path, RTLD_NOW | RTLD_LOCAL)) /* stays: the module is never closed */
		return CE_OK;
	const char *reason = dlerror();
	size_t size = strlen(path);
	if (reason && strncmp(reason, path, size) == 0 && strncmp(reason + size, ": ", 2) == 0)
		reason += size + 2; /* the descriptor's name says nothing to an operator */
	return ce_fail(err, CE_ERR_PLUGIN, "%s", reason ? reason : "the system's loader gave no reason");
}

CE_MUSTCHECK static int
open_module(const char *path, lt_dlhandle *ret_module, struct ce_error *err)
{
	lt_dladvise advise = NULL;
	(void)unsetenv("LTDL_LIBRARY_PATH"); /* the name is valid, so this cannot fail */
	if (lt_dlinit() != 0 || lt_dladvise_init(&advise) != 0)
		return ce_fail(err, CE_ERR_SYSTEM, "libltdl does not start: %s", lt_dlerror());

	lt_dlhandle module = NULL;
	if (lt_dladvise_local(&advise) == 0)
		module = lt_dlopenadvise(path, advise);
	if (!module) {
		const char *reason = lt_dlerror();
		ce_fail(err, CE_ERR_PLUGIN, "libltdl: %s", reason ? reason : "no reason given");
	}
	(void)lt_dladvise_destroy(&advise);
	if (!module)
		return CE_ERR_PLUGIN;
	*ret_module = module;
	return CE_OK;
}

/* Nothing but the two first members is believed before these hold. */
CE_MUSTCHECK static int
check(const struct certengine_plugin *plugin, const char *name, struct ce_error *err)
{
	if (plugin->abi != CERTENGINE_ABI)
		return ce_fail(err, CE_ERR_PLUGIN, "it is made for ABI %u, this engine has ABI %d: build it against this "
			"engine's header", plugin->abi, CERTENGINE_ABI);
	if (plugin->size < PLUGIN_SIZE_LEAST)
		return ce_fail(err, CE_ERR_PLUGIN, "its " SYMBOL " has %zu bytes, ABI %d needs %zu at least", plugin->size,
			CERTENGINE_ABI, PLUGIN_SIZE_LEAST);
	if (!plugin->name || !ce_name_is_plain(plugin->name))
		return ce_fail(err, CE_ERR_PLUGIN, "its name is not 1 to 32 of a-z, 0-9 and '-'");
	if (strcmp(plugin->name, name) != 0)
		return ce_fail(err, CE_ERR_PLUGIN, "it calls itself '%s', so its file must be '%s.so'", plugin->name,
			plugin->name);
	bool sound = plugin->option_size >= OPTION_SIZE_LEAST && plugin->option_size <= OPTION_SIZE_MAX
	          && plugin->option_size % _Alignof(struct ce_option) == 0;
	if (plugin->options && !sound)
		return ce_fail(err, CE_ERR_PLUGIN, "its options have %zu bytes each, ABI %d needs %zu at least",
			plugin->option_size, CERTENGINE_ABI, OPTION_SIZE_LEAST);
	return CE_OK;
}

int
ce_loader_load(int descriptor, const char *name, struct certengine_plugin *ret_plugin, struct ce_error *err)
{
	char path[32];
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor); /* fits */
	lt_dlhandle module = NULL;
	int code = bind_all(path, err);
	if (code == CE_OK)
		code = open_module(path, &module, err);
	if (code != CE_OK)
		return code;

	const struct certengine_plugin *found = lt_dlsym(module, SYMBOL);
	if (!found)
		return ce_fail(err, CE_ERR_PLUGIN, "it has no symbol '" SYMBOL "', so it is no plugin");
	code = check(found, name, err);
	if (code != CE_OK)
		return code;
	struct certengine_plugin plugin;
	memset(&plugin, 0, sizeof(plugin));
	memcpy(&plugin, found, found->size < sizeof(plugin) ? found->size : sizeof(plugin));
	*ret_plugin = plugin;
	return CE_OK;
}
