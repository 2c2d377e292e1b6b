/* Whether a plugin's file may be loaded: decided on the opened descriptor, which is then the one
 * that is loaded, so that nothing can be exchanged in between. */
#ifndef CE_PLUGIN_TRUST_H
#define CE_PLUGIN_TRUST_H

#include "base/error.h"

/* Opens DIRECTORY/NAME.so for the plugin process. Every directory from / on must be a real one (no
 * symbolic link), belong to root or to us, and be closed to the writing of others; a sticky directory counts as
 * closed for those above the last. The file must be regular, belong to root or to us, have one link and mode & 022 == 0.
 * CE_ERR_NOT_FOUND: there is no such file or directory; CE_ERR_PLUGIN: it is not to be trusted, the text says why. */
CE_MUSTCHECK int ce_plugin_open(const char *directory, const char *name, int *ret_fd, struct ce_error *err);

#endif
