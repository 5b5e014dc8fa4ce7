/* SPDX-License-Identifier: MIT */
#include "charge_memory.h"

#include "history/journal_text.h"
#include "log.h"
#include "record_file.h"

static const gint64 WRITE_EVERY_US = (gint64) 600 * G_USEC_PER_SEC;

struct charge_memory {
	char *folder;
	char *path;   /* of the record, one for each BMS */
	char *serial; /* of the battery that the record is about; NULL: none yet */
	struct control_record written;
	bool is_lost; /* it could not be written */
	gint64 written_us; /* monotonic */
	struct log_topic topic;
};

static gint64 wall_clock_s(void)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

struct charge_memory *charge_memory_new(const char *folder)
{
	struct charge_memory *m = g_new0(struct charge_memory, 1);

	m->folder = g_strdup(folder);
	return m;
}

void charge_memory_free(struct charge_memory *m)
{
	if (!m)
		return;
	g_free(m->folder);
	g_free(m->path);
	g_free(m->serial);
	g_free(m);
}

static void choose_file(struct charge_memory *m, const char *serial)
{
	g_autofree char *name = g_strdup_printf("charge_%s.json", serial[0] ? serial : "unknown");

	g_free(m->path);
	g_free(m->serial);
	m->path = g_build_filename(m->folder, name, NULL);
	m->serial = g_strdup(serial);
	m->written_us = 0;
	m->is_lost = false;
}

/* A clock that was not set when it was saved tells nothing, neither years nor a full charge due. */
static double away_s(gint64 saved_s)
{
	return (double) saved_s >= JOURNAL_CLOCK_IS_SET_S ? (double) (wall_clock_s() - saved_s)
							  : 0.0;
}

void charge_memory_recall(struct charge_memory *m, const char *serial, struct control *control)
{
	struct control_record record;
	g_autoptr(GError) error = NULL;
	gint64 saved_s = 0;

	choose_file(m, serial);
	if (record_load(m->path, serial, &record, &saved_s, &error)) {
		control_restore(control, &record, away_s(saved_s));
		log_say(LOG_INFO, "Charging goes on in %s, last full %.1f hours before the restart.",
			charge_state_text(record.chain), record.since_full_s / 3600.0);
	} else if (g_error_matches(error, RECORD_ERROR, RECORD_ERROR_ABSENT)) {
		log_say(LOG_DEBUG, "Charging starts in Bulk: %s.", error->message);
	} else {
		log_say(LOG_WARNING, "Charging starts in Bulk: %s in %s.", error->message, m->path);
	}
	control_save(control, &m->written);
}

static void write_record(struct charge_memory *m, const struct control_record *record)
{
	g_autoptr(GError) error = NULL;

	m->is_lost = !record_save(m->path, m->serial, record, wall_clock_s(), &error);
	if (!m->is_lost)
		log_transition(&m->topic, LOG_DEBUG, "The record of the charge is kept in %s.", m->path);
	else
		log_transition(&m->topic, LOG_WARNING,
			       "The record of the charge could not be kept: %s. After a restart "
			       "charging would start in Bulk.", error->message);
	m->written = *record;
}

void charge_memory_watch(struct charge_memory *m, const struct control *control, gint64 now_us)
{
	struct control_record now;

	if (!m->serial)
		return;
	control_save(control, &now);

	const bool is_time = now_us - m->written_us >= WRITE_EVERY_US;

	if (!control_record_is_precious(&m->written, &now) &&
	    !(is_time && (m->is_lost || control_record_differs(&m->written, &now))))
		return;
	m->written_us = now_us;
	write_record(m, &now);
}

void charge_memory_keep(struct charge_memory *m, const struct control *control)
{
	struct control_record now;

	if (!m->serial)
		return;
	control_save(control, &now);
	write_record(m, &now);
}
