#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "config/settings.h"

#define TEXT_MAX 1024

static int
append(struct ce_problems *problems, struct ce_problem *problem, struct ce_error *err)
{
	struct ce_problem *items = realloc(problems->items, (problems->count + 1) * sizeof(*items));
	if (!items)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	problems->items = items;
	items[problems->count++] = *problem;
	memset(problem, 0, sizeof(*problem));
	return CE_OK;
}

static void
problem_release(struct ce_problem *problem)
{
	free(problem->file);
	free(problem->text);
}

int
ce_problems_add(struct ce_problems *problems, const char *file, int line, struct ce_error *err, const char *format, ...)
{
	char raw[TEXT_MAX], text[TEXT_MAX];
	va_list arguments;
	va_start(arguments, format);
	(void)vsnprintf(raw, sizeof(raw), format, arguments); /* a sentence that is cut is still one */
	va_end(arguments);
	ce_text_printable(text, sizeof(text), raw);

	CE_CLEANUP(problem_release) struct ce_problem problem = { NULL, line, strdup(text) };
	if (file)
		problem.file = strdup(file);
	if (!problem.text || (file && !problem.file))
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	return append(problems, &problem, err);
}

static int
compare(const void *a, const void *b)
{
	const struct ce_problem *one = a, *two = b;
	int order = strcmp(one->file ? one->file : "", two->file ? two->file : "");
	if (order == 0)
		order = (one->line > two->line) - (one->line < two->line);
	return order != 0 ? order : strcmp(one->text, two->text);
}

void
ce_problems_sort(struct ce_problems *problems)
{
	if (problems->count > 1)
		qsort(problems->items, problems->count, sizeof(*problems->items), compare);
}

void
ce_problems_release(struct ce_problems *problems)
{
	for (size_t i = 0; i < problems->count; i++)
		problem_release(&problems->items[i]);
	free(problems->items);
	memset(problems, 0, sizeof(*problems));
}
