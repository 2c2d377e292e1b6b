/* Challenges in a batch: which ways an order may take, what the network process wants to be put in place, and the end of it. */
#include <poll.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "crypto/names.h"
#include "issuer/acme_own.h"

#define DETAIL_MAX 4096

/* --- before the batch --- */

static int
open_way(struct ce_acme_supervisor *supervisor, struct ce_way *way, struct ce_error *err)
{
	bool tls = way->kind == CE_ACME_ALPN;
	return ce_acme_listen(tls ? &supervisor->tls_listeners : &supervisor->listeners, (int)way->port, ce_way_name(way), err);
}

/* Sockets are opened for names that may need them, and a way that has none is of no use to anybody. */
static void
open_ways(struct ce_acme_supervisor *supervisor, struct ce_acme_issuer *issuer, const struct ce_strlist *names)
{
	for (size_t i = 0; i < issuer->ways.count; i++) {
		struct ce_way *way = &issuer->ways.items[i];
		bool wanted = false;
		for (size_t k = 0; k < names->count; k++)
			wanted = wanted || ce_way_serves(way, names->items[k]);
		if (way->method != CE_WAY_BUILT_IN || way->opened || !wanted)
			continue;
		way->opened = true;
		ce_error_step(&way->broken, "challenge");
		if (open_way(supervisor, way, &way->broken))
			(void)ce_error_wrap(&way->broken, "issuer '%s'", issuer->config->name);
	}
}

/* Why a name has no way is its own business, unless the way there is could not be opened. */
static const struct ce_error *
broken_way(const struct ce_ways *ways)
{
	for (size_t i = 0; i < ways->count; i++)
		if (ways->items[i].broken.code)
			return &ways->items[i].broken;
	return NULL;
}

int
ce_acme_order_ways(struct ce_acme_supervisor *supervisor, struct ce_acme_issuer *issuer, const struct ce_strlist *names,
	struct ce_strlist *ret_choices, enum ce_refusal *ret_refusal, struct ce_error *err)
{
	open_ways(supervisor, issuer, names);
	*ret_refusal = CE_REFUSAL_INPUT;
	ce_error_step(err, "challenge");
	int rc = ce_ways_choices(&issuer->ways, names, ret_choices, err);
	const struct ce_error *broken = rc == CE_ERR_CONFIG ? broken_way(&issuer->ways) : NULL;
	if (!broken)
		return rc;
	*ret_refusal = CE_REFUSAL_ENVIRONMENT;
	*err = *broken;
	return err->code;
}

/* What a run that was killed left is removed before anything new is put in its place. */
void
ce_acme_remove_left(struct ce_acme_supervisor *supervisor)
{
	for (size_t i = 0; i < supervisor->issuer_count; i++) {
		struct ce_acme_issuer *issuer = &supervisor->issuers[i];
		struct ce_error why = { 0 };
		if (issuer->error.code || issuer->need != CE_ACME_NEED_ORDERS)
			continue;
		if (ce_left_take(&supervisor->presenter, issuer->config->name, &issuer->left, &issuer->left_ways, &why) < 0)
			ce_log(CE_LOG_WARNING, "issuer '%s': what an interrupted run left for its challenges cannot be told: %s",
				issuer->config->name, why.text);
	}
	if (ce_presenter_busy(&supervisor->presenter))
		ce_presenter_finish(&supervisor->presenter);
	for (size_t i = 0; i < supervisor->issuer_count; i++)
		for (size_t k = 0; k < supervisor->issuers[i].left_ways.count; k++) {
			const struct ce_way *way = &supervisor->issuers[i].left_ways.items[k];
			ce_acme_webroot_remove_directories(way->webroot, way->directories_made);
		}
}

/* Whatever became of the network process: what was presented is taken away. */
void
ce_acme_remove_presented(struct ce_acme_supervisor *supervisor)
{
	for (size_t i = 0; i < supervisor->order_count; i++)
		ce_presenter_cleanup(&supervisor->presenter, &supervisor->orders[i].presented);
	ce_presenter_finish(&supervisor->presenter);
	for (size_t i = 0; i < supervisor->issuer_count; i++)
		for (size_t k = 0; k < supervisor->issuers[i].ways.count; k++) {
			const struct ce_way *way = &supervisor->issuers[i].ways.items[k];
			ce_acme_webroot_remove_directories(way->webroot, way->directories_made);
		}
}

/* --- what the network process wants --- */

static bool
was_asked_for(const struct ce_strlist *names, const char *identifier, bool wildcard)
{
	for (size_t i = 0; i < names->count; i++) {
		const char *name = names->items[i];
		if (!strncmp(name, "*.", 2) == wildcard && !strcasecmp(wildcard ? name + 2 : name, identifier))
			return true;
	}
	return false;
}

/* What the response says is made here, of the token and our own key: nobody else decides it. */
int
ce_acme_take_present(struct ce_acme_supervisor *supervisor, struct ce_message *message, struct ce_buf *result,
	struct ce_error *err)
{
	(void)result;
	struct ce_acme_order_way *order = NULL;
	int rc = ce_acme_the_order(supervisor, message, &order, err);
	if (rc)
		return rc;
	struct ce_acme_issuer *issuer = &supervisor->issuers[order->issuer];
	int64_t way = ce_message_get_int(message);
	struct ce_response_spec spec = { .identifier = ce_message_get_str(message), .thumbprint = issuer->thumbprint,
		.account = issuer->url };
	spec.wildcard = ce_message_get_int(message) != 0;
	spec.token = ce_message_get_str(message);
	spec.detail = ce_message_get_str(message);
	rc = ce_message_end(message, err);
	if (rc)
		return rc;
	if (way < 0 || (size_t)way >= issuer->ways.count || issuer->ways.items[way].method == CE_WAY_BUILT_IN)
		return ce_fail(err, CE_ERR_INVALID, "a response that nobody is asked for");
	spec.way = &issuer->ways.items[way];
	bool persist = spec.way->method == CE_WAY_PERSIST;
	if (!spec.identifier || !was_asked_for(&order->request->certificate->names, spec.identifier, spec.wildcard))
		return ce_fail(err, CE_ERR_INVALID, "a response for a name that is not in the certificate");
	if (persist ? !spec.detail || strlen(spec.detail) > DETAIL_MAX : !spec.token || !ce_name_is_token(spec.token))
		return ce_fail(err, CE_ERR_INVALID, "a response without its token");
	if (++order->notes > CE_ACME_NOTES_MAX)
		return ce_fail(err, CE_ERR_INVALID, "too many responses");
	return ce_presenter_note(&order->presented, &spec, err);
}

int
ce_acme_take_deploy(struct ce_acme_supervisor *supervisor, struct ce_message *message, struct ce_buf *result,
	struct ce_error *err)
{
	(void)result;
	struct ce_acme_order_way *order = NULL;
	int rc = ce_acme_the_order(supervisor, message, &order, err);
	if (!rc)
		rc = ce_message_end(message, err);
	if (!rc)
		ce_presenter_deploy(&supervisor->presenter, &order->presented);
	return rc;
}

int
ce_acme_take_cleanup(struct ce_acme_supervisor *supervisor, struct ce_message *message, struct ce_buf *result,
	struct ce_error *err)
{
	(void)result;
	struct ce_acme_order_way *order = NULL;
	int rc = ce_acme_the_order(supervisor, message, &order, err);
	bool proved = ce_message_get_int(message) != 0;
	if (!rc)
		rc = ce_message_end(message, err);
	if (rc)
		return rc;
	order->presented.proved = proved;
	ce_presenter_cleanup(&supervisor->presenter, &order->presented);
	return CE_OK;
}

/* Only while the socket takes it at once: the network process may be writing to us. */
int
ce_acme_tell_deployed(struct ce_acme_supervisor *supervisor, struct ce_error *err)
{
	for (;;) {
		struct pollfd room = { .fd = supervisor->helper.fd, .events = POLLOUT };
		if (ce_sys->poll(&room, 1, 0) <= 0 || !(room.revents & POLLOUT))
			return CE_OK;
		const struct ce_presented *presented = ce_presenter_owed(&supervisor->presenter);
		if (!presented)
			return CE_OK;
		struct ce_message message = CE_MESSAGE_INIT(CE_ACME_DEPLOYED);
		ce_message_put_int(&message, (int64_t)presented->number);
		ce_message_put_int(&message, presented->code);
		ce_message_put_str(&message, presented->code < 0 ? presented->text : NULL);
		int rc = ce_message_send(supervisor->helper.fd, &message, err);
		ce_message_release(&message);
		if (rc)
			return rc;
	}
}
