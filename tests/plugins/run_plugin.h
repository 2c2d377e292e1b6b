/* The parts of run-plugin. */
#ifndef RUN_PLUGIN_H
#define RUN_PLUGIN_H

#include "plugin/runner.h"

/* Where the plugins lie from now on. */
void run_plugin_directory(const char *path);

/* An engine that makes up what it is asked for: materials name their kind, secrets their name, and
 * every request over HTTP is answered by a description of itself. */
extern const struct ce_plugin_backend run_plugin_backend;

/* What was staged or found, one line each, bytes that do not print made visible. */
void run_plugin_print_staged(const struct ce_staged *staged);
void run_plugin_print_discovery(const struct ce_plugin_discovery *discovery);
void run_plugin_print_info(const struct ce_plugin_info *info);

#endif
