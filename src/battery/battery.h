/* SPDX-License-Identifier: MIT */
/*
 * battery - one instant of a battery, in SI units
 *
 * A snapshot is filled by the acquisition thread and constant from then on.
 * What is not known is NAN (numbers) or BATTERY_STATUS_UNKNOWN; nothing that
 * was implausible on the wire ever arrives here as a number (see
 * tinybms/registers.h).
 *
 * Pure: no I/O, no clock.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	BATTERY_CELLS_MAX = 16,
	BATTERY_CELLS_MIN = 4,
	BATTERY_EXTERNAL_SENSORS = 2,
};

/** Online status, register 50 (Communication Protocols rev. D, chapter 3). */
enum battery_status {
	BATTERY_STATUS_UNKNOWN = 0,
	BATTERY_STATUS_CHARGING = 0x91,
	BATTERY_STATUS_FULL = 0x92,
	BATTERY_STATUS_DISCHARGING = 0x93,
	BATTERY_STATUS_REGENERATION = 0x96,
	BATTERY_STATUS_IDLE = 0x97,
	BATTERY_STATUS_FAULT = 0x9B,
};

/** A set of BMS event ids, 0 to 127 (faults 0x01-0x30, warnings 0x31-0x60). */
struct battery_events {
	uint64_t bits[2];
};

/** The BMS's own settings that control and alarms need; NAN where not read. */
struct battery_settings {
	double fully_charged_v;           /**< V per cell, register 300 */
	double fully_discharged_v;        /**< V per cell, register 301 */
	double early_balancing_v;         /**< V per cell, register 303 */
	double charge_finished_a;         /**< A, register 304 */
	double capacity_ah;               /**< Ah, register 306 */
	double series_cells;              /**< count, register 307 */
	double allowed_disbalance_v;      /**< V, register 308 */
	double over_voltage_v;            /**< V per cell, register 315: the switch opens */
	double under_voltage_v;           /**< V per cell, register 316: the switch opens */
	double discharge_over_current_a;  /**< A, register 317 */
	double charge_over_current_a;     /**< A, register 318 */
	double over_heat_c;               /**< degrees C, register 319 */
	double low_temperature_charge_c;  /**< degrees C, register 320 */
};

/** Counters that the BMS keeps, registers 100 to 117; NAN where not read. */
struct battery_statistics {
	double total_distance_km;
	double max_discharge_a; /**< A, largest seen: no limit */
	double max_charge_a;    /**< A, largest seen: no limit */
	double max_cell_difference_v;
	double under_voltage_count, over_voltage_count;
	double discharge_over_current_count, charge_over_current_count;
	double over_heat_count;
	double charging_count, full_charge_count;
	double temperature_min_c, temperature_max_c; /**< degrees C, recorded: not present values */
	double last_reset_cause, last_wakeup_cause;  /**< enum of the register table */
	double cleared_at_s; /**< s of the BMS's life */
};

/** What the BMS is, registers 500 to 509. */
struct battery_identity {
	unsigned hardware, hardware_changes;
	unsigned firmware_public, firmware_internal;
	unsigned bootloader, profile;
	bool is_high_power;      /**< register 501 bit 8 */
	unsigned current_sensor; /**< 0 internal resistor, 1 internal Hall, 2 external */
	char serial[25];         /**< 24 hexadecimal digits, "" where unknown */
};

/** One instant. Cells count from 1 at pack minus; arrays from 0. */
struct battery {
	gint64 taken_us; /**< monotonic; when the last byte of the live block arrived */

	unsigned cell_count;                 /**< 4 to 16 */
	unsigned cells_detected;             /**< that the BMS itself finds, register 53; 0 = unknown */
	double cell_v[BATTERY_CELLS_MAX];    /**< V, 0 is a broken sense wire; NAN above 5 V */
	double cell_sum_v;                   /**< V, NAN if any cell is */
	double cell_min_v, cell_max_v;       /**< V, over the known cells */
	unsigned cell_min, cell_max;         /**< their numbers, from 1; 0 where none is known */
	uint16_t balancing;                  /**< bit 0 = cell 1: bleed resistor is on now */
	uint16_t balancing_wanted;           /**< bit 0 = cell 1 */

	double pack_v;    /**< V, the BMS's own pack voltmeter */
	double current_a; /**< A, positive = charging, -2000 to 2000 */
	double soc_pct;   /**< 0 to 100 */
	double soh_pct;   /**< 0 to 100; NAN in older firmware */
	double temp_internal_c;
	double temp_external_c[BATTERY_EXTERNAL_SENSORS]; /**< NAN = not connected */
	double time_left_s; /**< s to empty; NAN when idle or absurd */
	double lifetime_s;  /**< s that the BMS has lived */
	double speed_kmh, distance_left_km; /**< vehicles */
	enum battery_status status;

	struct battery_events active;         /**< faults and warnings that are active */
	struct battery_settings settings;     /**< newest known */
	struct battery_statistics statistics; /**< newest known */
	struct battery_identity identity;
};

/** A battery of which nothing is known: NAN everywhere, no cells. */
void battery_clear(struct battery *b);

/**
 * Derive sum, minimum and maximum from cell_v[0 .. cell_count-1].
 * A cell that is NAN makes the sum NAN and is left out of the extremes.
 */
void battery_derive(struct battery *b);

/** All cells are 0: what a BMS says that is still starting. No snapshot. */
bool battery_is_blank(const struct battery *b);

bool battery_events_contain(const struct battery_events *set, unsigned id);
void battery_events_add(struct battery_events *set, unsigned id);
void battery_events_remove(struct battery_events *set, unsigned id);
bool battery_events_equal(const struct battery_events *a, const struct battery_events *b);

/** In words: "charging", "full", ...; "unknown" for anything else. */
const char *battery_status_text(enum battery_status status);
/** The inverse, for replay; BATTERY_STATUS_UNKNOWN for an unknown word. */
enum battery_status battery_status_parse(const char *text);
