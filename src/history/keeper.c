/* SPDX-License-Identifier: MIT */
#include "history/keeper.h"

#include <math.h>
#include <string.h>

#include "history/event_journal.h"
#include "history/history_file.h"
#include "history/recording.h"
#include "log.h"

static const gint64 SAVE_EVERY_US = (gint64) 15 * 60 * G_USEC_PER_SEC;
static const double CLOCK_STEP_S = 5.0; /* more is no slewing: somebody set the clock */

enum { BOOT_DIGITS = 8 };

struct keeper {
	char *folder;
	char boot[BOOT_DIGITS + 1];
	double offset_s; /* wall clock minus time since boot, as it was last */
	bool is_dated;   /* the journal was put right for that */

	char *serial; /* NULL: no battery yet */
	char *history_path;
	char *recording_stem;
	struct history history;
	bool was_saved;
	gint64 saved_us;
	double since_full_s; /* the controller's, NAN: not known yet */

	struct recording *recording;
	char *events_path;
	struct event_journal *journal;
	struct event_list events;
	bool has_events; /* that wait for their second */
	struct log_topic history_topic, journal_topic, recording_topic;
};

/* ---- the clocks ---------------------------------------------------------------------- */

static double wall_s(void)
{
	return (double) g_get_real_time() / 1e6;
}

/* 0 while it is not set, as the history wants it. */
static double dated_s(void)
{
	const double s = wall_s();

	return s >= JOURNAL_CLOCK_IS_SET_S ? s : 0.0;
}

static double clock_offset_s(void)
{
	return (double) (g_get_real_time() - g_get_monotonic_time()) / 1e6;
}

static struct journal_clock journal_clock(const struct keeper *k)
{
	return (struct journal_clock){
		.wall_s = wall_s(), .offset_s = clock_offset_s(), .boot = k->boot
	};
}

static void read_boot(struct keeper *k)
{
	g_autofree char *text = NULL;

	if (g_file_get_contents("/proc/sys/kernel/random/boot_id", &text, NULL, NULL))
		g_strlcpy(k->boot, text, sizeof(k->boot));
	else
		g_strlcpy(k->boot, "00000000", sizeof(k->boot));
}

/* ---- one battery ---------------------------------------------------------------------- */

static void say_trouble(char *trouble)
{
	if (trouble)
		log_say(LOG_WARNING, "%s", trouble);
	g_free(trouble);
}

static void load_history(struct keeper *k)
{
	struct history_kept kept;
	char *trouble = NULL;
	double saved_s = 0.0;

	history_init(&k->history);
	if (history_file_load(k->history_path, k->serial, &kept, &saved_s, &trouble)) {
		const double away_s = wall_s() - saved_s;
		const bool is_known = saved_s >= JOURNAL_CLOCK_IS_SET_S && away_s >= 0.0;

		history_resume(&k->history, &kept, is_known ? away_s : (double) NAN);
	}
	say_trouble(trouble);
}

static void save_history(struct keeper *k)
{
	g_autoptr(GError) error = NULL;

	if (history_file_save(k->history_path, k->serial, &k->history.kept, wall_s(), &error))
		log_transition(&k->history_topic, LOG_DEBUG, "The history is kept in %s.",
			       k->history_path);
	else
		log_transition(&k->history_topic, LOG_WARNING, "The history could not be kept: %s.",
			       error->message);
}

static void say_recording(struct keeper *k, bool is_fine, const GError *error)
{
	if (is_fine && k->recording_topic.last[0])
		log_transition(&k->recording_topic, LOG_INFO, "Snapshots are recorded again.");
	else if (!is_fine)
		log_transition(&k->recording_topic, LOG_WARNING,
			       "Snapshots could not be recorded: %s.", error->message);
}

static void leave(struct keeper *k)
{
	g_autoptr(GError) error = NULL;
	bool is_fine;

	if (!k->serial)
		return;
	save_history(k);
	is_fine = recording_close(k->recording, &error);
	say_recording(k, is_fine, error);
	k->recording = NULL;
	g_clear_pointer(&k->serial, g_free);
	g_clear_pointer(&k->history_path, g_free);
	g_clear_pointer(&k->recording_stem, g_free);
}

static void meet(struct keeper *k, const char *serial)
{
	const char *name = serial[0] ? serial : "unknown";
	g_autofree char *history = g_strdup_printf("history_%s.json", name);
	g_autofree char *record = g_strdup_printf("record_%s", name);
	char *trouble = NULL;

	leave(k);
	k->serial = g_strdup(serial);
	k->history_path = g_build_filename(k->folder, history, NULL);
	k->recording_stem = g_build_filename(k->folder, record, NULL);
	k->since_full_s = (double) NAN;
	k->was_saved = false;
	k->is_dated = false;
	load_history(k);
	k->recording = recording_open(k->recording_stem, &trouble);
	say_trouble(trouble);
}

void keeper_sample(struct keeper *k, const struct battery *b)
{
	if (g_strcmp0(k->serial, b->identity.serial) != 0)
		meet(k, b->identity.serial);
	history_step(&k->history, b, dated_s());
}

/* ---- events --------------------------------------------------------------------------- */

void keeper_events(struct keeper *k, const struct event_list *list)
{
	k->events = *list;
	k->has_events = true;
}

static void say_journal(struct keeper *k, bool is_fine, const GError *error)
{
	if (is_fine && k->journal_topic.last[0])
		log_transition(&k->journal_topic, LOG_INFO, "Events are journalled again.");
	else if (!is_fine)
		log_transition(&k->journal_topic, LOG_WARNING,
			       "Events could not be journalled: %s. They are tried again.",
			       error->message);
}

static void take_events(struct keeper *k, const struct battery *b)
{
	const struct journal_clock clock = journal_clock(k);
	g_autoptr(GError) error = NULL;
	bool is_fine;

	if (!k->has_events || isnan(b->lifetime_s))
		return;
	is_fine = event_journal_take_events(k->journal, k->serial, &k->events, b->lifetime_s, &clock,
					    &error) >= 0;
	say_journal(k, is_fine, error);
	k->has_events = false; /* the BMS is asked again within a minute */
}

/* Once for each battery and each time somebody sets the clock. */
static void watch_clock(struct keeper *k, const struct battery *b)
{
	const struct journal_clock clock = journal_clock(k);
	const bool has_stepped = fabs(clock.offset_s - k->offset_s) >= CLOCK_STEP_S;
	g_autoptr(GError) error = NULL;

	k->offset_s = clock.offset_s;
	if ((k->is_dated && !has_stepped) || isnan(b->lifetime_s))
		return;
	k->is_dated = true;
	say_journal(k, event_journal_correct(k->journal, k->serial, b->lifetime_s, &clock, &error),
		    error);
}

/* ---- each second ---------------------------------------------------------------------- */

static void watch_full(struct keeper *k, double since_full_s)
{
	if (since_full_s < k->since_full_s) {
		history_full(&k->history, dated_s());
		log_say(LOG_INFO, "The battery is full.");
	}
	k->since_full_s = since_full_s;
}

static void record(struct keeper *k, const struct battery *b, gint64 now_us)
{
	struct ring_row row = {
		.boot = (uint32_t) g_ascii_strtoull(k->boot, NULL, 16),
		.up_ms = now_us / 1000,
		.wall_s = g_get_real_time() / G_USEC_PER_SEC,
		.is_silent = !b,
	};
	g_autoptr(GError) error = NULL;
	bool is_fine;

	if (b)
		row.battery = *b;
	is_fine = recording_step(k->recording, &row, &error);
	say_recording(k, is_fine, error);
}

void keeper_second(struct keeper *k, const struct battery *b, double since_full_s, gint64 now_us)
{
	if (!k->serial)
		return;
	watch_full(k, since_full_s);
	record(k, b, now_us);
	if (b) {
		watch_clock(k, b);
		take_events(k, b);
	}
	if (!k->was_saved)
		k->saved_us = now_us;
	k->was_saved = true;
	if (now_us - k->saved_us < SAVE_EVERY_US)
		return;
	k->saved_us = now_us;
	save_history(k);
}

void keeper_clear(struct keeper *k)
{
	history_clear(&k->history, dated_s());
	log_say(LOG_INFO, "The history is cleared.");
	if (k->serial)
		save_history(k);
}

void keeper_flush(struct keeper *k)
{
	g_autoptr(GError) error = NULL;

	if (k->recording)
		say_recording(k, recording_flush(k->recording, &error), error);
}

const struct history *keeper_history(const struct keeper *k)
{
	return k->serial ? &k->history : NULL;
}

const char *keeper_serial(const struct keeper *k)
{
	return k->serial;
}

const char *keeper_events_path(const struct keeper *k)
{
	return k->events_path;
}

const char *keeper_recording_stem(const struct keeper *k)
{
	return k->recording_stem;
}

struct keeper *keeper_new(const char *folder)
{
	struct keeper *k = g_new0(struct keeper, 1);
	char *trouble = NULL;

	k->folder = g_strdup(folder);
	k->events_path = g_build_filename(folder, "events.jsonl", NULL);
	history_init(&k->history);
	read_boot(k);
	k->offset_s = clock_offset_s();
	k->journal = event_journal_open(k->events_path, &trouble);
	say_trouble(trouble);
	return k;
}

void keeper_free(struct keeper *k)
{
	if (!k)
		return;
	leave(k);
	event_journal_close(k->journal);
	g_free(k->events_path);
	g_free(k->folder);
	g_free(k);
}
