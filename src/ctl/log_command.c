/* SPDX-License-Identifier: MIT */
/* log: recorded snapshots */
#include "ctl/command.h"

#include <stdio.h>
#include <string.h>

#include "ctl/json_read.h"
#include "ctl/page.h"
#include "ctl/service_command.h"
#include "snapshot_csv.h"

enum { DAY_S = 86400, WIDE = 76, YEAR_LETTERS = 5 /* "2026-" */ };

struct log_request {
	double hours, step_s;
	bool is_json, is_csv;
	bool is_wide;
	bool has_columns; /* were printed */
	struct snapshot_csv csv;
};

static void print_titles(const struct log_request *l)
{
	if (l->is_wide)
		printf("%-19s  %8s %8s %6s %7s %7s  %s\n", "time", "V", "A", "SOC %", "cell V",
		       "to V", "status");
	else
		printf("%-14s %7s %8s %6s\n", "time", "V", "A", "SOC %");
}

static bool begin_log(struct log_request *l, const char *columns, GError **error)
{
	if (l->has_columns)
		return true;
	l->has_columns = true;
	if (l->is_csv)
		puts(columns);
	else if (!l->is_json)
		print_titles(l);
	return snapshot_csv_read_header(&l->csv, columns, error);
}

/* Without the year, as much as fits 40 columns. */
static void print_short_row(const char *when, const struct snapshot_csv_row *row)
{
	const struct battery *b = &row->battery;
	const char *short_when = strlen(when) > YEAR_LETTERS ? when + YEAR_LETTERS : when;

	if (row->is_silent)
		printf("%-14s  no answer\n", short_when);
	else
		printf("%-14s %7.2f %8.1f %6.1f\n", short_when, b->pack_v, b->current_a,
		       b->soc_pct);
}

static void print_row(const struct log_request *l, const struct snapshot_csv_row *row)
{
	const struct battery *b = &row->battery;
	char when[SERVICE_TIME_BYTES];

	service_format_time(when, row->t_s);
	if (!l->is_wide)
		print_short_row(when, row);
	else if (row->is_silent)
		printf("%-19s  no answer from the BMS\n", when);
	else
		printf("%-19s  %8.2f %8.1f %6.1f %7.3f %7.3f  %s\n", when, b->pack_v, b->current_a,
		       b->soc_pct, b->cell_min_v, b->cell_max_v, battery_status_text(b->status));
}

/* @return the rows of this answer, its last time in @last_s; -1: @error */
static int print_rows(struct log_request *l, const cJSON *answer, double *last_s, GError **error)
{
	const cJSON *lines = cJSON_GetObjectItemCaseSensitive(answer, "rows"), *line;

	if (!begin_log(l, json_text(answer, "columns"), error))
		return -1;
	cJSON_ArrayForEach (line, lines) {
		struct snapshot_csv_row row;

		if (!snapshot_csv_read_row(&l->csv, cJSON_GetStringValue(line), &row, error))
			return -1;
		*last_s = row.t_s;
		if (l->is_csv)
			puts(cJSON_GetStringValue(line));
		else if (!l->is_json)
			print_row(l, &row);
	}
	return cJSON_GetArraySize(lines);
}

static bool run_log(struct service_reader *s, void *user, GError **error)
{
	struct log_request *l = user;
	const double now_s = (double) g_get_real_time() / 1e6;
	/* a second inside the last day, which is kept with all its rows */
	double from_s = now_s - l->hours * 3600.0 + 1.0;
	bool is_more = true;

	while (is_more) {
		const double range[] = { from_s, now_s + DAY_S, l->step_s };
		cJSON *answer = service_reader_ask(s, "Records", range, G_N_ELEMENTS(range), error);
		double last_s = from_s;
		int count;

		if (!answer)
			return false;
		if (l->is_json)
			service_print_json(answer);
		count = print_rows(l, answer, &last_s, error);
		is_more = count > 0 && json_is_true(answer, "more");
		/* the next row is later by a period at least; what is left out by step stays out */
		from_s = last_s + MAX(l->step_s - 0.5, 0.01);
		cJSON_Delete(answer);
		if (count < 0)
			return false;
	}
	return true;
}

int ctl_log(int argc, char **argv)
{
	struct service_options options = { 0 };
	struct log_request l = { .hours = 24.0 };
	gboolean is_csv = FALSE;
	const GOptionEntry extra[] = {
		{ "hours", 'H', 0, G_OPTION_ARG_DOUBLE, &l.hours,
		  "How far back, 24 by default; up to 24 with a row each 10 s, beyond each 5 "
		  "minutes",
		  "N" },
		{ "step", 's', 0, G_OPTION_ARG_DOUBLE, &l.step_s,
		  "At most one row in so many seconds", "S" },
		{ "csv", 'c', 0, G_OPTION_ARG_NONE, &is_csv,
		  "Every column, as dbus-tinybms --limits --csv replays them", NULL },
		{ NULL },
	};
	int status =
		service_parse(&options, extra, "Recorded snapshots, oldest first.", argc, argv);

	if (l.hours > 24.0)
		l.step_s = MAX(l.step_s, 300.0); /* the same throughout */
	l.is_json = options.json;
	l.is_wide = page_columns(PAGE_UNBROKEN) >= WIDE;
	l.is_csv = is_csv && !options.json;
	if (status == CTL_DONE && !(l.hours > 0.0 && l.step_s >= 0.0)) {
		fprintf(stderr,
			"tinybmsctl: log: --hours must be above 0 and --step not below it\n");
		status = CTL_USAGE;
	}
	if (status == CTL_DONE)
		status = service_run("log", &options, run_log, &l);
	service_options_clear(&options);
	return status;
}
