/* Chains as they come from a CA or from the store: read, put in order, judged. */
#include <string.h>

#include "base/text.h"
#include "crypto/certificate.h"
#include "crypto/gnutls_own.h"
#include "crypto/names.h"
#include "crypto/pem.h"
#include "crypto/token.h"

#define TITLE_ROOM 300

struct link {
	gnutls_x509_crt_t crt;
	struct ce_facts facts;
	bool self_signed;
};

struct chain {
	struct link links[CE_CHAIN_MAX];
	size_t count;
};

static void
chain_release(struct chain *chain)
{
	for (size_t i = 0; i < chain->count; i++) {
		ce_gnutls_crtp(&chain->links[i].crt);
		ce_facts_release(&chain->links[i].facts);
	}
	chain->count = 0;
}

const char *
ce_verify_reason(unsigned status)
{
	static const struct {
		unsigned bit;
		const char *text;
	} reasons[] = {
		{ GNUTLS_CERT_SIGNATURE_FAILURE, "has a signature that is wrong" },
		{ GNUTLS_CERT_INSECURE_ALGORITHM, "is signed with an algorithm that is not secure" },
		{ GNUTLS_CERT_SIGNER_NOT_CA, "is signed by a certificate that is not of a CA" },
		{ GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE, "breaks a constraint of its issuer" },
		{ GNUTLS_CERT_PURPOSE_MISMATCH, "is not meant for a TLS server" },
		{ GNUTLS_CERT_UNKNOWN_CRIT_EXTENSIONS, "has a critical extension that is not known" },
		{ GNUTLS_CERT_SIGNER_NOT_FOUND, "does not lead to a trusted CA" },
		{ GNUTLS_CERT_REVOKED, "is revoked" },
	};
	for (size_t i = 0; i < CE_COUNT(reasons); i++)
		if (status & reasons[i].bit)
			return reasons[i].text;
	return "cannot be verified";
}

/* 0 when issuer signed crt, else GnuTLS' bits. Dates are judged elsewhere, at a moment that is given. */
static unsigned
signature_status(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer, unsigned flags)
{
	unsigned status = 0;
	int code = gnutls_x509_crt_verify(crt, &issuer, 1, flags | GNUTLS_VERIFY_DISABLE_TIME_CHECKS
		| GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS | GNUTLS_VERIFY_DO_NOT_ALLOW_SAME, &status);
	return code < 0 ? GNUTLS_CERT_INVALID : status;
}

static bool
is_self_signed(const struct link *link)
{
	return link->facts.self_issued && gnutls_x509_crt_check_issuer(link->crt, link->crt)
	       && signature_status(link->crt, link->crt, GNUTLS_VERIFY_DISABLE_CA_SIGN) == 0;
}

static bool
has_fingerprint(const struct chain *chain, const char *fingerprint)
{
	for (size_t i = 0; i < chain->count; i++)
		if (strcmp(chain->links[i].facts.fingerprint, fingerprint) == 0)
			return true;
	return false;
}

CE_MUSTCHECK static int
add_block(struct chain *chain, const struct ce_pem_block *block, struct ce_error *err)
{
	if (strcmp(block->label, "CERTIFICATE") != 0)
		return ce_fail(err, CE_ERR_CRYPTO, "the chain holds a PEM block '%s'; only certificates are taken",
			block->label);
	if (chain->count == CE_CHAIN_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "the chain has more than %d certificates", CE_CHAIN_MAX);
	CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t crt = NULL;
	CE_CLEANUP(ce_facts_release) struct ce_facts facts = { .names = CE_STRLIST_INIT };
	int code = ce_crt_read(block->whole, &crt, err);
	if (code >= 0)
		code = ce_facts_of(crt, &facts, err);
	if (code < 0)
		return ce_error_wrap(err, "certificate %zu of the chain", chain->count + 1);
	if (has_fingerprint(chain, facts.fingerprint))
		return CE_OK;

	struct link *link = &chain->links[chain->count++];
	*link = (struct link){ CE_STEAL(crt), facts, false };
	memset(&facts, 0, sizeof(facts));
	link->self_signed = is_self_signed(link);
	return CE_OK;
}

CE_MUSTCHECK static int
read_chain(struct ce_bytes text, struct chain *chain, struct ce_error *err)
{
	if (text.size > CE_CHAIN_BYTES_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "a chain of %zu bytes is larger than the %d allowed", text.size,
			CE_CHAIN_BYTES_MAX);
	struct ce_pem pem = { text, 0, true };
	struct ce_pem_block block;
	int code;
	while ((code = ce_pem_next(&pem, &block, err)) == CE_OK) {
		code = add_block(chain, &block, err);
		if (code < 0)
			return code;
	}
	if (code < 0)
		return code;
	if (chain->count == 0)
		return ce_fail(err, CE_ERR_CRYPTO, "there is no PEM certificate in the chain of %zu bytes", text.size);
	return CE_OK;
}

static void
swap_links(struct chain *chain, size_t a, size_t b)
{
	struct link moved = chain->links[a];
	chain->links[a] = chain->links[b];
	chain->links[b] = moved;
}

/* Brings the leaf to the front: the certificate of our key, rather not a CA's where the key has several. */
CE_MUSTCHECK static int
place_leaf(struct chain *chain, const struct ce_key *key, struct ce_error *err)
{
	char id[65], title[TITLE_ROOM];
	if (!key)
		return CE_OK; /* from the store, where the leaf stands in front */
	int code = ce_key_id(key, id, err);
	if (code < 0)
		return code;
	size_t found = chain->count;
	for (size_t i = 0; i < chain->count; i++) {
		const struct ce_facts *facts = &chain->links[i].facts;
		if (strcmp(facts->key_id, id) == 0 && (found == chain->count || (chain->links[found].facts.is_ca
		                                                                 && !facts->is_ca)))
			found = i;
	}
	if (found == chain->count)
		return ce_fail(err, CE_ERR_CRYPTO, "no certificate of the chain belongs to the private key; "
			"it begins with the certificate %s", ce_facts_title(&chain->links[0].facts, title, sizeof(title)));
	swap_links(chain, 0, found);
	return CE_OK;
}

/* The place of the issuer of link at among those behind it, by name and key identifiers; a cross-signed one before
 * a self-signed one with the same key, since that serves clients that trust either. 0: none. */
static size_t
find_issuer(const struct chain *chain, size_t at)
{
	size_t found = 0;
	for (size_t i = at + 1; i < chain->count; i++) {
		const struct link *link = &chain->links[i];
		if (!gnutls_x509_crt_check_issuer(chain->links[at].crt, link->crt))
			continue;
		bool signs = signature_status(chain->links[at].crt, link->crt, 0) == 0;
		bool found_signs = found && signature_status(chain->links[at].crt, chain->links[found].crt, 0) == 0;
		if (!found || (signs && !found_signs)
		        || (signs == found_signs && chain->links[found].self_signed && !link->self_signed))
			found = i;
	}
	return found;
}

CE_MUSTCHECK static int
check_signature(const struct link *link, const struct link *issuer, struct ce_error *err)
{
	unsigned status = signature_status(link->crt, issuer->crt, 0);
	if (status == 0)
		return CE_OK;
	char title[TITLE_ROOM], by[TITLE_ROOM];
	ce_facts_title(&link->facts, title, sizeof(title));
	ce_facts_title(&issuer->facts, by, sizeof(by));
	if (!issuer->facts.is_ca)
		return ce_fail(err, CE_ERR_CRYPTO, "the chain's certificate %s is not of a CA but signs %s", by, title);
	return ce_fail(err, CE_ERR_CRYPTO, "the chain's certificate %s %s (issuer %s)", title, ce_verify_reason(status), by);
}

static void
drop_last(struct chain *chain)
{
	struct link *link = &chain->links[--chain->count];
	ce_gnutls_crtp(&link->crt);
	ce_facts_release(&link->facts);
}

/* What no certificate needed: other roots go, anything else is a mistake of somebody. */
CE_MUSTCHECK static int
drop_rest(struct chain *chain, size_t used, struct ce_error *err)
{
	char title[TITLE_ROOM], last[TITLE_ROOM];
	while (chain->count > used) {
		const struct link *link = &chain->links[chain->count - 1];
		if (!link->self_signed)
			return ce_fail(err, CE_ERR_CRYPTO, "the certificate %s does not belong to the chain, which ends at %s",
				ce_facts_title(&link->facts, title, sizeof(title)),
				ce_facts_title(&chain->links[used - 1].facts, last, sizeof(last)));
		drop_last(chain);
	}
	return CE_OK;
}

CE_MUSTCHECK static int
sort_chain(struct chain *chain, const struct ce_key *key, struct ce_error *err)
{
	int code = place_leaf(chain, key, err);
	if (code < 0)
		return code;
	size_t at = 0;
	while (!chain->links[at].self_signed) {
		size_t issuer = find_issuer(chain, at);
		if (issuer == 0)
			break;
		swap_links(chain, at + 1, issuer);
		code = check_signature(&chain->links[at], &chain->links[at + 1], err);
		if (code < 0)
			return code;
		at++;
	}
	return drop_rest(chain, at + 1, err);
}

CE_MUSTCHECK static int
check_names(const struct ce_facts *leaf, const struct ce_chain_demands *demands, struct ce_error *err)
{
	char title[TITLE_ROOM];
	for (size_t i = 0; i < demands->names->count; i++) {
		const char *name = demands->names->items[i];
		bool ok = demands->exact_names ? ce_strlist_has(&leaf->names, name) : ce_facts_cover(leaf, name);
		if (!ok)
			return ce_fail(err, CE_ERR_CRYPTO, "the certificate %s does not cover '%s'",
				ce_facts_title(leaf, title, sizeof(title)), name);
	}
	for (size_t i = 0; demands->exact_names && i < leaf->names.count; i++)
		if (!ce_strlist_has(demands->names, leaf->names.items[i]))
			return ce_fail(err, CE_ERR_CRYPTO, "the certificate %s names '%s', which was not asked for",
				ce_facts_title(leaf, title, sizeof(title)), leaf->names.items[i]);
	return CE_OK;
}

CE_MUSTCHECK static int
judge(struct ce_bytes pem, const struct ce_chain_demands *demands, struct chain *chain, struct ce_error *err)
{
	int code = read_chain(pem, chain, err);
	if (code >= 0)
		code = sort_chain(chain, demands->key, err);
	if (code >= 0)
		code = check_names(&chain->links[0].facts, demands, err);
	for (size_t i = 0; code >= 0 && i < chain->count; i++)
		code = ce_facts_in_date(&chain->links[i].facts, demands->now, err);
	return code < 0 ? code : CE_OK;
}

CE_MUSTCHECK static int
fill_bundle(struct chain *chain, const struct ce_key *key, struct ce_bundle *bundle, struct ce_error *err)
{
	int code = ce_key_record(key, &bundle->key, err);
	if (code >= 0)
		code = ce_crt_add_pem(&bundle->leaf, chain->links[0].crt, err);
	for (size_t i = 1; code >= 0 && i < chain->count; i++)
		code = ce_crt_add_pem(&bundle->chain, chain->links[i].crt, err);
	if (code < 0)
		return code;
	bundle->facts = chain->links[0].facts;
	memset(&chain->links[0].facts, 0, sizeof(chain->links[0].facts));
	return CE_OK;
}

int
ce_chain_accept(struct ce_bytes pem, const struct ce_chain_demands *demands, struct ce_bundle *ret_bundle,
	struct ce_error *err)
{
	CE_CLEANUP(chain_release) struct chain chain = { .count = 0 };
	int code = judge(pem, demands, &chain, err);
	if (code < 0)
		return code;
	if (chain.count >= 2 && chain.links[chain.count - 1].self_signed)
		drop_last(&chain);

	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	ce_bundle_init(&bundle);
	code = fill_bundle(&chain, demands->key, &bundle, err);
	if (code < 0)
		return code;

	ce_bundle_release(ret_bundle);
	*ret_bundle = bundle;
	ce_bundle_init(&bundle);
	return CE_OK;
}

/* Whether leaf and chain, as they will be written, are in the order that judging found. */
CE_MUSTCHECK static int
check_order(const struct ce_bundle *bundle, struct ce_bytes whole, const struct chain *sorted, struct ce_error *err)
{
	CE_CLEANUP(chain_release) struct chain stored = { .count = 0 };
	int code = read_chain(whole, &stored, err);
	if (code < 0)
		return code;
	bool same = stored.count == sorted->count;
	for (size_t i = 0; same && i < stored.count; i++)
		same = strcmp(stored.links[i].facts.fingerprint, sorted->links[i].facts.fingerprint) == 0;
	if (!same)
		return ce_fail(err, CE_ERR_CRYPTO, "the stored chain is not in order, or holds more than one chain");
	if (strcmp(stored.links[0].facts.fingerprint, bundle->facts.fingerprint) != 0)
		return ce_fail(err, CE_ERR_CRYPTO, "the stored certificate is not the one that its record describes");
	return CE_OK;
}

int
ce_bundle_check(const struct ce_bundle *bundle, const struct ce_strlist *names, long long now, struct ce_error *err)
{
	CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
	CE_CLEANUP(ce_buf_release) struct ce_buf whole = CE_BUF_INIT;
	CE_CLEANUP(chain_release) struct chain chain = { .count = 0 };
	/* One in a token was judged when the certificate came, and no product gets it. */
	bool has_key = bundle->key.size > 0 && !ce_token_is_record(ce_buf_bytes(&bundle->key));
	int code = has_key ? ce_key_from_pem(ce_buf_bytes(&bundle->key), &key, err) : CE_OK;
	if (code >= 0)
		code = ce_buf_add(&whole, bundle->leaf.data, bundle->leaf.size, err);
	if (code >= 0)
		code = ce_buf_add(&whole, bundle->chain.data, bundle->chain.size, err);
	if (code < 0)
		return code;

	struct ce_chain_demands demands = { .key = key, .names = names, .exact_names = false, .now = now };
	code = judge(ce_buf_bytes(&whole), &demands, &chain, err);
	if (code < 0)
		return code;
	return check_order(bundle, ce_buf_bytes(&whole), &chain, err);
}
