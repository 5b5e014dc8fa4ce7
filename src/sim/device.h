/* SPDX-License-Identifier: MIT */
/*
 * device - the simulated TinyBMS: cells, switches, registers, events
 *
 * Source: Tiny BMS s516 Communication Protocols rev. D (2025-07-04), chapters 1,
 * 3 and 4; user manual rev. D, 2.3.1 (cell order).
 *
 * The registers are one array of words, as a reader sees them. Settings,
 * statistics, events and version live there and nowhere else; the live ones are
 * written anew each 100 ms from the model, unless they were pinned.
 *
 * A device that was loaded from a dump with live values is frozen: they stay as
 * they were read until something moves them (device_thaw()).
 *
 * Pure: time comes in as an argument, no I/O, no allocation.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/cells.h"
#include "sim/device_registers.h"
#include "sim/dump.h"

enum {
	DEVICE_WORDS = DUMP_WORDS,
	DEVICE_INPUTS = 16,
	DEVICE_LIVE_WORDS = 56,
	DEVICE_EVENTS_MAX = 49,
	DEVICE_SETTINGS_WORDS = 100, /**< 300 to 399 are writable */
	DEVICE_TICK_US = 100000,     /**< the BMS measures and refreshes each 100 ms */
	DEVICE_PROTECTIONS_MAX = 16,
	DEVICE_SENSORS = 3, /**< internal, external 1, external 2 */
};

/** What the world does to the battery; currents in A. */
struct device_drive {
	double current_a;	   /**< positive = charging */
	double load_a;		   /**< drawn, not negative */
	double supply_v, supply_a; /**< a charger: constant voltage up to a current */
	double sun_s, sun_began_s; /**< 0: constant; else half a sine that shapes supply_a */
	bool has_charger;	   /**< a charger is detected */
	double speed_kmh;
};

/** What one protection is doing; the table of rules is in protection.c. */
struct device_protection {
	bool is_active, is_forced;
	double bad_s, calm_s; /**< how long its condition has lasted, or been over */
};

struct device_totals {
	double charged_ah, discharged_ah; /**< through the terminals */
	double charged_wh, discharged_wh;
	double bled_ah; /**< by balancing, over all cells */
};

struct device {
	uint16_t word[DEVICE_WORDS];
	bool is_pinned[DEVICE_LIVE_WORDS];
	uint16_t setting_min[DEVICE_SETTINGS_WORDS], setting_max[DEVICE_SETTINGS_WORDS];
	bool is_setting_absent[DEVICE_SETTINGS_WORDS]; /**< older firmware: refused */
	bool is_relational; /**< ranges of 300 against 315 ... are checked as well */

	struct cells cells;
	bool is_wired_from_bottom;  /**< cell 1 is register 0 (other firmware) */
	bool is_broken[CELLS_MAX];  /**< sense wire: reads 0 V */
	double held_v[CELLS_MAX];   /**< V that the reading is held at; NAN: the model's */
	bool is_by_hand[CELLS_MAX]; /**< set since the last current: device_set_soc() leaves it */
	double pack_offset_v;	    /**< of the pack voltmeter */
	double held_temp_c[DEVICE_SENSORS]; /**< NAN: the model's */
	bool is_sensor_absent[DEVICE_SENSORS];

	struct device_drive drive;
	struct device_protection protection[DEVICE_PROTECTIONS_MAX];
	bool are_protections_off;
	bool is_frozen;

	/* As measured in the last tick. */
	double current_a;
	double cell_v[CELLS_MAX], min_v, max_v; /**< as read: a broken wire is 0 V */
	double temp_c[DEVICE_SENSORS], temp_low_c, temp_high_c;
	uint16_t bleeding; /**< bit 0 = cell 1 */

	double soc_pct; /**< as the BMS counts it */
	double full_s;	/**< how long it has looked full */
	bool is_full, was_charging;
	double lifetime_s, distance_km;
	struct device_totals totals;

	gint64 now_us;
	double idle_s;			/**< since the last traffic */
	bool is_asleep, is_kept_asleep; /**< kept: by command, current does not wake it */
	bool may_sleep;
	double deaf_s; /**< after a reset */
};

struct device_setup {
	enum cells_chemistry chemistry;
	bool has_chemistry; /**< else deduced from register 300 */
	unsigned cells;	    /**< 0: register 307 */
	double capacity_ah; /**< NAN: register 306 */
	double soc_pct;	    /**< NAN: the dump's, or 50 */
	const char *serial; /**< (nullable) 24 hexadecimal digits */
};

/** @dump (nullable) overrides the defaults. */
void device_init(struct device *d, const struct device_setup *setup, const struct dump *dump,
		 gint64 now_us);

/** Let time pass up to @now_us. */
void device_advance(struct device *d, gint64 now_us);

/** Does the firmware know all of these registers? */
bool device_has(const struct device *d, uint16_t first, unsigned count);

/** What a read of this register gives; 0 far outside the map, as a real device does. */
uint16_t device_word(const struct device *d, uint16_t address);

/** Live values move from now on. */
void device_thaw(struct device *d);

/** Measure, protect and write the live registers, as at the end of a tick. */
void device_refresh(struct device *d);

void device_add_event(struct device *d, uint8_t id);

/** The register of cell @index, from 0. */
unsigned device_cell_register(const struct device *d, unsigned index);

/* ---- what commands do ------------------------------------------------------------ */

/** 0 V: a broken sense wire. What the cell model cannot reach is held. */
void device_set_cell(struct device *d, unsigned index, double volts);
/** The pack and the BMS's own count; differences between cells stay. */
void device_set_soc(struct device *d, double soc_pct);
/** 4 to 16 cells, also in register 307. */
void device_set_series(struct device *d, unsigned cells);
/** Of every cell, and register 306. */
void device_set_capacity(struct device *d, double capacity_ah);
void device_set_charger(struct device *d, bool is_connected);
void device_pin(struct device *d, uint16_t address, uint16_t value);
void device_unpin(struct device *d);

/* ---- what requests do ------------------------------------------------------------ */

struct device_write {
	uint16_t address, value;
};

/** All or nothing: false if one of them is not writable or out of range. */
bool device_write(struct device *d, const struct device_write *writes, size_t count);
/** What a new device has, from register 300 on (command 1D). */
void device_default_settings(uint16_t words[DEVICE_SETTINGS_WORDS]);
void device_clear_events(struct device *d);
void device_clear_statistics(struct device *d);
/** Deaf for a second, then event 0x61; settings and statistics stay. */
void device_reset(struct device *d);
/** Traffic on the line. @return false if it only woke the BMS, or was not heard */
bool device_hear(struct device *d);
void device_sleep(struct device *d);
void device_wake(struct device *d, enum device_wakeup cause);

/* ---- words ----------------------------------------------------------------------- */

uint32_t device_u32(const struct device *d, unsigned address);
void device_put_u32(struct device *d, unsigned address, uint32_t value);
/** A setting in SI units, by its table's scale. */
double device_setting(const struct device *d, enum device_register address);
