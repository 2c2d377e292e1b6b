/* A transaction: everything that the targets of one product instance staged, journalled, committed,
 * reloaded and verified together; or undone, and that proved too. Recovery takes up what a killed run
 * left. The promises P1-P7 are in certengine(8). */
#ifndef CE_DEPLOY_TRANSACTION_H
#define CE_DEPLOY_TRANSACTION_H

#include <jansson.h>

#include "deploy/change.h"

/* Which state verify has to prove. */
enum ce_side { CE_SIDE_OLD = 0, CE_SIDE_NEW = 1 };

/* How a product is reloaded and verified. Both work from the recipe alone (it is what the journal keeps), so that
 * recovery needs neither the configuration nor the run that began. */
struct ce_transaction_hooks {
	/* paths: what was changed or put back, absolute. */
	int (*reload)(const json_t *recipe, const struct ce_strlist *paths, void *context, struct ce_error *err);
	int (*verify)(const json_t *recipe, enum ce_side side, void *context, struct ce_error *err);
	/* Whether a verify that succeeds on the new side proves that the product was reloaded. NULL: it does. */
	bool (*proves)(const json_t *recipe, void *context);
	/* Called before each step (code CE_UNCHANGED) and after it (CE_OK or the failure). */
	void (*step)(const json_t *recipe, const char *step, int code, const char *text, void *context);
	/* For recovery: the host that a recipe's targets are on; it lives as long as the hooks. NULL: this machine. */
	int (*host)(const json_t *recipe, const struct ce_host **ret_host, void *context, struct ce_error *err);
	void *context;
};

enum ce_transaction_outcome {
	CE_DEPLOYED = 1,     /* committed, reloaded, verified */
	CE_FAILED,           /* nothing was changed */
	CE_ROLLED_BACK,      /* as before, and that was verified */
	CE_HELP_NEEDED       /* could not be put back, or what is served could not be proved */
};

/* Runs a transaction. changes: one per target, all on the same host; recipe: a JSON object. What failed is in err (with its step)
 * whenever the outcome is not CE_DEPLOYED; when rolling back failed too, ret_trouble says how (the caller frees; else NULL). */
CE_MUSTCHECK enum ce_transaction_outcome ce_transaction_run(const char *journal_directory, const struct ce_host *host,
	const struct ce_changes *const *changes, size_t count, const json_t *recipe,
	const struct ce_transaction_hooks *hooks, char **ret_trouble, struct ce_error *err);

/* What became of one unfinished transaction. */
struct ce_recovered {
	json_t *recipe;      /* NULL: nothing had been touched */
	enum ce_transaction_outcome outcome; /* CE_DEPLOYED: it had gone through; CE_ROLLED_BACK; CE_HELP_NEEDED */
	char *text;          /* one sentence */
	const struct ce_host *unreachable; /* it could not be looked at now; NULL: it could */
};
void ce_recovered_release(struct ce_recovered *recovered);

/* Repairs the oldest unfinished transaction that is not among those passed over. CE_UNCHANGED: there is none. An error: it
 * could not be repaired now; a journal that is damaged is moved aside and the text says where. After CE_OK the transaction
 * is not there any more, or, where its host cannot be reached, it stays for the next run and is passed over from now on: so
 * repeating comes to an end. */
CE_MUSTCHECK int ce_transaction_recover(const char *journal_directory, struct ce_strlist *passed_over,
	const struct ce_transaction_hooks *hooks, struct ce_recovered *ret_recovered, struct ce_error *err);

/* How many there are, for commands that only look. */
CE_MUSTCHECK int ce_transaction_unfinished(const char *journal_directory, size_t *ret_count, struct ce_error *err);

#endif
