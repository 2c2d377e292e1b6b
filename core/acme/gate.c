#include "acme/gate.h"

#include <stdio.h>

#include "acme/session.h"
#include "base/sys.h"
#include "base/text.h"

#define WAIT_MAX_MS 30000

void
ce_acme_gate_init(struct ce_acme_gate *gate, const char *directory, const char *requests)
{
	const struct ce_acme_limits *limits = ce_acme_limits_of(directory);
	struct ce_error ignored = { 0 };
	*gate = (struct ce_acme_gate){ .shared = requests != NULL };
	for (size_t i = 0; i < CE_ACME_ENDPOINTS; i++)
		gate->rates[i] = limits->requests[i];
	if (requests && ce_rate_parse(requests, &gate->rates[0], &ignored))
		gate->rates[0] = (struct ce_rate){ 0 }; /* was refused when the configuration was checked */
}

static enum ce_acme_endpoint
endpoint_of(int resource)
{
	switch (resource) {
	case CE_ACME_NEW_NONCE:
		return CE_ACME_AT_NONCE;
	case CE_ACME_NEW_ACCOUNT:
		return CE_ACME_AT_ACCOUNT;
	case CE_ACME_NEW_ORDER:
		return CE_ACME_AT_ORDER;
	case CE_ACME_REVOKE_CERT:
		return CE_ACME_AT_REVOKE;
	case CE_ACME_RENEWAL:
		return CE_ACME_AT_RENEWAL;
	default:
		return CE_ACME_AT_OTHER;
	}
}

long long
ce_acme_gate_pass(struct ce_acme_gate *gate, int resource, long long now_ms)
{
	size_t at = gate->shared ? 0 : endpoint_of(resource);
	long long wait = ce_bucket_wait(&gate->rates[at], &gate->buckets[at], now_ms * 1000);
	if (wait == 0)
		ce_bucket_take(&gate->rates[at], &gate->buckets[at], now_ms * 1000);
	return (wait + 999) / 1000;
}

static void
pump_again(void *context)
{
	ce_acme_session_pump(context);
}

static void
put_off(struct ce_acme_session *session, long long wait_ms)
{
	struct ce_error err = { 0 };
	char when[32];
	long long not_before = ce_now() + (wait_ms + 999) / 1000;
	ce_text_time(when, not_before);
	(void)ce_fail(&err, CE_ERR_WAIT, "issuer '%s' takes no more requests before %s, by the limits that are known of it",
		session->job->name, when);
	const struct ce_acme_outcome outcome = { .kind = CE_ACME_PENDING, .class = CE_ACME_LIMIT, .code = CE_ERR_WAIT, .step = "limit",
		.text = err.text, .not_before = not_before };
	ce_acme_session_fail(session, &outcome);
}

bool
ce_acme_gate_opens(struct ce_acme_session *session, int resource)
{
	long long wait_ms = ce_acme_gate_pass(&session->gate, resource, ce_monotonic_ms());
	if (wait_ms == 0)
		return true;
	if (wait_ms > WAIT_MAX_MS) {
		put_off(session, wait_ms);
		return false;
	}
	session->gate_timer.fire = pump_again;
	session->gate_timer.context = session;
	if (!session->gate_timer.armed)
		ce_acme_timer_set(&session->run->timers, &session->gate_timer, wait_ms);
	return false;
}
