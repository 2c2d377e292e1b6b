#include "base/log.h"

#include <stdarg.h>

#include "base/text.h"

#define LINE_MAX_SIZE 4096

static struct {
	ce_log_sink sink;
	void *context;
	int lowest_level;
} output;

void
ce_log_to(ce_log_sink sink, void *context, int lowest_level)
{
	output.sink = sink;
	output.context = context;
	output.lowest_level = lowest_level;
}

void
ce_log(int level, const char *format, ...)
{
	if (!output.sink || level < output.lowest_level)
		return;

	char raw[LINE_MAX_SIZE];
	va_list list;
	va_start(list, format);
	(void)vsnprintf(raw, sizeof(raw), format, list); /* cut to fit */
	va_end(list);

	char line[LINE_MAX_SIZE];
	ce_text_printable(line, sizeof(line), raw);
	output.sink(level, line, output.context);
}
