#include "suites.h"

#include "fixture.h"

const struct ce_suite ce_suites[] = {
	{ "buf", buf_tests },
	{ "confine", confine_tests },
	{ "dir", dir_tests },
	{ "error", error_tests },
	{ "file_labels", file_labels_tests },
	{ "file_open", file_open_tests },
	{ "file_read", file_read_tests },
	{ "file_replace", file_replace_tests },
	{ "helper", helper_tests },
	{ "hygiene", hygiene_tests },
	{ "lock", lock_tests },
	{ "log", log_tests },
	{ "message", message_tests },
	{ "moment", moment_tests },
	{ "process", process_tests },
	{ "strlist", strlist_tests },
	{ "sys", sys_tests },
	{ "text", text_tests },
	{ "trusted", trusted_tests },
	{ NULL, NULL },
};
