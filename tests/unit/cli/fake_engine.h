/* An engine that answers what a test says, and the program run over it with its output caught. */
#ifndef CE_TESTS_CLI_FAKE_ENGINE_H
#define CE_TESTS_CLI_FAKE_ENGINE_H

#include "cli/cli.h"

/* What the engine does next, and what it was told. fake_reset makes everything good and empty. */
struct fake {
	int open_code;                  /* of ce_engine_open */
	const char *problem;            /* a finding on line 7, NULL: none */
	int run_code;                   /* of every command */
	const struct ce_report *report; /* copied by member; its parts stay the test's */
	const struct ce_event *event;   /* sent before a command ends */
	void (*observe)(const struct ce_event *event, void *context); /* sees it too */
	int raise;                      /* a signal that comes during the command */
	bool log;                       /* a warning is logged */
	bool write_fails;               /* standard output is gone */
	/* told */
	struct ce_engine_options options;
	char name[64];
	char command[16];
	long generation;
	int action;                     /* enum ce_account_action */
	struct ce_revocation_order revocation;
};
extern struct fake fake;
void fake_reset(void);

/* Runs the program; out and err are valid until the next run. */
extern const char *fake_out, *fake_err;
int fake_run(const char *first, ...) __attribute__((sentinel));

/* A report with two certificates of which the second is in trouble. */
const struct ce_report *fake_report(void);
#define FAKE_NOW 1795000000LL

#endif
