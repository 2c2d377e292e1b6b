/* What the engine's own files share: one run over the configured certificates and targets. */
#ifndef CE_ENGINE_ENGINE_OWN_H
#define CE_ENGINE_ENGINE_OWN_H

#include "base/process.h"
#include "base/text.h"
#include "deploy/transaction.h"
#include "engine/engine.h"
#include "crypto/names.h"
#include "issuer/issuer.h"
#include "net/agent.h"
#include "plugin/runner.h"
#include "store/store.h"

#define CE_PROBE_TIMEOUT_MS 5000 /* of one look at an endpoint */

struct ce_certificate_run;
struct ce_recipe_target;

/* One target in a run. */
struct ce_target_run {
	struct ce_certificate_run *certificate;
	const struct ce_target_config *config;
	char *unloadable;                 /* why its plugin could not be loaded; NULL: it was */
	struct ce_plugin_option *options;
	size_t option_count;
	struct ce_plugin_target plugin;   /* as the pool knows it */
	struct ce_target_report *report;  /* in the run's report */
	struct ce_target_result last;
	struct ce_staged staged;
	bool selected;
	bool staged_ok;                   /* install went through */
	bool served_ok;                   /* every endpoint serves what is desired; unverified: the last run says so */
};

/* One certificate in a run. */
struct ce_certificate_run {
	struct ce_engine *engine;
	const struct ce_certificate_config *config;
	const struct ce_issuer_config *issuer; /* the one to be asked; before that is decided: who issued the live one, else the preferred */
	const struct ce_issuer_driver *driver; /* of it */
	struct ce_certificate_report *report;
	struct ce_bundle bundle;          /* to be installed; generation 0: there is none */
	bool has_key;                     /* the bundle's key was loaded */
	bool expects_new;                 /* a plan: a new certificate would come first */
	bool rolling_back;                /* the bundle is an earlier generation that was asked for */
	bool usable;                      /* passed the checks that precede every installation */
	struct ce_strlist asked;          /* issuers that failed in this run */
	struct ce_strlist names;          /* the configured ones but those that its CA refused */
	struct ce_issue_result issue;     /* what the store knows of earlier runs */
	struct ce_renewal_record renewal; /* only if its driver knows hints */
	struct ce_buf anchors;            /* PEM that its chain must verify to */
	struct ce_target_run *targets;
	bool selected;
};

/* An endpoint that was looked at; shared by all targets that name it. */
struct ce_observation {
	struct ce_probe probe;
	char *host, *sni;
	const struct ce_certificate_run *judged_for;
	int judgement;                    /* CE_OK or CE_ERR_VERIFY */
	char *problem;
};

struct ce_engine {
	struct ce_engine_options options;
	struct ce_strlist names;          /* copy of options.names */
	char *config_file, *state, *run;
	struct ce_config config;
	struct ce_store *store;
	struct ce_plugins *plugins;
	struct ce_helper probe, net;
	struct ce_engine_host *hosts;     /* hosts.c: those that are reached by SSH */
	int lock;
	struct ce_certificate_run *certificates; /* as many as config has */
	void *observations;               /* tsearch tree of struct ce_observation */
	struct ce_recipe_target *recipe_targets; /* recipe.h */
	bool read_only;                   /* plan, verify: nothing may be made or kept */
};

/* --- hosts.c: the machines that targets are on --- */
/* One for each of the configuration. */
CE_MUSTCHECK int ce_hosts_build(struct ce_engine *engine, struct ce_error *err);
void ce_hosts_release(struct ce_engine *engine);
/* In a child of ours: the connections are the parent's. */
void ce_hosts_forget(struct ce_engine *engine);
/* By canonical URL; NULL: this machine. What build made is found. */
const struct ce_host *ce_hosts_find(const struct ce_engine *engine, const char *url);
/* The host of a recipe (NULL in it: this machine): as the configuration has it now, else as it was. Belongs to the engine. */
CE_MUSTCHECK int ce_hosts_of_recipe(struct ce_engine *engine, const json_t *recipe, const struct ce_host **ret_host,
	struct ce_error *err);
/* How such a host is reached, for a recipe; null for this machine. */
json_t *ce_hosts_to_json(const struct ce_engine *engine, const struct ce_host *host);
/* Nothing more is begun there in this run. */
void ce_hosts_bar(struct ce_engine *engine, const struct ce_host *host, const char *why);
/* Whether an address is this machine's own, seen from itself: localhost, 127.0.0.0/8, ::1. */
bool ce_hosts_is_loopback(const char *address);

/* --- run.c: certificates and targets of a run --- */
/* Builds the runs and checks plugins' options; findings go to problems. */
CE_MUSTCHECK int ce_run_build(struct ce_engine *engine, struct ce_problems *problems, struct ce_error *err);
void ce_run_release(struct ce_engine *engine);
/* The run of a configured certificate; CE_ERR_CONFIG: there is none of that name. */
CE_MUSTCHECK int ce_run_find(struct ce_engine *engine, const char *name, struct ce_certificate_run **ret_certificate,
	struct ce_error *err);
/* Marks what the names select; an unknown name is CE_ERR_CONFIG. */
CE_MUSTCHECK int ce_run_select(struct ce_engine *engine, struct ce_error *err);
/* A fresh report for the selected certificates, and the runs' pointers into it. */
CE_MUSTCHECK int ce_run_report(struct ce_engine *engine, struct ce_report *ret_report, struct ce_error *err);
/* Loads the live bundles of the selected certificates (without keys). */
CE_MUSTCHECK int ce_run_load(struct ce_engine *engine, struct ce_error *err);
/* Which names are to be had, after what is kept of the last issuance. */
CE_MUSTCHECK int ce_run_names(struct ce_certificate_run *certificate, struct ce_error *err);
/* Names that the CA refused, and that its issuer's configuration can do without, are noted and not looked for. */
CE_MUSTCHECK int ce_run_leave_out(struct ce_certificate_run *certificate, const struct ce_strlist *left_out,
	struct ce_error *err);
/* The facts of the bundle into the report and into what plugins are told. */
CE_MUSTCHECK int ce_run_facts(struct ce_certificate_run *certificate, struct ce_error *err);
CE_MUSTCHECK int ce_run_key(struct ce_certificate_run *certificate, struct ce_error *err);

/* --- issuers.c: what is asked of them besides certificates --- */
/* What a driver may ask of the engine; an issuance adds save_state and progress. */
struct ce_issue_context ce_engine_asking(struct ce_engine *engine);
/* What our own authorities need with every run; failures are logged, since no certificate fails by them. */
void ce_authorities_upkeep(struct ce_engine *engine);

/* --- revoke.c --- */
/* CE_ERR_REFUSED for a key that was revoked as compromised; for a bundle that was revoked, or has such a key. */
CE_MUSTCHECK int ce_key_allowed(const struct ce_certificate_run *certificate, const struct ce_key *key,
	struct ce_error *err);
CE_MUSTCHECK int ce_bundle_allowed(struct ce_engine *engine, const struct ce_bundle *bundle, struct ce_error *err);

/* --- engine.c --- */
/* Once: a further call does nothing. */
CE_MUSTCHECK int ce_engine_lock(struct ce_engine *engine, struct ce_error *err);
void ce_engine_tell(const struct ce_engine *engine, const struct ce_certificate_run *certificate,
	const struct ce_target_run *target, const char *step, int code, const char *text);

/* --- backend.c: what plugins ask of the engine --- */
extern const struct ce_plugin_backend ce_engine_backend;
/* --- truststore.c --- */
CE_MUSTCHECK int ce_engine_truststore(const struct ce_plugin_target *target, const struct ce_trust_words *words,
	struct ce_bytes existing, struct ce_buf *ret_bytes, char **ret_note, struct ce_error *err);

/* --- schedule.c --- */
/* When a certificate is to be renewed without a hint: the configured fraction of its lifetime left, else a third, or half
 * of a lifetime under ten days; earlier by up to 5 % that depend on its name and host, so that not all come at once. */
long long ce_renew_at(const struct ce_certificate_config *config, const struct ce_facts *facts);
/* The same with what the CA hinted, if that is about the live certificate. */
struct ce_renewal_moment {
	long long at;
	bool hinted;
	char why[320];
};
void ce_renewal_moment(const struct ce_certificate_run *certificate, struct ce_renewal_moment *ret_moment);
/* Why a certificate must be requested now; NULL: it need not. issued_by: the live one's issuer, NULL: not known. */
const char *ce_due_reason(const struct ce_certificate_run *certificate, const char *issued_by, long long now);

/* --- keys.c: where the keys of certificates live --- */
/* Makes the tokens of the configuration known. */
CE_MUSTCHECK int ce_keys_begin(const struct ce_config *config, struct ce_error *err);
/* Why the live key is not where, or what, the configuration says; NULL: it is. */
const char *ce_key_misplaced(const struct ce_certificate_run *certificate);
/* CE_ERR_REFUSED with certificate, token, target and plugin when the key is in a token: the target wants what needs it in a file. */
CE_MUSTCHECK int ce_key_demand_file(const struct ce_target_run *target, const char *what, struct ce_error *err);
/* A key for a new request. One in a token is there for good when this returns; runs that are killed reuse it. */
CE_MUSTCHECK int ce_key_make(const struct ce_certificate_run *certificate, struct ce_key **ret_key, struct ce_error *err);
/* The key of a request under way; CE_ERR_NOT_FOUND when it is gone for good. */
CE_MUSTCHECK int ce_key_resume(struct ce_bytes record, struct ce_key **ret_key, struct ce_error *err);
/* Takes the key of a request that is given up out of its token; files go with the request. */
void ce_key_drop(const struct ce_certificate_run *certificate, struct ce_bytes record);
/* Removes generations that nobody needs, and their keys from tokens, as far as we made them. */
CE_MUSTCHECK int ce_keys_prune(const struct ce_certificate_run *certificate, size_t keep, struct ce_error *err);

/* --- renewal.c: hints of CAs --- */
/* What an earlier run was told; after the bundle. */
CE_MUSTCHECK int ce_renewal_load(struct ce_certificate_run *certificate, struct ce_error *err);
/* Asks for the certificates whose poll is due, all at once; nobody is asked when there is none. */
CE_MUSTCHECK int ce_renewal_poll(struct ce_engine *engine, bool issued_only, struct ce_error *err);
/* An answer into the record, about the certificate of this fingerprint. */
CE_MUSTCHECK int ce_renewal_take(struct ce_renewal_record *record, const char *leaf, const struct ce_renewal_query *query,
	long long now, struct ce_error *err);
/* When it may be asked again; failures: in a row. */
long long ce_renewal_next_poll(const struct ce_renewal_query *query, int failures, long long now);
/* Renewal moment, its reason and the hint into the report. */
CE_MUSTCHECK int ce_renewal_report(struct ce_certificate_run *certificate, struct ce_error *err);

/* --- attempt.c: what came of asking issuers, kept from run to run --- */
/* Takes from the store what is known, and sets the issuer to who issued the live certificate. */
CE_MUSTCHECK int ce_attempts_load(struct ce_certificate_run *certificate, struct ce_error *err);
/* Sets the issuer to be asked for a certificate that is due, or the report to waiting when none may be asked yet. */
CE_MUSTCHECK int ce_attempts_choose(struct ce_certificate_run *certificate, long long now, struct ce_error *err);
/* The first issuer that was not asked in this run and may be asked now; NULL: there is none. */
CE_MUSTCHECK int ce_attempts_next(const struct ce_certificate_run *certificate, long long now,
	const struct ce_issuer_config **ret_issuer, struct ce_error *err);
/* Keep what came of asking. class 0: nobody was asked. told: the moment that the CA named, 0: none. */
CE_MUSTCHECK int ce_attempts_failed(struct ce_certificate_run *certificate, enum ce_refusal class,
	const struct ce_error *failure, long long told, struct ce_error *err);
CE_MUSTCHECK int ce_attempts_waiting(struct ce_certificate_run *certificate, bool operator, const char *text,
	long long told, struct ce_error *err);
CE_MUSTCHECK int ce_attempts_succeeded(struct ce_certificate_run *certificate, struct ce_error *err);
/* Class, count, next try and alert into the report. */
CE_MUSTCHECK int ce_attempts_report(struct ce_certificate_run *certificate, struct ce_error *err);
/* The attempt that says how the certificate stands: the last one that did not succeed; NULL: all is well. */
const struct ce_issue_attempt *ce_attempts_last(const struct ce_issue_result *result);

/* --- issue.c --- */
/* Decides for each selected certificate and fills its report; requests nothing. */
CE_MUSTCHECK int ce_issue_decide(struct ce_engine *engine, struct ce_error *err);
/* Requests all that are due, checks and stores what comes. Failures are in the reports. */
CE_MUSTCHECK int ce_issue_due(struct ce_engine *engine, struct ce_error *err);

/* Gives the request of a certificate that is under way, as a driver would get it, to use. CE_ERR_NOT_FOUND: there is none,
 * or it is for something else than what is configured now. */
typedef int (*ce_issue_user)(struct ce_issue_request *request, void *context, struct ce_error *err);
CE_MUSTCHECK int ce_issue_with_pending(struct ce_certificate_run *certificate, ce_issue_user use, void *context,
	struct ce_error *err);
/* In such a use: keeps another state blob. */
CE_MUSTCHECK int ce_issue_keep_state(struct ce_issue_request *request, struct ce_bytes state, struct ce_error *err);

/* --- import.c: requests that wait for a person --- */
/* After ce_issue_decide, for commands that only look: certificates whose request waits for a person say so. */
CE_MUSTCHECK int ce_import_standing(struct ce_engine *engine, struct ce_error *err);

/* --- observe.c: what is served --- */
CE_MUSTCHECK int ce_observe_targets(struct ce_engine *engine, struct ce_error *err);
void ce_observe_release(struct ce_engine *engine);
/* Whether no endpoint can tell what is served: verification is off, or the plugin names none. After staging. */
bool ce_target_unverified(const struct ce_target_run *target);
/* Endpoints of a target after staging: configured ones, else the plugin's; into its report. */
CE_MUSTCHECK int ce_observe_endpoints(struct ce_target_run *target, struct ce_error *err);
/* Whether a chain as it was served is the bundle's and verifies. CE_ERR_VERIFY says why not. */
CE_MUSTCHECK int ce_judge(const struct ce_probe *probe, const char *fingerprint, struct ce_bytes anchors,
	const char *name, struct ce_error *err);

/* --- stage.c --- */
/* Stages the targets of every certificate that is due and drops what was staged: where not one of them could take a new
 * certificate none is ordered, since orders are rationed. Failures are in the reports. */
CE_MUSTCHECK int ce_stage_rehearse(struct ce_engine *engine, struct ce_error *err);
/* Stages every selected target; failures are in the reports. */
CE_MUSTCHECK int ce_stage_targets(struct ce_engine *engine, struct ce_error *err);
/* Targets of one product instance, that commit and reload together. */
struct ce_group {
	struct ce_target_run **targets;
	size_t count;
	struct ce_changes changes;        /* of all of them, staged on top of each other */
};
struct ce_groups {
	struct ce_group *items;
	size_t count;
};
/* Groups what was staged. With several targets in one group each is staged again on top of the ones before it. */
CE_MUSTCHECK int ce_stage_groups(struct ce_engine *engine, struct ce_groups *ret_groups, struct ce_error *err);
void ce_groups_release(struct ce_groups *groups);
/* The group's diff into the report of its first target. */
CE_MUSTCHECK int ce_stage_show(struct ce_group *group, struct ce_error *err);

/* --- hooks.c: reload and verify, from a recipe --- */
/* group: the targets of the transaction, as this run knows them; NULL: a recovery, everything comes from the recipe. */
struct ce_hooks {
	struct ce_engine *engine;
	const struct ce_group *group;
};
void ce_hooks_fill(struct ce_hooks *hooks, struct ce_transaction_hooks *ret_hooks);

/* --- deploy.c --- */
/* What came of a group's transaction. */
struct ce_deployment {
	enum ce_transaction_outcome outcome;
	struct ce_error failure;          /* with its step, unless it was deployed */
	char *trouble;                    /* why it could not be taken back, NULL; freed by ce_deploy_conclude */
};
/* Runs the transaction of a group and touches neither reports nor store. */
void ce_deploy_group(struct ce_engine *engine, const struct ce_group *group, struct ce_deployment *ret_deployment);
/* Writes the outcome into reports and store. */
CE_MUSTCHECK int ce_deploy_conclude(const struct ce_group *group, struct ce_deployment *deployment, struct ce_error *err);
/* Keeps the last outcome of a target for `status`, if it tells anything new; failure NULL: it went well. */
CE_MUSTCHECK int ce_remember(struct ce_target_run *target, const struct ce_error *failure, struct ce_error *err);
/* Stage, observe, group and deploy everything selected. */
CE_MUSTCHECK int ce_deploy_all(struct ce_engine *engine, struct ce_report *report, struct ce_error *err);

/* --- side_by_side.c --- */
/* Runs the transactions of the groups, which share neither instance nor file, side by side in some processes and
 * concludes each as it ends. What a process that was killed left unfinished is repaired before this returns. */
CE_MUSTCHECK int ce_side_deploy(struct ce_engine *engine, struct ce_group *const *groups, size_t count,
	struct ce_report *report, struct ce_error *err);

/* --- recover.c --- */
CE_MUSTCHECK int ce_recover_all(struct ce_engine *engine, struct ce_report *report, struct ce_error *err);

/* --- report.c --- */
/* The exit status by the rules of certengine(8). */
int ce_report_exit(const struct ce_report *report, bool drift_counts);
/* Whether anything was issued or reloaded. */
bool ce_report_changed(const struct ce_report *report);

#endif
