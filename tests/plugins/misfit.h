/* What a plugin needs besides the one thing it gets wrong. */
#ifndef MISFIT_H
#define MISFIT_H

#include <certengine/plugin.h>

#define MISFIT static __attribute__((unused))

MISFIT const struct ce_option no_options[] = { { NULL, 0, 0, NULL, 0, 0, NULL, NULL } };

MISFIT int
fine_create(const struct ce_services *s, ce_call *call, void **ret_instance)
{
	(void)s;
	(void)call;
	*ret_instance = NULL;
	return CE_OK;
}

MISFIT int
fine(const struct ce_services *s, ce_call *call, void *instance)
{
	(void)s;
	(void)call;
	(void)instance;
	return CE_OK;
}

#define HEAD(plugin_name) \
	.abi = CERTENGINE_ABI, .size = sizeof(struct certengine_plugin), .name = plugin_name, .version = "1", \
	.summary = "a misfit", .option_size = sizeof(struct ce_option)

/* A whole plugin whose callbacks are named. */
#define PLUGIN(plugin_name, do_install, do_reload, do_verify) \
	CERTENGINE_EXPORT extern const struct certengine_plugin certengine_plugin; \
	const struct certengine_plugin certengine_plugin = { \
		HEAD(plugin_name), .options = no_options, .create = fine_create, .install = do_install, \
		.reload = do_reload, .endpoints = fine, .verify = do_verify, \
	}

#define DECLARED CERTENGINE_EXPORT extern const struct certengine_plugin certengine_plugin

#endif
