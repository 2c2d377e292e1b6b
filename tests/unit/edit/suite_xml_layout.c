#include "edit_suites.h"

static void
opens_an_empty_element_on_lines_of_its_own(void)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "<A/>", "<A>\n  <B/>\n</A>" },
		{ "\xef\xbb\xbf<A x='1' />\r\n", "\xef\xbb\xbf<A x='1'>\r\n  <B/>\r\n</A>\r\n" },
		{ "<A\n/>", "<A\n>\n  <B/>\n</A>" },
		{ "<A></A>", "<A>\n  <B/>\n</A>" },
		{ "<A>\n</A>", "<A>\n  <B/>\n</A>" },
		{ "<A>\n  <!-- c -->\n</A>", "<A>\n  <!-- c -->\n  <B/>\n</A>" },
	};
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		CE_CLEANUP(ce_xmlp) ce_xml *document = edit_parse(cases[i].before);
		edit_add(document, ce_xml_root(document), NULL, "B");
		edit_expect(document, cases[i].after);
	}
}

static void
copies_the_indentation_and_line_ends_around_it(void)
{
	CE_CLEANUP(ce_xmlp) ce_xml *document =
		edit_parse("<a>\r\n\t<b>\r\n\t\t<c/>\r\n\t</b>\r\n\t<d/>\r\n</a>\r\n");
	ce_xml_element *x = edit_add(document, edit_at(document, "0"), NULL, "x");
	edit_set(document, x, "n", "1");
	edit_add(document, x, NULL, "y");
	edit_add(document, edit_at(document, "1"), NULL, "z");
	edit_expect(document, "<a>\r\n\t<b>\r\n\t\t<c/>\r\n\t\t<x n=\"1\">\r\n\t\t\t<y/>\r\n\t\t</x>\r\n\t</b>\r\n"
		"\t<d>\r\n\t\t<z/>\r\n\t</d>\r\n</a>\r\n");
}

/* What a comment speaks of stands behind it, unless it is on the same line. */
static void
leaves_comments_with_what_they_speak_of(void)
{
	CE_CLEANUP(ce_xmlp) ce_xml *document = edit_parse(
		"<a>\n  <!-- of b -->\n  <b/> <!-- also of b --> <!-- and this -->\n\n  <!-- of c -->\n  <c/>\n</a>\n");
	edit_add(document, ce_xml_root(document), edit_at(document, "1"), "x");
	edit_expect(document, "<a>\n  <!-- of b -->\n  <b/> <!-- also of b --> <!-- and this -->\n  <x/>\n\n"
		"  <!-- of c -->\n  <c/>\n</a>\n");
}

static void
adds_in_front_of_the_first(void)
{
	CE_CLEANUP(ce_xmlp) ce_xml *document = edit_parse("<a>\n    <b/>\n</a>\n");
	ce_xml_element *b = edit_at(document, "0");
	edit_add(document, ce_xml_root(document), b, "x");
	edit_add(document, ce_xml_root(document), b, "y");
	edit_expect(document, "<a>\n    <x/>\n    <y/>\n    <b/>\n</a>\n");
}

static void
keeps_to_one_line_where_all_is_on_one_line(void)
{
	CE_CLEANUP(ce_xmlp) ce_xml *document = edit_parse("<?xml version=\"1.0\"?><a><b/><c></c></a>");
	edit_add(document, ce_xml_root(document), edit_at(document, "1"), "x");
	edit_add(document, edit_at(document, "0"), NULL, "y");
	edit_add(document, edit_at(document, "2"), NULL, "z");
	edit_expect(document, "<?xml version=\"1.0\"?><a><b><y/></b><x/><c><z/></c></a>");
}

static void
adds_between_two_on_the_same_line(void)
{
	CE_CLEANUP(ce_xmlp) ce_xml *document = edit_parse("<a>\n  <b/><c/>\n</a>");
	edit_add(document, ce_xml_root(document), edit_at(document, "1"), "x");
	edit_expect(document, "<a>\n  <b/><x/><c/>\n</a>");
}

static void
drops_an_element_with_its_line_if_it_stands_alone(void)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "<a>\r\n  <b/>  \r\n  <c/>\r\n</a>", "<a>\r\n  <c/>\r\n</a>" },
		{ "<a>\n  <b>\n    <x/>\n  </b>\n</a>", "<a>\n</a>" },
		{ "<a>\n  <b/> <!-- stays -->\n</a>", "<a>\n   <!-- stays -->\n</a>" },
		{ "<a>\n  <b/><c/>\n</a>", "<a>\n  <c/>\n</a>" },
		{ "<a><b/>\n</a>", "<a>\n</a>" },
		{ "<a><b></b></a>", "<a></a>" },
		{ "<a>\r<b/>\r</a>", "<a>\r</a>" },
	};
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		CE_CLEANUP(ce_xmlp) ce_xml *document = edit_parse(cases[i].before);
		edit_drop(document, edit_at(document, "0"));
		edit_expect(document, cases[i].after);
	}
}

static void
drops_and_adds_at_the_same_place(void)
{
	CE_CLEANUP(ce_xmlp) ce_xml *document = edit_parse("<a>\n   <b/>\n   <c/>\n   <d/>\n</a>");
	ce_xml_element *root = ce_xml_root(document);
	edit_add(document, root, edit_at(document, "0"), "x");
	edit_drop(document, edit_at(document, "1"));
	edit_drop(document, edit_at(document, "2"));
	edit_add(document, root, NULL, "y");
	edit_expect(document, "<a>\n   <x/>\n   <c/>\n   <y/>\n</a>");

	CE_CLEANUP(ce_xmlp) ce_xml *only = edit_parse("<a>\n   <b/>\n</a>");
	edit_add(only, ce_xml_root(only), edit_at(only, "0"), "x");
	edit_drop(only, edit_at(only, "1"));
	edit_expect(only, "<a>\n   <x/>\n</a>");

	CE_CLEANUP(ce_xmlp) ce_xml *line = edit_parse("<a><b/></a>");
	edit_drop(line, edit_at(line, "0"));
	edit_add(line, ce_xml_root(line), NULL, "x");
	edit_expect(line, "<a>\n  <x/>\n</a>");
}

const struct ce_test xml_layout_tests[] = {
	{ "opens an empty element on lines of its own", opens_an_empty_element_on_lines_of_its_own },
	{ "copies the indentation and line ends around it", copies_the_indentation_and_line_ends_around_it },
	{ "leaves comments with what they speak of", leaves_comments_with_what_they_speak_of },
	{ "adds in front of the first", adds_in_front_of_the_first },
	{ "keeps to one line where all is on one line", keeps_to_one_line_where_all_is_on_one_line },
	{ "adds between two on the same line", adds_between_two_on_the_same_line },
	{ "drops an element with its line if it stands alone", drops_an_element_with_its_line_if_it_stands_alone },
	{ "drops and adds at the same place", drops_and_adds_at_the_same_place },
	{ NULL, NULL },
};
