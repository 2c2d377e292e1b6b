/* Configuration files, read under the file rules and parsed. For this folder only: libconfig's types end here. */
#ifndef CE_CONFIG_SOURCE_H
#define CE_CONFIG_SOURCE_H

#include <libconfig.h>

#include "config/settings.h"

struct ce_source {
	char *path;
	config_t *tree;  /* NULL: could not be read or parsed; settings point back to it, so it never moves */
};
struct ce_sources {
	struct ce_source *items;
	size_t count;
};

/* Reads path and, with with_directory, the *.conf of the directory conf.d beside it in order of name. What is wrong with
 * a file goes to problems and leaves it unparsed. CE_ERR_NOT_FOUND when path does not exist; other errors are the system's. */
CE_MUSTCHECK int ce_sources_read(const char *path, bool with_directory, struct ce_sources *ret_sources,
	struct ce_problems *problems, struct ce_error *err);
/* The text of a file: scans and parses. Findings as above. */
CE_MUSTCHECK int ce_source_parse(struct ce_source *source, struct ce_bytes text, struct ce_problems *problems,
	struct ce_error *err);
void ce_source_release(struct ce_source *source);
void ce_sources_release(struct ce_sources *sources);

#endif
