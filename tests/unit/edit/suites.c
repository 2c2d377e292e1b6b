#include "edit_suites.h"

const struct ce_suite ce_suites[] = {
	{ "xml_parse", xml_parse_tests },
	{ "xml_tree", xml_tree_tests },
	{ "xml_splice", xml_splice_tests },
	{ "xml_layout", xml_layout_tests },
	{ "xml_property", xml_property_tests },
	{ "archive", archive_tests },
	{ "text_properties", text_properties_tests },
	{ "text_plain", text_plain_tests },
	{ "text_yaml", text_yaml_tests },
	{ "text_nginx", text_nginx_tests },
	{ "text_edit", text_edit_tests },
	{ NULL, NULL },
};
