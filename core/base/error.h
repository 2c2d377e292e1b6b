/* Errors: a code, one sentence for the operator, and the step it happened in.
 * Library code fills a ce_error and returns its code; it never prints. */
#ifndef CE_BASE_ERROR_H
#define CE_BASE_ERROR_H

#include <certengine/plugin.h>

#include "base/cleanup.h"

#define CE_ERROR_TEXT_MAX 1024
#define CE_ERROR_STEP_MAX 48

struct ce_error {
	int code;                     /* CE_OK or the CE_ERR_* of the last failure */
	char step[CE_ERROR_STEP_MAX]; /* what was being done, "" if nobody said */
	char text[CE_ERROR_TEXT_MAX]; /* one sentence, lower case, no final stop */
};

/* Fills *err and returns code, so that a failure is one line:
 *     return ce_fail(err, CE_ERR_SYSTEM, "open '%s': %s", path, strerror(errno));
 * The text is cut to fit. Control bytes in it are made visible (text.h). err may be NULL. */
int ce_fail(struct ce_error *err, int code, const char *format, ...) CE_PRINTF(3, 4);

/* As ce_fail with CE_ERR_SYSTEM, ": " and the text of errno_value appended. */
int ce_fail_errno(struct ce_error *err, int errno_value, const char *format, ...) CE_PRINTF(3, 4);

/* Puts "prefix: " before the text of a failure that is already in *err; returns err->code. */
int ce_error_wrap(struct ce_error *err, const char *format, ...) CE_PRINTF(2, 3);

/* Names the step the next failure belongs to ("order", "install", "reload"). */
void ce_error_step(struct ce_error *err, const char *step);

void ce_error_clear(struct ce_error *err);

/* Takes back a failure that turned out to be none (an absent file that may be absent); the step
 * stays. err may be NULL. */
void ce_error_forget(struct ce_error *err);

/* "system", "timeout", ... for JSON output and tests. Never NULL. */
const char *ce_code_name(int code);

#endif
