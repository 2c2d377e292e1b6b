/* A CA's directory (RFC 8555 section 7.1.1). */
#ifndef CE_ACME_DIRECTORY_H
#define CE_ACME_DIRECTORY_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/strlist.h"

enum ce_acme_resource {
	CE_ACME_NEW_NONCE = 0,
	CE_ACME_NEW_ACCOUNT,
	CE_ACME_NEW_ORDER,
	/* From here on a CA need not have them. */
	CE_ACME_REVOKE_CERT,
	CE_ACME_KEY_CHANGE,
	CE_ACME_RENEWAL,       /* renewalInfo, RFC 9773 */
	CE_ACME_RESOURCES
};

struct ce_acme_directory {
	char *urls[CE_ACME_RESOURCES]; /* NULL: the CA has it not */
	char *terms;              /* NULL: the CA has none */
	bool binding_required;    /* externalAccountRequired */
	struct ce_strlist profiles; /* names of the kinds of certificates on offer */
};

/* Unknown members are passed over; meta may be absent. CE_ERR_ISSUER when it is no directory,
 * CE_ERR_REFUSED for a URL that is not https. */
CE_MUSTCHECK int ce_acme_directory_read(struct ce_bytes document, struct ce_acme_directory *ret_directory,
	struct ce_error *err);

/* The members that are known, as a document to keep. The caller frees; NULL without memory. */
char *ce_acme_directory_text(struct ce_bytes document);

void ce_acme_directory_release(struct ce_acme_directory *directory);

#endif
