/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "sim/device_private.h"

enum { EVENT_WORDS = 2 };

/* Registers 200 to 297 hold the list, oldest first, empty places behind. */
void device_add_event(struct device *d, uint8_t id)
{
	uint16_t *list = d->word + DEVICE_EVENTS;
	const uint32_t time_s = (uint32_t) (uint64_t) d->lifetime_s;
	unsigned count = 0;

	for (unsigned i = 0; i < DEVICE_EVENTS_MAX; i++) {
		if (!(list[EVENT_WORDS * i + 1] >> 8))
			continue;
		memmove(list + EVENT_WORDS * count, list + EVENT_WORDS * i, 2 * sizeof(*list));
		count++;
	}
	if (count == DEVICE_EVENTS_MAX) {
		count--;
		memmove(list, list + EVENT_WORDS, count * EVENT_WORDS * sizeof(*list));
	}
	list[EVENT_WORDS * count] = (uint16_t) time_s;
	list[EVENT_WORDS * count + 1] = (uint16_t) ((time_s >> 16 & 0xFF) | (unsigned) id << 8);
	count++;
	memset(list + EVENT_WORDS * count, 0,
	       (DEVICE_EVENTS_MAX - count) * EVENT_WORDS * sizeof(*list));
}

void device_clear_events(struct device *d)
{
	memset(d->word + DEVICE_EVENTS, 0, DEVICE_EVENTS_MAX * EVENT_WORDS * sizeof(*d->word));
}

void device_clear_statistics(struct device *d)
{
	const uint16_t causes = d->word[DEVICE_CAUSES];

	memset(d->word + DEVICE_STATISTICS, 0,
	       (DEVICE_STATISTICS_END - DEVICE_STATISTICS) * sizeof(*d->word));
	d->word[DEVICE_CAUSES] = causes;
	d->distance_km = 0.0;
	device_put_u32(d, DEVICE_CLEARED_AT, (uint32_t) (uint64_t) d->lifetime_s);
	device_clear_extremes(d);
}
