/* Shared by the files of the acme issuer only. The supervisor's side: it holds the account keys and
 * the store, and takes what the network process sends for a stranger's. */
#ifndef CE_ISSUER_ACME_OWN_H
#define CE_ISSUER_ACME_OWN_H

#include "acme/job.h"
#include "acme/wire.h"
#include "base/process.h"
#include "issuer/drivers.h"

extern const struct ce_option ce_acme_options[];

/* One configured issuer in a batch. */
struct ce_acme_issuer {
	const struct ce_issuer_config *config;
	struct ce_store *store;
	const char *directory;      /* URL */
	const char *webroot;        /* NULL: the built-in responder */
	struct ce_key *key;
	bool key_is_new;
	char *thumbprint;
	/* the account record; NULL: there is none */
	char *url;
	char *terms;                /* agreed to */
	char *terms_told;           /* the last that the operator was told of */
	long long agreed_at;
	char *document;             /* the directory, if it was kept and is fresh enough */
	const char *eab_kid;        /* NULL: no external account */
	struct ce_buf eab_key;
	struct ce_buf trust;
	int directories_made;       /* under the webroot */
	struct ce_error error;      /* code != 0: it cannot be used; no order of it is in the batch */
	enum ce_refusal refusal;
};

struct ce_acme_order_way {
	struct ce_issue_request *request;
	size_t issuer;
	struct ce_strlist presented; /* tokens whose files stand in the webroot */
	bool answered;
};

struct ce_acme_listeners {
	int fds[16];
	int ports[16];
	size_t count;
};

struct ce_acme_supervisor {
	const struct ce_issue_context *context;
	struct ce_acme_issuer *issuers;
	size_t issuer_count;
	struct ce_acme_order_way *orders;
	size_t order_count;
	struct ce_acme_listeners listeners;
	struct ce_helper helper;
	struct ce_error failure;    /* of ours, while serving; told for orders that got no answer */
	bool done;
};

/* acme_account.c: loads or makes the key, and reads the records. */
CE_MUSTCHECK int ce_acme_issuer_load(struct ce_acme_issuer *issuer, struct ce_error *err);
CE_MUSTCHECK int ce_acme_issuer_save_account(struct ce_acme_issuer *issuer, const char *url, const char *terms,
	struct ce_error *err);
CE_MUSTCHECK int ce_acme_issuer_save_directory(struct ce_acme_issuer *issuer, const char *document, const char *terms,
	struct ce_error *err);
void ce_acme_issuer_release(struct ce_acme_issuer *issuer);

/* acme_serve.c: sends the batch and serves the network process until it is done. An error means that it
 * was lost or broke the protocol. */
CE_MUSTCHECK int ce_acme_supervise(struct ce_acme_supervisor *supervisor, struct ce_error *err);

/* acme_webroot.c: the challenge file of a token that was checked. made counts the directories made on the
 * way, which remove_directories takes away again. */
CE_MUSTCHECK int ce_acme_webroot_present(const char *webroot, const char *token, const char *content, int *made,
	struct ce_error *err);
CE_MUSTCHECK int ce_acme_webroot_cleanup(const char *webroot, const char *token, struct ce_error *err);
void ce_acme_webroot_remove_directories(const char *webroot, int made);

/* acme_listen.c: sockets on all addresses, IPv4 and IPv6; a port that is there already is CE_OK. */
CE_MUSTCHECK int ce_acme_listen(struct ce_acme_listeners *listeners, int port, struct ce_error *err);
void ce_acme_listeners_close(struct ce_acme_listeners *listeners);

#endif
