/* How long to wait before an order is read again. */
#include "acme/order.h"
#include "base/sys.h"

/* First soon: many CAs are done at once. Later ones are twice as far apart. */
static const int waits_ms[] = { 50, 150, 300, 600, 1200, 2500, 5000, 10000 };

/* What a CA takes to note that it got what it wanted; and how long it is left to come and get it (RFC 8555 section 7.5.1: a
 * client begins to poll when it sees the CA's request). */
#define NOTING_MS 20
#define COMING_MS 250

#define DEADLINE_MS 120000
/* Longer waits are not sat out: the order is kept and the next run goes on with it. */
#define WAIT_MAX_S 30
#define PAUSE_AFTER_DEADLINE_S 60

static void
read_again(void *context)
{
	ce_acme_order_read(context);
}

/* Whether the CA's requests are seen here: all answers are the built-in web server's. all: they all were fetched; most CAs ask
 * from several places, so that may not be the last of it. */
static bool
sees_requests(const struct ce_acme_order *order, bool *ret_all)
{
	size_t watched = 0, asked = 0;
	for (size_t i = 0; i < order->authz_count; i++) {
		const struct ce_acme_authz *authz = &order->authzs[i];
		if (authz->chosen && !authz->watched)
			return false;
		watched += authz->watched;
		asked += authz->asked;
	}
	*ret_all = asked == watched;
	return watched > 0 && order->stage == CE_ACME_ANSWERED;
}

/* The way to the CA and back is waiting, too: of the first wait only the rest remains. */
static long long
wait_before(const struct ce_acme_order *order, size_t n)
{
	long long way_ms = order->session->width.fastest_ms > 0 ? order->session->width.fastest_ms : 0;
	bool all = false;
	if (n > 0)
		return waits_ms[n];
	long long wait_ms = !sees_requests(order, &all) ? waits_ms[n] : all ? NOTING_MS : COMING_MS;
	return wait_ms > way_ms ? wait_ms - way_ms : 0;
}

static void
hurry(struct ce_acme_order *order)
{
	bool all = false;
	if (!order->timer.armed || order->ended || order->hurried || order->timed || !sees_requests(order, &all) || !all)
		return;
	order->hurried = true;
	if (order->timer.due_ms > ce_monotonic_ms() + NOTING_MS)
		ce_acme_timer_set(&order->run->timers, &order->timer, NOTING_MS);
}

void
ce_acme_orders_hurry(struct ce_acme_run *run)
{
	for (size_t i = 0; i < run->batch->order_count; i++)
		hurry(&run->orders[i]);
}

void
ce_acme_order_late(struct ce_acme_order *order)
{
	ce_acme_order_progress(order, "order", "the CA is not done yet; the order is kept for the next run");
	ce_acme_order_pending(order, ce_now() + PAUSE_AFTER_DEADLINE_S);
}

void
ce_acme_order_poll(struct ce_acme_order *order)
{
	long long now_ms = ce_monotonic_ms(), asked_s = order->wait_s;
	size_t n = (size_t)order->polls < CE_COUNT(waits_ms) ? (size_t)order->polls : CE_COUNT(waits_ms) - 1;
	long long wait_ms = asked_s > 0 ? asked_s * 1000 : wait_before(order, n);
	order->polls++;
	order->timed = asked_s > 0;
	order->wait_s = -1;
	if (asked_s > WAIT_MAX_S) {
		ce_acme_order_pending(order, ce_now() + asked_s);
		return;
	}
	if (order->deadline_ms == 0)
		order->deadline_ms = now_ms + DEADLINE_MS;
	if (now_ms + wait_ms > order->deadline_ms) {
		if (order->stage == CE_ACME_ANSWERED)
			ce_acme_order_doubt(order);
		else
			ce_acme_order_late(order);
		return;
	}
	order->timer.fire = read_again;
	order->timer.context = order;
	ce_acme_timer_set(&order->run->timers, &order->timer, wait_ms);
}
