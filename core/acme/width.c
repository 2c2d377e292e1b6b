#include "acme/width.h"

/* CAs take longer to make an order than to read one: only what is well beyond the fastest counts. */
#define GOOD_FACTOR 3
#define GOOD_MS 250
#define SLOW_FACTOR 6
#define SLOW_MS 1500

void
ce_acme_width_init(struct ce_acme_width *width)
{
	*width = (struct ce_acme_width){ .now = CE_ACME_WIDTH_FIRST, .calm = CE_ACME_WIDTH_MAX, .fastest_ms = -1, .narrowed_ms = -1 };
}

/* Once for all that was under way together. */
static void
narrow(struct ce_acme_width *width, size_t to, long long sent_ms, long long now_ms)
{
	if (width->narrowed_ms >= 0 && sent_ms >= 0 && sent_ms <= width->narrowed_ms)
		return;
	width->now = to > 0 ? to : 1;
	width->calm = width->now;
	width->earned = 0;
	width->narrowed_ms = now_ms;
}

static void
widen(struct ce_acme_width *width)
{
	if (width->now >= CE_ACME_WIDTH_MAX)
		return;
	if (width->now >= width->calm && ++width->earned < width->now)
		return;
	width->earned = 0;
	width->now++;
}

void
ce_acme_width_good(struct ce_acme_width *width, bool wanted, long long sent_ms, long long now_ms)
{
	long long took = sent_ms < 0 ? -1 : now_ms - sent_ms;
	if (took >= 0 && (width->fastest_ms < 0 || took < width->fastest_ms))
		width->fastest_ms = took;
	if (took > SLOW_FACTOR * width->fastest_ms + SLOW_MS)
		narrow(width, width->now * 3 / 4, sent_ms, now_ms);
	else if (wanted && took <= GOOD_FACTOR * width->fastest_ms + GOOD_MS)
		widen(width);
}

void
ce_acme_width_refused(struct ce_acme_width *width, long long sent_ms, long long now_ms)
{
	narrow(width, width->now / 2, sent_ms, now_ms);
}
