/* Option tables, as plugins describe them: foreign until checked. */
#ifndef CE_PLUGIN_TABLE_H
#define CE_PLUGIN_TABLE_H

#include "plugin/runner.h"

/* Whether the rows (ended by a NULL name) make a table that an operator can be asked to fill: names,
 * no two alike, types, ranges, choices, help, and a fallback that its own row accepts. CE_ERR_CONFIG. */
CE_MUSTCHECK int ce_table_check(const struct ce_option *table, struct ce_error *err);

/* The value that a text stands for, under the row's type, range and choices; not for lists. The
 * result points to row and text. CE_ERR_CONFIG: it stands for none. */
CE_MUSTCHECK int ce_table_value(const struct ce_option *row, const char *text, struct ce_plugin_option *ret_value,
	struct ce_error *err);

/* One line of 1 to max bytes without anything that would not print. */
bool ce_text_is_line(const char *text, size_t max);

#endif
