/* Chains as a server presents them, against trust anchors. */
#include <string.h>

#include "crypto/certificate.h"
#include "crypto/gnutls_own.h"
#include "crypto/names.h"

#define ANCHORS_BYTES_MAX (4u << 20)

struct served {
	gnutls_x509_crt_t crts[CE_CHAIN_MAX];
	size_t count;
};

static void
served_release(struct served *served)
{
	for (size_t i = 0; i < served->count; i++)
		ce_gnutls_crtp(&served->crts[i]);
	served->count = 0;
}

static void
trust_release(gnutls_x509_trust_list_t *list)
{
	if (*list)
		gnutls_x509_trust_list_deinit(*list, 1);
	*list = NULL;
}

/* Certificates that the trust list does not own yet. */
struct anchors {
	gnutls_x509_crt_t *crts;
	unsigned count;
};

static void
anchors_release(struct anchors *anchors)
{
	for (unsigned i = 0; i < anchors->count; i++)
		ce_gnutls_crtp(&anchors->crts[i]);
	gnutls_free(anchors->crts);
	anchors->crts = NULL;
	anchors->count = 0;
}

/* GnuTLS knows only the clock of the process for dates, so anchors that are out of date at now are left out. */
CE_MUSTCHECK static int
load_anchors(struct ce_bytes pem, long long now, gnutls_x509_trust_list_t list, struct ce_error *err)
{
	if (pem.size == 0 || pem.size > ANCHORS_BYTES_MAX)
		return ce_fail(err, CE_ERR_INVALID, "trust anchors of %zu bytes are none, or too many", pem.size);
	gnutls_datum_t text = ce_datum(pem);
	CE_CLEANUP(anchors_release) struct anchors anchors = { NULL, 0 };
	int status = gnutls_x509_crt_list_import2(&anchors.crts, &anchors.count, &text, GNUTLS_X509_FMT_PEM, 0);
	if (status < 0)
		return ce_fail(err, CE_ERR_INVALID, "the trust anchors cannot be read: %s", gnutls_strerror(status));

	unsigned used = 0;
	for (unsigned i = 0; i < anchors.count; i++) {
		if (gnutls_x509_crt_get_activation_time(anchors.crts[i]) > now
		        || gnutls_x509_crt_get_expiration_time(anchors.crts[i]) < now)
			continue;
		if (gnutls_x509_trust_list_add_cas(list, &anchors.crts[i], 1, 0) != 1)
			return ce_fail(err, CE_ERR_MEMORY, "trust anchor %u cannot be used", i + 1);
		anchors.crts[i] = NULL;
		used++;
	}
	if (used == 0)
		return ce_fail(err, CE_ERR_VERIFY, "none of the %u trust anchors is valid now", anchors.count);
	return CE_OK;
}

CE_MUSTCHECK static int
check_one(const struct ce_bytes *der, bool leaf, const char *name, long long now, struct ce_error *err)
{
	CE_CLEANUP(ce_facts_release) struct ce_facts facts = { .names = CE_STRLIST_INIT };
	char title[300];
	int code = ce_facts_read(*der, &facts, err);
	if (code >= 0)
		code = ce_facts_in_date(&facts, now, err);
	if (code >= 0 && leaf && name && !ce_facts_cover(&facts, name))
		return ce_fail(err, CE_ERR_VERIFY, "the served certificate %s does not cover '%s'",
			ce_facts_title(&facts, title, sizeof(title)), name);
	return code;
}

CE_MUSTCHECK static int
load_served(const struct ce_bytes *der, size_t count, const char *name, long long now, struct served *served,
	struct ce_error *err)
{
	if (count == 0 || count > CE_CHAIN_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "a served chain of %zu certificates is not taken", count);
	for (size_t i = 0; i < count; i++) {
		int code = check_one(&der[i], i == 0, name, now, err);
		if (code >= 0)
			code = ce_crt_read(der[i], &served->crts[i], err);
		if (code < 0)
			return code;
		served->count = i + 1;
	}
	return CE_OK;
}

CE_MUSTCHECK static int
verify_served(gnutls_x509_trust_list_t list, struct served *served, struct ce_error *err)
{
	static const char purpose[] = GNUTLS_KP_TLS_WWW_SERVER;
	gnutls_typed_vdata_st wanted = { GNUTLS_DT_KEY_PURPOSE_OID, (unsigned char *)(uintptr_t)purpose, 0 };
	unsigned bits = 0;
	int status = gnutls_x509_trust_list_verify_crt2(list, served->crts, (unsigned)served->count, &wanted, 1,
		GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS, &bits, NULL);
	if (status < 0)
		return ce_fail(err, CE_ERR_VERIFY, "the served chain cannot be verified: %s", gnutls_strerror(status));
	if (bits == 0)
		return CE_OK;

	CE_CLEANUP(ce_facts_release) struct ce_facts facts = { .names = CE_STRLIST_INIT };
	char title[300];
	int code = ce_facts_of(served->crts[0], &facts, err);
	if (code < 0)
		return code;
	return ce_fail(err, CE_ERR_VERIFY, "the served chain of the certificate %s %s (issuer '%s')",
		ce_facts_title(&facts, title, sizeof(title)), ce_verify_reason(bits), facts.issuer);
}

int
ce_chain_verify(const struct ce_bytes *der, size_t count, struct ce_bytes anchors_pem, const char *name, long long now,
	struct ce_error *err)
{
	CE_CLEANUP(served_release) struct served served = { .count = 0 };
	CE_CLEANUP(ce_freep) char *canonical = NULL;
	enum ce_name_kind kind;
	int code = name ? ce_name_canonical(name, &canonical, &kind, err) : CE_OK;
	if (code >= 0)
		code = load_served(der, count, canonical, now, &served, err);
	if (code < 0)
		return err && code == CE_ERR_CRYPTO ? (err->code = CE_ERR_VERIFY) : code;

	CE_CLEANUP(trust_release) gnutls_x509_trust_list_t list = NULL;
	int status = gnutls_x509_trust_list_init(&list, 0);
	if (status < 0)
		return ce_fail_gnutls(err, status, "collect the trust anchors");
	code = load_anchors(anchors_pem, now, list, err);
	if (code < 0)
		return code;
	return verify_served(list, &served, err);
}

/* The clock explains the most, so it is asked first. */
enum ce_doubt
ce_chain_doubt(unsigned status)
{
	if (status & GNUTLS_CERT_NOT_ACTIVATED)
		return CE_DOUBT_EARLY;
	if (status & GNUTLS_CERT_EXPIRED)
		return CE_DOUBT_LATE;
	if (status & (GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA))
		return CE_DOUBT_ISSUER;
	return status ? CE_DOUBT_OTHER : CE_DOUBT_NONE;
}
