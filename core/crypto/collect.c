#include "crypto/collect.h"

#include <string.h>

#include <gnutls/pkcs7.h>

#include "crypto/gnutls_own.h"
#include "crypto/pem.h"

#define TITLE_ROOM 300

CE_GNUTLS_OWNED(pkcs7p, gnutls_pkcs7_t, gnutls_pkcs7_deinit)

static void
trust_release(gnutls_x509_trust_list_t *list)
{
	if (*list)
		gnutls_x509_trust_list_deinit(*list, 1);
	*list = NULL;
}

/* ------------------------------------------------------------------- reading */

/* What people take for the certificate. */
static const struct {
	const char *label;
	int code;
	const char *text;
} strangers[] = {
	{ "PRIVATE KEY", CE_ERR_REFUSED, "it holds a private key; only certificates are taken" },
	{ "CERTIFICATE REQUEST", CE_ERR_INVALID, "it holds a certificate request, which is what the CA is sent; "
		"the CA's answer is wanted" },
	{ "X509 CRL", CE_ERR_INVALID, "it holds a revocation list; only certificates are taken" },
};

static bool
ends_with(const char *text, const char *end)
{
	size_t size = strlen(text), end_size = strlen(end);
	return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

CE_MUSTCHECK static int
add_pkcs7(struct ce_buf *out, struct ce_bytes der, size_t *count, struct ce_error *err)
{
	CE_CLEANUP(pkcs7p) gnutls_pkcs7_t bag = NULL;
	gnutls_datum_t bytes = ce_datum(der);
	int status = gnutls_pkcs7_init(&bag);
	if (status >= 0)
		status = gnutls_pkcs7_import(bag, &bytes, GNUTLS_X509_FMT_DER);
	if (status >= 0)
		status = gnutls_pkcs7_get_crt_count(bag);
	if (status < 0)
		return ce_fail(err, CE_ERR_INVALID, "it holds neither a certificate nor a PKCS#7: %s", gnutls_strerror(status));
	for (int i = 0, all = status; i < all; i++) {
		CE_CLEANUP(ce_datump) gnutls_datum_t one = { NULL, 0 };
		if (++*count > CE_COLLECT_MAX)
			return ce_fail(err, CE_ERR_LIMIT, "it holds more than %d certificates", CE_COLLECT_MAX);
		status = gnutls_pkcs7_get_crt_raw2(bag, i, &one);
		if (status < 0)
			return ce_fail(err, CE_ERR_INVALID, "a certificate of its PKCS#7 cannot be read: %s", gnutls_strerror(status));
		int code = ce_pem_add(out, "CERTIFICATE", ce_datum_bytes(&one), err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

/* A certificate, or a PKCS#7: programs on Windows write "CERTIFICATE" above either. */
CE_MUSTCHECK static int
add_der(struct ce_buf *out, struct ce_bytes der, size_t *count, struct ce_error *err)
{
	CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t crt = NULL;
	gnutls_datum_t bytes = ce_datum(der);
	int status = gnutls_x509_crt_init(&crt);
	if (status < 0)
		return ce_fail_gnutls(err, status, "read a certificate");
	if (gnutls_x509_crt_import(crt, &bytes, GNUTLS_X509_FMT_DER) < 0)
		return add_pkcs7(out, der, count, err);
	if (++*count > CE_COLLECT_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "it holds more than %d certificates", CE_COLLECT_MAX);
	return ce_crt_add_pem(out, crt, err);
}

CE_MUSTCHECK static int
add_block(struct ce_buf *out, const struct ce_pem_block *block, size_t *count, struct ce_error *err)
{
	for (size_t i = 0; i < CE_COUNT(strangers); i++)
		if (ends_with(block->label, strangers[i].label))
			return ce_fail(err, strangers[i].code, "%s", strangers[i].text);
	CE_CLEANUP(ce_buf_release) struct ce_buf der = CE_BUF_INIT;
	int code = ce_pem_decode(block, &der, err);
	return code < 0 ? code : add_der(out, ce_buf_bytes(&der), count, err);
}

int
ce_certificates_add(struct ce_buf *out, struct ce_bytes file, struct ce_error *err)
{
	if (file.size > CE_COLLECT_BYTES_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "%zu bytes are more than certificates have", file.size);
	CE_CLEANUP(ce_buf_release) struct ce_buf found = CE_BUF_INIT;
	size_t count = 0;
	int code = CE_OK;
	if (file.size > 0 && file.data[0] == 0x30) { /* SEQUENCE */
		code = add_der(&found, file, &count, err);
	} else {
		struct ce_pem pem = { file, 0, false };
		struct ce_pem_block block;
		if (file.size >= 3 && memcmp(file.data, "\xef\xbb\xbf", 3) == 0)
			pem.at = 3; /* the mark that editors on Windows put before UTF-8 */
		while (code >= 0 && (code = ce_pem_next(&pem, &block, err)) == CE_OK)
			code = add_block(&found, &block, &count, err);
	}
	if (code < 0)
		return code;
	if (count == 0)
		return ce_fail(err, CE_ERR_INVALID, "there is no certificate in its %zu bytes: PEM, DER and PKCS#7 are taken",
			file.size);
	return ce_buf_add(out, found.data, found.size, err);
}

/* ------------------------------------------------------------------- picking */

struct card {
	gnutls_x509_crt_t crt;
	struct ce_facts facts;
	bool given, used;
};

struct pool {
	struct card cards[2 * CE_COLLECT_MAX];
	size_t count;
	size_t chain[CE_CHAIN_MAX]; /* numbers of cards, leaf first */
	size_t length;
};

static void
pool_free(struct pool **pool)
{
	for (size_t i = 0; *pool && i < (*pool)->count; i++) {
		ce_gnutls_crtp(&(*pool)->cards[i].crt);
		ce_facts_release(&(*pool)->cards[i].facts);
	}
	free(*pool);
	*pool = NULL;
}

static bool
is_known(const struct pool *pool, const char *fingerprint)
{
	for (size_t i = 0; i < pool->count; i++)
		if (strcmp(pool->cards[i].facts.fingerprint, fingerprint) == 0)
			return true;
	return false;
}

CE_MUSTCHECK static int
fill_pool(struct pool *pool, struct ce_bytes text, bool given, struct ce_error *err)
{
	struct ce_pem pem = { text, 0, false };
	struct ce_pem_block block;
	int code;
	while ((code = ce_pem_next(&pem, &block, err)) == CE_OK) {
		CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t crt = NULL;
		CE_CLEANUP(ce_facts_release) struct ce_facts facts = { .names = CE_STRLIST_INIT };
		code = ce_crt_read(block.whole, &crt, err);
		if (code >= 0)
			code = ce_facts_of(crt, &facts, err);
		if (code < 0)
			return code;
		if (is_known(pool, facts.fingerprint))
			continue;
		if (pool->count == CE_COUNT(pool->cards))
			return ce_fail(err, CE_ERR_LIMIT, "there are more than %zu certificates", CE_COUNT(pool->cards));
		pool->cards[pool->count++] = (struct card){ CE_STEAL(crt), facts, given, false };
		memset(&facts, 0, sizeof(facts));
	}
	return code < 0 ? code : CE_OK;
}

bool
ce_crt_signed_by(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer)
{
	unsigned status = 0;
	return gnutls_x509_crt_check_issuer(crt, issuer)
	       && gnutls_x509_crt_verify(crt, &issuer, 1, GNUTLS_VERIFY_DISABLE_TIME_CHECKS
	                                 | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS | GNUTLS_VERIFY_DO_NOT_ALLOW_SAME
	                                 | GNUTLS_VERIFY_DISABLE_CA_SIGN, &status) >= 0
	       && status == 0;
}

static bool
is_root(const struct card *card)
{
	return card->facts.self_issued && ce_crt_signed_by(card->crt, card->crt);
}

static bool
is_current(const struct card *card, long long now)
{
	return now >= card->facts.not_before && now <= card->facts.not_after;
}

/* Whether a is to be taken rather than b: in date, given, younger. */
static bool
is_better(const struct card *a, const struct card *b, long long now)
{
	if (is_current(a, now) != is_current(b, now))
		return is_current(a, now);
	if (a->given != b->given)
		return a->given;
	return a->facts.not_before > b->facts.not_before;
}

CE_MUSTCHECK static int
pick_leaf(struct pool *pool, const struct ce_collect_demands *demands, struct ce_error *err)
{
	char id[65], title[TITLE_ROOM];
	int code = ce_key_id(demands->key, id, err);
	if (code < 0)
		return code;
	struct card *leaf = NULL;
	for (size_t i = 0; i < pool->count; i++) {
		struct card *card = &pool->cards[i];
		if (card->given && !card->facts.is_ca && strcmp(card->facts.key_id, id) == 0
		        && (!leaf || is_better(card, leaf, demands->now)))
			leaf = card;
	}
	if (!leaf && pool->count == 0)
		return ce_fail(err, CE_ERR_CRYPTO, "there is no certificate at all");
	if (!leaf)
		return ce_fail(err, CE_ERR_CRYPTO, "no certificate belongs to the key of the request (%.16s); the first one is %s, "
			"of the key %.16s", id, ce_facts_title(&pool->cards[0].facts, title, sizeof(title)), pool->cards[0].facts.key_id);
	leaf->used = true;
	pool->chain[pool->length++] = (size_t)(leaf - pool->cards);
	return CE_OK;
}

/* The next one up; false: none is at hand. */
static bool
climb(struct pool *pool, long long now)
{
	const struct card *last = &pool->cards[pool->chain[pool->length - 1]];
	struct card *issuer = NULL;
	if (is_root(last) || pool->length == CE_CHAIN_MAX)
		return false;
	for (size_t i = 0; i < pool->count; i++) {
		struct card *card = &pool->cards[i];
		if (!card->used && ce_crt_signed_by(last->crt, card->crt) && (!issuer || is_better(card, issuer, now)))
			issuer = card;
	}
	if (!issuer)
		return false;
	issuer->used = true;
	pool->chain[pool->length++] = (size_t)(issuer - pool->cards);
	return true;
}

static bool
has_root_at_hand(const struct pool *pool)
{
	for (size_t i = 0; i < pool->length; i++)
		for (size_t k = 0; k < pool->count; k++)
			if (is_root(&pool->cards[k]) && (pool->chain[i] == k
			                                 || ce_crt_signed_by(pool->cards[pool->chain[i]].crt, pool->cards[k].crt)))
				return true;
	return false;
}

static bool
is_trusted_by_system(const struct pool *pool)
{
	CE_CLEANUP(trust_release) gnutls_x509_trust_list_t list = NULL;
	if (gnutls_x509_trust_list_init(&list, 0) < 0 || gnutls_x509_trust_list_add_system_trust(list, 0, 0) <= 0)
		return false;
	for (size_t i = 0; i < pool->length; i++) {
		CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t issuer = NULL;
		gnutls_x509_crt_t crt = pool->cards[pool->chain[i]].crt;
		if (gnutls_x509_trust_list_get_issuer(list, crt, &issuer, GNUTLS_TL_GET_COPY) >= 0 && ce_crt_signed_by(crt, issuer))
			return true;
	}
	return false;
}

CE_MUSTCHECK static int
check_complete(const struct pool *pool, struct ce_error *err)
{
	char title[TITLE_ROOM];
	if (has_root_at_hand(pool) || is_trusted_by_system(pool))
		return CE_OK;
	const struct ce_facts *last = &pool->cards[pool->chain[pool->length - 1]].facts;
	return ce_fail(err, CE_ERR_CRYPTO, "the chain is not complete: it ends at the certificate %s, whose issuer '%s' is neither "
		"among the files nor trusted by this system; get the CA's own certificates and give them along",
		ce_facts_title(last, title, sizeof(title)), last->issuer);
}

int
ce_chain_collect(const struct ce_collect_demands *demands, struct ce_buf *ret_pem, struct ce_error *err)
{
	CE_CLEANUP(pool_free) struct pool *pool = calloc(1, sizeof(*pool));
	if (!pool)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	int code = fill_pool(pool, demands->given, true, err);
	if (code >= 0)
		code = fill_pool(pool, demands->more, false, err);
	if (code >= 0)
		code = pick_leaf(pool, demands, err);
	if (code < 0)
		return code;
	while (climb(pool, demands->now))
		;
	code = demands->complete ? check_complete(pool, err) : CE_OK;

	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
	for (size_t i = 0; code >= 0 && i < pool->length; i++)
		code = ce_crt_add_pem(&out, pool->cards[pool->chain[i]].crt, err);
	if (code < 0)
		return code;

	ce_buf_give(ret_pem, &out);
	return CE_OK;
}
