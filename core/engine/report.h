/* What a run found and did: one tree for every command, printed as text or JSON by the cli. */
#ifndef CE_ENGINE_REPORT_H
#define CE_ENGINE_REPORT_H

#include <stdbool.h>

#include "base/strlist.h"

/* Exit statuses of the program; certengine(8). */
enum ce_exit {
	CE_EXIT_OK = 0,
	CE_EXIT_FAILED = 1,
	CE_EXIT_USAGE = 2,
	CE_EXIT_PARTIAL = 3,
	CE_EXIT_DRIFT = 4,
	CE_EXIT_HELP = 5,
	CE_EXIT_LOCKED = 6,
	CE_EXIT_WAIT = 7
};

enum ce_target_state {
	CE_TARGET_OK = 0,          /* installed and served as desired */
	CE_TARGET_PENDING,         /* plan: apply would change something */
	CE_TARGET_DEPLOYED,        /* apply: changed, reloaded, proved at the socket */
	CE_TARGET_DRIFT,           /* installed or served differs from desired */
	CE_TARGET_FAILED,          /* failed before anything was changed */
	CE_TARGET_ROLLED_BACK,     /* failed, put back, the old certificate proved at the socket */
	CE_TARGET_UNKNOWN,         /* failed, and it could not be put back or proved: help needed */
	CE_TARGET_UNVERIFIED       /* deployed; verification is off by configuration, or no endpoint is known */
};

struct ce_endpoint_report {
	char *host;
	int port;
	char *sni;                 /* NULL: none sent */
	char served[65];           /* fingerprint of the leaf, "" when no handshake completed */
	char *problem;             /* why it is not as desired, NULL */
};

struct ce_target_report {
	char *name;
	char *plugin;
	enum ce_target_state state;
	char *step;                /* where it failed, NULL */
	char *error;               /* NULL */
	char *diff;                /* unified diffs and other changes, secrets masked; NULL: nothing staged */
	char *reload;              /* how it is reloaded, NULL: it would not be */
	bool reloaded;
	struct ce_endpoint_report *endpoints;
	size_t endpoint_count;
	long generation;           /* installed by us last; 0: never */
	long long when;            /* of the last success; 0: never */
};

enum ce_certificate_state {
	CE_CERTIFICATE_OK = 0,     /* valid, not due */
	CE_CERTIFICATE_DUE,        /* plan: would be requested */
	CE_CERTIFICATE_ISSUED,     /* apply: requested and stored in this run */
	CE_CERTIFICATE_FAILED,     /* could not be issued; the old generation (if any) stays */
	CE_CERTIFICATE_WAITING     /* the CA asks to wait, or an operator must act */
};

struct ce_certificate_report {
	char *name;
	char *issuer;
	struct ce_strlist names;
	enum ce_certificate_state state;
	char *reason;              /* why it is due: "no certificate yet", "a third of its lifetime is left", ... */
	char *error;               /* NULL */
	char *step;                /* of the error */
	long generation;           /* live; 0: none */
	char fingerprint[65];      /* live */
	char *key_kind;
	long long not_before, not_after, renew_at; /* of the live one; 0: none */
	char *renew_why;           /* the rule or hint that renew_at comes from, NULL: no certificate */
	char *explanation;         /* page of the CA about its hint, NULL: none */
	long long window_start, window_end; /* that the CA hinted at; 0: none */
	long long next_poll;       /* when the CA is asked for a hint again; 0: it is not */
	char *failure_class;       /* "input", "environment", "ca", "limit", "operator", "waiting"; NULL: nothing failed */
	int failures;              /* in a row */
	char *alert;               /* why a person should look, NULL: no need */
	long long wait_until;      /* the next try after WAITING or a failure; 0: any time */
	struct ce_target_report *targets;
	size_t target_count;
};

struct ce_report {
	struct ce_certificate_report *certificates;
	size_t certificate_count;
	struct ce_strlist recovered; /* a sentence for each unfinished transaction that was repaired first */
	int exit;                    /* enum ce_exit, by the rules of certengine(8) */
	char *document;              /* what a command was asked for, as text; NULL: nothing */
};

void ce_report_release(struct ce_report *report);
const char *ce_target_state_name(enum ce_target_state state);           /* "ok", "rolled-back", ... */
const char *ce_certificate_state_name(enum ce_certificate_state state);

#endif
