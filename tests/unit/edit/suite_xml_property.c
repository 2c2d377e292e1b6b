/* Random edits of random files: what was not meant is the same byte for byte. The seed is fixed, so a
 * failure can be repeated. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "edit_suites.h"

#define FILES 400
#define EDITS 12

static uint64_t state = 0x9e3779b97f4a7c15u;

static unsigned
chance(unsigned below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 33) % below;
}

static const char *
one_of(const char *const *choices, size_t count)
{
	return choices[chance((unsigned)count)];
}
#define ONE_OF(array) one_of(array, CE_COUNT(array))

static const char *const line_ends[] = { "\n", "\r\n", "\r" };
static const char *const names[] = { "Server", "b", "c:d", "Connector", "x-y", "\xc3\xa9l" };
static const char *const values[] = { "", "1", "a &amp; b", "&#xe9;", "it is", "&lt;tag>", "\xe2\x82\xac" };
static const char *const between[] = { "", " ", "\t", "<!-- c -->", "<!-- <b x='1'/> -->", "text", "<?p i?>",
	"<![CDATA[<b/>]]>", "&#65;" };

/* Aborts on a failure: only memory can be short here. */
static void
put(struct ce_buf *out, const char *text)
{
	if (ce_buf_adds(out, text, NULL) < 0)
		abort();
}

static void
put_space(struct ce_buf *out, const char *line_end, unsigned depth)
{
	put(out, line_end);
	for (unsigned i = 0; i < depth; i++)
		put(out, "  ");
}

static void
put_attributes(struct ce_buf *out, const char *line_end, unsigned depth)
{
	unsigned count = chance(4);
	for (unsigned i = 0; i < count; i++) {
		const char *quote = chance(2) ? "\"" : "'";
		if (chance(3) == 0)
			put_space(out, line_end, depth + 2);
		else
			put(out, chance(4) == 0 ? "\t" : " ");
		if (ce_buf_addf(out, NULL, "at%u%s=%s%s%s%s", i, chance(5) ? "" : " ", chance(5) ? "" : " ", quote,
			    ONE_OF(values), quote) < 0)
			abort();
	}
	put(out, chance(3) == 0 ? " " : "");
}

static void
put_random_element(struct ce_buf *out, const char *line_end, unsigned depth)
{
	const char *name = ONE_OF(names);
	put(out, "<");
	put(out, name);
	put_attributes(out, line_end, depth);
	unsigned children = depth > 4 ? 0 : chance(5);
	if (children == 0 && chance(3)) {
		put(out, "/>");
		return;
	}
	put(out, ">");
	for (unsigned i = 0; i < children; i++) {
		if (chance(4))
			put_space(out, line_end, depth + 1);
		put(out, chance(3) ? "" : ONE_OF(between));
		put_random_element(out, line_end, depth + 1);
		put(out, chance(3) ? "" : ONE_OF(between));
	}
	if (children > 0 && chance(4))
		put_space(out, line_end, depth);
	put(out, "</");
	put(out, name);
	put(out, chance(5) ? ">" : " >");
}

static void
put_random_file(struct ce_buf *out)
{
	const char *line_end = ONE_OF(line_ends);
	put(out, chance(4) ? "" : "\xef\xbb\xbf");
	if (chance(2)) {
		put(out, "<?xml version='1.0' encoding=\"UTF-8\" ?>");
		put(out, line_end);
	}
	put(out, chance(2) ? "" : "<!-- a file -->\n");
	put_random_element(out, line_end, 0);
	put(out, chance(2) ? "" : line_end);
}

/* A random element; never the root if others is wanted, NULL if there is no other. */
static ce_xml_element *
random_element(ce_xml *document, bool others)
{
	ce_xml_element *at = ce_xml_root(document);
	bool moved = false;
	while (ce_xml_child(at) && ((others && !moved) || chance(4))) {
		at = ce_xml_child(at);
		moved = true;
		while (ce_xml_next(at) && chance(2))
			at = ce_xml_next(at);
	}
	return others && !moved ? NULL : at;
}

/* How many bytes the two share at the front and, besides, at the end. */
static size_t
shared(const struct ce_buf *a, const struct ce_buf *b)
{
	size_t least = a->size < b->size ? a->size : b->size;
	size_t front = 0, back = 0;
	while (front < least && a->data[front] == b->data[front])
		front++;
	while (back < least - front && a->data[a->size - 1 - back] == b->data[b->size - 1 - back])
		back++;
	return front + back;
}

static ce_xml *
parse_again(const struct ce_buf *text)
{
	struct ce_error err = { 0 };
	ce_xml *document = NULL;
	if (ce_xml_parse(ce_buf_bytes(text), &document, &err) == CE_OK)
		return document;
	fprintf(stderr, "\n%s\n%s\n", err.text, ce_buf_text(text));
	abort();
}

static void
apply(ce_xml *document, struct ce_buf *out)
{
	struct ce_error err = { 0 };
	int rc = ce_xml_apply(document, out, &err);
	if (rc < 0)
		fprintf(stderr, "\n%s\n", err.text);
	CU_ASSERT(rc >= 0);
}

static void
new_values_leave_the_rest(void)
{
	for (int i = 0; i < FILES; i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
		CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
		put_random_file(&text);
		CE_CLEANUP(ce_xmlp) ce_xml *document = parse_again(&text);
		ce_xml_element *element = random_element(document, false);
		bool had = ce_xml_attribute(element, "at0") != NULL;
		edit_set(document, element, "at0", "a new & longer \"value\"");
		apply(document, &out);
		/* At most the longest old value is gone. */
		CU_ASSERT(shared(&text, &out) + (had ? strlen("a &amp; b") : 0) >= text.size);
		CU_ASSERT(out.size > text.size);
	}
}

static void
added_and_dropped_elements_leave_the_rest(void)
{
	for (int i = 0; i < FILES; i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
		CE_CLEANUP(ce_buf_release) struct ce_buf added = CE_BUF_INIT;
		CE_CLEANUP(ce_buf_release) struct ce_buf dropped = CE_BUF_INIT;
		put_random_file(&text);
		CE_CLEANUP(ce_xmlp) ce_xml *document = parse_again(&text);
		ce_xml_element *parent = random_element(document, false);
		edit_set(document, edit_add(document, parent, ce_xml_child(parent), "fresh"), "n", "1");
		apply(document, &added);
		/* Only the slash of <name  /> may go, and two blanks before it. */
		CU_ASSERT(shared(&text, &added) + 3 >= text.size);

		CE_CLEANUP(ce_xmlp) ce_xml *second = parse_again(&text);
		ce_xml_element *element = random_element(second, true);
		if (!element)
			continue;
		edit_drop(second, element);
		apply(second, &dropped);
		CU_ASSERT_EQUAL(shared(&text, &dropped), dropped.size);
	}
}

static void
changing_back_gives_the_first_bytes(void)
{
	for (int i = 0; i < FILES; i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
		CE_CLEANUP(ce_buf_release) struct ce_buf there = CE_BUF_INIT;
		CE_CLEANUP(ce_buf_release) struct ce_buf back = CE_BUF_INIT;
		put_random_file(&text);
		CE_CLEANUP(ce_xmlp) ce_xml *document = parse_again(&text);
		edit_set(document, ce_xml_root(document), "fresh", "<&\">");
		apply(document, &there);
		CE_CLEANUP(ce_xmlp) ce_xml *second = parse_again(&there);
		CU_ASSERT_STRING_EQUAL(ce_xml_attribute(ce_xml_root(second), "fresh"), "<&\">");
		edit_set(second, ce_xml_root(second), "fresh", NULL);
		apply(second, &back);
		CU_ASSERT_STRING_EQUAL(ce_buf_text(&back), ce_buf_text(&text));
	}
}

static void
edit_at_random(ce_xml *document)
{
	char name[16];
	ce_xml_element *element = random_element(document, false);
	ce_xml_element *other = random_element(document, true);
	snprintf(name, sizeof(name), "at%u", chance(5));
	switch (chance(4)) {
	case 0:
		edit_set(document, element, name, ONE_OF(values));
		break;
	case 1:
		edit_set(document, element, name, NULL);
		break;
	case 2:
		edit_add(document, element, chance(2) ? ce_xml_child(element) : NULL, "fresh");
		break;
	default:
		if (other)
			edit_drop(document, other);
	}
}

/* ce_xml_apply compares the trees itself; this drives it through many mixtures. */
static void
any_mixture_reads_back_as_meant(void)
{
	for (int i = 0; i < FILES; i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
		put_random_file(&text);
		CE_CLEANUP(ce_xmlp) ce_xml *document = parse_again(&text);
		for (int k = 0; k < EDITS; k++)
			edit_at_random(document);
		CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
		apply(document, &out);
	}
}

const struct ce_test xml_property_tests[] = {
	{ "new values leave the rest", new_values_leave_the_rest },
	{ "added and dropped elements leave the rest", added_and_dropped_elements_leave_the_rest },
	{ "changing back gives the first bytes", changing_back_gives_the_first_bytes },
	{ "any mixture reads back as meant", any_mixture_reads_back_as_meant },
	{ NULL, NULL },
};
