#include "acme/errand.h"

#include <stdarg.h>
#include <string.h>

static void show_directory(struct ce_acme_errand *errand);

/* account: signed by it, so it must be there first. */
static const struct {
	const char *step;
	bool account;
	void (*begin)(struct ce_acme_errand *errand);
} kinds[CE_ACME_ERRAND_KINDS] = {
	[CE_ACME_DIRECTORY] = { "directory", false, show_directory },
	[CE_ACME_RENEWAL_INFO] = { "renewal", false, ce_acme_renewal_begin },
};

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
	if (kinds[errand->job->kind].account)
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
	bool account = kinds[errand->job->kind].account;
	if (errand->begun || errand->ended || (account && errand->session->phase != CE_ACME_READY))
		return;
	errand->begun = true;
	if (kinds[errand->job->kind].begin)
		kinds[errand->job->kind].begin(errand);
	else
		ce_acme_errand_refuse(errand, CE_ACME_INPUT, CE_ERR_INVALID, "an errand of kind %d is not known",
			errand->job->kind);
}

void
ce_acme_errands_begin(struct ce_acme_session *session)
{
	struct ce_acme_run *run = session->run;
	for (size_t i = 0; i < run->batch->errand_count && !run->failure.code; i++)
		if (run->errands[i].session == session)
			begin(&run->errands[i]);
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
