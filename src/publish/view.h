/* SPDX-License-Identifier: MIT */
/*
 * view - everything that D-Bus shows of a battery, as flat numbers and texts
 *
 * One field for each path of paths.c. NAN and NULL are "not available". What is
 * derived for display only (power, remaining capacity, texts) is derived here.
 *
 * Pure: no I/O, no clock.
 */
#pragma once

#include "battery/alarms.h"
#include "battery/battery.h"
#include "battery/limits.h"
#include "history/history.h"
#include "tinybms/acquisition.h"

enum { VIEW_TEXT_MAX = 160 };

/** What the publisher is told at each decision. Borrowed for the call. */
struct decision {
	const struct battery *battery; /**< newest complete snapshot, however old */
	const struct limits *limits;
	const enum alarm_level *alarms; /**< ALARM_COUNT levels */
	const struct acquisition_counters *counters;
	double age_s; /**< of the snapshot */
	bool wants_full; /**< the owner has asked for a full charge */
	const struct history *history; /**< (nullable) */
	bool is_asleep;  /**< the owner has sent the BMS to sleep */
};

struct view {
	double pack_v, current_a, power_w, temperature_c;
	double soc_pct, soh_pct;
	double capacity_left_ah, capacity_ah, consumed_ah; /**< consumed is negative */
	double time_to_go_s;

	double cvl_v, ccl_a, dcl_a, dvl_v, charge_request;
	const char *charge_mode, *charge_limitation, *discharge_limitation;

	double state, error_code;
	double allow_charge, allow_discharge;
	double is_balancing, balancer_status;
	const char *connection_information;

	double cell_count;
	double cell_min_v, cell_max_v, cell_sum_v, cell_difference_v;
	const char *cell_min_id, *cell_max_id;
	double cell_temperature_min_c, cell_temperature_max_c;
	const char *temperature_min_id, *temperature_max_id;
	double internal_temperature_c, external_temperature_c[BATTERY_EXTERNAL_SENSORS];
	double blocks_charge, blocks_discharge; /**< count of modules that do: 0 or 1 */

	double cell_v[BATTERY_CELLS_MAX];       /**< NAN beyond cell_count */
	double cell_balances[BATTERY_CELLS_MAX]; /**< 0 or 1; NAN beyond cell_count */

	double alarm[ALARM_COUNT];

	/* Set by the publisher, who knows them. */
	double other_batteries;      /**< of ours on the bus */
	const char *several_warning; /**< see managed.h; "" = none */

	struct history_kept past; /**< NAN everywhere without a history */
	double discharged_kwh, charged_kwh, drawn_ah; /**< drawn is negative */
	double average_depth_ah;		      /**< negative */

	struct battery_statistics statistics; /**< as the BMS counts itself */

	double age_s;	 /**< of the snapshot */
	gint64 taken_us; /**< when it was */

	double polls, successes, timeouts, crc_errors, refusals, retries, reopens;
	double latency_last_ms, latency_mean_ms, latency_max_ms;

	/* What the texts above point to. */
	char charge_mode_text[VIEW_TEXT_MAX], connection_text[VIEW_TEXT_MAX];
	char cell_min_text[8], cell_max_text[8];
};

/** The texts of @v point into @v, @d and static storage: do not copy it. */
void view_fill(struct view *v, const struct decision *d);

/** Firmware as people read it, "" where unknown; @out holds VIEW_TEXT_MAX bytes. */
void view_firmware(char *out, const struct battery_identity *identity);
