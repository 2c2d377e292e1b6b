#include <stdio.h>
#include <stdlib.h>

#include "edit_suites.h"

ce_text *
edit_text(const char *text, int syntax)
{
	struct ce_bytes bytes = { (const unsigned char *)text, strlen(text) };
	struct ce_error err = { 0 };
	ce_text *document = NULL;
	if (ce_text_open(bytes, syntax, &document, &err) == CE_OK)
		return document;
	(void)fprintf(stderr, "\nnot read: %s\n%s\n", err.text, text);
	abort();
}

static void
show(const char *what, const char *got, const char *wanted)
{
	if (strcmp(got, wanted) != 0)
		(void)fprintf(stderr, "\n%s: got\n%s\nwanted\n%s\n", what, got, wanted);
	CU_ASSERT_STRING_EQUAL(got, wanted);
}

static void
check_words(const char *words, const struct ce_error *err)
{
	if (!strstr(err->text, words))
		(void)fprintf(stderr, "\n'%s' is not in: %s\n", words, err->text);
	CU_ASSERT_PTR_NOT_NULL(strstr(err->text, words));
}

void
edit_cases(int syntax, const struct edit_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct edit_case *one = &cases[i];
		struct ce_error err = { 0 };
		CE_CLEANUP(ce_textp) ce_text *document = edit_text(one->before, syntax);
		int rc = ce_text_set(document, one->section, one->key, one->value, &err);
		const char *after = one->after ? one->after : one->before;
		show(one->before, ce_buf_text(&(struct ce_buf){ .data = (unsigned char *)ce_text_bytes(document).data,
			.size = ce_text_bytes(document).size }), after);
		CU_ASSERT_EQUAL(ce_text_changed(document), strcmp(after, one->before) != 0);
		CU_ASSERT_EQUAL(rc < 0, one->after == NULL);
		if (rc < 0)
			check_words(one->words, &err);
		if (rc < 0 && one->after)
			(void)fprintf(stderr, "\nrefused: %s\n", err.text);
		ce_text_entry *found = ce_text_find(document, one->section, one->key);
		if (rc >= 0 && one->value)
			CU_ASSERT_STRING_EQUAL(ce_text_value(found, 0), one->value);
		if (rc >= 0 && !one->value)
			CU_ASSERT_PTR_NULL(found);
		if (rc >= 0)
			CU_ASSERT_EQUAL(ce_text_set(document, one->section, one->key, one->value, &err), CE_UNCHANGED);
	}
}

void
edit_unread(const char *text, int syntax, const char *words)
{
	struct ce_bytes bytes = { (const unsigned char *)text, strlen(text) };
	struct ce_error err = { 0 };
	ce_text *document = NULL;
	int rc = ce_text_open(bytes, syntax, &document, &err);
	if (rc >= 0)
		(void)fprintf(stderr, "\nread, but should not be:\n%s\n", text);
	CU_ASSERT(rc < 0);
	CU_ASSERT_PTR_NULL(document);
	check_words(words, &err);
	ce_text_free(document);
}

const char *
edit_list(ce_text *document)
{
	static char list[4096];
	size_t used = 0;
	list[0] = '\0';
	for (ce_text_entry *entry = ce_text_first(document); entry; entry = ce_text_next(entry)) {
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s|%s", ce_text_section(entry), ce_text_key(entry));
		const char *value = NULL;
		for (size_t i = 0; (value = ce_text_value(entry, i)); i++)
			used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", i == 0 ? "=" : ",", value);
		used += (size_t)snprintf(list + used, sizeof(list) - used, ";");
	}
	return list;
}
