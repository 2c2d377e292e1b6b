#include "product.h"

const struct ce_suite ce_suites[] = {
	{ "change.c", change_tests },
	{ "diff.c", diff_tests },
	{ "journal.c", journal_tests },
	{ "transaction.c", transaction_tests },
	{ "recovery.c", recovery_tests },
	{ NULL, NULL },
};
