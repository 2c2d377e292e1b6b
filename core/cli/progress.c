/* Events of a run as they happen. On a terminal the step that runs stands on the last line until it is done;
 * elsewhere every event is a line of its own that can be searched. */
#include <stdio.h>
#include <string.h>

#include "base/sys.h"
#include "base/text.h"
#include "cli/cli.h"

#define LINE_MAX_BYTES 79

static const char *
result_name(int code)
{
	if (code == CE_UNCHANGED)
		return "begin";
	return code < 0 ? "failed" : "ok";
}

/* Quotes and backslashes are escaped, so that text="..." ends where it seems to. */
static void
add_quoted(struct ce_page *page, const char *text)
{
	ce_page_raw(page, "\"");
	while (*text) {
		size_t size = strcspn(text, "\"\\");
		ce_page_add(page, "%.*s", (int)size, text);
		text += size;
		if (*text)
			ce_page_add(page, "\\%c", *text++);
	}
	ce_page_raw(page, "\"");
}

static void
plain(struct ce_page *page, const struct ce_event *event)
{
	char when[21];
	ce_text_time(when, ce_now());
	ce_page_add(page, "%s", when);
	const struct {
		const char *name, *value;
	} fields[] = {
		{ "certificate", event->certificate },
		{ "target", event->target },
		{ "plugin", event->plugin },
		{ "step", event->step },
		{ "result", result_name(event->code) },
	};
	for (size_t i = 0; i < CE_COUNT(fields); i++)
		if (fields[i].value)
			ce_page_add(page, " %s=%s", fields[i].name, fields[i].value);
	if (event->text) {
		ce_page_add(page, " text=");
		add_quoted(page, event->text);
	}
	ce_page_end(page);
}

static void
subject(char *out, size_t room, const struct ce_event *event)
{
	(void)snprintf(out, room, "%s%s%s", event->certificate ? event->certificate : "run",
		event->target ? "/" : "", event->target ? event->target : "");
}

static void
on_terminal(struct ce_page *page, const struct ce_event *event)
{
	char what[160], line[512];
	subject(what, sizeof(what), event);
	if (event->code == CE_UNCHANGED) {
		(void)snprintf(line, sizeof(line), "  ...     %s: %s%s%.200s", what, event->step, event->text ? ": " : "",
			event->text ? event->text : "");
		ce_page_add(page, "%.*s", LINE_MAX_BYTES, line);
		return;
	}
	ce_page_raw(page, "  ");
	ce_page_cell(page, event->code < 0 ? CE_PAINT_BAD : CE_PAINT_GOOD, 8, result_name(event->code));
	ce_page_line(page, "%s: %s%s%s", what, event->step, event->text ? ": " : "", event->text ? event->text : "");
}

void
ce_progress(const struct ce_event *event, void *context)
{
	struct ce_cli *cli = context;
	if (cli->json)
		return; /* the document is all there is on standard output */
	ce_progress_end(cli);
	if (cli->terminal && !cli->quiet) {
		on_terminal(&cli->out, event);
		cli->line_open = event->code == CE_UNCHANGED;
	} else {
		plain(&cli->out, event);
	}
	if (!cli->quiet && ce_page_flush(&cli->out, NULL) < 0)
		cli->out.broken = true; /* reported in the end; the run goes on */
}

void
ce_progress_end(struct ce_cli *cli)
{
	if (cli->line_open)
		ce_page_raw(&cli->out, "\r\033[K");
	cli->line_open = false;
}
