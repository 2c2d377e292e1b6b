#include "issuer/acme_present.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/sys.h"
#include "crypto/digest.h"
#include "issuer/acme_own.h"

#define SEEN_WAIT_S 60     /* self-check without a wait of its own */
#define SEEN_AGAIN_MS 2000
#define FINISH_GLANCE_MS 1000
#define FINISH_MS 7500000LL /* two programs of the longest time there is, one after the other */

void
ce_presenter_init(struct ce_presenter *presenter, struct ce_store *store)
{
	*presenter = (struct ce_presenter){ .store = store, .looker = CE_HELPER_INIT };
	TAILQ_INIT(&presenter->all);
	TAILQ_INIT(&presenter->active);
	TAILQ_INIT(&presenter->tasks);
}

void
ce_presented_init(struct ce_presenter *presenter, struct ce_presented *presented, const char *issuer,
	const char *certificate, size_t number)
{
	*presented = (struct ce_presented){ .issuer = issuer, .certificate = certificate, .number = number };
	TAILQ_INIT(&presented->responses);
	TAILQ_INSERT_TAIL(&presenter->all, presented, link);
}

/* --- a response --- */

static void
response_free(struct ce_response *response)
{
	free(response->identifier);
	free(response->token);
	free(response->key_authorization);
	free(response->value);
	free(response->record);
	free(response->target);
	free(response->zone);
	free(response->detail);
	free(response->account);
	free(response->output);
	free(response);
}

static int
print(char **ret_text, struct ce_error *err, const char *before, const char *separator, const char *after)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	int rc = ce_buf_addf(&text, err, "%s%s%s", before, separator, after);
	if (rc)
		return rc;
	*ret_text = ce_buf_steal_text(&text);
	return *ret_text ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

/* RFC 8555 section 8.4, draft-ietf-acme-dns-account-label section 3.2, draft-ietf-acme-dns-persist section 4. */
static int
fill_record(struct ce_response *response, const struct ce_response_spec *spec, struct ce_error *err)
{
	char label[40] = "_acme-challenge";
	if (spec->way->kind == CE_ACME_HTTP)
		return CE_OK;
	if (spec->way->kind == CE_ACME_DNS_PERSIST)
		return print(&response->record, err, "_validation-persist", ".", spec->identifier);
	if (spec->way->kind == CE_ACME_DNS_ACCOUNT) {
		char account[17];
		if (!spec->account)
			return ce_fail(err, CE_ERR_INVALID, "a dns-account-01 challenge without an account");
		int rc = ce_account_label(spec->account, account, err);
		if (rc)
			return rc;
		snprintf(label, sizeof(label), "_%s._acme-challenge", account);
	}
	int rc = print(&response->record, err, label, ".", spec->identifier);
	unsigned char digest[CE_SHA256_SIZE];
	CE_CLEANUP(ce_buf_release) struct ce_buf value = CE_BUF_INIT;
	const char *text = response->key_authorization;
	if (!rc)
		rc = ce_sha256((struct ce_bytes){ (const unsigned char *)text, strlen(text) }, digest, err);
	if (!rc)
		rc = ce_base64url_add(&value, (struct ce_bytes){ digest, sizeof(digest) }, err);
	if (rc)
		return rc;
	response->value = ce_buf_steal_text(&value);
	return response->value ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

static int
fill(struct ce_response *response, const struct ce_response_spec *spec, struct ce_error *err)
{
	response->way = spec->way;
	response->wildcard = spec->wildcard;
	response->identifier = strdup(spec->identifier);
	response->detail = spec->detail ? strdup(spec->detail) : NULL;
	response->token = spec->token ? strdup(spec->token) : NULL;
	response->account = spec->account ? strdup(spec->account) : NULL;
	if (!response->identifier || (spec->token && !response->token) || (spec->detail && !response->detail)
	    || (spec->account && !response->account))
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	int rc = CE_OK;
	if (spec->token)
		rc = print(&response->key_authorization, err, spec->token, ".", spec->thumbprint);
	return rc ? rc : fill_record(response, spec, err);
}

int
ce_presenter_note(struct ce_presented *presented, const struct ce_response_spec *spec, struct ce_error *err)
{
	struct ce_response *response = calloc(1, sizeof(*response));
	int rc = response ? fill(response, spec, err) : ce_fail(err, CE_ERR_MEMORY, "out of memory");
	if (rc) {
		if (response)
			response_free(response);
		return rc;
	}
	response->order = presented;
	TAILQ_INSERT_TAIL(&presented->responses, response, link);
	return CE_OK;
}

/* --- stages --- */

static bool
is_idle(enum ce_response_stage stage)
{
	return stage == CE_RESPONSE_NOTED || stage == CE_RESPONSE_PLACED || stage == CE_RESPONSE_GONE;
}

void
ce_response_enter(struct ce_presenter *presenter, struct ce_response *response, enum ce_response_stage stage)
{
	bool active = !is_idle(stage);
	response->stage = stage;
	if (active && !response->is_active)
		TAILQ_INSERT_TAIL(&presenter->active, response, active);
	else if (!active && response->is_active)
		TAILQ_REMOVE(&presenter->active, response, active);
	response->is_active = active;
}

static void
owe(struct ce_presenter *presenter, struct ce_presented *presented)
{
	struct ce_presented **larger = reallocarray(presenter->owed, presenter->owed_count + 1, sizeof(*larger));
	if (!larger)
		return; /* the order ends with the batch */
	presenter->owed = larger;
	larger[presenter->owed_count++] = presented;
	presented->deploying = false;
}

static void
place(struct ce_presenter *presenter, struct ce_response *response)
{
	struct ce_presented *order = response->order;
	ce_response_enter(presenter, response, CE_RESPONSE_PLACED);
	if (response->unwanted) {
		ce_response_enter(presenter, response, CE_RESPONSE_REMOVE);
		return;
	}
	order->open--;
	if (order->open == 0 && order->deploying)
		owe(presenter, order);
}

void
ce_response_added(struct ce_presenter *presenter, struct ce_response *response, int rc, const struct ce_error *why)
{
	struct ce_presented *order = response->order;
	if (rc >= 0) {
		long long wait_s = response->way->wait ? response->way->wait : response->way->self_check ? SEEN_WAIT_S : 0;
		response->since_ms = ce_monotonic_ms();
		response->due_ms = response->since_ms + wait_s * 1000;
		if (response->way->method == CE_WAY_PERSIST || wait_s == 0)
			place(presenter, response);
		else
			ce_response_enter(presenter, response, CE_RESPONSE_SETTLE);
		return;
	}
	/* A file was not made. A record may have been, whatever the program said. */
	bool sure = response->way->method == CE_WAY_WEBROOT || response->way->method == CE_WAY_PERSIST || !response->kept;
	response->failed = true;
	ce_response_enter(presenter, response, sure ? CE_RESPONSE_GONE : response->unwanted ? CE_RESPONSE_REMOVE : CE_RESPONSE_PLACED);
	if (order->code == 0) {
		struct ce_error told = *why;
		if (told.code != CE_ERR_WAIT)
			(void)ce_error_wrap(&told, "issuer '%s'", order->issuer);
		order->code = told.code;
		memcpy(order->text, told.text, sizeof(order->text));
	}
	if (order->deploying)
		owe(presenter, order);
}

void
ce_response_removed(struct ce_presenter *presenter, struct ce_response *response, int rc, const struct ce_error *why)
{
	if (rc < 0 && !response->failed)
		ce_log(CE_LOG_WARNING, "issuer '%s': a response to the %s challenge for '%s' stays behind, and the next run tries again to "
			"remove it: %s", response->order->issuer, ce_way_name(response->way), response->identifier, why->text);
	if (rc >= 0 || response->failed)
		response->kept = false;
	ce_response_enter(presenter, response, CE_RESPONSE_GONE);
}

/* --- what is done at once --- */

static bool
is_same(const struct ce_response *one, const struct ce_response *other)
{
	return one->way == other->way && one->token && other->token && !strcmp(one->token, other->token)
	       && !strcmp(one->identifier, other->identifier);
}

/* A CA may give two orders the same authorization, and so the same response. */
static bool
others_need(const struct ce_presenter *presenter, const struct ce_response *response)
{
	const struct ce_presented *order;
	const struct ce_response *other;
	TAILQ_FOREACH(order, &presenter->all, link)
		TAILQ_FOREACH(other, &order->responses, link)
			if (other != response && other->stage != CE_RESPONSE_NOTED && other->stage < CE_RESPONSE_REMOVE && !other->unwanted
			    && is_same(other, response))
				return true;
	return false;
}

static void
write_file(struct ce_presenter *presenter, struct ce_response *response)
{
	struct ce_error why = { 0 };
	struct ce_way *way = response->way;
	int rc = ce_acme_webroot_present(way->webroot, response->token, response->key_authorization, &why);
	ce_response_added(presenter, response, rc, &why);
}

static void
remove_file(struct ce_presenter *presenter, struct ce_response *response)
{
	struct ce_error why = { 0 };
	int rc = ce_acme_webroot_cleanup(response->way->webroot, response->token, response->key_authorization, &why);
	ce_response_removed(presenter, response, rc, &why);
}

/* --- the order --- */

void
ce_presenter_deploy(struct ce_presenter *presenter, struct ce_presented *presented)
{
	struct ce_response *response;
	presented->deploying = true;
	presented->code = 0;
	presented->open = 0;
	TAILQ_FOREACH(response, &presented->responses, link) {
		if (response->stage != CE_RESPONSE_NOTED)
			continue;
		presented->open++;
		ce_response_enter(presenter, response, ce_look_needed(response->way) ? CE_RESPONSE_LOOK : CE_RESPONSE_ADD);
	}
	if (presented->open == 0)
		owe(presenter, presented);
}

void
ce_presenter_cleanup(struct ce_presenter *presenter, struct ce_presented *presented)
{
	struct ce_response *response;
	presented->deploying = false;
	TAILQ_FOREACH(response, &presented->responses, link) {
		bool under_way = response->stage == CE_RESPONSE_LOOKING || response->stage == CE_RESPONSE_ADDING;
		response->unwanted = true;
		if (response->stage == CE_RESPONSE_SETTLE || response->stage == CE_RESPONSE_SEEN || response->stage == CE_RESPONSE_PLACED)
			ce_response_enter(presenter, response, CE_RESPONSE_REMOVE);
		else if (!under_way && response->stage < CE_RESPONSE_REMOVE) {
			response->kept = false; /* its turn never came */
			ce_response_enter(presenter, response, CE_RESPONSE_GONE);
		}
	}
}

struct ce_presented *
ce_presenter_owed(struct ce_presenter *presenter)
{
	return presenter->owed_count > 0 ? presenter->owed[--presenter->owed_count] : NULL;
}

/* --- going on --- */

static bool
settled(struct ce_response *response)
{
	bool over = ce_monotonic_ms() >= response->due_ms;
	if (over && response->way->self_check)
		ce_log(CE_LOG_NOTICE, "the record '%s' cannot be seen yet; the CA is asked all the same", response->record);
	return over;
}

/* A webroot's directories are made before what is about to be done is kept, so that they are removed too. */
static void
prepare(struct ce_presenter *presenter)
{
	struct ce_response *response, *next;
	for (response = TAILQ_FIRST(&presenter->active); response; response = next) {
		struct ce_error why = { 0 };
		struct ce_way *way = response->way;
		next = TAILQ_NEXT(response, active);
		if (response->stage != CE_RESPONSE_ADD || way->method != CE_WAY_WEBROOT || way->prepared)
			continue;
		int rc = ce_acme_webroot_prepare(way->webroot, &way->directories_made, &why);
		way->prepared = rc >= 0;
		if (rc < 0)
			ce_response_added(presenter, response, rc, &why);
	}
}

/* The store is told before the first file or record is made, once for all that begin together. */
static void
keep(struct ce_presenter *presenter)
{
	struct ce_response *response, *next;
	prepare(presenter);
	for (response = TAILQ_FIRST(&presenter->active); response; response = next) {
		struct ce_error why = { 0 };
		next = TAILQ_NEXT(response, active);
		if (response->stage != CE_RESPONSE_ADD || response->kept)
			continue;
		int rc = ce_left_keep(presenter, response->order->issuer, &why);
		if (rc < 0)
			ce_response_added(presenter, response, rc, &why);
	}
}

void
ce_presenter_step(struct ce_presenter *presenter)
{
	struct ce_response *response, *next;
	ce_tasks_step(presenter);
	ce_look_step(presenter);
	keep(presenter);
	for (response = TAILQ_FIRST(&presenter->active); response; response = next) {
		next = TAILQ_NEXT(response, active);
		bool file = response->way->method == CE_WAY_WEBROOT;
		if (response->stage == CE_RESPONSE_SETTLE && settled(response))
			place(presenter, response);
		else if (response->stage == CE_RESPONSE_ADD && file)
			write_file(presenter, response);
		else if (response->stage == CE_RESPONSE_REMOVE
		         && (response->way->method == CE_WAY_PERSIST || others_need(presenter, response)))
			ce_response_removed(presenter, response, CE_OK, NULL);
		else if (response->stage == CE_RESPONSE_REMOVE && file)
			remove_file(presenter, response);
	}
	ce_look_start(presenter);
	ce_tasks_start(presenter);
}

bool
ce_presenter_busy(const struct ce_presenter *presenter)
{
	return !TAILQ_EMPTY(&presenter->active) || !TAILQ_EMPTY(&presenter->tasks) || presenter->looking_count > 0;
}

static void
shorten(int *timeout_ms, long long left_ms)
{
	if (left_ms < *timeout_ms)
		*timeout_ms = left_ms > 0 ? (int)left_ms : 0;
}

size_t
ce_presenter_fds(const struct ce_presenter *presenter, struct pollfd *fds, size_t room, int *timeout_ms)
{
	size_t count = 0;
	const struct ce_task *task;
	const struct ce_response *response;
	if (presenter->looking_count > 0 && room > 0)
		fds[count++] = (struct pollfd){ .fd = presenter->looker.fd, .events = POLLIN };
	TAILQ_FOREACH(task, &presenter->tasks, link) {
		int theirs[CE_RUNNING_FDS];
		size_t several = ce_running_fds(task->child, theirs);
		for (size_t i = 0; i < several && count < room; i++)
			fds[count++] = (struct pollfd){ .fd = theirs[i], .events = POLLIN };
		shorten(timeout_ms, ce_running_left_ms(task->child));
	}
	TAILQ_FOREACH(response, &presenter->active, active)
		if (response->stage == CE_RESPONSE_SETTLE)
			shorten(timeout_ms, response->due_ms - ce_monotonic_ms());
	return count;
}

/* --- the end --- */

void
ce_presenter_finish(struct ce_presenter *presenter)
{
	long long until = ce_monotonic_ms() + FINISH_MS;
	ce_presenter_step(presenter);
	while (ce_presenter_busy(presenter) && ce_monotonic_ms() < until) {
		struct pollfd fds[CE_PRESENTER_FDS_MAX];
		int wait_ms = FINISH_GLANCE_MS;
		size_t count = ce_presenter_fds(presenter, fds, CE_COUNT(fds), &wait_ms);
		(void)ce_sys->poll(fds, count, wait_ms); /* whatever it says, all are asked */
		ce_presenter_step(presenter);
	}
	/* What could not be removed stays in the record; without anything the record goes. */
	const struct ce_presented *order;
	TAILQ_FOREACH(order, &presenter->all, link) {
		struct ce_error why = { 0 };
		if (!TAILQ_EMPTY(&order->responses) && ce_left_keep(presenter, order->issuer, &why) < 0)
			ce_log(CE_LOG_WARNING, "issuer '%s': what was presented cannot be recorded: %s", order->issuer, why.text);
	}
}

void
ce_presenter_release(struct ce_presenter *presenter)
{
	struct ce_presented *order;
	ce_tasks_end(presenter);
	ce_look_end(presenter);
	TAILQ_FOREACH(order, &presenter->all, link) {
		struct ce_response *response;
		while ((response = TAILQ_FIRST(&order->responses)) != NULL) {
			TAILQ_REMOVE(&order->responses, response, link);
			response_free(response);
		}
	}
	free(presenter->owed);
	presenter->owed = NULL;
	presenter->owed_count = 0;
	TAILQ_INIT(&presenter->all);
	TAILQ_INIT(&presenter->active);
}
