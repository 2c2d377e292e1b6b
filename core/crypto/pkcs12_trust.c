/* One more trusted certificate in a PKCS#12. It gets a ContentInfo of its own, unencrypted as in Java's cacerts, behind the
 * others, which stay byte for byte, encrypted or not; only lengths and the MAC are made anew. An older one of ours
 * is cut out where it stands in the clear. */
#include <string.h>

#include "crypto/digest.h"
#include "crypto/pkcs12_own.h"

#define CONTENTS_MAX 64
#define BAGS_MAX 4096
#define ALIAS_ROOM 256
#define NOT_LATIN 0x7f /* in no alias of ours */

/* The parts of a PFX. */
struct pfx {
	struct ce_bytes version;     /* whole */
	struct ce_bytes safe;        /* AuthenticatedSafe: what the MAC is made over */
	struct ce_bytes mac;         /* MacData's content; NULL: none */
};

struct edit {
	struct ce_trust_finding finding;
	struct ce_rounds rounds;
	struct ce_buf kept;          /* ContentInfos */
	size_t contents, bags;
	bool stuck;                  /* an older one of ours is in an encrypted part */
};

static void
edit_release(struct edit *edit)
{
	ce_buf_release(&edit->kept);
}

static int
malformed(struct ce_error *err, const char *part)
{
	return ce_fail(err, CE_ERR_INVALID, "the PKCS#12 is malformed or not DER: %s cannot be read", part);
}

/* [0] { OCTET STRING }, and nothing else */
static bool
take_octets(struct ce_bytes *left, struct ce_der_value *ret_octets)
{
	struct ce_der_value explicit;
	return ce_der_take_tag(left, CE_DER_CONTEXT_0, &explicit) && left->size == 0
	       && ce_der_take_tag(&explicit.content, CE_DER_OCTET_STRING, ret_octets) && explicit.content.size == 0;
}

CE_MUSTCHECK static int
read_pfx(struct ce_bytes bytes, struct pfx *ret_pfx, struct ce_error *err)
{
	struct ce_der_value whole, info, oid, safe, mac;
	struct pfx pfx = { .mac = { NULL, 0 } };
	unsigned version = 0;
	if (!ce_der_take_tag(&bytes, CE_DER_SEQUENCE, &whole) || bytes.size > 0)
		return malformed(err, "its outermost part");
	const unsigned char *start = whole.content.data;
	if (!ce_der_take_number(&whole.content, &version) || version != 3)
		return malformed(err, "its version");
	pfx.version = (struct ce_bytes){ start, (size_t)(whole.content.data - start) };
	if (!ce_der_take_tag(&whole.content, CE_DER_SEQUENCE, &info) || !ce_der_take_tag(&info.content, CE_DER_OID, &oid))
		return malformed(err, "its content");
	if (ce_oid_of(&oid) != CE_OID_DATA)
		return ce_fail(err, CE_ERR_REFUSED, "the PKCS#12 is signed instead of protected by a password and cannot be changed");
	if (!take_octets(&info.content, &safe))
		return malformed(err, "its content");
	pfx.safe = safe.content;
	if (whole.content.size > 0) {
		if (!ce_der_take_tag(&whole.content, CE_DER_SEQUENCE, &mac) || whole.content.size > 0)
			return malformed(err, "its MAC");
		pfx.mac = mac.content;
	}
	*ret_pfx = pfx;
	return CE_OK;
}

CE_MUSTCHECK static int
check_mac(struct edit *edit, const struct pfx *pfx, struct ce_error *err)
{
	struct ce_pkcs12_mac mac;
	unsigned char made[64];
	size_t size = 0;
	if (!pfx->mac.data)
		return CE_OK;
	int code = ce_pkcs12_mac_read(pfx->mac, &mac, err);
	if (code >= 0)
		code = ce_pkcs12_mac_make(&mac, pfx->safe, edit->finding.edit->password, &edit->rounds, made, &size, err);
	if (code < 0)
		return code;
	if (mac.digest.size != size || gnutls_memcmp(made, mac.digest.data, size) != 0)
		return ce_fail(err, CE_ERR_INVALID, "the PKCS#12 was changed, or its password is another one");
	return CE_OK;
}

/* ----------------------------------------------------------------------- bags */

/* A SafeBag as far as it matters here. */
struct bag {
	char alias[ALIAS_ROOM];
	size_t alias_size;
	bool trusted;
	char fingerprint[65];
};

/* A BMPString as Latin text; what is none, or too long, is no alias of ours. */
static void
read_alias(struct bag *bag, struct ce_bytes wide)
{
	bag->alias_size = wide.size / 2 < ALIAS_ROOM ? wide.size / 2 : 0;
	for (size_t i = 0; i < bag->alias_size; i++)
		bag->alias[i] = (char)(wide.data[2 * i] == 0 && wide.data[2 * i + 1] < 0x80 ? wide.data[2 * i + 1] : NOT_LATIN);
}

CE_MUSTCHECK static int
read_attributes(struct bag *bag, struct ce_bytes left, struct ce_error *err)
{
	while (left.size > 0) {
		struct ce_der_value attribute, oid, values, value;
		if (!ce_der_take_tag(&left, CE_DER_SEQUENCE, &attribute) || !ce_der_take_tag(&attribute.content, CE_DER_OID, &oid)
		        || !ce_der_take_tag(&attribute.content, CE_DER_SET, &values))
			return malformed(err, "an attribute");
		if (ce_oid_of(&oid) == CE_OID_TRUSTED_KEY_USAGE)
			bag->trusted = true;
		else if (ce_oid_of(&oid) == CE_OID_FRIENDLY_NAME && ce_der_take_tag(&values.content, CE_DER_BMP_STRING, &value))
			read_alias(bag, value.content);
	}
	return CE_OK;
}

/* CertBag: a certificate, if it is an X.509 one. */
CE_MUSTCHECK static int
read_certificate(struct bag *bag, struct ce_bytes left, struct ce_error *err)
{
	struct ce_der_value certificate, oid, der;
	if (!ce_der_take_tag(&left, CE_DER_SEQUENCE, &certificate) || !ce_der_take_tag(&certificate.content, CE_DER_OID, &oid))
		return malformed(err, "a certificate");
	if (ce_oid_of(&oid) != CE_OID_X509_CERTIFICATE)
		return CE_OK;
	if (!take_octets(&certificate.content, &der))
		return malformed(err, "a certificate");
	return ce_sha256_hex(der.content, bag->fingerprint, err);
}

CE_MUSTCHECK static int
read_bag(struct ce_bytes left, struct bag *ret_bag, struct ce_error *err)
{
	struct ce_der_value oid, value, attributes;
	struct bag bag = { .trusted = false };
	if (!ce_der_take_tag(&left, CE_DER_OID, &oid) || !ce_der_take_tag(&left, CE_DER_CONTEXT_0, &value))
		return malformed(err, "a bag");
	int code = CE_OK;
	if (ce_oid_of(&oid) == CE_OID_CERT_BAG)
		code = read_certificate(&bag, value.content, err);
	if (code >= 0 && left.size > 0) {
		if (!ce_der_take_tag(&left, CE_DER_SET, &attributes) || left.size > 0)
			return malformed(err, "the attributes of a bag");
		code = read_attributes(&bag, attributes.content, err);
	}
	bag.trusted = bag.trusted && bag.fingerprint[0] != '\0';
	if (code < 0)
		return code;
	*ret_bag = bag;
	return CE_OK;
}

/* Looks at every bag of a SafeContents and keeps those that stay; *ret_gone: how many do not. */
CE_MUSTCHECK static int
look_at_bags(struct edit *edit, struct ce_bytes bytes, struct ce_buf *kept, size_t *ret_gone, struct ce_error *err)
{
	struct ce_der_value safe, value;
	*ret_gone = 0;
	if (!ce_der_take_tag(&bytes, CE_DER_SEQUENCE, &safe) || bytes.size > 0)
		return malformed(err, "a list of bags");
	while (safe.content.size > 0) {
		struct bag bag;
		if (++edit->bags > BAGS_MAX)
			return ce_fail(err, CE_ERR_LIMIT, "the PKCS#12 has more than %d bags", BAGS_MAX);
		if (!ce_der_take_tag(&safe.content, CE_DER_SEQUENCE, &value))
			return malformed(err, "a bag");
		int code = read_bag(value.content, &bag, err);
		if (code < 0)
			return code;
		struct ce_bytes alias = { (const unsigned char *)bag.alias, bag.alias_size };
		if (ce_trust_look(&edit->finding, alias, bag.trusted, bag.fingerprint))
			(*ret_gone)++;
		else
			code = ce_buf_add(kept, value.whole.data, value.whole.size, err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

/* ------------------------------------------------------------------- contents */

/* Bags in the clear: kept as they stand, or without ours; if that was all, not at all. */
CE_MUSTCHECK static int
keep_data(struct edit *edit, struct ce_bytes left, struct ce_bytes whole, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf bags = CE_BUF_SECRET, safe = CE_BUF_SECRET;
	struct ce_der_value octets;
	size_t gone = 0;
	if (!take_octets(&left, &octets))
		return malformed(err, "a part of its content");
	int code = look_at_bags(edit, octets.content, &bags, &gone, err);
	if (code < 0)
		return code;
	if (gone == 0)
		return ce_buf_add(&edit->kept, whole.data, whole.size, err);
	if (bags.size == 0)
		return CE_OK;
	code = ce_der_add(&safe, CE_DER_SEQUENCE, ce_buf_bytes(&bags), err);
	return code < 0 ? code : ce_pkcs12_add_octets(&edit->kept, CE_OID_DATA, ce_buf_bytes(&safe), err);
}

/* Encrypted bags can be looked at, and are kept as they stand. */
CE_MUSTCHECK static int
keep_encrypted(struct edit *edit, struct ce_bytes left, struct ce_bytes whole, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf plain = CE_BUF_SECRET, bags = CE_BUF_SECRET;
	struct ce_der_value outer, data, info, oid, algorithm, hidden;
	unsigned version = 0;
	if (!ce_der_take_tag(&left, CE_DER_CONTEXT_0, &outer) || left.size > 0
	        || !ce_der_take_tag(&outer.content, CE_DER_SEQUENCE, &data) || !ce_der_take_number(&data.content, &version)
	        || !ce_der_take_tag(&data.content, CE_DER_SEQUENCE, &info) || !ce_der_take_tag(&info.content, CE_DER_OID, &oid)
	        || !ce_der_take_tag(&info.content, CE_DER_SEQUENCE, &algorithm)
	        || !ce_der_take_tag(&info.content, CE_DER_PRIMITIVE_0, &hidden))
		return malformed(err, "an encrypted part of its content");
	size_t gone = 0;
	int code = ce_pkcs12_decrypt(&algorithm, hidden.content, edit->finding.edit->password, &edit->rounds, &plain, err);
	if (code >= 0)
		code = look_at_bags(edit, ce_buf_bytes(&plain), &bags, &gone, err);
	if (code < 0)
		return code;
	edit->stuck = edit->stuck || gone > 0;
	return ce_buf_add(&edit->kept, whole.data, whole.size, err);
}

CE_MUSTCHECK static int
keep_contents(struct edit *edit, struct ce_bytes safe, struct ce_error *err)
{
	struct ce_der_value list, info, oid;
	if (!ce_der_take_tag(&safe, CE_DER_SEQUENCE, &list) || safe.size > 0)
		return malformed(err, "its list of contents");
	while (list.content.size > 0) {
		if (++edit->contents > CONTENTS_MAX)
			return ce_fail(err, CE_ERR_LIMIT, "the PKCS#12 has more than %d contents", CONTENTS_MAX);
		if (!ce_der_take_tag(&list.content, CE_DER_SEQUENCE, &info))
			return malformed(err, "a part of its content");
		struct ce_bytes whole = info.whole, left = info.content;
		if (!ce_der_take_tag(&left, CE_DER_OID, &oid))
			return malformed(err, "a part of its content");
		int code;
		if (ce_oid_of(&oid) == CE_OID_DATA)
			code = keep_data(edit, left, whole, err);
		else if (ce_oid_of(&oid) == CE_OID_ENCRYPTED_DATA)
			code = keep_encrypted(edit, left, whole, err);
		else
			code = ce_fail(err, CE_ERR_REFUSED, "the PKCS#12 has a part that is encrypted for a certificate and cannot be looked at");
		if (code < 0)
			return code;
	}
	return CE_OK;
}

/* -------------------------------------------------------------------- writing */

/* The AuthenticatedSafe: what was kept, and the new certificate behind it. */
CE_MUSTCHECK static int
write_safe(const struct edit *edit, struct ce_buf *out, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf bag = CE_BUF_INIT, bags = CE_BUF_INIT, list = CE_BUF_SECRET;
	CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t crt = NULL;
	const struct ce_truststore_edit *wish = edit->finding.edit;
	int code = ce_crt_read(wish->ca, &crt, err);
	if (code >= 0)
		code = ce_pkcs12_add_trusted_bag(&bag, crt, wish->alias, err);
	if (code >= 0)
		code = ce_der_add(&bags, CE_DER_SEQUENCE, ce_buf_bytes(&bag), err);
	if (code >= 0)
		code = ce_buf_add(&list, edit->kept.data ? edit->kept.data : (const void *)"", edit->kept.size, err);
	if (code >= 0)
		code = ce_pkcs12_add_octets(&list, CE_OID_DATA, ce_buf_bytes(&bags), err);
	return code < 0 ? code : ce_der_add(out, CE_DER_SEQUENCE, ce_buf_bytes(&list), err);
}

/* MacData as it was, but for the digest: found by its place in the old bytes. */
CE_MUSTCHECK static int
write_mac(struct edit *edit, const struct pfx *pfx, struct ce_bytes safe, struct ce_buf *out, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf content = CE_BUF_INIT;
	struct ce_pkcs12_mac mac;
	unsigned char made[64];
	size_t size = 0;
	int code = ce_pkcs12_mac_read(pfx->mac, &mac, err);
	if (code >= 0)
		code = ce_pkcs12_mac_make(&mac, safe, edit->finding.edit->password, &edit->rounds, made, &size, err);
	if (code >= 0)
		code = ce_buf_add(&content, pfx->mac.data, pfx->mac.size, err);
	if (code < 0)
		return code;
	memcpy(content.data + (mac.digest.data - pfx->mac.data), made, size); /* of the size of the old one, as was checked */
	return ce_der_add(out, CE_DER_SEQUENCE, ce_buf_bytes(&content), err);
}

CE_MUSTCHECK static int
write_pfx(struct edit *edit, const struct pfx *pfx, struct ce_buf *out, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf safe = CE_BUF_SECRET, content = CE_BUF_SECRET;
	int code = write_safe(edit, &safe, err);
	if (code >= 0)
		code = ce_buf_add(&content, pfx->version.data, pfx->version.size, err);
	if (code >= 0)
		code = ce_pkcs12_add_octets(&content, CE_OID_DATA, ce_buf_bytes(&safe), err);
	if (code >= 0 && pfx->mac.data)
		code = write_mac(edit, pfx, ce_buf_bytes(&safe), &content, err);
	return code < 0 ? code : ce_der_add(out, CE_DER_SEQUENCE, ce_buf_bytes(&content), err);
}

int
ce_pkcs12_trust(struct ce_bytes bytes, const struct ce_truststore_edit *wish, struct ce_buf *ret_bytes,
	struct ce_error *err)
{
	CE_CLEANUP(edit_release) struct edit edit = { .kept = CE_BUF_SECRET };
	struct pfx pfx = { 0 };
	int code = ce_trust_begin(wish, &edit.finding, err);
	if (code >= 0)
		code = read_pfx(bytes, &pfx, err);
	if (code >= 0)
		code = check_mac(&edit, &pfx, err);
	if (code >= 0)
		code = keep_contents(&edit, pfx.safe, err);
	if (code >= 0)
		code = ce_trust_verdict(&edit.finding, err);
	if (code != CE_OK)
		return code;
	if (edit.stuck)
		return ce_fail(err, CE_ERR_REFUSED, "the older certificate with the alias '%s' is in an encrypted part of the PKCS#12, which "
			"cannot be changed without touching the rest; take it out with `keytool -delete`", wish->alias);

	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_SECRET;
	code = write_pfx(&edit, &pfx, &out, err);
	if (code < 0)
		return code;
	ce_buf_give(ret_bytes, &out);
	return CE_OK;
}
