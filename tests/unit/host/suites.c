#include "suites.h"

extern const struct ce_test ssh_line_tests[], ssh_open_tests[], ssh_wire_tests[];

const struct ce_suite ce_suites[] = {
	{ "ssh_line", ssh_line_tests },
	{ "ssh_open", ssh_open_tests },
	{ "ssh_wire", ssh_wire_tests },
	{ NULL, NULL },
};
