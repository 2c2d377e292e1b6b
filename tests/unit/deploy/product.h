/* A product of three files that serves what its configuration says since it was last reloaded. */
#ifndef CE_TESTS_DEPLOY_PRODUCT_H
#define CE_TESTS_DEPLOY_PRODUCT_H

#include <CUnit/CUnit.h>

#include "deploy/transaction.h"
#include "host/host.h"
#include "suites.h"

/* What shall go wrong. */
struct product_faults {
	int reload_fails;       /* so many times */
	bool loads_nothing;     /* reload succeeds and the old certificate goes on being served */
	bool dead_after_reload; /* nothing is served from the first reload on */
};
extern struct product_faults product_faults;
extern int product_reloads;

/* A fresh product: `config` holds "old", `obsolete` is there, `store` is not; it serves "old". */
void product_begin(void);
const char *product_path(const char *name);
void product_put(const char *name, const char *content);
/* The content of a file, "(none)" when there is none. Valid until the next call. */
const char *product_read(const char *name);

/* Stages new content for config, a new store, the removal of obsolete and a command that makes `flag`. */
void product_stage(struct ce_changes *ret_changes);
const json_t *product_recipe(void);
const struct ce_transaction_hooks *product_hooks(void);
const char *product_journal(void);

/* Stages and runs. */
enum ce_transaction_outcome product_deploy(struct ce_error *err, char **ret_trouble);

bool product_is_old(void);
bool product_is_new(void);
/* From one enumerated call to the next: 1, or more where every run is slow (CE_TEST_BRIEF, set under valgrind). */
unsigned long product_stride(void);
/* Temporaries beside the files and journals that are not kept. */
size_t product_leftovers(void);

extern const struct ce_test change_tests[], diff_tests[], journal_tests[], recovery_tests[], transaction_tests[];

#endif
