#include "acme/errand.h"

#include <stdarg.h>
#include <string.h>

static void show_directory(struct ce_acme_errand *errand);

enum signer { NOBODY, ACCOUNT, OWN_KEY_OR_ACCOUNT };

/* Who signs it: what the account signs waits until the account is there. */
static const struct {
	const char *step;
	enum signer signer;
	void (*begin)(struct ce_acme_errand *errand);
} kinds[CE_ACME_ERRAND_KINDS] = {
	[CE_ACME_DIRECTORY] = { "directory", NOBODY, show_directory },
	[CE_ACME_RENEWAL_INFO] = { "renewal", NOBODY, ce_acme_renewal_begin },
	[CE_ACME_ACCOUNT_SHOW] = { "account", ACCOUNT, ce_acme_show_begin },
	[CE_ACME_ACCOUNT_UPDATE] = { "account", ACCOUNT, ce_acme_update_begin },
	[CE_ACME_ACCOUNT_ROLLOVER] = { "rollover", ACCOUNT, ce_acme_rollover_begin },
	[CE_ACME_ACCOUNT_SETTLE] = { "rollover", OWN_KEY_OR_ACCOUNT, ce_acme_settle_begin },
	[CE_ACME_ACCOUNT_DEACTIVATE] = { "account", ACCOUNT, ce_acme_deactivate_begin },
	[CE_ACME_REVOKE] = { "revocation", OWN_KEY_OR_ACCOUNT, ce_acme_revoke_begin },
};

static bool
needs_account(const struct ce_acme_errand_job *job)
{
	enum signer signer = kinds[job->kind].signer;
	return signer == ACCOUNT || (signer == OWN_KEY_OR_ACCOUNT && !job->own_key);
}

const char *
ce_acme_errand_step(const struct ce_acme_errand *errand)
{
	const char *step = kinds[errand->job->kind].step;
	return step ? step : "errand";
}

void
ce_acme_errand_init(struct ce_acme_errand *errand, struct ce_acme_run *run, size_t index)
{
	errand->run = run;
	errand->index = index;
	errand->job = &run->batch->errands[index];
	errand->session = &run->sessions[errand->job->issuer];
	errand->session->errand_count++;
	if (needs_account(errand->job))
		errand->session->wants_account = true;
}

void
ce_acme_errand_release(struct ce_acme_errand *errand)
{
	ce_acme_timer_stop(&errand->run->timers, &errand->timer);
}

static void
begin(struct ce_acme_errand *errand)
{
	struct ce_acme_session *session = errand->session;
	if (errand->begun || errand->ended || (needs_account(errand->job) && session->phase != CE_ACME_READY)
	    || session->errands_open >= CE_ACME_ERRANDS_WIDTH)
		return;
	errand->begun = true;
	session->errands_open++;
	kinds[errand->job->kind].begin(errand);
}

/* An errand that ends within its begin makes room for the next one of this very loop. */
void
ce_acme_errands_begin(struct ce_acme_session *session)
{
	struct ce_acme_run *run = session->run;
	for (size_t i = 0; i < run->batch->errand_count && !run->failure.code; i++)
		if (run->errands[i].session == session)
			begin(&run->errands[i]);
}

void
ce_acme_errand_put_off(struct ce_acme_errand *errand)
{
	errand->begun = false;
	errand->session->errands_open--;
}

/* One that ended made room: the next in line begins soon, not within the callback that ended this one. */
static void
begin_next(void *context)
{
	ce_acme_errands_begin(context);
}

static void
make_room(struct ce_acme_errand *errand)
{
	struct ce_acme_session *session = errand->session;
	if (!errand->begun)
		return;
	session->errands_open--;
	if (session->phase == CE_ACME_FAILED || session->errands_timer.armed)
		return;
	session->errands_timer.fire = begin_next;
	session->errands_timer.context = session;
	ce_acme_timer_set(&session->run->timers, &session->errands_timer, 0);
}

static void
end(struct ce_acme_errand *errand, const struct ce_acme_errand_end *end)
{
	struct ce_acme_run *run = errand->run;
	struct ce_error err = { 0 };
	if (errand->ended)
		return;
	ce_acme_timer_stop(&run->timers, &errand->timer);
	errand->ended = true;
	run->open_errands--;
	if (run->open_errands > 0)
		make_room(errand);
	if (!run->failure.code)
		(void)ce_acme_run_check(run, run->keeper->errand_done(run->keeper->context, errand->index, end, &err), &err);
}

void
ce_acme_errands_fail(struct ce_acme_session *session)
{
	struct ce_acme_run *run = session->run;
	const struct ce_acme_outcome *why = &session->outcome;
	const struct ce_acme_errand_end failed = { .code = why->kind == CE_ACME_OPERATOR ? CE_ERR_WAIT : why->code,
		.class = why->class, .not_before = why->not_before, .step = why->step, .text = why->text };
	for (size_t i = 0; i < run->batch->errand_count; i++)
		if (run->errands[i].session == session)
			end(&run->errands[i], &failed);
}

void
ce_acme_errand_done(struct ce_acme_errand *errand, json_t *result)
{
	CE_CLEANUP(ce_freep) char *text = result ? ce_json_steal_text(result) : NULL;
	const struct ce_acme_errand_end done = { .result = text };
	if (!text)
		ce_acme_errand_refuse(errand, CE_ACME_CA, CE_ERR_MEMORY, "out of memory");
	else if (strlen(text) > CE_ACME_RESULT_MAX)
		ce_acme_errand_refuse(errand, CE_ACME_CA, CE_ERR_LIMIT, "the answer of the CA of issuer '%s' is larger than %d bytes",
			errand->session->job->name, CE_ACME_RESULT_MAX);
	else
		end(errand, &done);
}

void
ce_acme_errand_refuse(struct ce_acme_errand *errand, enum ce_acme_class class, int code, const char *format, ...)
{
	char text[CE_ERROR_TEXT_MAX];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	const struct ce_acme_errand_end refused = { .code = code, .class = class, .step = ce_acme_errand_step(errand),
		.text = text };
	end(errand, &refused);
}

void
ce_acme_errand_refuse_answer(struct ce_acme_errand *errand, const struct ce_acme_answer *answer, const char *what)
{
	char why[800];
	struct ce_error err = { 0 };
	ce_acme_answer_sentence(answer, why, sizeof(why));
	(void)ce_fail(&err, answer->code == CE_OK ? CE_ERR_ISSUER : answer->code, "%s of issuer '%s': %s", what,
		errand->session->job->name, why);
	const struct ce_acme_errand_end refused = { .code = err.code, .class = answer->problem.class,
		.not_before = ce_acme_not_before(answer), .step = ce_acme_errand_step(errand), .text = err.text };
	end(errand, &refused);
}

/* As it was fetched or kept; whoever wants it fresh sends no kept one. */
static void
show_directory(struct ce_acme_errand *errand)
{
	const char *text = errand->session->document;
	ce_acme_errand_done(errand, text ? ce_json_object((struct ce_bytes){ (const unsigned char *)text, strlen(text) })
	                                 : NULL);
}
