/* SPDX-License-Identifier: MIT */
/* events, history and log: what was */
#include "ctl/command.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctl/service_reader.h"
#include "snapshot_csv.h"

enum { DAY_S = 86400, TIME_BYTES = 32 };

static int fail(const char *command, const GError *error)
{
	fprintf(stderr, "tinybmsctl: %s: %s\n", command, error->message);
	return CTL_FAILED;
}

static double number(const cJSON *object, const char *key)
{
	const cJSON *i = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsNumber(i) ? i->valuedouble : (double) NAN;
}

static const char *string(const cJSON *object, const char *key)
{
	const char *t = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));

	return t ? t : "";
}

static bool is_true(const cJSON *object, const char *key)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, key));
}

/* Local time; "unknown" without a clock. */
static void format_time(char out[TIME_BYTES], double t_s)
{
	const time_t t = (time_t) t_s;
	struct tm local;

	if (!(t_s > 0.0) || !localtime_r(&t, &local) ||
	    !strftime(out, TIME_BYTES, "%Y-%m-%d %H:%M:%S", &local))
		g_strlcpy(out, "unknown", TIME_BYTES);
}

/* Open, run, close: what all three do. */
static int with_service(const char *command, const struct service_options *options,
			bool (*run)(struct service_reader *s, void *user, GError **error),
			void *user)
{
	g_autoptr(GError) error = NULL;
	struct service_reader *s = service_reader_open(options, &error);
	const bool is_done = s && run(s, user, &error);

	service_reader_free(s);
	return is_done ? CTL_DONE : fail(command, error);
}

/* ---- events ------------------------------------------------------------------------------ */

struct events {
	bool is_json, is_following;
	double since; /* number of the last one that was shown */
};

static void print_event(const cJSON *event)
{
	char when[TIME_BYTES];

	format_time(when, number(event, "t"));
	printf("%s%s  %-11s  %s", when, is_true(event, "guess") ? "?" : " ", string(event, "level"),
	       string(event, "text"));
	if (string(event, "remedy")[0])
		printf(". %s", string(event, "remedy"));
	putchar('\n');
}

/* Everything after e->since. */
static bool print_new_events(struct service_reader *s, struct events *e, GError **error)
{
	bool is_more = true;

	while (is_more) {
		cJSON *answer = service_reader_ask(s, "Events", &e->since, 1, error);
		const cJSON *event;

		if (!answer)
			return false;
		cJSON_ArrayForEach (event, cJSON_GetObjectItemCaseSensitive(answer, "events")) {
			e->since = number(event, "n");
			if (e->is_json)
				service_print_json(event);
			else
				print_event(event);
		}
		is_more = is_true(answer, "more");
		cJSON_Delete(answer);
	}
	fflush(stdout);
	return true;
}

static bool run_events(struct service_reader *s, void *user, GError **error)
{
	struct events *e = user;

	while (print_new_events(s, e, error)) {
		if (!e->is_following)
			return true;
		sleep(1);
	}
	return false;
}

int ctl_events(int argc, char **argv)
{
	struct service_options options = { .takes_port = true };
	struct events e = { 0 };
	gboolean is_following = FALSE;
	const GOptionEntry extra[] = {
		{ "follow", 'f', 0, G_OPTION_ARG_NONE, &is_following,
		  "Go on with those to come, until Ctrl-C", NULL },
		{ "since", 's', 0, G_OPTION_ARG_DOUBLE, &e.since, "Only those behind number N",
		  "N" },
		{ NULL },
	};
	int status =
		service_parse(&options, extra,
			      "What the BMS reported, and what to do. A date with ? is a guess: it "
			      "happened before the service first met the BMS.",
			      argc, argv);

	e.is_json = options.json;
	e.is_following = is_following;
	if (status == CTL_DONE && options.port && (is_following || e.since > 0.0)) {
		fprintf(stderr, "tinybmsctl: events: --follow and --since need the service\n");
		status = CTL_USAGE;
	}
	if (status == CTL_DONE)
		status = with_service("events", &options, run_events, &e);
	service_options_clear(&options);
	return status;
}

/* ---- history ----------------------------------------------------------------------------- */

/* clang-format off */
static const struct {
	const char *key;  /* of the answer */
	const char *title;
	const char *unit;
	double scale;
	int decimals;
	bool has_date;    /* under KEY_at */
} rows[] = {
	{ "charged_wh", "Energy charged", "kWh", 0.001, 2, false },
	{ "discharged_wh", "Energy discharged", "kWh", 0.001, 2, false },
	{ "charged_ah", "Charge in", "Ah", 1.0, 1, false },
	{ "discharged_ah", "Charge out", "Ah", 1.0, 1, false },
	{ "cycles", "Cycles", "", 1.0, 2, false },
	{ "full_charges", "Full charges", "", 1.0, 0, false },
	{ "full_discharges", "Full discharges", "", 1.0, 0, false },
	{ "since_full_s", "Since the last full charge", "h", 1.0 / 3600.0, 1, false },
	{ "consumed_ah", "Consumed since then", "Ah", 1.0, 1, false },
	{ "last_ah", "Deepest since then", "Ah", 1.0, 1, false },
	{ "deepest_ah", "Deepest discharge", "Ah", 1.0, 1, false },
	{ "pack_min_v", "Lowest voltage", "V", 1.0, 2, true },
	{ "pack_max_v", "Highest voltage", "V", 1.0, 2, true },
	{ "cell_min_v", "Lowest cell", "V", 1.0, 3, true },
	{ "cell_max_v", "Highest cell", "V", 1.0, 3, true },
	{ "temperature_min_c", "Lowest temperature", "°C", 1.0, 1, true },
	{ "temperature_max_c", "Highest temperature", "°C", 1.0, 1, true },
	{ "charge_max_a", "Largest charge current", "A", 1.0, 1, true },
	{ "discharge_max_a", "Largest discharge current", "A", 1.0, 1, true },
	{ "gaps", "Gaps, not counted above", "", 1.0, 0, false },
	{ "gap_s", "Time in gaps", "h", 1.0 / 3600.0, 1, false },
};
/* clang-format on */

static void print_history(const cJSON *history)
{
	char when[TIME_BYTES];

	format_time(when, number(history, "since"));
	printf("%-27s %s\n", "Counted since", when);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const double value = number(history, rows[i].key);
		g_autofree char *date_key = g_strconcat(rows[i].key, "_at", NULL);

		if (isnan(value))
			continue;
		printf("%-27s %.*f%s%s", rows[i].title, rows[i].decimals, value * rows[i].scale,
		       rows[i].unit[0] ? " " : "", rows[i].unit);
		if (rows[i].has_date) {
			format_time(when, number(history, date_key));
			printf("  (%s)", when);
		}
		putchar('\n');
	}
}

static bool run_history(struct service_reader *s, void *user, GError **error)
{
	const struct service_options *options = user;
	cJSON *answer = service_reader_ask(s, "History", NULL, 0, error);

	if (!answer)
		return false;
	if (options->json)
		service_print_json(answer);
	else
		print_history(cJSON_GetObjectItemCaseSensitive(answer, "history"));
	cJSON_Delete(answer);
	return true;
}

int ctl_history(int argc, char **argv)
{
	struct service_options options = { 0 };
	int status =
		service_parse(&options, NULL,
			      "Energy, cycles, depths, and extremes with their dates.", argc, argv);

	if (status == CTL_DONE)
		status = with_service("history", &options, run_history, &options);
	service_options_clear(&options);
	return status;
}

/* ---- log --------------------------------------------------------------------------------- */

struct log_request {
	double hours, step_s;
	bool is_json, is_csv;
	bool has_columns; /* were printed */
	struct snapshot_csv csv;
};

static bool begin_log(struct log_request *l, const char *columns, GError **error)
{
	if (l->has_columns)
		return true;
	l->has_columns = true;
	if (l->is_csv)
		puts(columns);
	else if (!l->is_json)
		printf("%-19s  %8s %8s %6s %7s %7s  %s\n", "time", "V", "A", "SOC %", "cell V",
		       "to V", "status");
	return snapshot_csv_read_header(&l->csv, columns, error);
}

static void print_row(const struct snapshot_csv_row *row)
{
	const struct battery *b = &row->battery;
	char when[TIME_BYTES];

	format_time(when, row->t_s);
	if (row->is_silent)
		printf("%-19s  no answer from the BMS\n", when);
	else
		printf("%-19s  %8.2f %8.1f %6.1f %7.3f %7.3f  %s\n", when, b->pack_v, b->current_a,
		       b->soc_pct, b->cell_min_v, b->cell_max_v, battery_status_text(b->status));
}

/* @return the rows of this answer, its last time in @last_s; -1: @error */
static int print_rows(struct log_request *l, const cJSON *answer, double *last_s, GError **error)
{
	const cJSON *lines = cJSON_GetObjectItemCaseSensitive(answer, "rows"), *line;

	if (!begin_log(l, string(answer, "columns"), error))
		return -1;
	cJSON_ArrayForEach (line, lines) {
		struct snapshot_csv_row row;

		if (!snapshot_csv_read_row(&l->csv, cJSON_GetStringValue(line), &row, error))
			return -1;
		*last_s = row.t_s;
		if (l->is_csv)
			puts(cJSON_GetStringValue(line));
		else if (!l->is_json)
			print_row(&row);
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
		is_more = count > 0 && is_true(answer, "more");
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
	l.is_csv = is_csv && !options.json;
	if (status == CTL_DONE && !(l.hours > 0.0 && l.step_s >= 0.0)) {
		fprintf(stderr,
			"tinybmsctl: log: --hours must be above 0 and --step not below it\n");
		status = CTL_USAGE;
	}
	if (status == CTL_DONE)
		status = with_service("log", &options, run_log, &l);
	service_options_clear(&options);
	return status;
}
