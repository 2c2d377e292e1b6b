#include "acme/asker.h"

#include <stdlib.h>

/* The supervisor may have to wait for a disk. */
#define REPLY_MS 60000

static int
fd_of(void *context)
{
	const struct ce_acme_asker *asker = context;
	return asker->fd;
}

static int
read_reply(struct ce_message *reply, struct ce_buf *ret_bytes, struct ce_error *err)
{
	int code = (int)ce_message_get_int(reply);
	const char *text = ce_message_get_str(reply);
	struct ce_bytes bytes = ce_message_get_bytes(reply);
	int rc = ce_message_end(reply, err);
	if (rc)
		return rc;
	if (reply->kind != CE_ACME_REPLY)
		return ce_fail(err, CE_ERR_INVALID, "a message of kind %d instead of a reply", reply->kind);
	if (code < 0)
		return ce_fail(err, code, "%s", text ? text : "the supervisor refuses");
	return ret_bytes ? ce_buf_add(ret_bytes, bytes.data, bytes.size, err) : CE_OK;
}

static int
keep(struct ce_acme_asker *asker, struct ce_message *message, struct ce_error *err)
{
	struct ce_acme_told *told = calloc(1, sizeof(*told));
	if (!told)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	told->message = *message;
	*message = (struct ce_message)CE_MESSAGE_INIT(0);
	*asker->last = told;
	asker->last = &told->next;
	return CE_OK;
}

/* The next message that is a reply; what is told unasked may come before it. */
static int
receive_reply(struct ce_acme_asker *asker, struct ce_message *reply, struct ce_error *err)
{
	for (;;) {
		int rc = ce_message_receive(asker->fd, REPLY_MS, reply, err);
		if (!rc && reply->kind != CE_ACME_DEPLOYED)
			return CE_OK;
		if (!rc)
			rc = keep(asker, reply, err);
		if (rc)
			return rc;
	}
}

/* Sends and releases the question; ret_bytes NULL: only the code matters. */
static int
ask(void *context, struct ce_message *question, struct ce_buf *ret_bytes, struct ce_error *err)
{
	CE_CLEANUP(ce_message_release) struct ce_message reply = CE_MESSAGE_INIT(0);
	int rc = ce_message_send(fd_of(context), question, err);
	ce_message_release(question);
	if (!rc)
		rc = receive_reply(context, &reply, err);
	return rc ? rc : read_reply(&reply, ret_bytes, err);
}

static int
tell(void *context, struct ce_message *message, struct ce_error *err)
{
	int rc = ce_message_send(fd_of(context), message, err);
	ce_message_release(message);
	return rc;
}

static int
sign(void *context, size_t issuer, const struct ce_acme_signing *what, struct ce_buf *ret_jws, struct ce_error *err)
{
	struct ce_message message = CE_MESSAGE_INIT(CE_ACME_SIGN);
	ce_message_put_int(&message, (int64_t)issuer);
	ce_message_put_int(&message, what->by_key);
	ce_message_put_str(&message, what->url);
	ce_message_put_str(&message, what->nonce);
	ce_message_put_str(&message, what->payload);
	return ask(context, &message, ret_jws, err);
}

static int
sign_other(void *context, size_t errand, const struct ce_acme_signing *what, struct ce_buf *ret_jws,
	struct ce_error *err)
{
	struct ce_message message = CE_MESSAGE_INIT(CE_ACME_SIGN_OTHER);
	ce_message_put_int(&message, (int64_t)errand);
	ce_message_put_str(&message, what->url);
	ce_message_put_str(&message, what->nonce);
	ce_message_put_str(&message, what->payload);
	return ask(context, &message, ret_jws, err);
}

static int
bind_account(void *context, size_t issuer, const char *url, struct ce_buf *ret_json, struct ce_error *err)
{
	struct ce_message message = CE_MESSAGE_INIT(CE_ACME_BIND);
	ce_message_put_int(&message, (int64_t)issuer);
	ce_message_put_str(&message, url);
	return ask(context, &message, ret_json, err);
}

/* A number and up to two texts, answered by a code. */
static int
ask_texts(void *context, int kind, size_t number, const char *first, const char *second, struct ce_error *err)
{
	struct ce_message message = CE_MESSAGE_INIT(kind);
	ce_message_put_int(&message, (int64_t)number);
	ce_message_put_str(&message, first);
	ce_message_put_str(&message, second);
	return ask(context, &message, NULL, err);
}

static int
save_directory(void *context, size_t issuer, const char *document, const char *terms, struct ce_error *err)
{
	return ask_texts(context, CE_ACME_SAVE_DIRECTORY, issuer, document, terms, err);
}

static int
save_account(void *context, size_t issuer, const char *url, const char *terms, struct ce_error *err)
{
	return ask_texts(context, CE_ACME_SAVE_ACCOUNT, issuer, url, terms, err);
}

static int
save_state(void *context, size_t order, const char *state, struct ce_error *err)
{
	return ask_texts(context, CE_ACME_SAVE_STATE, order, state, NULL, err);
}

static int
present(void *context, size_t order, const struct ce_acme_wanted *wanted, struct ce_error *err)
{
	struct ce_message message = CE_MESSAGE_INIT(CE_ACME_PRESENT);
	ce_message_put_int(&message, (int64_t)order);
	ce_message_put_int(&message, (int64_t)wanted->way);
	ce_message_put_str(&message, wanted->identifier);
	ce_message_put_int(&message, wanted->wildcard);
	ce_message_put_str(&message, wanted->token);
	ce_message_put_str(&message, wanted->detail);
	return tell(context, &message, err);
}

static int
deploy(void *context, size_t order, struct ce_error *err)
{
	struct ce_message message = CE_MESSAGE_INIT(CE_ACME_DEPLOY);
	ce_message_put_int(&message, (int64_t)order);
	return tell(context, &message, err);
}

static int
cleanup(void *context, size_t order, bool proved, struct ce_error *err)
{
	struct ce_message message = CE_MESSAGE_INIT(CE_ACME_CLEANUP);
	ce_message_put_int(&message, (int64_t)order);
	ce_message_put_int(&message, proved);
	return tell(context, &message, err);
}

static int
csr(void *context, size_t order, const struct ce_strlist *left_out, struct ce_buf *ret_csr, struct ce_error *err)
{
	struct ce_message message = CE_MESSAGE_INIT(CE_ACME_CSR);
	ce_message_put_int(&message, (int64_t)order);
	ce_message_put_list(&message, (const char *const *)left_out->items);
	return ask(context, &message, ret_csr, err);
}

static int
progress(void *context, size_t order, const char *step, const char *text, struct ce_error *err)
{
	struct ce_message message = CE_MESSAGE_INIT(CE_ACME_PROGRESS);
	ce_message_put_int(&message, (int64_t)order);
	ce_message_put_str(&message, step);
	ce_message_put_str(&message, text);
	return tell(context, &message, err);
}

static int
warn(void *context, size_t order, const char *text, struct ce_error *err)
{
	struct ce_message message = CE_MESSAGE_INIT(CE_ACME_WARNING);
	ce_message_put_int(&message, (int64_t)order);
	ce_message_put_str(&message, text);
	return tell(context, &message, err);
}

static int
outcome(void *context, size_t order, const struct ce_acme_outcome *what, struct ce_error *err)
{
	struct ce_message message = CE_MESSAGE_INIT(CE_ACME_OUTCOME);
	ce_message_put_int(&message, (int64_t)order);
	ce_message_put_int(&message, what->kind);
	ce_message_put_int(&message, what->class);
	ce_message_put_int(&message, what->code);
	ce_message_put_int(&message, what->not_before);
	ce_message_put_str(&message, what->step);
	ce_message_put_str(&message, what->text);
	ce_message_put_bytes(&message, what->chain);
	return tell(context, &message, err);
}

static int
errand_done(void *context, size_t errand, const struct ce_acme_errand_end *end, struct ce_error *err)
{
	struct ce_message message = CE_MESSAGE_INIT(CE_ACME_ERRAND_DONE);
	ce_message_put_int(&message, (int64_t)errand);
	ce_message_put_int(&message, end->code);
	ce_message_put_int(&message, end->class);
	ce_message_put_int(&message, end->not_before);
	ce_message_put_str(&message, end->step);
	ce_message_put_str(&message, end->text);
	ce_message_put_str(&message, end->result);
	return tell(context, &message, err);
}

void
ce_acme_asker_init(struct ce_acme_asker *asker, struct ce_acme_keeper *keeper, int fd)
{
	*asker = (struct ce_acme_asker){ .fd = fd, .last = &asker->first };
	*keeper = (struct ce_acme_keeper){ .sign = sign, .sign_other = sign_other, .bind = bind_account, .save_directory = save_directory,
		.save_account = save_account, .save_state = save_state, .csr = csr, .present = present, .deploy = deploy, .cleanup = cleanup,
		.progress = progress, .warn = warn, .outcome = outcome, .errand_done = errand_done, .context = asker };
}

int
ce_acme_asker_told(struct ce_acme_asker *asker, struct ce_message *ret_message)
{
	struct ce_acme_told *told = asker->first;
	if (!told)
		return CE_ERR_NOT_FOUND;
	asker->first = told->next;
	if (!asker->first)
		asker->last = &asker->first;
	*ret_message = told->message;
	free(told);
	return CE_OK;
}

void
ce_acme_asker_release(struct ce_acme_asker *asker)
{
	struct ce_message message = CE_MESSAGE_INIT(0);
	while (!ce_acme_asker_told(asker, &message))
		ce_message_release(&message);
}
