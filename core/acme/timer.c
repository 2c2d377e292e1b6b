#include "acme/timer.h"

#include "base/sys.h"

void
ce_acme_timer_stop(struct ce_acme_timers *timers, struct ce_acme_timer *timer)
{
	if (timer->armed)
		TAILQ_REMOVE(timers, timer, place);
	timer->armed = false;
}

/* Waits are alike, so the place of a new timer is found near the end. */
void
ce_acme_timer_set(struct ce_acme_timers *timers, struct ce_acme_timer *timer, long long wait_ms)
{
	ce_acme_timer_stop(timers, timer);
	timer->due_ms = ce_monotonic_ms() + wait_ms;
	timer->armed = true;
	struct ce_acme_timer *before = TAILQ_LAST(timers, ce_acme_timers);
	while (before && before->due_ms > timer->due_ms)
		before = TAILQ_PREV(before, ce_acme_timers, place);
	if (before)
		TAILQ_INSERT_AFTER(timers, before, timer, place);
	else
		TAILQ_INSERT_HEAD(timers, timer, place);
}

void
ce_acme_timers_fire(struct ce_acme_timers *timers)
{
	long long now = ce_monotonic_ms();
	struct ce_acme_timer *timer;
	while ((timer = TAILQ_FIRST(timers)) != NULL && timer->due_ms <= now) {
		ce_acme_timer_stop(timers, timer);
		timer->fire(timer->context);
	}
}

int
ce_acme_timers_next(const struct ce_acme_timers *timers, int limit_ms)
{
	const struct ce_acme_timer *timer = TAILQ_FIRST(timers);
	long long wait = timer ? timer->due_ms - ce_monotonic_ms() : limit_ms;
	return wait < 0 ? 0 : wait > limit_ms ? limit_ms : (int)wait;
}
