/* What the store's suites share. */
#ifndef CE_TESTS_STORE_FIXTURE_H
#define CE_TESTS_STORE_FIXTURE_H

#include "store/store.h"

/* A directory that does not exist yet, below the program's own; the path lives until the next call. */
const char *fixture_directory(void);

/* An empty store in such a directory. Ends the program when that fails. */
struct ce_store *fixture_store(void);

/* A bundle with a fresh key and a self-signed leaf for name. */
void fixture_bundle(const char *name, struct ce_bundle *ret_bundle);

struct ce_bytes fixture_bytes(const char *text);
bool fixture_equal(const struct ce_buf *bytes, const char *text);

/* Overwrites a file below the store, as a failing disk or a careless hand would. */
void fixture_damage(const char *directory, const char *path, const char *content);

/* Runs work in a child that is killed before counted system call number; false once it survives to
 * the end because it makes fewer calls. */
bool fixture_killed_at(unsigned long number, void (*work)(const char *directory), const char *directory);

#endif
