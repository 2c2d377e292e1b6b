/* Diagnostics below the level of errors. Library code may log; the program
 * decides with ce_log_to where lines go (nowhere until then). */
#ifndef CE_BASE_LOG_H
#define CE_BASE_LOG_H

#include "base/cleanup.h"

enum ce_log_level { CE_LOG_DEBUG = 0, CE_LOG_INFO = 1, CE_LOG_NOTICE = 2, CE_LOG_WARNING = 3 };

typedef void (*ce_log_sink)(int level, const char *line, void *context);

/* line has been made printable; it carries no newline. */
void ce_log_to(ce_log_sink sink, void *context, int lowest_level);
void ce_log(int level, const char *format, ...) CE_PRINTF(2, 3);

#endif
