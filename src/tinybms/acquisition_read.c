/* SPDX-License-Identifier: MIT */
/* acquisition_read - what is read in one cycle, and what becomes of it */
#include "tinybms/acquisition_private.h"

#include <math.h>
#include <string.h>

#include "tinybms/settings.h"

/*
 * An event may be newer than the lifetime counter, which was read a cycle before
 * it: without this much ahead it would count as one of 194 days ago.
 */
enum { EVENT_AHEAD_S = 5 };

/*
 * A silent BMS may be asleep: the first request only wakes it (rev. D 1.3), so
 * the same one follows at once.
 */
static bool read_waking(struct acquisition *a, unsigned first, unsigned count, uint16_t *words,
			GError **error)
{
	GError *first_error = NULL;

	if (port_read(a->port, first, count, words, &first_error))
		return true;
	if (!g_error_matches(first_error, PORT_ERROR, PORT_ERROR_SILENT)) {
		g_propagate_error(error, first_error);
		return false;
	}
	g_clear_error(&first_error);
	a->counters.line.retries++;
	return port_read(a->port, first, count, words, error);
}

static void count_latency(struct acquisition *a, gint64 latency_us)
{
	struct acquisition_counters *c = &a->counters;

	c->successes++;
	a->latency_sum_us += (double) latency_us;
	c->latency_last_us = (double) latency_us;
	c->latency_mean_us = a->latency_sum_us / (double) c->successes;
	c->latency_max_us = MAX(c->latency_max_us, (double) latency_us);
}

static void update_active(struct acquisition *a, gint64 now_us)
{
	a->known.active = events_active(&a->list, (double) (now_us - a->fault_us) / 1e6);
}

/* Events are interesting when the status changes, above all to and from Fault. */
static void note_status(struct acquisition *a, enum battery_status before, gint64 now_us)
{
	if (!a->had_snapshot || a->known.status == BATTERY_STATUS_FAULT)
		a->fault_us = now_us;
	if (a->had_snapshot && a->known.status != before)
		schedule_hurry(&a->schedule, SCHEDULE_EVENTS);
	a->had_snapshot = true;
	update_active(a, now_us);
}

/* Who answers after a silence is asked who it is; the one that was there goes on meanwhile. */
static void note_answer(struct acquisition *a)
{
	a->mute_us = 0;
	if (a->may_be_another)
		schedule_hurry(&a->schedule, SCHEDULE_VERSION);
}

static bool read_live(struct acquisition *a, GError **error)
{
	const gint64 began_us = g_get_monotonic_time();
	const enum battery_status before = a->known.status;
	uint16_t words[REGISTERS_LIVE_COUNT];

	a->counters.polls++;
	if (!read_waking(a, REGISTERS_LIVE_FIRST, REGISTERS_LIVE_COUNT, words, error))
		return false;

	const gint64 now_us = clock_now_us(&a->config.clock);

	count_latency(a, g_get_monotonic_time() - began_us);
	note_answer(a);
	if (!registers_decode_live(words, &a->habit, &a->known, error))
		return false;
	a->known.taken_us = now_us;
	note_status(a, before, now_us);
	return true;
}

/* What was asked of one BMS is not to be done to another, nor counts what was read of it. */
static void note_identity(struct acquisition *a)
{
	const bool is_other = a->has_met && strcmp(a->met.serial, a->known.identity.serial) != 0;

	a->has_met = true;
	a->met = a->known.identity;
	a->may_be_another = false;
	if (!is_other)
		return;
	acquisition_jobs_abandon(a);
	acquisition_forget_device(a);
}

static void note_events(struct acquisition *a)
{
	a->has_fresh_events = true;
	a->waits_for_events = false;
}

static void take_block(struct acquisition *a, enum schedule_block block)
{
	const uint16_t *words = a->schedule.slot[block].words;

	switch (block) {
	case SCHEDULE_SETTINGS:
		registers_decode_settings(words, &a->known.settings);
		a->has_fresh_settings = true;
		serial_starter_renew(&a->starter); /* once a minute too is soon enough */
		break;
	case SCHEDULE_EVENTS:
		events_decode_registers(
			words, REGISTERS_EVENTS_COUNT,
			isnan(a->known.lifetime_s) ? 0 : (int64_t) a->known.lifetime_s + EVENT_AHEAD_S,
			&a->list);
		note_events(a);
		break;
	case SCHEDULE_VERSION:
		registers_decode_identity(words, &a->known.identity);
		note_identity(a);
		break;
	case SCHEDULE_STATISTICS:
		registers_decode_statistics(words, &a->known.statistics);
		break;
	case SCHEDULE_COUNT:
		break;
	}
}

/* Whether it worked; @why: it did not, or the port has gone. */
static bool read_native_events(struct acquisition *a, const struct schedule_request *r,
			       gint64 now_us, GError **why)
{
	struct frame_join answer;
	struct event_list list;

	if (!port_native(a->port, FRAME_EVENTS_ALL, NULL, 0, &answer, why))
		return false;
	if (!events_decode_native(answer.payload, answer.count, &list)) {
		g_set_error_literal(why, PORT_ERROR, PORT_ERROR_GARBLED,
				    "command 12 was answered with a length that no events have");
		return false;
	}
	a->list = list;
	note_events(a);
	schedule_skip(&a->schedule, r, now_us);
	return true;
}

static bool read_block(struct acquisition *a, const struct schedule_request *r, gint64 now_us,
		       GError **error)
{
	uint16_t words[SCHEDULE_WORDS_MAX];
	GError *why = NULL;

	if (port_read(a->port, r->first, r->count, words, &why)) {
		if (schedule_done(&a->schedule, r, words, now_us))
			take_block(a, r->block);
	} else if (g_error_matches(why, PORT_ERROR, PORT_ERROR_REFUSED)) {
		if (schedule_refused(&a->schedule, r, now_us))
			take_block(a, r->block);
	} else if (g_error_matches(why, PORT_ERROR, PORT_ERROR_GONE)) {
		g_propagate_error(error, why);
		return false;
	} else {
		schedule_failed(&a->schedule, r, now_us);
	}
	g_clear_error(&why);
	return true;
}

/*
 * Command 12 brings the BMS's own time with the events; a device that has none has
 * registers. They are asked at once: the cause of a fault may be waited for.
 */
static bool try_native_events(struct acquisition *a, const struct schedule_request *r,
			      gint64 now_us, GError **error)
{
	GError *why = NULL;

	if (read_native_events(a, r, now_us, &why))
		return true;
	if (g_error_matches(why, PORT_ERROR, PORT_ERROR_GONE)) {
		g_propagate_error(error, why);
		return false;
	}
	g_clear_error(&why);
	a->no_native_events = true;
	return read_block(a, r, now_us, error);
}

/* At most one transaction that is answered. @return false if the port has gone. */
static bool read_scheduled(struct acquisition *a, GError **error)
{
	const gint64 now_us = clock_now_us(&a->config.clock);
	struct schedule_request r;

	if (!schedule_next(&a->schedule, now_us, &r))
		return true;
	if (r.block == SCHEDULE_EVENTS && !a->no_native_events)
		return try_native_events(a, &r, now_us, error);
	return read_block(a, &r, now_us, error);
}

static bool is_complete(const struct acquisition *a)
{
	return a->schedule.slot[SCHEDULE_SETTINGS].was_read &&
	       a->schedule.slot[SCHEDULE_EVENTS].was_read &&
	       a->schedule.slot[SCHEDULE_VERSION].was_read;
}

/* Statistics are shown from the first moment on, but a BMS may have none to give. */
static bool may_start(const struct acquisition *a)
{
	return is_complete(a) && a->schedule.slot[SCHEDULE_STATISTICS].was_tried;
}

/* Nobody has a snapshot yet whose successor could be late: all at once. */
static bool read_start(struct acquisition *a, GError **error)
{
	for (unsigned i = 0; i < SCHEDULE_COUNT && !g_atomic_int_get(&a->stopped); i++)
		if (!read_scheduled(a, error))
			return false;
	return true;
}

/* Somebody waits for a job; only the cause of a fault cannot wait, and who it is to be done to. */
static bool read_other(struct acquisition *a, GError **error)
{
	const gint64 now_us = clock_now_us(&a->config.clock);

	if (acquisition_jobs_wait(a) && !a->may_be_another &&
	    !schedule_is_due(&a->schedule, SCHEDULE_EVENTS, now_us))
		return acquisition_jobs_turn(a, error);
	return read_scheduled(a, error);
}

/*
 * The snapshot leaves before anything else is read, but for what it needs: a fault
 * whose cause is unknown forbids everything, and a battery that only must not be
 * charged would stop to feed the house; and after a silence, who it is that answers,
 * for settings of another BMS are no limits of this one. That there is a fault does
 * not wait: whoever charges can stop meanwhile.
 */
static bool report_live(struct acquisition *a, enum battery_status before, GError **error)
{
	const bool is_new_fault = a->known.status == BATTERY_STATUS_FAULT &&
				  before != BATTERY_STATUS_FAULT && is_complete(a);
	if (is_new_fault)
		acquisition_report_fault(a);

	const bool is_needed = is_new_fault || a->may_be_another;
	const bool is_there = !is_needed || read_scheduled(a, error);

	if (is_new_fault)
		update_active(a, a->known.taken_us);
	a->is_running = may_start(a);
	acquisition_report(a, a->is_running ? ACQUISITION_RUNNING : ACQUISITION_STARTING,
			   a->is_running, NULL);
	if (!is_there || is_needed)
		return is_there;
	return a->is_running ? read_other(a, error) : read_start(a, error);
}

bool acquisition_read(struct acquisition *a, GError **error)
{
	const enum battery_status before = a->known.status;

	return read_live(a, error) && report_live(a, before, error);
}
