/* SPDX-License-Identifier: MIT */
#include "tinybms/acquisition_private.h"

#include <string.h>

enum {
	OPEN_FAST_US = 1 * G_USEC_PER_SEC,	/* each second at first ... */
	OPEN_FAST_FOR_US = 10 * G_USEC_PER_SEC, /* ... for this long ... */
	OPEN_SLOW_US = 10 * G_USEC_PER_SEC,	/* ... then doubling up to this */
	SILENCE_POLLS = 20,			/* then the BMS is asked once a second */
	SECOND_US = 1 * G_USEC_PER_SEC,
	AWAITED_PERIOD_US = 100 * 1000, /* somebody waits; the BMS keeps up with this */
	REOPEN_POLLS = 60, /* silent ones, then the port is opened anew: its driver may be stuck */
	PERIOD_MIN_US = 10 * 1000, /* real time; when a test makes the clock run faster */
	STRANGER_US = 1 * G_USEC_PER_SEC, /* no hand is faster to put a cable on another BMS */
};

/* What travels to the main context. */
struct delivery {
	struct acquisition *a; /* (a reference) */
	struct acquisition_report report;
	struct battery battery;
	struct event_list events;
	struct settings_words settings;
};

/* What travels to the thread. */
struct command {
	enum { COMMAND_STOP, COMMAND_JOB, COMMAND_SLEEP, COMMAND_WAKE } kind;
	struct ticket *ticket;
};

/* ---- to the main context ------------------------------------------------------------ */

static void clear_acquisition(gpointer user)
{
	struct acquisition *a = user;

	g_async_queue_unref(a->commands);
	g_ptr_array_unref(a->tickets);
	g_main_context_unref(a->context);
	g_free(a->config.path);
}

struct acquisition *acquisition_ref(struct acquisition *a)
{
	return g_atomic_rc_box_acquire(a);
}

void acquisition_unref(struct acquisition *a)
{
	g_atomic_rc_box_release_full(a, clear_acquisition);
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
	acquisition_unref(d->a);
	g_free(d);
}

void acquisition_post(struct acquisition *a, GSourceFunc fn, gpointer data, GDestroyNotify free_fn)
{
	GSource *source = g_idle_source_new();

	g_source_set_priority(source, G_PRIORITY_HIGH);
	g_source_set_callback(source, fn, data, free_fn);
	g_source_attach(source, a->context);
	g_source_unref(source);
}

static void add_settings(struct acquisition *a, struct delivery *d)
{
	const struct schedule_slot *slot = &a->schedule.slot[SCHEDULE_SETTINGS];

	memcpy(d->settings.word, slot->words, sizeof(d->settings.word));
	memcpy(d->settings.is_absent, slot->is_absent, sizeof(d->settings.is_absent));
	d->report.settings = &d->settings;
	a->has_fresh_settings = false;
}

static struct delivery *new_delivery(struct acquisition *a, enum acquisition_state state)
{
	struct delivery *d = g_new(struct delivery, 1);

	d->a = acquisition_ref(a);
	d->report = (struct acquisition_report){
		.state = state,
		.has_low_latency = a->port && port_has_low_latency(a->port),
		.counters = a->counters,
	};
	return d;
}

void acquisition_report_fault(struct acquisition *a)
{
	struct delivery *d = new_delivery(a, ACQUISITION_RUNNING);

	d->report.awaits_cause = true;
	acquisition_post(a, deliver, d, free_delivery);
}

void acquisition_report(struct acquisition *a, enum acquisition_state state, bool is_snapshot,
			GError *error)
{
	struct delivery *d = new_delivery(a, state);

	d->report.error = error ? g_strdup(error->message) : NULL;
	if (is_snapshot) {
		d->battery = a->known;
		d->report.battery = &d->battery;
	}
	if (a->has_fresh_events) {
		d->events = a->list;
		d->report.events = &d->events;
		a->has_fresh_events = false;
	}
	if (a->has_fresh_settings)
		add_settings(a, d);
	g_clear_error(&error);
	acquisition_post(a, deliver, d, free_delivery);
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

void acquisition_forget_device(struct acquisition *a)
{
	a->had_snapshot = a->is_running = false;
	a->no_native_events = false;
	a->habit = (struct registers_habit){ 0 };
	battery_clear(&a->known);
	schedule_init(&a->schedule, clock_now_us(&a->config.clock));
}

static void restart_reading(struct acquisition *a)
{
	a->silent_polls = 0;
	acquisition_forget_device(a);
}

static bool open_port(struct acquisition *a, GError **error)
{
	const gint64 real_us = g_get_monotonic_time();

	if (serial_starter_take(&a->starter, a->config.path, error))
		a->port =
			port_open(a->config.path, a->config.low_latency, &a->counters.line, error);
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

/* Real time until the next cycle. */
static gint64 period_us(const struct acquisition *a)
{
	const gint64 period = clock_real_us(&a->config.clock, a->config.period_us);
	const gint64 second = clock_real_us(&a->config.clock, SECOND_US);
	const gint64 fast = clock_real_us(&a->config.clock, AWAITED_PERIOD_US);
	const bool is_awaited = a->jobs.length || !a->is_running;

	if (!a->port && !a->is_asleep) {
		const gint64 wait_us = a->open_us - g_get_monotonic_time();

		return MAX(a->jobs.length ? MIN(wait_us, second) : wait_us, PERIOD_MIN_US);
	}
	if (a->is_asleep || a->silent_polls > SILENCE_POLLS)
		return MAX(second, PERIOD_MIN_US);
	return MAX(is_awaited ? MIN(period, fast) : period, PERIOD_MIN_US);
}

static void lose(struct acquisition *a, GError *error)
{
	lose_port(a, g_get_monotonic_time());
	acquisition_report(a, ACQUISITION_NO_PORT, false, error);
}

static bool is_open(struct acquisition *a)
{
	GError *error = NULL;

	if (a->port)
		return true;
	if (g_get_monotonic_time() < a->open_us)
		return false;
	if (open_port(a, &error))
		return true;
	acquisition_report(a, ACQUISITION_NO_PORT, false, error);
	return false;
}

/* On a line with noise somebody is. */
static void note_silence(struct acquisition *a, const GError *error)
{
	const gint64 real_us = g_get_monotonic_time();

	if (!g_error_matches(error, PORT_ERROR, PORT_ERROR_SILENT))
		a->mute_us = 0;
	else if (!a->mute_us)
		a->mute_us = real_us;
	else if (real_us - a->mute_us >= STRANGER_US)
		a->may_be_another = true;
}

static void poll_once(struct acquisition *a)
{
	GError *error = NULL;

	if (!is_open(a)) {
		acquisition_jobs_postpone(a);
		return;
	}
	if (acquisition_read(a, &error)) {
		a->silent_polls = 0;
		return;
	}
	acquisition_jobs_postpone(a);
	if (g_error_matches(error, PORT_ERROR, PORT_ERROR_GONE)) {
		lose(a, error);
		return;
	}
	note_silence(a, error);
	acquisition_report(a, ACQUISITION_SILENT, false, error);
	if (++a->silent_polls >= REOPEN_POLLS) {
		lose_port(a, g_get_monotonic_time());
		a->open_us = 0;
	}
}

/* The port stays ours: nobody else may wake the BMS. */
static void sleep_once(struct acquisition *a)
{
	acquisition_jobs_abandon(a);
	serial_starter_renew(&a->starter);
	acquisition_report(a, ACQUISITION_ASLEEP, false, NULL);
}

/* ---- the thread ---------------------------------------------------------------------- */

/* @return false: stop. */
static bool obey(struct acquisition *a, const struct command *command)
{
	switch (command->kind) {
	case COMMAND_STOP:
		return false;
	case COMMAND_JOB:
		acquisition_jobs_add(a, command->ticket);
		break;
	case COMMAND_SLEEP:
		a->is_asleep = true;
		break;
	case COMMAND_WAKE:
		a->is_asleep = false;
		restart_reading(a);
		break;
	}
	return true;
}

/* The next live read is never put off by a command. @return false: stop. */
static bool wait_until(struct acquisition *a, gint64 end_us)
{
	const gint64 second = clock_real_us(&a->config.clock, SECOND_US);

	for (;;) {
		const gint64 wait_us = MAX(end_us - g_get_monotonic_time(), 0);
		g_autofree struct command *command =
			g_async_queue_timeout_pop(a->commands, (guint64) wait_us);

		if (!command)
			return true;
		if (!obey(a, command))
			return false;
		if (command->kind != COMMAND_JOB)
			return true;
		end_us = MIN(end_us, g_get_monotonic_time() + second);
	}
}

static gpointer run(gpointer user)
{
	struct acquisition *a = user;
	gint64 next_us = g_get_monotonic_time();

	while (wait_until(a, next_us)) {
		if (a->is_asleep)
			sleep_once(a);
		else
			poll_once(a);
		next_us = MAX(next_us + period_us(a), g_get_monotonic_time());
	}
	port_close(a->port);
	a->port = NULL;
	serial_starter_give(&a->starter);
	return NULL;
}

/* ---- the main context ---------------------------------------------------------------- */

static void tell(struct acquisition *a, struct command command)
{
	struct command *copy = g_new(struct command, 1);

	*copy = command;
	g_async_queue_push(a->commands, copy);
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
	a->commands = g_async_queue_new_full(g_free);
	a->tickets = g_ptr_array_new();
	a->lost_us = g_get_monotonic_time();
	a->open_wait_us = OPEN_FAST_US;
	g_queue_init(&a->jobs);
	serial_starter_init(&a->starter);
	restart_reading(a);
	a->thread = g_thread_new("acquisition", run, a);
	return a;
}

void acquisition_submit(struct acquisition *a, const struct job *job, acquisition_job_func func,
			void *user)
{
	struct ticket *ticket = g_new(struct ticket, 1);

	*ticket = (struct ticket){ .job = *job, .func = func, .user = user };
	g_ptr_array_add(a->tickets, ticket);
	tell(a, (struct command){ .kind = COMMAND_JOB, .ticket = ticket });
}

void acquisition_sleep(struct acquisition *a, bool is_asleep)
{
	tell(a, (struct command){ .kind = is_asleep ? COMMAND_SLEEP : COMMAND_WAKE });
}

void acquisition_stop(struct acquisition *a)
{
	if (!a)
		return;
	g_atomic_int_set(&a->stopped, 1);
	tell(a, (struct command){ .kind = COMMAND_STOP });
	g_thread_join(a->thread);
	g_queue_clear(&a->jobs);
	for (guint i = 0; i < a->tickets->len; i++) {
		struct ticket *ticket = g_ptr_array_index(a->tickets, i);

		job_abandon(&ticket->job);
		ticket->func(&ticket->job, ticket->user);
		g_free(ticket);
	}
	g_ptr_array_set_size(a->tickets, 0);
	acquisition_unref(a);
}
