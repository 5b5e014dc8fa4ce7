/* SPDX-License-Identifier: MIT */
#include "limits_filter.h"

#include <math.h>
#include <stdlib.h>

#include "battery/alarms.h"
#include "battery/control.h"
#include "snapshot_csv.h"
#include "snapshot_json.h"

enum { STATUS_MALFORMED = 2 };

struct filter {
	FILE *out;
	const struct charge_config *config;
	struct control control;
	struct alarms alarms;

	/* Table only. */
	struct snapshot_csv csv;
	struct snapshot_csv_row row; /* the last one */
	bool has_header, has_row;
};

static void print_limit(FILE *out, const char *name, double value, bool on_bus)
{
	if (on_bus)
		fprintf(out, ",\"%s\":%.3f", name, value);
	else
		fprintf(out, ",\"%s\":null", name);
}

static void print(FILE *out, double t_s, const struct limits *l,
		  const enum alarm_level levels[ALARM_COUNT])
{
	fprintf(out, "{\"t\":%.15g", t_s);
	print_limit(out, "cvl", l->cvl_v, l->on_bus);
	print_limit(out, "ccl", l->ccl_a, l->on_bus);
	print_limit(out, "dcl", l->dcl_a, l->on_bus);
	fprintf(out,
		",\"state\":\"%s\",\"charge_limitation\":\"%s\",\"discharge_limitation\":\"%s\"",
		charge_state_text(l->state), l->charge_limitation, l->discharge_limitation);
	fprintf(out, ",\"charge_request\":%s,\"alarms\":{", l->charge_request ? "true" : "false");
	for (int i = 0; i < ALARM_COUNT; i++)
		fprintf(out, "%s\"%s\":%d", i ? "," : "", alarm_name((enum alarm_id) i),
			(int) levels[i]);
	fputs("}}\n", out);
	fflush(out);
}

/* @b is NULL when the BMS did not answer. */
static void step(struct filter *f, double t_s, const struct battery *b)
{
	const gint64 now_us = (gint64) llround(t_s * 1e6);
	const struct battery *answer = b && !battery_is_blank(b) ? b : NULL;
	enum alarm_level levels[ALARM_COUNT];
	const struct limits limits = control_step(&f->control, f->config, answer, now_us);

	alarms_step(&f->alarms, f->config, answer, &limits, now_us, levels);
	print(f->out, t_s, &limits, levels);
}

static bool take_json(struct filter *f, const char *line, GError **error)
{
	struct snapshot_json s;

	if (!snapshot_json_read(&s, line, error))
		return false;
	if (s.missing && !s.is_silent) {
		g_set_error(error, SNAPSHOT_JSON_ERROR, SNAPSHOT_JSON_ERROR_KEY,
			    "\"%s\": is missing", s.missing);
		return false;
	}
	step(f, s.t_s, s.is_silent ? NULL : &s.battery);
	return true;
}

/* The last row again each second, up to but not including @end_s. */
static void repeat_row(struct filter *f, double end_s)
{
	const double start_s = f->row.t_s;

	for (double t_s = start_s + 1.0; t_s < end_s; t_s += 1.0) {
		f->row.battery.taken_us = (gint64) llround(t_s * 1e6);
		step(f, t_s, f->row.is_silent ? NULL : &f->row.battery);
	}
}

static bool take_csv(struct filter *f, const char *line, GError **error)
{
	struct snapshot_csv_row row;

	if (!f->has_header) {
		f->has_header = true;
		return snapshot_csv_read_header(&f->csv, line, error);
	}
	if (!snapshot_csv_read_row(&f->csv, line, &row, error))
		return false;
	if (f->has_row)
		repeat_row(f, row.t_s);
	f->has_row = true;
	f->row = row;
	step(f, row.t_s, row.is_silent ? NULL : &row.battery);
	return true;
}

int limits_filter_run(FILE *in, FILE *out, FILE *err, const struct charge_config *config, bool csv)
{
	struct filter f = { .out = out, .config = config };
	char *line = NULL;
	size_t size = 0;
	unsigned long number = 0;
	int status = 0;

	control_init(&f.control);
	while (status == 0 && getline(&line, &size, in) >= 0) {
		g_autoptr(GError) error = NULL;

		number++;
		if (csv ? take_csv(&f, line, &error) : take_json(&f, line, &error))
			continue;
		fprintf(err, "line %lu: %s\n", number, error->message);
		status = STATUS_MALFORMED;
	}
	free(line);
	return status;
}
