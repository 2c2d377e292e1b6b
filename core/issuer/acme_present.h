/* Responses to challenges that the supervisor puts in place: files in a webroot, records in the DNS. Nothing here waits
 * but ce_presenter_finish: programs run as children, questions to the DNS in a helper of their own.
 *
 * What one response goes through: NOTED, LOOK(ING) where to write, ADD(ING), SETTLE, PLACED; REMOVE, REMOVING, GONE. */
#ifndef CE_ISSUER_ACME_PRESENT_H
#define CE_ISSUER_ACME_PRESENT_H

#include <poll.h>
#include <sys/queue.h>

#include "acme/job.h"
#include "base/process.h"
#include "issuer/issuer.h"
#include "net/dns.h"

/* --- acme_challenge.c: one group "challenge" of an issuer --- */

enum ce_way_method { CE_WAY_BUILT_IN, CE_WAY_WEBROOT, CE_WAY_UPDATE, CE_WAY_HOOK, CE_WAY_DNSAPI, CE_WAY_PERSIST };

struct ce_way {
	enum ce_acme_challenge kind;
	enum ce_way_method method;
	struct ce_strlist names;     /* patterns; empty: all names */
	char *webroot;
	char *server, *tsig_key_file, *zone, *alias, *resolver;
	char *hook, *cleanup_hook, *dialect, *environment_file;
	char *dnsapi, *acme_sh;
	long long port, ttl, timeout, wait;
	bool self_check;
	bool opened;                 /* its socket was, or could not be for the reason in broken */
	struct ce_error broken;
	bool prepared;               /* the webroot's directories are there; so many were made for it */
	int directories_made;
};

struct ce_ways {
	struct ce_way *items;
	size_t count;
};

extern const char *const ce_hook_dialects[];

/* The groups of checked settings. */
CE_MUSTCHECK int ce_ways_read(const struct ce_settings *settings, struct ce_ways *ret_ways, struct ce_error *err);
/* What the option table cannot say of them. */
CE_MUSTCHECK int ce_ways_check(const struct ce_issuer_config *issuer, struct ce_problems *problems, struct ce_error *err);
void ce_way_release(struct ce_way *way);
void ce_ways_release(struct ce_ways *ways);

/* Whether a name (maybe "*.x", maybe an address) can be and shall be proved in this way. */
bool ce_way_serves(const struct ce_way *way, const char *name);
/* For each name the numbers of its ways as of an order job. CE_ERR_CONFIG: a name has none. */
CE_MUSTCHECK int ce_ways_choices(const struct ce_ways *ways, const struct ce_strlist *names, struct ce_strlist *ret_choices,
	struct ce_error *err);

/* A way as text of JSON and back, for what an interrupted run leaves; the caller frees. */
CE_MUSTCHECK int ce_way_keep(const struct ce_way *way, char **ret_text, struct ce_error *err);
CE_MUSTCHECK int ce_way_recall(const char *text, struct ce_way *ret_way, struct ce_error *err);

/* --- responses --- */

enum ce_response_stage { CE_RESPONSE_NOTED, CE_RESPONSE_LOOK, CE_RESPONSE_LOOKING, CE_RESPONSE_ADD, CE_RESPONSE_ADDING,
	CE_RESPONSE_SETTLE, CE_RESPONSE_SEEN, CE_RESPONSE_PLACED, CE_RESPONSE_REMOVE, CE_RESPONSE_REMOVING, CE_RESPONSE_GONE };

struct ce_task;
struct ce_presented;

struct ce_response {
	TAILQ_ENTRY(ce_response) link;     /* among those of its order */
	TAILQ_ENTRY(ce_response) active;   /* among those that something is to be done about */
	bool is_active;
	struct ce_presented *order;
	struct ce_way *way;
	enum ce_response_stage stage;
	char *identifier;
	bool wildcard;
	char *token, *key_authorization;
	char *value;                       /* of the TXT record; dns-persist-01: none */
	char *record;                      /* where the CA looks, without final dot; NULL: not in the DNS */
	char *target, *zone;               /* where it is written; NULL: not known yet */
	char *detail, *account;            /* dns-persist-01 */
	char *output;                      /* of the hook that added it */
	struct ce_task *task;
	bool kept;                         /* the store says that it may be there */
	bool unwanted;                     /* to be removed as soon as it is in place */
	bool failed;                       /* adding: nobody is told when its removal fails too */
	long long since_ms, due_ms;        /* SETTLE */
};

TAILQ_HEAD(ce_response_list, ce_response);

/* The responses of one order, or those that an earlier run left for an issuer. */
struct ce_presented {
	TAILQ_ENTRY(ce_presented) link;
	struct ce_response_list responses;
	const char *certificate;           /* for messages; NULL: left by an earlier run */
	const char *issuer;
	size_t number;                     /* of the order */
	size_t open;                       /* not in place yet */
	bool deploying;                    /* the answer is owed */
	bool proved;                       /* removed because the CA was content */
	int code;                          /* < 0: could not be put in place */
	char text[CE_ERROR_TEXT_MAX];
};

struct ce_task {
	TAILQ_ENTRY(ce_task) link;
	struct ce_running *child;
	const struct ce_way *way;
	bool removing;
};

struct ce_presenter {
	struct ce_store *store;
	TAILQ_HEAD(, ce_presented) all;
	struct ce_response_list active;
	TAILQ_HEAD(, ce_task) tasks;
	struct ce_helper looker;           /* asks the DNS */
	struct ce_response **looking;      /* what it is asked about now */
	size_t looking_count;
	long long looking_until;
	struct ce_presented **owed;        /* their deploying has come to its end */
	size_t owed_count;
};

void ce_presenter_init(struct ce_presenter *presenter, struct ce_store *store);
/* The presented must stay where it is until ce_presenter_release. */
void ce_presented_init(struct ce_presenter *presenter, struct ce_presented *presented, const char *issuer,
	const char *certificate, size_t number);

/* What is wanted, already checked. thumbprint and account (URL, NULL: not known) are the issuer's. */
struct ce_response_spec {
	struct ce_way *way;
	const char *identifier, *token, *detail, *thumbprint, *account;
	bool wildcard;
};
CE_MUSTCHECK int ce_presenter_note(struct ce_presented *presented, const struct ce_response_spec *spec, struct ce_error *err);
/* Begins to put in place, or to take away, what was noted. */
void ce_presenter_deploy(struct ce_presenter *presenter, struct ce_presented *presented);
void ce_presenter_cleanup(struct ce_presenter *presenter, struct ce_presented *presented);
/* Goes on with what can go on. */
void ce_presenter_step(struct ce_presenter *presenter);
/* Something is under way, or owed. */
bool ce_presenter_busy(const struct ce_presenter *presenter);
/* Descriptors to wait for; *timeout_ms is shortened to the next moment that something is due. */
size_t ce_presenter_fds(const struct ce_presenter *presenter, struct pollfd *fds, size_t room, int *timeout_ms);
/* An order whose end of deploying has to be told, and then is not owed any more; NULL: none. */
struct ce_presented *ce_presenter_owed(struct ce_presenter *presenter);
/* Waits until all that was begun is done; what cleanup was asked for is removed then. */
void ce_presenter_finish(struct ce_presenter *presenter);
void ce_presenter_release(struct ce_presenter *presenter);

#define CE_PRESENTER_FDS_MAX 64

/* --- for the files of the presenter --- */

/* A response reached the end of adding or removing; rc < 0: it failed for the reason in why. */
void ce_response_added(struct ce_presenter *presenter, struct ce_response *response, int rc, const struct ce_error *why);
void ce_response_removed(struct ce_presenter *presenter, struct ce_response *response, int rc, const struct ce_error *why);
void ce_response_enter(struct ce_presenter *presenter, struct ce_response *response, enum ce_response_stage stage);
const char *ce_way_name(const struct ce_way *way);

/* acme_task.c: starts what programs have to do for responses in ADD and REMOVE, and takes what came of it. */
void ce_tasks_start(struct ce_presenter *presenter);
void ce_tasks_step(struct ce_presenter *presenter);
void ce_tasks_end(struct ce_presenter *presenter);

/* acme_look.c: asks where the responses in LOOK are to be written, and whether those in SETTLE can be seen. */
void ce_look_start(struct ce_presenter *presenter);
void ce_look_step(struct ce_presenter *presenter);
void ce_look_end(struct ce_presenter *presenter);
bool ce_look_needed(const struct ce_way *way);

/* acme_left.c: the store says what may be in place before it is. */
CE_MUSTCHECK int ce_left_keep(struct ce_presenter *presenter, const char *issuer, struct ce_error *err);
/* Begins to remove what an earlier run left, into a presented that is zeroed and ways that the caller releases after the
 * presenter. CE_UNCHANGED: nothing was left. */
CE_MUSTCHECK int ce_left_take(struct ce_presenter *presenter, const char *issuer, struct ce_presented *presented,
	struct ce_ways *ret_ways, struct ce_error *err);

/* hook.c, dns_update.c: the program that adds or removes; lists and input are released by the caller. */
struct ce_command {
	struct ce_strlist argv, env;
	struct ce_buf input;
};
#define CE_COMMAND_INIT { CE_STRLIST_INIT, CE_STRLIST_INIT, CE_BUF_INIT }
void ce_command_release(struct ce_command *command);
CE_MUSTCHECK int ce_hook_command(const struct ce_response *response, bool removing, struct ce_command *ret_command,
	struct ce_error *err);
CE_MUSTCHECK int ce_update_command(const struct ce_way *way, struct ce_response *const *responses, size_t count, bool removing,
	struct ce_command *ret_command, struct ce_error *err);

/* dns_persist.c (draft-ietf-acme-dns-persist): whether one of the records at the name proves it; CE_ERR_WAIT with the record
 * to be written. until: the moment the record ends, 0: never. */
CE_MUSTCHECK int ce_persist_check(const struct ce_response *response, const struct ce_strlist *texts, long long now,
	long long *ret_until, struct ce_error *err);
/* The label of dns-account-01 for an account's URL; out has room for 17 bytes. */
CE_MUSTCHECK int ce_account_label(const char *account, char *out, struct ce_error *err);

#endif
