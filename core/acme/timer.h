/* Moments at which something shall go on. */
#ifndef CE_ACME_TIMER_H
#define CE_ACME_TIMER_H

#include <stdbool.h>
#include <sys/queue.h>

struct ce_acme_timer {
	TAILQ_ENTRY(ce_acme_timer) place;
	long long due_ms;             /* monotonic */
	bool armed;
	void (*fire)(void *context);
	void *context;
};

TAILQ_HEAD(ce_acme_timers, ce_acme_timer);

/* timer->fire and context are set by the owner; an armed timer is moved. */
void ce_acme_timer_set(struct ce_acme_timers *timers, struct ce_acme_timer *timer, long long wait_ms);
void ce_acme_timer_stop(struct ce_acme_timers *timers, struct ce_acme_timer *timer);
/* Fires what is due. */
void ce_acme_timers_fire(struct ce_acme_timers *timers);
/* Milliseconds until the first one, at most limit_ms. */
int ce_acme_timers_next(const struct ce_acme_timers *timers, int limit_ms);

#endif
