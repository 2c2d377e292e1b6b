/* The engine: one function per command. It prints nothing; what happens is told through events as it
 * happens and through the report in the end. */
#ifndef CE_ENGINE_ENGINE_H
#define CE_ENGINE_ENGINE_H

#include "config/config.h"
#include "engine/report.h"
#include "issuer/issuer.h"

struct ce_engine;

/* A step as it happens. Strings live until the callback returns. */
struct ce_event {
	const char *certificate;   /* NULL: the run as a whole */
	const char *target;        /* NULL: the certificate as a whole */
	const char *plugin;        /* NULL likewise */
	const char *step;          /* "issue", "stage", "commit", "reload", "verify", "rollback", "recover", ... */
	int code;                  /* CE_OK: done; CE_UNCHANGED: begins; CE_ERR_*: failed */
	const char *text;          /* detail, NULL: none */
};

#define CE_ENGINE_JOBS 4
#define CE_ENGINE_JOBS_MAX 64

struct ce_engine_options {
	const char *config_file;   /* NULL: DIRS.config/certengine.conf with conf.d */
	const char *root;          /* NULL or a prefix before config, state and run directories */
	const char *const *names;  /* certificates or certificate/target; NULL or empty: all */
	bool force_renew, force_deploy, force_reload;
	bool exit_code;            /* plan and apply answer CE_EXIT_DRIFT for changes */
	bool store_only;           /* status, recover: plugins are not started and their options not checked */
	bool plugins_must_load;    /* check: a plugin that cannot be loaded is a finding, not a failure of its targets alone */
	int lock_wait_ms;
	int jobs;                  /* transactions side by side; 0: CE_ENGINE_JOBS */
	void (*event)(const struct ce_event *event, void *context); /* may be NULL */
	void *context;
};

/* Reads the configuration, starts the plugins it names and checks every option. Findings go to
 * problems, CE_ERR_CONFIG is the result then and nothing was attempted. */
CE_MUSTCHECK int ce_engine_open(const struct ce_engine_options *options, struct ce_engine **ret_engine,
	struct ce_problems *problems, struct ce_error *err);
void ce_engine_close(struct ce_engine *engine);
void ce_enginep(struct ce_engine **engine);

/* Each fills ret_report, whose exit member is the program's exit status; the result is an error only when
 * the run as a whole could not go on (lock, state directory). CE_ERR_LOCKED: exit 6. */
CE_MUSTCHECK int ce_engine_plan(struct ce_engine *engine, struct ce_report *ret_report, struct ce_error *err);
CE_MUSTCHECK int ce_engine_apply(struct ce_engine *engine, struct ce_report *ret_report, struct ce_error *err);
/* Issues every selected certificate at its CA's staging environment, checks it and throws it away; nothing is installed, and
 * nothing kept but the account there. */
CE_MUSTCHECK int ce_engine_staging(struct ce_engine *engine, struct ce_report *ret_report, struct ce_error *err);
/* Compares desired, installed and served; changes nothing. */
CE_MUSTCHECK int ce_engine_verify(struct ce_engine *engine, struct ce_report *ret_report, struct ce_error *err);
/* From the store alone: no plugin, no network. */
CE_MUSTCHECK int ce_engine_status(struct ce_engine *engine, struct ce_report *ret_report, struct ce_error *err);
/* Puts an earlier generation (0: the one before the live one) of the named certificate back, by the same transaction. */
CE_MUSTCHECK int ce_engine_rollback(struct ce_engine *engine, const char *certificate, long generation,
	struct ce_report *ret_report, struct ce_error *err);
/* Takes what a CA sent for the certificate's request that waits for a person: files (absolute, NULL-terminated) of any
 * format and in any order. It is checked and kept; the next apply installs it. */
CE_MUSTCHECK int ce_engine_import(struct ce_engine *engine, const char *certificate, const char *const *files,
	struct ce_report *ret_report, struct ce_error *err);
/* Gives up the request that waits; the next apply makes a new key and a new request. */
CE_MUSTCHECK int ce_engine_withdraw(struct ce_engine *engine, const char *certificate, struct ce_report *ret_report,
	struct ce_error *err);
/* What is to be handed out of the store. */
struct ce_export {
	const char *name;      /* a certificate, or an issuer of a CA of our own */
	bool of_issuer;
	const char *part;      /* fullchain, leaf, chain, key, all; of an issuer: roots, crl; NULL: the first one */
	const char *format;    /* pem, der, p12, jks; NULL: pem */
	const char *password;  /* of p12 and jks */
};
struct ce_exported {
	struct ce_buf bytes;
	bool secret;           /* it holds a private key */
	bool text;
};
/* CE_ERR_CONFIG: there is no such name, part or format. Nothing is changed. */
CE_MUSTCHECK int ce_engine_export(struct ce_engine *engine, const struct ce_export *wish,
	struct ce_exported *ret_exported, struct ce_error *err);
void ce_exported_release(struct ce_exported *exported);
/* The configuration that was read; lives as long as the engine. */
const struct ce_config *ce_engine_config(const struct ce_engine *engine);
/* What an issuer says about itself, now. CE_UNCHANGED: its kind has nothing to say. CE_ERR_CONFIG: no such issuer. */
CE_MUSTCHECK int ce_engine_issuer_info(struct ce_engine *engine, const char *issuer, struct ce_issuer_info *ret_info,
	struct ce_error *err);
/* Something about the account at an issuer, under the lock. CE_UNCHANGED: there was nothing to do. */
CE_MUSTCHECK int ce_engine_account(struct ce_engine *engine, const char *issuer, enum ce_account_action action,
	struct ce_account *ret_account, struct ce_error *err);

#define CE_REVOKE_KEY_COMPROMISE 1 /* of RFC 5280 section 5.3.1 */
struct ce_revocation_order {
	const char *certificate;
	long generation;           /* 0: the live one */
	int reason;                /* -1: none; ce_revocation_reason */
	bool by_key;               /* with the certificate's own key instead of the account's */
	bool no_replacement;       /* a key known to others is revoked at once, though its successor is not in place */
};
/* The number of a reason's word, in any case. CE_ERR_CONFIG lists them. */
CE_MUSTCHECK int ce_revocation_reason(const char *word, int *ret_reason, struct ce_error *err);
/* Revokes a generation. With keyCompromise its key is never used again, and where it is in use its replacement is
 * issued and deployed first; the engine was opened for that certificate alone. */
CE_MUSTCHECK int ce_engine_revoke(struct ce_engine *engine, const struct ce_revocation_order *order,
	struct ce_report *ret_report, struct ce_error *err);
/* Repairs unfinished transactions and nothing else. */
CE_MUSTCHECK int ce_engine_recover(struct ce_engine *engine, struct ce_report *ret_report, struct ce_error *err);

/* From a signal handler: the run ends at the next safe point, what is under way is rolled back. */
void ce_engine_interrupt(void);
bool ce_engine_interrupted(void);

/* For `certengine plugin list|info`: a description as the plugin gave it; no configuration needed. */
struct ce_plugin_description {
	char *name, *version, *summary, *path;
	unsigned abi;
	struct ce_option *options; /* ended by a NULL name */
	char *error;               /* it could not be loaded: why; then only name and path are set */
};
CE_MUSTCHECK int ce_engine_plugins(struct ce_plugin_description **ret_descriptions, size_t *ret_count,
	struct ce_error *err);
CE_MUSTCHECK int ce_engine_plugin(const char *name, struct ce_plugin_description *ret_description, struct ce_error *err);
void ce_plugin_description_release(struct ce_plugin_description *description);

#endif
