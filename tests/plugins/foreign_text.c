/* Edits texts that are not its own, as option says: an entry that was dropped, a text that is none, a block elsewhere. */
#include "misfit.h"

#include <string.h>

static const struct ce_option options[] = {
	{ "root", CE_OPTION_PATH, 1, NULL, 0, 0, NULL, "where app.conf lies" },
	{ "how", CE_OPTION_STRING, 1, NULL, 0, 0, NULL, "what is wrong" },
	{ NULL, 0, 0, NULL, 0, 0, NULL, NULL },
};

static int
install(const struct ce_services *s, ce_call *call, void *instance)
{
	static const char *const values[] = { "x", NULL };
	const char *how = s->option(call, "how");
	ce_text *text = NULL;
	ce_text_entry *added = NULL;
	(void)instance;
	int code = s->text->open(call, s->format(call, "%s/app.conf", s->option(call, "root")), CE_TEXT_DIRECTIVES, &text);
	if (code < 0)
		return code;
	ce_text_entry *entry = s->text->first(text);
	if (s->text->drop(call, entry) < 0)
		return CE_ERR_PRODUCT;
	if (strcmp(how, "change") == 0)
		(void)s->text->change(call, entry, 0, "x");
	if (strcmp(how, "drop") == 0)
		(void)s->text->drop(call, entry);
	if (strcmp(how, "add") == 0)
		(void)s->text->add(call, text, entry, NULL, "k", values, &added);
	if (strcmp(how, "set") == 0)
		(void)s->text->set(call, (ce_text *)(void *)entry, NULL, "k", "x");
	if (strcmp(how, "stage") == 0)
		(void)s->text->stage(call, (ce_text *)(void *)entry);
	return CE_OK;
}

DECLARED;
const struct certengine_plugin certengine_plugin = {
	HEAD("foreign-text"), .options = options,
	.create = fine_create, .install = install, .reload = fine, .endpoints = fine,
};
