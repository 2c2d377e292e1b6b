/* A request on its way to an issuer: its key, its CSR, and what the driver wants to see again, kept from run to run. */
#include "engine/request.h"

#include <string.h>

#include "base/log.h"
#include "crypto/csr.h"
#include "crypto/digest.h"
#include "crypto/token.h"

void
ce_under_way_release(struct ce_under_way *way)
{
	ce_issue_request_release(&way->request);
	ce_key_free(way->key);
	ce_buf_release(&way->key_pem);
	ce_buf_release(&way->csr);
	ce_buf_release(&way->state);
}

static int
digest_parts(const struct ce_under_way *way, const char *const *parts, size_t count, char ret_hex[CE_SHA256_HEX],
	struct ce_error *err)
{
	const struct ce_strlist *names = &way->certificate->config->names;
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	int code = CE_OK;
	for (size_t i = 0; code == CE_OK && i < count; i++)
		code = ce_buf_addf(&text, err, "%s\n", parts[i] ? parts[i] : "");
	for (size_t i = 0; code == CE_OK && i < names->count; i++)
		code = ce_buf_addf(&text, err, "%s\n", names->items[i]);
	return code < 0 ? code : ce_sha256_hex(ce_buf_bytes(&text), ret_hex, err);
}

/* Tells requests apart: a key and CSR that are under way are used again only for the very same request. */
static int
digest_request(struct ce_under_way *way, struct ce_error *err)
{
	const struct ce_certificate_config *config = way->certificate->config;
	const struct ce_subject *subject = &config->subject;
	const char *const parts[] = { way->certificate->issuer->name, config->profile, config->key, config->token, subject->country,
		subject->state, subject->locality, subject->organization, subject->organizational_unit, subject->common_name };
	int code = digest_parts(way, parts, CE_COUNT(parts), way->digest, err);
	return code < 0 ? code : digest_parts(way, parts, 2, way->order, err);
}

/* The stored blob is the request's two digests, a newline, and the driver's own state. */
int
ce_under_way_store_state(const struct ce_under_way *way, struct ce_bytes state, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf blob = CE_BUF_INIT;
	int code = ce_buf_addf(&blob, err, "%s %s\n", way->digest, way->order);
	if (code == CE_OK && state.size > 0)
		code = ce_buf_add(&blob, state.data, state.size, err);
	if (code < 0)
		return code;
	return ce_store_pending_state(way->certificate->engine->store, way->certificate->config->name, ce_buf_bytes(&blob), err);
}

/* Whether a request has not led to the live certificate yet: a run may have been killed before it could close it,
 * and the next certificate must not get the key of this one. */
static bool
is_open(const struct ce_under_way *way)
{
	const struct ce_bundle *live = &way->certificate->bundle;
	char id[65];
	struct ce_error ignored = { 0 };
	return live->generation == 0 || way->certificate->config->key_given || ce_key_id(way->key, id, &ignored) < 0 || strcmp(id, live->facts.key_id) != 0;
}

/* The driver's state in a blob; false when it is of another request. whole: of this very one, not only of its order. */
static bool
find_state(const struct ce_under_way *way, const struct ce_buf *blob, bool whole, struct ce_bytes *ret_state)
{
	const char *text = ce_buf_text(blob);
	size_t one = strlen(way->digest), both = 2 * one + 1;
	if (blob->size <= both || text[one] != ' ' || text[both] != '\n' || memcmp(text + one + 1, way->order, one)
		|| (whole && memcmp(text, way->digest, one)))
		return false;
	*ret_state = (struct ce_bytes){ blob->data + both + 1, blob->size - both - 1 };
	return true;
}

/* What is written here begins with two digests; anything else is damage. */
static bool
is_damaged(const struct ce_buf *blob)
{
	static const char digits[] = "0123456789abcdef";
	const char *text = ce_buf_text(blob);
	size_t one = CE_SHA256_HEX - 1;
	if (!blob->data) /* the run was killed before it wrote any, and asked nobody */
		return false;
	return blob->size <= 2 * one + 1 || strspn(text, digits) != one || text[one] != ' '
	       || strspn(text + one + 1, digits) != one || text[2 * one + 1] != '\n';
}

/* Whether the key is what would be made now, of a request of which nobody knows any more what it asked for. */
static bool
is_like_new(const struct ce_under_way *way)
{
	const struct ce_certificate_config *config = way->certificate->config;
	return !ce_token_is_record(ce_buf_bytes(&way->key_pem)) && !config->token && !config->key_given
	       && strcmp(ce_key_kind(way->key), config->key) == 0;
}

/* The CA's answer belongs to the key, which may be all that is left: the request is made for it again. */
static int
mend(struct ce_under_way *way, bool damaged, struct ce_error *err)
{
	const struct ce_certificate_config *config = way->certificate->config;
	struct ce_store *store = way->certificate->engine->store;
	struct ce_error why = { 0 };
	if (!damaged && ce_csr_check(ce_buf_bytes(&way->csr), way->key, &why) == CE_OK)
		return CE_OK;
	ce_log(CE_LOG_WARNING, "the request under way for certificate '%s' is damaged and is made again for the same key: %s",
		config->name, damaged ? "what became of it cannot be read" : why.text);
	ce_buf_release(&way->csr);
	int code = ce_csr_build(way->key, &config->names, &config->subject, &way->csr, err);
	if (code < 0 || ce_store_is_readonly(store))
		return code;
	code = ce_store_pending_csr(store, config->name, ce_buf_bytes(&way->csr), err);
	return code == CE_OK && damaged ? ce_under_way_store_state(way, (struct ce_bytes){ NULL, 0 }, err) : code;
}

static int
resume_key(struct ce_under_way *way, struct ce_error *err)
{
	int code = ce_key_resume(ce_buf_bytes(&way->key_pem), &way->key, err);
	if (code == CE_ERR_NOT_FOUND && !ce_token_is_record(ce_buf_bytes(&way->key_pem)))
		ce_log(CE_LOG_WARNING, "the key of the request under way for certificate '%s' is damaged, and another request takes its "
			"place", way->certificate->config->name);
	return code;
}

/* Takes up what an earlier run left; CE_ERR_NOT_FOUND when there is nothing that fits. An order may be gone on with by
 * another key and request than it was begun with (RFC 8555 section 7.4: a corrected CSR). */
static int
resume(struct ce_under_way *way, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf blob = CE_BUF_INIT;
	struct ce_store *store = way->certificate->engine->store;
	const char *name = way->certificate->config->name;
	struct ce_bytes state = { NULL, 0 };
	way->key_pem.secret = true;
	int code = ce_store_pending(store, name, &way->key_pem, &way->csr, &blob, err);
	if (code < 0)
		return code;
	bool damaged = is_damaged(&blob);
	if (damaged || find_state(way, &blob, true, &state))
		code = resume_key(way, err);
	if (code < 0 && code != CE_ERR_NOT_FOUND)
		return code;
	if (way->key && is_open(way) && (!damaged || is_like_new(way))) {
		code = mend(way, damaged, err);
		return code < 0 ? code : ce_buf_add(&way->state, state.data, state.size, err);
	}
	bool other = !way->key && way->certificate->driver->orders_names;
	ce_keyp(&way->key);
	ce_buf_release(&way->key_pem);
	ce_buf_release(&way->csr);
	if (other && find_state(way, &blob, false, &state)) {
		code = ce_buf_add(&way->state, state.data, state.size, err);
		if (code < 0)
			return code;
	}
	return ce_fail(err, CE_ERR_NOT_FOUND, "the request that is under way is another one");
}

static int
make_key_and_csr(struct ce_under_way *way, struct ce_error *err)
{
	const struct ce_certificate_config *config = way->certificate->config;
	struct ce_store *store = way->certificate->engine->store;
	int code = ce_key_make(way->certificate, &way->key, err);
	if (code == CE_OK)
		code = ce_csr_build(way->key, &config->names, &config->subject, &way->csr, err);
	if (code == CE_OK)
		code = ce_key_record(way->key, &way->key_pem, err);
	if (code == CE_OK)
		code = ce_store_pending_begin(store, config->name, ce_buf_bytes(&way->key_pem), ce_buf_bytes(&way->csr), err);
	return code == CE_OK ? ce_under_way_store_state(way, ce_buf_bytes(&way->state), err) : code;
}

/* What a driver is given of it. */
static void
borrow(struct ce_under_way *way)
{
	way->request.certificate = way->certificate->config;
	way->request.issuer = way->certificate->issuer;
	way->request.key = way->key;
	way->request.csr_der = ce_buf_bytes(&way->csr);
	way->request.state = ce_buf_bytes(&way->state);
	const char *issued_by = way->certificate->issue.issuer;
	if (way->certificate->bundle.generation > 0 && issued_by && strcmp(issued_by, way->certificate->issuer->name) == 0)
		way->request.replaces_pem = ce_buf_bytes(&way->certificate->bundle.leaf);
}

int
ce_under_way_prepare(struct ce_under_way *way, struct ce_error *err)
{
	ce_error_step(err, "key");
	int code = digest_request(way, err);
	if (code < 0)
		return code;
	code = resume(way, err);
	if (code == CE_ERR_NOT_FOUND) {
		ce_error_clear(err);
		ce_error_step(err, "key");
		code = make_key_and_csr(way, err);
	}
	if (code == CE_OK)
		code = ce_key_allowed(way->certificate, way->key, err);
	if (code < 0)
		return code;
	borrow(way);
	return CE_OK;
}

int
ce_issue_with_pending(struct ce_certificate_run *certificate, ce_issue_user use, void *context, struct ce_error *err)
{
	CE_CLEANUP(ce_under_way_release) struct ce_under_way way = { .certificate = certificate };
	int code = digest_request(&way, err);
	if (code == CE_OK)
		code = resume(&way, err);
	if (code < 0)
		return code;
	borrow(&way);
	return use(&way.request, context, err);
}

int
ce_issue_keep_state(struct ce_issue_request *request, struct ce_bytes state, struct ce_error *err)
{
	return ce_under_way_store_state((struct ce_under_way *)request, state, err);
}
