/* SPDX-License-Identifier: MIT */
#include "snapshot_csv.h"

#include <math.h>
#include <string.h>

#include "tinybms/registers.h"

G_DEFINE_QUARK(snapshot_csv_error, snapshot_csv_error)

#define TIME_MAX_S 1e12
#define EVENT_LAST 127
#define NAME_BYTES 40

enum kind { KIND_TIME, KIND_SILENT, KIND_NUMBER, KIND_STATUS, KIND_FAULTS, KIND_BALANCING };

struct field {
	enum kind kind;
	char name[NAME_BYTES];
	size_t offset; /* of a number in struct battery */
	bool is_needed;
};

/* What control and alarms read of the live registers; the rest is for the eye. */
static const char *const needed_registers[] = {
	"pack_current",		  "state_of_charge",	    "internal_temperature",
	"external_temperature_1", "external_temperature_2",
};

static bool is_needed_register(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(needed_registers); i++)
		if (!strcmp(needed_registers[i], name))
			return true;
	return false;
}

static struct field named(enum kind kind, const char *name, size_t offset, bool is_needed)
{
	struct field f = { .kind = kind, .offset = offset, .is_needed = is_needed };

	g_strlcpy(f.name, name, sizeof(f.name));
	return f;
}

static struct field cell_field(size_t i)
{
	struct field f = { .kind = KIND_NUMBER,
			   .offset = offsetof(struct battery, cell_v) + i * sizeof(double),
			   .is_needed = i < BATTERY_CELLS_MIN };

	g_snprintf(f.name, sizeof(f.name), "cell_%u", (unsigned) (i + 1));
	return f;
}

/* The @i-th field in the order of writing; false behind the last. */
static bool field_at(size_t i, struct field *f)
{
	static const struct {
		const char *name;
		enum kind kind;
	} words[] = {
		{ "t", KIND_TIME },
		{ "silent", KIND_SILENT },
		{ "status", KIND_STATUS },
		{ "faults", KIND_FAULTS },
		{ "balancing", KIND_BALANCING },
	};
	size_t live_count, settings_count;
	const struct register_row *live = registers_live(&live_count);
	const struct register_row *settings = registers_settings(&settings_count);

	if (i < G_N_ELEMENTS(words)) {
		*f = named(words[i].kind, words[i].name, 0, words[i].kind != KIND_BALANCING);
		return true;
	}
	i -= G_N_ELEMENTS(words);
	if (i < BATTERY_CELLS_MAX) {
		*f = cell_field(i);
		return true;
	}
	i -= BATTERY_CELLS_MAX;
	if (i < live_count) {
		*f = named(KIND_NUMBER, live[i].name, live[i].field,
			   is_needed_register(live[i].name));
		return true;
	}
	i -= live_count;
	if (i < settings_count) {
		*f = named(KIND_NUMBER, settings[i].name,
			   offsetof(struct battery, settings) + settings[i].field, true);
		return true;
	}
	return false;
}

static bool refuse(GError **error, enum snapshot_csv_error code, const char *column,
		   const char *why)
{
	g_set_error(error, SNAPSHOT_CSV_ERROR, code, "column \"%s\": %s", column, why);
	return false;
}

static char **split(const char *line)
{
	g_autofree char *copy = g_strdup(line);

	return g_strsplit(g_strchomp(copy), ",", -1);
}

/* -1: not there; -2: there twice. */
static int find_column(char **titles, const char *name)
{
	int found = -1;

	for (int i = 0; titles[i]; i++)
		if (!strcmp(g_strstrip(titles[i]), name))
			found = found == -1 ? i : -2;
	return found;
}

bool snapshot_csv_read_header(struct snapshot_csv *csv, const char *line, GError **error)
{
	g_auto(GStrv) titles = split(line);
	struct field f;

	csv->columns = (int) g_strv_length(titles);
	for (size_t i = 0; field_at(i, &f); i++) {
		csv->column[i] = find_column(titles, f.name);
		if (csv->column[i] == -2)
			return refuse(error, SNAPSHOT_CSV_ERROR_COLUMN, f.name, "is there twice");
		if (csv->column[i] == -1 && f.is_needed)
			return refuse(error, SNAPSHOT_CSV_ERROR_COLUMN, f.name, "is missing");
	}
	return true;
}

static bool read_number(double *out, const char *text)
{
	char *end;

	*out = *text ? g_ascii_strtod(text, &end) : (double) NAN;
	return !*text || (*end == '\0' && isfinite(*out));
}

/* Numbers from 1 to @max, separated by spaces, into a set. */
static bool read_ids(struct battery_events *out, const char *text, unsigned max)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);

	for (int i = 0; words[i]; i++) {
		double id;

		if (!*words[i])
			continue;
		if (!read_number(&id, words[i]) || !(id >= 1.0 && id <= max) || floor(id) < id)
			return false;
		battery_events_add(out, (unsigned) id);
	}
	return true;
}

static bool read_field(struct snapshot_csv_row *row, const struct field *f, const char *text)
{
	struct battery_events set = { { 0 } };
	double number = 0.0;

	switch (f->kind) {
	case KIND_TIME:
		return *text && read_number(&row->t_s, text) && fabs(row->t_s) <= TIME_MAX_S;
	case KIND_SILENT:
		if (!read_number(&number, text))
			return false;
		row->is_silent = number > 0.5;
		return true;
	case KIND_NUMBER:
		return read_number((double *) ((char *) &row->battery + f->offset), text);
	case KIND_STATUS:
		row->battery.status = battery_status_parse(text);
		return !*text || row->battery.status != BATTERY_STATUS_UNKNOWN;
	case KIND_FAULTS:
		return read_ids(&row->battery.active, text, EVENT_LAST);
	case KIND_BALANCING:
		if (!read_ids(&set, text, BATTERY_CELLS_MAX))
			return false;
		row->battery.balancing = (uint16_t) (set.bits[0] >> 1);
		row->battery.balancing_wanted = row->battery.balancing;
		return true;
	}
	return false;
}

/* Register 307 says how many; without it, the last cell that is there. */
static unsigned count_cells(const struct battery *b)
{
	const double configured = b->settings.series_cells;
	unsigned count = 0;

	if (configured >= BATTERY_CELLS_MIN && configured <= BATTERY_CELLS_MAX)
		return (unsigned) configured;
	for (unsigned i = 0; i < BATTERY_CELLS_MAX; i++)
		if (!isnan(b->cell_v[i]))
			count = i + 1;
	return count;
}

bool snapshot_csv_read_row(const struct snapshot_csv *csv, const char *line,
			   struct snapshot_csv_row *row, GError **error)
{
	g_auto(GStrv) texts = split(line);
	const int count = (int) g_strv_length(texts);
	struct field f;

	if (count != csv->columns) {
		g_set_error(error, SNAPSHOT_CSV_ERROR, SNAPSHOT_CSV_ERROR_VALUE,
			    "the row has %d fields, the header %d", count, csv->columns);
		return false;
	}
	row->t_s = (double) NAN;
	row->is_silent = false;
	battery_clear(&row->battery);
	for (size_t i = 0; field_at(i, &f); i++) {
		const int at = csv->column[i];

		if (at < 0)
			continue;
		if (!read_field(row, &f, g_strstrip(texts[at]))) {
			g_autofree char *why = g_strdup_printf("cannot be \"%s\"", texts[at]);

			return refuse(error, SNAPSHOT_CSV_ERROR_VALUE, f.name, why);
		}
	}
	row->battery.taken_us = (gint64) llround(row->t_s * 1e6);
	row->battery.cell_count = count_cells(&row->battery);
	battery_derive(&row->battery);
	return true;
}

void snapshot_csv_write_header(GString *out)
{
	struct field f;

	for (size_t i = 0; field_at(i, &f); i++)
		g_string_append_printf(out, "%s%s", i ? "," : "", f.name);
	g_string_append_c(out, '\n');
}

static void write_number(GString *out, double v)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	if (!isnan(v))
		g_string_append(out, g_ascii_formatd(text, sizeof(text), "%.6g", v));
}

static void write_ids(GString *out, const struct battery_events *set)
{
	const char *gap = "";

	for (unsigned id = 1; id <= EVENT_LAST; id++) {
		if (!battery_events_contain(set, id))
			continue;
		g_string_append_printf(out, "%s%u", gap, id);
		gap = " ";
	}
}

static void write_field(GString *out, const struct field *f, const struct battery *b)
{
	struct battery_events bleeding = { { 0 } };

	switch (f->kind) {
	case KIND_TIME:
		return;
	case KIND_SILENT:
		g_string_append_c(out, '0');
		return;
	case KIND_NUMBER:
		write_number(out, *(const double *) ((const char *) b + f->offset));
		return;
	case KIND_STATUS:
		if (b->status != BATTERY_STATUS_UNKNOWN)
			g_string_append(out, battery_status_text(b->status));
		return;
	case KIND_FAULTS:
		write_ids(out, &b->active);
		return;
	case KIND_BALANCING:
		bleeding.bits[0] = (uint64_t) b->balancing << 1;
		write_ids(out, &bleeding);
		return;
	}
}

void snapshot_csv_write_row(GString *out, double t_s, const struct battery *b)
{
	struct field f;
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	for (size_t i = 0; field_at(i, &f); i++) {
		if (i)
			g_string_append_c(out, ',');
		if (f.kind == KIND_TIME)
			g_string_append(out, g_ascii_formatd(text, sizeof(text), "%.3f", t_s));
		else if (b)
			write_field(out, &f, b);
		else if (f.kind == KIND_SILENT)
			g_string_append_c(out, '1');
	}
	g_string_append_c(out, '\n');
}
