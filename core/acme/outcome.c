/* How orders end. */
#include <stdarg.h>
#include <string.h>

#include "acme/order.h"

void
ce_acme_order_end(struct ce_acme_order *order, const struct ce_acme_outcome *outcome)
{
	struct ce_acme_run *run = order->run;
	struct ce_error err = { 0 };
	if (order->ended)
		return;
	ce_acme_timer_stop(&run->timers, &order->timer);
	ce_acme_order_cleanup(order);
	order->ended = true;
	run->open_orders--;
	if (!run->failure.code)
		(void)ce_acme_run_check(run, run->keeper->outcome(run->keeper->context, order->index, outcome, &err), &err);
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

void
ce_acme_order_refuse_answer(struct ce_acme_order *order, const struct ce_acme_answer *answer, const char *step,
	const char *what)
{
	char why[800], names[120];
	struct ce_error err = { 0 };
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
