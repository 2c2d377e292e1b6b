#include "acme/job.h"

#include <string.h>

#include "acme/wire.h"

static void
put_list(struct ce_message *message, const struct ce_strlist *list)
{
	static const char *const nobody[] = { NULL };
	ce_message_put_list(message, list->items ? (const char *const *)list->items : nobody);
}

const char *const ce_acme_challenge_names[] = { [CE_ACME_HTTP] = "http-01", [CE_ACME_ALPN] = "tls-alpn-01",
	[CE_ACME_DNS] = "dns-01", [CE_ACME_DNS_ACCOUNT] = "dns-account-01", [CE_ACME_DNS_PERSIST] = "dns-persist-01",
	[CE_ACME_CHALLENGES] = NULL };

static void
put_ways(struct ce_message *message, const struct ce_acme_issuer_job *job)
{
	ce_message_put_int(message, (int64_t)job->way_count);
	for (size_t i = 0; i < job->way_count; i++) {
		ce_message_put_int(message, job->ways[i].kind);
		ce_message_put_int(message, job->ways[i].asked);
	}
}

static int
take_ways(struct ce_message *message, struct ce_acme_issuer_job *job, struct ce_error *err)
{
	int64_t count = ce_message_get_int(message);
	if (count < 0 || count > CE_ACME_WAYS_MAX)
		return ce_fail(err, CE_ERR_INVALID, "an issuer with %lld ways to answer challenges", (long long)count);
	for (job->way_count = 0; job->way_count < (size_t)count; job->way_count++) {
		struct ce_acme_way_job *way = &job->ways[job->way_count];
		int64_t kind = ce_message_get_int(message);
		if (kind < 0 || kind >= CE_ACME_CHALLENGES)
			return ce_fail(err, CE_ERR_INVALID, "a challenge of unknown kind");
		way->kind = (enum ce_acme_challenge)kind;
		way->asked = ce_message_get_int(message) != 0;
	}
	return CE_OK;
}

void
ce_acme_issuer_put(struct ce_message *message, const struct ce_acme_issuer_job *job)
{
	ce_message_put_str(message, job->name);
	ce_message_put_str(message, job->directory);
	ce_message_put_str(message, job->document);
	ce_message_put_str(message, job->thumbprint);
	ce_message_put_str(message, job->terms);
	ce_message_put_int(message, job->has_account);
	ce_message_put_int(message, job->key_is_new);
	ce_message_put_int(message, job->agree_to_terms);
	ce_message_put_int(message, job->existing_only);
	ce_message_put_int(message, job->has_binding);
	ce_message_put_int(message, job->binding_is_new);
	put_ways(message, job);
	put_list(message, &job->contact);
	ce_message_put_bytes(message, ce_buf_bytes(&job->trust));
	ce_message_put_str(message, job->language);
	ce_message_put_str(message, job->proxy);
	ce_message_put_str(message, job->interface);
	ce_message_put_str(message, job->dns);
	ce_message_put_bytes(message, ce_buf_bytes(&job->client_certificate));
	ce_message_put_bytes(message, ce_buf_bytes(&job->client_key));
	ce_message_put_str(message, job->preferred_chain);
	ce_message_put_int(message, job->profile_preferred);
	ce_message_put_str(message, job->requests);
	ce_message_put_int(message, job->partial);
}

void
ce_acme_order_put(struct ce_message *message, const struct ce_acme_order_job *job)
{
	ce_message_put_int(message, (int64_t)job->issuer);
	ce_message_put_list(message, (const char *const *)job->names.items);
	ce_message_put_list(message, (const char *const *)job->choices.items);
	ce_message_put_str(message, job->csr);
	ce_message_put_str(message, job->state);
	ce_message_put_str(message, job->profile);
	ce_message_put_str(message, job->replaces);
	ce_message_put_str(message, job->not_before);
	ce_message_put_str(message, job->not_after);
}

void
ce_acme_errand_put(struct ce_message *message, const struct ce_acme_errand_job *job)
{
	ce_message_put_int(message, (int64_t)job->issuer);
	ce_message_put_int(message, job->kind);
	ce_message_put_int(message, job->own_key);
	ce_message_put_str(message, job->url);
	ce_message_put_str(message, job->text);
	put_list(message, &job->list);
	ce_message_put_bytes(message, ce_buf_bytes(&job->der));
}

/* One more zeroed item at the end of an array that grows by doubling. */
static void *
grow(void **items, size_t *count, size_t size, size_t limit)
{
	if (*count >= limit)
		return NULL;
	if ((*count & (*count - 1)) == 0) {
		void *larger = reallocarray(*items, *count ? *count * 2 : 1, size);
		if (!larger)
			return NULL;
		*items = larger;
	}
	void *item = (char *)*items + *count * size;
	memset(item, 0, size);
	++*count;
	return item;
}

struct ce_acme_issuer_job *
ce_acme_batch_issuer(struct ce_acme_batch *batch)
{
	return grow((void **)&batch->issuers, &batch->issuer_count, sizeof(*batch->issuers), CE_ACME_ISSUERS_MAX);
}

struct ce_acme_order_job *
ce_acme_batch_order(struct ce_acme_batch *batch)
{
	return grow((void **)&batch->orders, &batch->order_count, sizeof(*batch->orders), CE_ACME_ORDERS_MAX);
}

struct ce_acme_errand_job *
ce_acme_batch_errand(struct ce_acme_batch *batch)
{
	return grow((void **)&batch->errands, &batch->errand_count, sizeof(*batch->errands), CE_ACME_ERRANDS_MAX);
}

static bool
copy(char **ret_text, const char *text)
{
	*ret_text = text ? strdup(text) : NULL;
	return !text || *ret_text;
}

static int
add_bytes(struct ce_buf *buf, struct ce_message *message, struct ce_error *err)
{
	struct ce_bytes bytes = ce_message_get_bytes(message);
	return ce_buf_add(buf, bytes.data, bytes.size, err);
}

/* How the CA is reached, and what is asked of it. */
static int
take_way(struct ce_acme_issuer_job *job, struct ce_message *message, struct ce_error *err)
{
	bool good = copy(&job->language, ce_message_get_str(message));
	good = copy(&job->proxy, ce_message_get_str(message)) && good;
	good = copy(&job->interface, ce_message_get_str(message)) && good;
	good = copy(&job->dns, ce_message_get_str(message)) && good;
	job->client_key.secret = true;
	int rc = add_bytes(&job->client_certificate, message, err);
	if (!rc)
		rc = add_bytes(&job->client_key, message, err);
	if (rc)
		return rc;
	good = copy(&job->preferred_chain, ce_message_get_str(message)) && good;
	job->profile_preferred = ce_message_get_int(message) != 0;
	good = copy(&job->requests, ce_message_get_str(message)) && good;
	job->partial = ce_message_get_int(message) != 0;
	return good ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

static int
take_issuer(struct ce_acme_issuer_job *job, struct ce_message *message, struct ce_error *err)
{
	bool good = copy(&job->name, ce_message_get_str(message));
	good = copy(&job->directory, ce_message_get_str(message)) && good;
	good = copy(&job->document, ce_message_get_str(message)) && good;
	good = copy(&job->thumbprint, ce_message_get_str(message)) && good;
	good = copy(&job->terms, ce_message_get_str(message)) && good;
	job->has_account = ce_message_get_int(message) != 0;
	job->key_is_new = ce_message_get_int(message) != 0;
	job->agree_to_terms = ce_message_get_int(message) != 0;
	job->existing_only = ce_message_get_int(message) != 0;
	job->has_binding = ce_message_get_int(message) != 0;
	job->binding_is_new = ce_message_get_int(message) != 0;
	int rc = take_ways(message, job, err);
	if (!rc)
		rc = ce_message_get_list(message, CE_ACME_NAMES_MAX, &job->contact, err);
	if (rc)
		return rc;
	rc = add_bytes(&job->trust, message, err);
	if (!rc)
		rc = take_way(job, message, err);
	if (rc)
		return rc;
	if (!good || !job->name || !job->directory || !job->thumbprint)
		return ce_fail(err, CE_ERR_INVALID, "an incomplete issuer");
	return ce_message_end(message, err);
}

static int
take_order(struct ce_acme_order_job *job, size_t issuers, struct ce_message *message, struct ce_error *err)
{
	job->issuer = (size_t)ce_message_get_int(message);
	int rc = ce_message_get_list(message, CE_ACME_NAMES_MAX, &job->names, err);
	if (!rc)
		rc = ce_message_get_list(message, CE_ACME_NAMES_MAX, &job->choices, err);
	if (rc)
		return rc;
	bool good = copy(&job->csr, ce_message_get_str(message));
	good = copy(&job->state, ce_message_get_str(message)) && good;
	good = copy(&job->profile, ce_message_get_str(message)) && good;
	good = copy(&job->replaces, ce_message_get_str(message)) && good;
	good = copy(&job->not_before, ce_message_get_str(message)) && good;
	good = copy(&job->not_after, ce_message_get_str(message)) && good;
	if (!good || !job->csr || job->names.count == 0 || job->choices.count != job->names.count || job->issuer >= issuers)
		return ce_fail(err, CE_ERR_INVALID, "an incomplete order");
	return ce_message_end(message, err);
}

static int
take_errand(struct ce_acme_errand_job *job, size_t issuers, struct ce_message *message, struct ce_error *err)
{
	job->issuer = (size_t)ce_message_get_int(message);
	int64_t kind = ce_message_get_int(message);
	job->own_key = ce_message_get_int(message) != 0;
	bool good = copy(&job->url, ce_message_get_str(message));
	good = copy(&job->text, ce_message_get_str(message)) && good;
	int rc = ce_message_get_list(message, CE_ACME_NAMES_MAX, &job->list, err);
	if (rc)
		return rc;
	struct ce_bytes der = ce_message_get_bytes(message);
	rc = ce_buf_add(&job->der, der.data, der.size, err);
	if (rc)
		return rc;
	if (!good || kind < CE_ACME_DIRECTORY || kind >= CE_ACME_ERRAND_KINDS || job->issuer >= issuers)
		return ce_fail(err, CE_ERR_INVALID, "an incomplete errand");
	job->kind = (enum ce_acme_errand_kind)kind;
	return ce_message_end(message, err);
}

int
ce_acme_batch_take(struct ce_acme_batch *batch, struct ce_message *message, struct ce_error *err)
{
	if (message->kind == CE_ACME_ISSUER) {
		struct ce_acme_issuer_job *job = ce_acme_batch_issuer(batch);
		return job ? take_issuer(job, message, err) : ce_fail(err, CE_ERR_LIMIT, "too many issuers at once");
	}
	if (message->kind == CE_ACME_ERRAND) {
		struct ce_acme_errand_job *job = ce_acme_batch_errand(batch);
		return job ? take_errand(job, batch->issuer_count, message, err)
		           : ce_fail(err, CE_ERR_LIMIT, "too many errands at once");
	}
	struct ce_acme_order_job *job = ce_acme_batch_order(batch);
	return job ? take_order(job, batch->issuer_count, message, err)
	           : ce_fail(err, CE_ERR_LIMIT, "too many orders at once");
}

static void
issuer_release(struct ce_acme_issuer_job *job)
{
	free(job->name);
	free(job->directory);
	free(job->document);
	free(job->thumbprint);
	free(job->terms);
	ce_strlist_release(&job->contact);
	ce_buf_release(&job->trust);
	free(job->language);
	free(job->proxy);
	free(job->interface);
	free(job->dns);
	ce_buf_release(&job->client_certificate);
	ce_buf_release(&job->client_key);
	free(job->preferred_chain);
	free(job->requests);
}

static void
order_release(struct ce_acme_order_job *job)
{
	ce_strlist_release(&job->names);
	ce_strlist_release(&job->choices);
	free(job->csr);
	free(job->state);
	free(job->profile);
	free(job->replaces);
	free(job->not_before);
	free(job->not_after);
}

void
ce_acme_batch_release(struct ce_acme_batch *batch)
{
	for (size_t i = 0; i < batch->issuer_count; i++)
		issuer_release(&batch->issuers[i]);
	for (size_t i = 0; i < batch->order_count; i++)
		order_release(&batch->orders[i]);
	for (size_t i = 0; i < batch->errand_count; i++) {
		free(batch->errands[i].url);
		free(batch->errands[i].text);
		ce_strlist_release(&batch->errands[i].list);
		ce_buf_release(&batch->errands[i].der);
	}
	free(batch->issuers);
	free(batch->orders);
	free(batch->errands);
	memset(batch, 0, sizeof(*batch));
}
