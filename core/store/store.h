/* What the engine keeps: accounts, generations, secrets, results. A small
 * interface with a directory behind it (0700, files 0600, every write durable
 * before it is reported). Names are labels (base/text.h); nothing else becomes a path. Buffers that are
 * filled release what they held and are marked secret. */
#ifndef CE_STORE_STORE_H
#define CE_STORE_STORE_H

#include "base/strlist.h"
#include "crypto/certificate.h"

struct ce_store;

/* Creates the directory when it is missing; refuses one that others could read or write. */
CE_MUSTCHECK int ce_store_open(const char *directory, struct ce_store **ret_store, struct ce_error *err);
/* As above but for reading only: a missing directory is an empty store, and every write fails. */
CE_MUSTCHECK int ce_store_open_readonly(const char *directory, struct ce_store **ret_store, struct ce_error *err);
bool ce_store_is_readonly(const struct ce_store *store);
void ce_store_close(struct ce_store *store);
void ce_storep(struct ce_store **store);

/* The store's own directory, and the one for journals, created 0700; owned by the store. */
const char *ce_store_directory(const struct ce_store *store);
const char *ce_store_journal_directory(const struct ce_store *store);

/* --- generations: certificates/NAME/generations/N/{key,leaf,chain}.pem, certificates/NAME/live
 * In the place of key.pem stands key.uri for a key in a token: its record (crypto/token.h). --- */

/* Stores a checked bundle under the next number and returns it. It is not live yet. */
CE_MUSTCHECK int ce_store_generation_add(struct ce_store *store, const char *certificate,
	const struct ce_bundle *bundle, long *ret_generation, struct ce_error *err);
/* Makes a generation the live one (one atomic file). */
CE_MUSTCHECK int ce_store_live_set(struct ce_store *store, const char *certificate, long generation,
	struct ce_error *err);
/* 0 when there is none. A damaged mark is reported (log) and the newest generation taken. */
CE_MUSTCHECK int ce_store_live(struct ce_store *store, const char *certificate, long *ret_generation,
	struct ce_error *err);
/* Ascending; the caller frees. */
CE_MUSTCHECK int ce_store_generations(struct ce_store *store, const char *certificate, long **ret_generations,
	size_t *ret_count, struct ce_error *err);
/* with_key false leaves the key empty (verify, status), but for the record of one in a token. CE_ERR_NOT_FOUND; CE_ERR_INVALID when it is damaged. */
CE_MUSTCHECK int ce_store_bundle(struct ce_store *store, const char *certificate, long generation, bool with_key,
	struct ce_bundle *ret_bundle, struct ce_error *err);
/* Removes generations older than the keep newest ones, never the live one or its predecessor.
 * CE_UNCHANGED when there was none to remove. */
CE_MUSTCHECK int ce_store_prune(struct ce_store *store, const char *certificate, size_t keep, struct ce_error *err);
/* The generations that prune would remove; the caller frees. */
CE_MUSTCHECK int ce_store_prunable(struct ce_store *store, const char *certificate, size_t keep, long **ret_generations,
	size_t *ret_count, struct ce_error *err);
/* The record of a generation's key in a token; CE_ERR_NOT_FOUND when the key is in a file. */
CE_MUSTCHECK int ce_store_key_record(struct ce_store *store, const char *certificate, long generation,
	struct ce_buf *ret_record, struct ce_error *err);

/* --- the key in a token that was made last, or is about to be: certificates/NAME/key.uri --- */
CE_MUSTCHECK int ce_store_reserved_key(struct ce_store *store, const char *certificate, struct ce_buf *ret_record,
	struct ce_error *err); /* CE_ERR_NOT_FOUND */
CE_MUSTCHECK int ce_store_reserved_key_put(struct ce_store *store, const char *certificate, struct ce_bytes record,
	struct ce_error *err);

/* --- a request under way: certificates/NAME/pending/{key.pem or key.uri,csr.der,state} --- */

/* The key is on stable storage when this returns, before its CSR goes anywhere (P3). A request that was
 * under way is replaced. */
CE_MUSTCHECK int ce_store_pending_begin(struct ce_store *store, const char *certificate, struct ce_bytes key_pem,
	struct ce_bytes csr_der, struct ce_error *err);
/* CE_ERR_NOT_FOUND when nothing is under way; also for a request whose key is lost, which is reported (log). A CSR that
 * is lost is empty. */
CE_MUSTCHECK int ce_store_pending(struct ce_store *store, const char *certificate, struct ce_buf *ret_key_pem,
	struct ce_buf *ret_csr_der, struct ce_buf *ret_state, struct ce_error *err);
/* Another CSR for the same key. */
CE_MUSTCHECK int ce_store_pending_csr(struct ce_store *store, const char *certificate, struct ce_bytes csr_der,
	struct ce_error *err);
/* The issuer's own blob (an order's URL). */
CE_MUSTCHECK int ce_store_pending_state(struct ce_store *store, const char *certificate, struct ce_bytes state,
	struct ce_error *err);
/* CE_UNCHANGED when nothing was under way. */
CE_MUSTCHECK int ce_store_pending_end(struct ce_store *store, const char *certificate, struct ce_error *err);

/* --- built keystores: certificates/NAME/generations/N/material/DIGEST --- */
CE_MUSTCHECK int ce_store_material(struct ce_store *store, const char *certificate, long generation,
	const char *digest_hex, struct ce_buf *ret_bytes, struct ce_error *err); /* CE_ERR_NOT_FOUND */
CE_MUSTCHECK int ce_store_material_put(struct ce_store *store, const char *certificate, long generation,
	const char *digest_hex, struct ce_bytes bytes, struct ce_error *err);

/* --- a target's generated secrets: certificates/NAME/targets/TARGET/secret.NAME --- */
/* create: makes one of 24 characters when it is missing, else CE_ERR_NOT_FOUND. The caller wipes and frees. */
CE_MUSTCHECK int ce_store_secret(struct ce_store *store, const char *certificate, const char *target,
	const char *name, bool create, char **ret_text, struct ce_error *err);

/* --- CAs that a target put into a truststore: certificates/NAME/targets/TARGET/trusted.DIGEST, DIGEST of file and alias --- */
#define CE_STORE_TRUSTED_MAX 32
/* Their fingerprints, oldest first; none is an empty list. */
CE_MUSTCHECK int ce_store_trusted(struct ce_store *store, const char *certificate, const char *target,
	const char *digest_hex, struct ce_strlist *ret_fingerprints, struct ce_error *err);
/* Adds one; beyond CE_STORE_TRUSTED_MAX the oldest goes. CE_UNCHANGED: it is known. */
CE_MUSTCHECK int ce_store_trusted_add(struct ce_store *store, const char *certificate, const char *target,
	const char *digest_hex, const char *fingerprint, struct ce_error *err);

/* --- last results --- */
struct ce_target_result {
	long generation;        /* last one deployed and proved; 0: never */
	long long when;
	char *failure_step;     /* of the last attempt, NULL: it succeeded */
	char *failure;
	long long failed_at;
};
CE_MUSTCHECK int ce_store_target_result(struct ce_store *store, const char *certificate, const char *target,
	struct ce_target_result *ret_result, struct ce_error *err); /* zeroes when there is none or it is damaged (log) */
CE_MUSTCHECK int ce_store_target_result_put(struct ce_store *store, const char *certificate, const char *target,
	const struct ce_target_result *result, struct ce_error *err);
void ce_target_result_release(struct ce_target_result *result);

/* --- what the schedule remembers (engine/retry.h). Absent or damaged (log) is zeroes. --- */

/* What came of asking one issuer for a certificate last. */
struct ce_issue_attempt {
	char *issuer;
	char *class;            /* "input", "environment", "ca", "limit", "operator", "waiting"; NULL: it succeeded */
	int failures;           /* in a row */
	int ca_failures;        /* of class "ca" in a row, the last one included */
	long long not_before;   /* no new try before this moment; 0: any time */
	int told;               /* not_before is the CA's own word */
	long long when;
	char *step, *text;
	char *asked;            /* digest of the configuration it was made with */
};
struct ce_issue_result {
	char *issuer;           /* who issued the live generation; NULL: not known */
	char *left_out;         /* names that the live generation lacks since its CA refused them, by spaces; NULL: none */
	long long alert_since;  /* an operator is needed; 0: not so */
	struct {
		struct ce_issue_attempt *items;
		size_t count;
	} attempts;
};
CE_MUSTCHECK int ce_store_issue_result(struct ce_store *store, const char *certificate,
	struct ce_issue_result *ret_result, struct ce_error *err);
CE_MUSTCHECK int ce_store_issue_result_put(struct ce_store *store, const char *certificate,
	const struct ce_issue_result *result, struct ce_error *err);
void ce_issue_result_release(struct ce_issue_result *result);
void ce_issue_attempt_release(struct ce_issue_attempt *attempt);
/* The attempt at an issuer; find: NULL when there is none. at: an empty one is added; NULL without memory. Valid until
 * the next one is added. */
struct ce_issue_attempt *ce_issue_attempt_find(const struct ce_issue_result *result, const char *issuer);
struct ce_issue_attempt *ce_issue_attempt_at(struct ce_issue_result *result, const char *issuer, struct ce_error *err);

/* What the CA hinted about the renewal of a certificate (RFC 9773). */
struct ce_renewal_record {
	char *leaf;             /* fingerprint of the certificate it is about */
	long long start, end;   /* the window; 0: none is known */
	long long chosen;       /* a moment in it */
	char *explanation;      /* URL of a page, NULL: none */
	long long polled_at, next_poll;
	int failures;           /* polls in a row that brought nothing */
	char *problem;          /* of the last one, NULL: it went well */
};
CE_MUSTCHECK int ce_store_renewal(struct ce_store *store, const char *certificate,
	struct ce_renewal_record *ret_record, struct ce_error *err);
CE_MUSTCHECK int ce_store_renewal_put(struct ce_store *store, const char *certificate,
	const struct ce_renewal_record *record, struct ce_error *err);
void ce_renewal_record_release(struct ce_renewal_record *record);

/* A limit of a CA, that all certificates of the issuer keep to. */
struct ce_issuer_wait {
	long long until, since;
	char *text;             /* what the CA said */
	char *configured;       /* digest of the issuer's configuration at that time */
};
CE_MUSTCHECK int ce_store_issuer_wait(struct ce_store *store, const char *issuer, struct ce_issuer_wait *ret_wait,
	struct ce_error *err);
CE_MUSTCHECK int ce_store_issuer_wait_put(struct ce_store *store, const char *issuer,
	const struct ce_issuer_wait *record, struct ce_error *err);
void ce_issuer_wait_release(struct ce_issuer_wait *record);

/* --- marks: certificates that were revoked, by fingerprint; keys that must not be used again, by key id --- */
enum ce_store_mark { CE_MARK_REVOKED, CE_MARK_FORBIDDEN };
CE_MUSTCHECK int ce_store_mark(struct ce_store *store, enum ce_store_mark mark, const char *hex, struct ce_error *err);
CE_MUSTCHECK int ce_store_marked(struct ce_store *store, enum ce_store_mark mark, const char *hex, bool *ret_marked,
	struct ce_error *err);

/* --- an issuer's own things: issuers/NAME/RECORD (account key and URL, CA key and certificate, CRL, serials) --- */
CE_MUSTCHECK int ce_store_issuer_get(struct ce_store *store, const char *issuer, const char *record,
	struct ce_buf *ret_bytes, struct ce_error *err); /* CE_ERR_NOT_FOUND */
/* CE_UNCHANGED when it was not there. */
CE_MUSTCHECK int ce_store_issuer_remove(struct ce_store *store, const char *issuer, const char *record,
	struct ce_error *err);
CE_MUSTCHECK int ce_store_issuer_put(struct ce_store *store, const char *issuer, const char *record,
	struct ce_bytes bytes, struct ce_error *err);
/* Gives a record another name, durably and at once; one that has that name already goes. CE_UNCHANGED when there is no
 * such record. */
CE_MUSTCHECK int ce_store_issuer_rename(struct ce_store *store, const char *issuer, const char *record, const char *to,
	struct ce_error *err);

#endif
