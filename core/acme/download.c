/* The certificate, and which of the chains on offer is taken (RFC 8555 section 7.4.2). */
#include <string.h>

#include "acme/order.h"
#include "acme/pem.h"
#include "crypto/certificate.h"
#include "net/url.h"

#define ALTERNATES_MAX 10

static int
judge_chain(const struct ce_acme_answer *answer, struct ce_error *err)
{
	if (!ce_http_is(answer->http, "application/pem-certificate-chain"))
		return ce_fail(err, CE_ERR_ISSUER, "it is not of type application/pem-certificate-chain");
	return ce_acme_pem_check(ce_buf_bytes(&answer->http->body), err);
}

static bool
is_preferred(const struct ce_acme_order *order, struct ce_bytes chain)
{
	const char *wanted = order->session->job->preferred_chain;
	return !wanted || ce_chain_leads_to(chain, wanted);
}

/* All are there: the first that leads where it should, or the CA's own choice. */
static void
choose(struct ce_acme_order *order)
{
	char text[300];
	for (size_t i = 0; i < order->alternate_count; i++) {
		struct ce_bytes chain = ce_buf_bytes(&order->alternates[i].chain);
		if (chain.size > 0 && is_preferred(order, chain)) {
			ce_acme_order_issued(order, chain);
			return;
		}
	}
	snprintf(text, sizeof(text), "none of the %zu chains that the CA offers leads to '%.200s'; its default is used",
		order->alternate_count + 1, order->session->job->preferred_chain);
	ce_acme_order_warn(order, text);
	ce_acme_order_issued(order, ce_buf_bytes(&order->chain));
}

/* One that is of no use is passed over: there is a good one. */
static void
take_alternate(const struct ce_acme_answer *answer, void *context)
{
	struct ce_acme_alternate *alternate = context;
	struct ce_acme_order *order = alternate->order;
	struct ce_error err = { 0 };
	if (order->ended)
		return;
	if (answer->code == CE_OK && judge_chain(answer, &err) == CE_OK) {
		struct ce_bytes chain = ce_buf_bytes(&answer->http->body);
		if (!ce_acme_run_check(order->run, ce_buf_add(&alternate->chain, chain.data, chain.size, &err), &err))
			return;
	}
	if (--order->waiting == 0)
		choose(order);
}

static int
note_alternates(struct ce_acme_order *order, const struct ce_http_answer *http, struct ce_error *err)
{
	order->alternates = calloc(ALTERNATES_MAX, sizeof(*order->alternates));
	if (!order->alternates)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (size_t i = 0; order->alternate_count < ALTERNATES_MAX; i++) {
		char *url = ce_http_link(http, "alternate", i);
		if (!url)
			break;
		if (ce_url_check(url, true, NULL)) {
			free(url);
			continue;
		}
		order->alternates[order->alternate_count].order = order;
		order->alternates[order->alternate_count++].url = url;
	}
	struct ce_bytes chain = ce_buf_bytes(&http->body);
	return ce_buf_add(&order->chain, chain.data, chain.size, err);
}

/* Side by side: they cost one round trip, and only when the default is not the right one. */
static void
fetch_alternates(struct ce_acme_order *order, const struct ce_http_answer *http)
{
	struct ce_error err = { 0 };
	if (!ce_acme_run_check(order->run, note_alternates(order, http, &err), &err))
		return;
	order->waiting = order->alternate_count;
	if (order->waiting == 0)
		choose(order);
	for (size_t i = 0; i < order->alternate_count && !order->ended; i++) {
		const struct ce_acme_post post = { .resource = -1, .url = order->alternates[i].url, .repeatable = true,
			.accept = "application/pem-certificate-chain" };
		ce_acme_session_post(order->session, &post, take_alternate, &order->alternates[i]);
	}
}

static void
take_chain(const struct ce_acme_answer *answer, void *context)
{
	struct ce_acme_order *order = context;
	struct ce_error err = { 0 };
	if (order->ended)
		return;
	if (answer->code != CE_OK) {
		ce_acme_order_refuse_answer(order, answer, "download", "the certificate");
		return;
	}
	struct ce_bytes chain = ce_buf_bytes(&answer->http->body);
	if (judge_chain(answer, &err))
		ce_acme_order_refuse(order, CE_ACME_CA, CE_ERR_ISSUER, "download", "the certificate that the CA sent is refused: %s",
			err.text);
	else if (is_preferred(order, chain))
		ce_acme_order_issued(order, chain);
	else
		fetch_alternates(order, answer->http);
}

void
ce_acme_order_download(struct ce_acme_order *order)
{
	ce_acme_order_progress(order, "download", NULL);
	if (!order->certificate) {
		ce_acme_order_refuse(order, CE_ACME_CA, CE_ERR_ISSUER, "download", "the CA's order is valid but names no certificate");
		return;
	}
	const struct ce_acme_post post = { .resource = -1, .url = order->certificate, .repeatable = true,
		.accept = "application/pem-certificate-chain" };
	ce_acme_session_post(order->session, &post, take_chain, order);
}
