/* SPDX-License-Identifier: MIT */
/* Asleep, deaf after a reset, or awake. */
#include <math.h>

#include "sim/device_private.h"
#include "sim/protection.h"

#define SLEEP_AFTER_S 10.0 /* without traffic (rev. D, 1.3) */
#define SLEEP_CHECK_S 1.0  /* how often a sleeping BMS looks at its current */
#define RESET_DEAF_S  1.0

enum {
	HIGH_POWER_BIT = 1 << 8, /* register 501 */
	RESET_BY_SOFTWARE = 4,	 /* register 114, low byte */
};

static double sleep_current_a(const struct device *d)
{
	return d->word[DEVICE_POWER_AND_SENSOR] & HIGH_POWER_BIT ? 0.8 : 0.08;
}

static bool is_busy(const struct device *d)
{
	return d->drive.has_charger || fabs(d->current_a) >= sleep_current_a(d) ||
	       protection_is_over_current(d);
}

void device_sleep(struct device *d)
{
	d->is_asleep = true;
	d->idle_s = 0.0;
}

void device_wake(struct device *d, enum device_wakeup cause)
{
	if (d->is_asleep)
		d->word[DEVICE_CAUSES] =
			(uint16_t) ((d->word[DEVICE_CAUSES] & 0xFF) | (unsigned) cause << 8);
	d->is_asleep = d->is_kept_asleep = false;
	d->idle_s = 0.0;
}

void device_judge_sleep(struct device *d)
{
	d->idle_s += DEVICE_TICK_S;
	if (!d->is_asleep && d->may_sleep && d->idle_s >= SLEEP_AFTER_S && !is_busy(d))
		device_sleep(d);
	else if (d->is_asleep && !d->is_kept_asleep && d->idle_s >= SLEEP_CHECK_S && is_busy(d))
		device_wake(d, d->drive.has_charger ? DEVICE_WOKEN_BY_CHARGER
						    : DEVICE_WOKEN_BY_DISCHARGE);
	else if (d->is_asleep && d->idle_s >= SLEEP_CHECK_S)
		d->idle_s = 0.0;
}

bool device_hear(struct device *d)
{
	const bool was_asleep = d->is_asleep;

	if (d->deaf_s > 0.0)
		return false;
	if (was_asleep)
		device_wake(d, DEVICE_WOKEN_BY_UART);
	d->idle_s = 0.0;
	return !was_asleep;
}

void device_reset(struct device *d)
{
	device_thaw(d);
	d->deaf_s = RESET_DEAF_S;
	d->is_asleep = d->is_kept_asleep = false;
	d->word[DEVICE_CAUSES] = (uint16_t) ((d->word[DEVICE_CAUSES] & 0xFF00) | RESET_BY_SOFTWARE);
	for (unsigned i = 0; i < DEVICE_PROTECTIONS_MAX; i++)
		if (!d->protection[i].is_forced)
			d->protection[i] = (struct device_protection){ 0 };
}

void device_judge_reset(struct device *d)
{
	if (d->deaf_s <= 0.0)
		return;
	d->deaf_s -= DEVICE_TICK_S;
	if (d->deaf_s >= DEVICE_TICK_S / 2.0)
		return;
	d->deaf_s = 0.0;
	device_add_event(d, DEVICE_EVENT_STARTED);
}
