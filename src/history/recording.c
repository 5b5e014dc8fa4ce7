/* SPDX-License-Identifier: MIT */
#include "history/recording.h"

#include <math.h>

#include "snapshot_csv.h"

enum { FLUSH_EVERY_MS = 5 * 60 * 1000 };

static const double GAP_PERIODS = 2.5; /* further apart is a gap, not jitter */

static const struct {
	const char *suffix;
	unsigned rows, period_s;
} spans[] = {
	[RECORDING_DAY] = { "_10s.ring", 8640, 10 },
	[RECORDING_MONTH] = { "_5min.ring", 8640, 300 },
};

struct recording {
	struct ring *ring[G_N_ELEMENTS(spans)];
	bool has_last[G_N_ELEMENTS(spans)];
	int64_t last_ms[G_N_ELEMENTS(spans)]; /* when the last row was due */
	bool was_flushed;
	int64_t flushed_ms;
};

char *recording_path(const char *path_stem, enum recording_span span)
{
	return g_strconcat(path_stem, spans[span].suffix, NULL);
}

struct recording *recording_open(const char *path_stem, char **trouble)
{
	struct recording *r = g_new0(struct recording, 1);

	*trouble = NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(spans); i++) {
		g_autofree char *path = recording_path(path_stem, (enum recording_span) i);
		char *why = NULL;

		r->ring[i] = ring_open(path, spans[i].rows, spans[i].period_s, &why);
		if (!why)
			continue;
		g_free(*trouble);
		*trouble = why;
	}
	return r;
}

bool recording_flush(struct recording *r, GError **error)
{
	bool is_fine = true;

	for (size_t i = 0; i < G_N_ELEMENTS(spans); i++)
		is_fine = ring_flush(r->ring[i], is_fine ? error : NULL) && is_fine;
	return is_fine;
}

bool recording_close(struct recording *r, GError **error)
{
	bool is_fine;

	if (!r)
		return true;
	is_fine = recording_flush(r, error);
	for (size_t i = 0; i < G_N_ELEMENTS(spans); i++)
		ring_close(r->ring[i]);
	g_free(r);
	return is_fine;
}

bool recording_step(struct recording *r, const struct ring_row *row, GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(spans); i++) {
		const int64_t due_ms = r->last_ms[i] + (int64_t) spans[i].period_s * 1000;

		if (r->has_last[i] && row->up_ms < due_ms)
			continue;
		/* keep the beat: seconds that come late do not add up */
		r->last_ms[i] = r->has_last[i] && row->up_ms < due_ms + 1000 ? due_ms : row->up_ms;
		r->has_last[i] = true;
		ring_add(r->ring[i], row);
	}
	if (!r->was_flushed)
		r->flushed_ms = row->up_ms;
	r->was_flushed = true;
	if (row->up_ms - r->flushed_ms < FLUSH_EVERY_MS)
		return true;
	r->flushed_ms = row->up_ms;
	return recording_flush(r, error);
}

/* ---- as a table -------------------------------------------------------------------- */

struct reader {
	const struct recording_range *range;
	recording_line_fn fn;
	void *user;
	GString *line;
	unsigned period_s;
	bool has_last;
	double last_s;
};

static void tell(struct reader *r, double t_s, const struct battery *b)
{
	g_string_truncate(r->line, 0);
	snapshot_csv_write_row(r->line, t_s, b);
	r->fn(r->line->str, r->user);
	r->has_last = true;
	r->last_s = t_s;
}

static void take_row(const struct ring_row *row, double t_s, void *user)
{
	struct reader *r = user;
	const struct recording_range *range = r->range;
	const double gap_s = GAP_PERIODS * MAX(r->period_s, range->step_s);

	if (t_s < range->from_s || t_s > range->to_s)
		return;
	/* a clock that was set back between two boots: time rises all the same */
	if (r->has_last && t_s <= r->last_s)
		return;
	if (r->has_last && range->step_s > 0.0 && t_s - r->last_s < range->step_s - 0.5)
		return;
	if (r->has_last && t_s - r->last_s > gap_s)
		tell(r, r->last_s + r->period_s, NULL);
	tell(r, t_s, row->is_silent ? NULL : &row->battery);
}

bool recording_read(const char *path, const struct recording_range *range, recording_line_fn fn,
		    void *user, GError **error)
{
	struct reader r = { .range = range, .fn = fn, .user = user, .line = g_string_new(NULL) };

	snapshot_csv_write_header(r.line);
	fn(r.line->str, user);
	const bool is_read = ring_each(path, take_row, &r, &r.period_s, error);

	g_string_free(r.line, TRUE);
	return is_read;
}
