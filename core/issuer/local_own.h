/* Shared by the files of the local issuer only: a private CA and its generations. */
#ifndef CE_ISSUER_LOCAL_OWN_H
#define CE_ISSUER_LOCAL_OWN_H

#include "issuer/drivers.h"

extern const struct ce_option ce_local_options[];

#define CE_LOCAL_DAY_S 86400LL
#define CE_LOCAL_CAS_MAX 16

/* One generation: key and root certificate of their own. Records "ca.key", "ca.pem", "ca.crl" for the first one,
 * "ca-2.key" ... for those after it. */
struct ce_local_ca {
	const struct ce_issuer_config *issuer;
	int generation;
	struct ce_key *key;   /* NULL: not loaded yet */
	struct ce_buf root_pem;
	struct ce_facts root;
};

/* Those that have not expired, oldest first. The last one takes over in time: it is made, and given to whoever asks for
 * anchors, when a third of the lifetime of the one before is left; it signs what that one would not outlive. */
struct ce_local {
	const struct ce_issuer_config *issuer;
	struct ce_local_ca cas[CE_LOCAL_CAS_MAX];
	size_t count;
	bool made;            /* a generation was made just now */
};
void ce_local_release(struct ce_local *local);

/* Loads the roots. With make: what is missing is made, also after a run that was killed in between; else none may be
 * there at all. */
CE_MUSTCHECK int ce_local_open(struct ce_store *store, const struct ce_issuer_config *issuer, bool make,
	struct ce_local *local, struct ce_error *err);
/* The one that signs a certificate that ends then. There must be one. */
struct ce_local_ca *ce_local_signer(struct ce_local *local, long long not_after);
/* Loads its key. */
CE_MUSTCHECK int ce_local_key(struct ce_store *store, struct ce_local_ca *ca, struct ce_error *err);
/* The name of a record of a generation: what is "key", "pem" or "crl". */
const char *ce_local_record(char out[32], int generation, const char *what);

/* --- local_crl.c --- */
/* Makes the CRLs that are missing or due. CE_UNCHANGED: none was. */
CE_MUSTCHECK int ce_local_crls(struct ce_store *store, struct ce_local *local, struct ce_error *err);
/* Puts a certificate of ours on the list. CE_UNCHANGED: it was there. */
CE_MUSTCHECK int ce_local_revoke(const struct ce_revocation *revocation, const struct ce_issue_context *context,
	struct ce_error *err);

#endif
