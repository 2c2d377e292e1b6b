/* How orders end. */
#include <stdarg.h>
#include <string.h>

#include "acme/order.h"

static void
tell(struct ce_acme_order *order, const struct ce_acme_outcome *outcome)
{
	struct ce_acme_run *run = order->run;
	struct ce_error err = { 0 };
	order->told = true;
	run->open_orders--;
	if (!run->failure.code)
		(void)ce_acme_run_check(run, run->keeper->outcome(run->keeper->context, order->index, outcome, &err), &err);
}

void
ce_acme_order_part(struct ce_acme_order *order)
{
	if (order->parting && !order->told)
		tell(order, &order->parting->outcome);
}

/* An authorization that nobody will answer any more would pile up at the CA (RFC 8555 section 7.5.2); a CA that is not
 * reached, or asks for rest, is left alone. */
static bool
leaves_something(const struct ce_acme_order *order, const struct ce_acme_outcome *outcome)
{
	return outcome->kind == CE_ACME_REFUSED && outcome->class != CE_ACME_LIMIT && outcome->code != CE_ERR_NETWORK
		&& outcome->code != CE_ERR_TIMEOUT && order->session->phase == CE_ACME_READY && !order->run->failure.code;
}

static bool
keep_back(struct ce_acme_order *order, const struct ce_acme_outcome *outcome)
{
	struct ce_acme_parting *parting = calloc(1, sizeof(*parting));
	if (!parting)
		return false;
	snprintf(parting->step, sizeof(parting->step), "%s", outcome->step);
	snprintf(parting->text, sizeof(parting->text), "%s", outcome->text);
	parting->outcome = *outcome;
	parting->outcome.step = parting->step;
	parting->outcome.text = parting->text;
	order->parting = parting;
	return true;
}

void
ce_acme_order_end(struct ce_acme_order *order, const struct ce_acme_outcome *outcome)
{
	if (order->ended) {
		ce_acme_order_part(order); /* nobody is left to give anything back to */
		return;
	}
	ce_acme_timer_stop(&order->run->timers, &order->timer);
	ce_acme_order_cleanup(order);
	order->ended = true;
	if (!leaves_something(order, outcome) || !keep_back(order, outcome))
		tell(order, outcome);
	else if (!ce_acme_order_give_back(order))
		ce_acme_order_part(order);
}

void
ce_acme_order_issued(struct ce_acme_order *order, struct ce_bytes chain)
{
	const struct ce_acme_outcome outcome = { .kind = CE_ACME_ISSUED, .chain = chain };
	ce_acme_order_end(order, &outcome);
}

void
ce_acme_order_pending(struct ce_acme_order *order, long long not_before)
{
	const struct ce_acme_outcome outcome = { .kind = CE_ACME_PENDING, .not_before = not_before };
	ce_acme_order_end(order, &outcome);
}

void
ce_acme_order_refuse(struct ce_acme_order *order, enum ce_acme_class class, int code, const char *step,
	const char *format, ...)
{
	char text[CE_ERROR_TEXT_MAX];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	const struct ce_acme_outcome outcome = { .kind = CE_ACME_REFUSED, .class = class, .code = code, .step = step,
		.text = text };
	ce_acme_order_end(order, &outcome);
}

/* Several names in one refusal: a line for each, whatever the sentence has room for. */
void
ce_acme_order_tell_names(struct ce_acme_order *order, const struct ce_acme_answer *answer)
{
	char line[400];
	CE_CLEANUP(json_decrefp) json_t *json = answer->code == CE_ERR_ISSUER ? ce_json_object(ce_buf_bytes(&answer->http->body)) : NULL;
	const json_t *subs = json_object_get(json, "subproblems");
	for (size_t i = 0; json_array_size(subs) > 1 && i < json_array_size(subs); i++)
		if (ce_acme_problem_line(json_array_get(subs, i), line, sizeof(line)))
			ce_acme_order_warn(order, line);
}

void
ce_acme_order_refuse_answer(struct ce_acme_order *order, const struct ce_acme_answer *answer, const char *step,
	const char *what)
{
	char why[800], names[120];
	struct ce_error err = { 0 };
	ce_acme_order_tell_names(order, answer);
	ce_acme_answer_sentence(answer, why, sizeof(why));
	(void)ce_fail(&err, answer->code == CE_OK ? CE_ERR_ISSUER : answer->code, "%s for %s: %s", what,
		ce_acme_order_names(order, names, sizeof(names)), why);
	const struct ce_acme_outcome outcome = { .kind = CE_ACME_REFUSED, .class = answer->problem.class,
		.code = err.code, .step = step, .text = err.text,
		.not_before = ce_acme_not_before(answer) };
	ce_acme_order_end(order, &outcome);
}

void
ce_acme_order_progress(struct ce_acme_order *order, const char *step, const char *text)
{
	struct ce_acme_run *run = order->run;
	struct ce_error err = { 0 };
	if (!run->failure.code)
		(void)ce_acme_run_check(run, run->keeper->progress(run->keeper->context, order->index, step, text, &err), &err);
}

void
ce_acme_order_warn(struct ce_acme_order *order, const char *text)
{
	struct ce_acme_run *run = order->run;
	struct ce_error err = { 0 };
	if (!run->failure.code)
		(void)ce_acme_run_check(run, run->keeper->warn(run->keeper->context, order->index, text, &err), &err);
}

const char *
ce_acme_order_names(const struct ce_acme_order *order, char *out, size_t room)
{
	const struct ce_strlist *names = &order->job->names;
	if (names->count > 1)
		snprintf(out, room, "'%.80s' and %zu more", names->items[0], names->count - 1);
	else
		snprintf(out, room, "'%.80s'", names->items[0]);
	return out;
}
