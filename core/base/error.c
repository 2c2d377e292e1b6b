#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Room for what is formatted before control bytes grow to four characters each. */
#define RAW_MAX (2 * CE_ERROR_TEXT_MAX)

static const struct {
	int code;
	const char *name;
} code_names[] = {
	{ CE_OK, "ok" },
	{ CE_UNCHANGED, "unchanged" },
	{ CE_ERR_SYSTEM, "system" },
	{ CE_ERR_MEMORY, "memory" },
	{ CE_ERR_INVALID, "invalid" },
	{ CE_ERR_CONFIG, "config" },
	{ CE_ERR_NOT_FOUND, "not-found" },
	{ CE_ERR_REFUSED, "refused" },
	{ CE_ERR_LIMIT, "limit" },
	{ CE_ERR_TIMEOUT, "timeout" },
	{ CE_ERR_CRYPTO, "crypto" },
	{ CE_ERR_NETWORK, "network" },
	{ CE_ERR_ISSUER, "issuer" },
	{ CE_ERR_PRODUCT, "product" },
	{ CE_ERR_PLUGIN, "plugin" },
	{ CE_ERR_VERIFY, "verify" },
	{ CE_ERR_LOCKED, "locked" },
	{ CE_ERR_FOREIGN, "foreign" },
	{ CE_ERR_WAIT, "wait" },
};

const char *
ce_code_name(int code)
{
	for (size_t i = 0; i < CE_COUNT(code_names); i++)
		if (code_names[i].code == code)
			return code_names[i].name;
	return "unknown";
}

int
ce_fail(struct ce_error *err, int code, const char *format, ...)
{
	if (!err)
		return code;

	char raw[RAW_MAX];
	va_list list;
	va_start(list, format);
	(void)vsnprintf(raw, sizeof(raw), format, list); /* cut to fit */
	va_end(list);
	ce_text_printable(err->text, sizeof(err->text), raw);
	err->code = code;
	return code;
}

int
ce_fail_errno(struct ce_error *err, int errno_value, const char *format, ...)
{
	char what[RAW_MAX];
	va_list list;
	va_start(list, format);
	(void)vsnprintf(what, sizeof(what), format, list);
	va_end(list);
	return ce_fail(err, CE_ERR_SYSTEM, "%s: %s", what, strerror(errno_value));
}

int
ce_error_wrap(struct ce_error *err, const char *format, ...)
{
	char prefix[CE_ERROR_TEXT_MAX];
	va_list list;
	va_start(list, format);
	(void)vsnprintf(prefix, sizeof(prefix), format, list);
	va_end(list);

	if (!err)
		return CE_ERR_SYSTEM; /* nobody listens; which failure it was is not known here */
	char rest[CE_ERROR_TEXT_MAX];
	memcpy(rest, err->text, sizeof(rest));
	return ce_fail(err, err->code, "%s: %s", prefix, rest);
}

void
ce_error_step(struct ce_error *err, const char *step)
{
	ce_text_printable(err->step, sizeof(err->step), step);
}

void
ce_error_clear(struct ce_error *err)
{
	memset(err, 0, sizeof(*err));
}

void
ce_error_forget(struct ce_error *err)
{
	if (!err)
		return;
	err->code = CE_OK;
	err->text[0] = '\0';
}
