/* SPDX-License-Identifier: MIT */
/*
 * snapshot_csv - snapshots as a table, as the recorder writes and replay reads
 *
 * A header names the columns, in any order; those that are not listed here are
 * left alone. Fields are separated by commas, an empty one is unknown:
 *
 *	t                 s
 *	silent            1: the BMS did not answer, the rest of the row is empty
 *	cell_1 .. cell_16 V
 *	live registers    by the names of registers_live(): pack_voltage, pack_current,
 *	                  state_of_charge, internal_temperature ...
 *	status            "charging" ... (battery_status_text())
 *	faults            ids of active events, separated by spaces
 *	balancing         numbers of the cells that bleed, separated by spaces
 *	settings          by the names of registers_settings(): over_voltage_cutoff ...
 *
 * Pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "battery/battery.h"

enum { SNAPSHOT_CSV_FIELDS_MAX = 64 };

/** Where a file has its columns; -1: not there. */
struct snapshot_csv {
	int column[SNAPSHOT_CSV_FIELDS_MAX];
	int columns;
};

struct snapshot_csv_row {
	double t_s;
	bool is_silent;
	struct battery battery; /**< derived, taken at t_s */
};

/* An error names the column, and the value where there is one. */
#define SNAPSHOT_CSV_ERROR (snapshot_csv_error_quark())
GQuark snapshot_csv_error_quark(void);
enum snapshot_csv_error {
	SNAPSHOT_CSV_ERROR_COLUMN, /**< missing, or named twice */
	SNAPSHOT_CSV_ERROR_VALUE,
};

/** soh, time left and distances may be absent, and cells beyond the battery's; nothing else. */
bool snapshot_csv_read_header(struct snapshot_csv *csv, const char *line, GError **error)
	G_GNUC_WARN_UNUSED_RESULT;
bool snapshot_csv_read_row(const struct snapshot_csv *csv, const char *line,
			   struct snapshot_csv_row *row, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Append a line with its newline; @b NULL is a silent row. */
void snapshot_csv_write_header(GString *out);
void snapshot_csv_write_row(GString *out, double t_s, const struct battery *b);
