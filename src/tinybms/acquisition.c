/* SPDX-License-Identifier: MIT */
#include "tinybms/acquisition.h"

#include <math.h>
#include <string.h>

#include "tinybms/registers.h"
#include "tinybms/schedule.h"
#include "tinybms/serial_starter.h"
#include "tinybms/settings.h"

enum {
	OPEN_FAST_US = 1 * G_USEC_PER_SEC,      /* each second at first ... */
	OPEN_FAST_FOR_US = 10 * G_USEC_PER_SEC, /* ... for this long ... */
	OPEN_SLOW_US = 10 * G_USEC_PER_SEC,     /* ... then doubling up to this */
	SILENCE_POLLS = 20,                     /* then the BMS is asked once a second */
	SILENT_PERIOD_US = 1 * G_USEC_PER_SEC,
	REOPEN_POLLS = 60, /* silent ones, then the port is opened anew: its driver may be stuck */
	PERIOD_MIN_US = 10 * 1000, /* real time; when a test makes the clock run faster */
};

/* What travels to the main context. */
struct delivery {
	struct acquisition *a; /* (a reference) */
	struct acquisition_report report;
	struct battery battery;
	struct event_list events;
};

struct acquisition {
	/* fixed from the start */
	struct acquisition_config config;
	GMainContext *context; /* (owned) */
	acquisition_func func;
	void *user;
	GThread *thread;
	GAsyncQueue *commands; /* (owned) */
	gint stopped;          /* atomic: reports still on their way are dropped */

	/* the thread's own */
	struct serial_starter starter;
	struct port *port; /* (owned, nullable) */
	bool was_opened;
	gint64 lost_us, open_us, open_wait_us; /* real time: since when, next try, wait after it */
	unsigned silent_polls;
	struct schedule schedule;
	struct registers_habit habit;
	struct battery known;       /* newest of everything */
	struct event_list list;
	bool has_fresh_events;
	gint64 fault_us;            /* when the status was last Fault, or the first snapshot */
	bool had_snapshot;
	double latency_sum_us;
	struct acquisition_counters counters;
};

static char stop_command; /* its address is the message */

/* ---- to the main context ------------------------------------------------------------ */

static void clear_acquisition(gpointer user)
{
	struct acquisition *a = user;

	g_async_queue_unref(a->commands);
	g_main_context_unref(a->context);
	g_free(a->config.path);
}

static gboolean deliver(gpointer user)
{
	struct delivery *d = user;

	if (!g_atomic_int_get(&d->a->stopped))
		d->a->func(&d->report, d->a->user);
	return G_SOURCE_REMOVE;
}

static void free_delivery(gpointer user)
{
	struct delivery *d = user;

	g_free((char *) d->report.error);
	g_atomic_rc_box_release_full(d->a, clear_acquisition);
	g_free(d);
}

/* Never in the calling thread, not even while nobody runs the context. */
static void send(struct acquisition *a, struct delivery *d)
{
	GSource *source = g_idle_source_new();

	g_source_set_priority(source, G_PRIORITY_HIGH);
	g_source_set_callback(source, deliver, d, free_delivery);
	g_source_attach(source, a->context);
	g_source_unref(source);
}

/* @error is consumed; @is_snapshot: a->known is one. */
static void report(struct acquisition *a, enum acquisition_state state, bool is_snapshot,
		   GError *error)
{
	struct delivery *d = g_new(struct delivery, 1);

	d->a = g_atomic_rc_box_acquire(a);
	d->report = (struct acquisition_report){
		.state = state,
		.error = error ? g_strdup(error->message) : NULL,
		.has_low_latency = a->port && port_has_low_latency(a->port),
		.counters = a->counters,
	};
	if (is_snapshot) {
		d->battery = a->known;
		d->report.battery = &d->battery;
	}
	if (a->has_fresh_events) {
		d->events = a->list;
		d->report.events = &d->events;
		a->has_fresh_events = false;
	}
	g_clear_error(&error);
	send(a, d);
}

/* ---- the port ---------------------------------------------------------------------- */

static void lose_port(struct acquisition *a, gint64 real_us)
{
	port_close(a->port);
	a->port = NULL;
	a->lost_us = real_us;
	a->open_us = real_us + OPEN_FAST_US;
	a->open_wait_us = OPEN_FAST_US;
}

static void restart_reading(struct acquisition *a)
{
	a->silent_polls = 0;
	a->had_snapshot = false;
	a->habit = (struct registers_habit){ 0 };
	battery_clear(&a->known);
	schedule_init(&a->schedule, clock_now_us(&a->config.clock));
}

static bool open_port(struct acquisition *a, GError **error)
{
	const gint64 real_us = g_get_monotonic_time();

	if (serial_starter_take(&a->starter, a->config.path, error))
		a->port = port_open(a->config.path, a->config.low_latency, &a->counters.line,
				    error);
	if (!a->port) {
		if (real_us - a->lost_us >= OPEN_FAST_FOR_US)
			a->open_wait_us = MIN(2 * a->open_wait_us, OPEN_SLOW_US);
		a->open_us = real_us + a->open_wait_us;
		return false;
	}
	a->counters.reopens += a->was_opened;
	a->was_opened = true;
	restart_reading(a);
	return true;
}

/* ---- one cycle --------------------------------------------------------------------- */

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
	if (!registers_decode_live(words, &a->habit, &a->known, error))
		return false;
	a->known.taken_us = now_us;
	note_status(a, before, now_us);
	return true;
}

static void take_block(struct acquisition *a, enum schedule_block block)
{
	const uint16_t *words = a->schedule.slot[block].words;

	switch (block) {
	case SCHEDULE_SETTINGS:
		registers_decode_settings(words, &a->known.settings);
		serial_starter_renew(&a->starter); /* once a minute too is soon enough */
		break;
	case SCHEDULE_EVENTS:
		events_decode_registers(words, REGISTERS_EVENTS_COUNT,
					isnan(a->known.lifetime_s) ? 0
								   : (int64_t) a->known.lifetime_s,
					&a->list);
		a->has_fresh_events = true;
		break;
	case SCHEDULE_VERSION:
		registers_decode_identity(words, &a->known.identity);
		break;
	case SCHEDULE_STATISTICS:
		registers_decode_statistics(words, &a->known.statistics);
		break;
	case SCHEDULE_COUNT:
		break;
	}
}

/* At most one transaction. @return false if the port has gone. */
static bool read_other(struct acquisition *a, GError **error)
{
	const gint64 now_us = clock_now_us(&a->config.clock);
	uint16_t words[SCHEDULE_WORDS_MAX];
	struct schedule_request r;
	GError *why = NULL;

	if (!schedule_next(&a->schedule, now_us, &r))
		return true;
	if (port_read(a->port, r.first, r.count, words, &why)) {
		if (schedule_done(&a->schedule, &r, words, now_us))
			take_block(a, r.block);
	} else if (g_error_matches(why, PORT_ERROR, PORT_ERROR_REFUSED)) {
		if (schedule_refused(&a->schedule, &r, now_us))
			take_block(a, r.block);
	} else if (g_error_matches(why, PORT_ERROR, PORT_ERROR_GONE)) {
		g_propagate_error(error, why);
		return false;
	} else {
		schedule_failed(&a->schedule, &r, now_us);
	}
	g_clear_error(&why);
	return true;
}

static bool is_complete(const struct acquisition *a)
{
	return a->schedule.slot[SCHEDULE_SETTINGS].was_read &&
	       a->schedule.slot[SCHEDULE_EVENTS].was_read &&
	       a->schedule.slot[SCHEDULE_VERSION].was_read;
}

/*
 * The snapshot leaves before anything else is read, but for the one thing that
 * it needs: a fault whose cause is unknown forbids everything, and a battery that
 * only must not be charged would stop to feed the house.
 */
static bool report_live(struct acquisition *a, enum battery_status before, GError **error)
{
	const bool is_new_fault = a->known.status == BATTERY_STATUS_FAULT &&
				  before != BATTERY_STATUS_FAULT && is_complete(a);
	const bool is_there = !is_new_fault || read_other(a, error);

	if (is_new_fault)
		update_active(a, a->known.taken_us);
	report(a, is_complete(a) ? ACQUISITION_RUNNING : ACQUISITION_STARTING, is_complete(a),
	       NULL);
	return is_there && (is_new_fault || read_other(a, error));
}

static void poll_once(struct acquisition *a)
{
	GError *error = NULL;

	if (!a->port) {
		if (g_get_monotonic_time() < a->open_us)
			return;
		if (!open_port(a, &error)) {
			report(a, ACQUISITION_NO_PORT, false, error);
			return;
		}
	}

	const enum battery_status before = a->known.status;

	if (read_live(a, &error)) {
		a->silent_polls = 0;
		if (report_live(a, before, &error))
			return;
	}
	if (g_error_matches(error, PORT_ERROR, PORT_ERROR_GONE)) {
		lose_port(a, g_get_monotonic_time());
		report(a, ACQUISITION_NO_PORT, false, error);
		return;
	}
	report(a, ACQUISITION_SILENT, false, error);
	if (++a->silent_polls >= REOPEN_POLLS) {
		lose_port(a, g_get_monotonic_time());
		a->open_us = 0;
	}
}

/* Real time until the next cycle. */
static gint64 period_us(const struct acquisition *a)
{
	const gint64 period = clock_real_us(&a->config.clock, a->config.period_us);
	const gint64 silent = clock_real_us(&a->config.clock, SILENT_PERIOD_US);

	if (!a->port)
		return MAX(a->open_us - g_get_monotonic_time(), PERIOD_MIN_US);
	return MAX(a->silent_polls > SILENCE_POLLS ? silent : period, PERIOD_MIN_US);
}

static gpointer run(gpointer user)
{
	struct acquisition *a = user;
	gint64 next_us = g_get_monotonic_time();

	for (;;) {
		const gint64 wait_us = next_us - g_get_monotonic_time();

		if (g_async_queue_timeout_pop(a->commands, (guint64) MAX(wait_us, 0)))
			break;
		poll_once(a);
		next_us = MAX(next_us + period_us(a), g_get_monotonic_time());
	}
	port_close(a->port);
	a->port = NULL;
	serial_starter_give(&a->starter);
	return NULL;
}

struct acquisition *acquisition_start(const struct acquisition_config *config,
				      GMainContext *context, acquisition_func func, void *user)
{
	struct acquisition *a = g_atomic_rc_box_new0(struct acquisition);

	a->config = *config;
	a->config.path = g_strdup(config->path);
	a->context = context ? g_main_context_ref(context) : g_main_context_ref_thread_default();
	a->func = func;
	a->user = user;
	a->commands = g_async_queue_new();
	a->lost_us = g_get_monotonic_time();
	a->open_wait_us = OPEN_FAST_US;
	serial_starter_init(&a->starter);
	restart_reading(a);
	a->thread = g_thread_new("acquisition", run, a);
	return a;
}

void acquisition_stop(struct acquisition *a)
{
	if (!a)
		return;
	g_atomic_int_set(&a->stopped, 1);
	g_async_queue_push(a->commands, &stop_command);
	g_thread_join(a->thread);
	g_atomic_rc_box_release_full(a, clear_acquisition);
}
