/* Files for tests, made without the code under test. */
#ifndef CE_TESTS_BASE_FIXTURE_H
#define CE_TESTS_BASE_FIXTURE_H

#include <CUnit/CUnit.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "suites.h"

/* A fresh directory of the calling test, mode 0755. */
const char *fixture_directory(void);

/* directory/name of the current fixture; the last few results stay valid. */
const char *fixture_path(const char *name);

void fixture_put(const char *name, const char *content, mode_t mode);

/* Whether a file holds exactly this. */
bool fixture_holds(const char *name, const char *content);
bool fixture_exists(const char *name);

/* Entries of the directory, without "." and "..". */
size_t fixture_count(void);

/* Runs a function in a child and gives its wait status. */
int fixture_in_child(int (*function)(void));

#define FIXTURE_STARTS_WITH(text, start) (strncmp((text), (start), strlen(start)) == 0)

extern const struct ce_test buf_tests[], confine_tests[], dir_tests[], error_tests[], file_labels_tests[],
	file_open_tests[], file_read_tests[], file_replace_tests[], helper_tests[], hygiene_tests[], lock_tests[],
	log_tests[], message_tests[], moment_tests[], process_tests[], strlist_tests[], sys_tests[], text_tests[],
	trusted_tests[];

/* A shell command that prints which descriptors the shell itself has open. One that lists them through a pipe would find
 * the pipe among them at times. */
#define FIXTURE_FDS "for fd in 0 1 2 3 4 5 6 7 8 9; do [ ! -e /proc/$$/fd/$fd ] || printf '%s ' $fd; done"

#endif
