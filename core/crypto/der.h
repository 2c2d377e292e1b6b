/* DER (X.690) for the structures that GnuTLS cannot write: a CRL with reasons, the envelope of a key in a JKS; and for
 * the one that it rewrites: a PKCS#12 of which every byte counts. Private to this folder. */
#ifndef CE_CRYPTO_DER_H
#define CE_CRYPTO_DER_H

#include <stdbool.h>

#include "base/buf.h"

enum ce_der_tag {
	CE_DER_INTEGER = 0x02,
	CE_DER_BIT_STRING = 0x03,
	CE_DER_OCTET_STRING = 0x04,
	CE_DER_OID = 0x06,
	CE_DER_ENUMERATED = 0x0a,
	CE_DER_UTC_TIME = 0x17,
	CE_DER_GENERALIZED_TIME = 0x18,
	CE_DER_BMP_STRING = 0x1e,
	CE_DER_SEQUENCE = 0x30,
	CE_DER_SET = 0x31,
	CE_DER_PRIMITIVE_0 = 0x80,
	CE_DER_CONTEXT_0 = 0xa0
};

/* Appends one value: tag, length, content. */
CE_MUSTCHECK int ce_der_add(struct ce_buf *out, int tag, struct ce_bytes content, struct ce_error *err);
/* Appends a positive INTEGER from big-endian bytes, with the zero that a high first bit needs and no other. */
CE_MUSTCHECK int ce_der_add_integer(struct ce_buf *out, struct ce_bytes magnitude, struct ce_error *err);
CE_MUSTCHECK int ce_der_add_long(struct ce_buf *out, unsigned long value, struct ce_error *err);
/* UTCTime to 2049, GeneralizedTime after (RFC 5280 section 4.1.2.5). */
CE_MUSTCHECK int ce_der_add_time(struct ce_buf *out, long long seconds, struct ce_error *err);

/* One value as it was read; both point into the input. */
struct ce_der_value {
	int tag;
	struct ce_bytes whole, content;
};
/* Takes the first value out of *left. False, and *left as it was: there is none, or it is not whole, or has a tag of
 * several bytes or the indefinite length of BER. */
bool ce_der_take(struct ce_bytes *left, struct ce_der_value *ret_value);
/* The same for a value that must have this tag. */
bool ce_der_take_tag(struct ce_bytes *left, int tag, struct ce_der_value *ret_value);
/* An INTEGER of 0 to 2^31 - 1. */
bool ce_der_take_number(struct ce_bytes *left, unsigned *ret_number);

#endif
