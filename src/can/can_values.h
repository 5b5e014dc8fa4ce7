/* SPDX-License-Identifier: MIT */
/*
 * can_values - what the fields of CAN frames are filled from
 *
 * One step between the battery and the families' tables: every number, text and
 * condition that any family sends, brand quirks applied, NAN where unknown.
 * Rounding belongs to the value, not to the family, and is never more generous
 * than the value: limits on current and the charge voltage go down, the
 * discharge voltage up, whole SOC is cut (99.6 % is not full).
 *
 * Pure: no I/O, no clock, no allocation.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "can/can_input.h"
#include "can/can_options.h"

enum can_value {
	CAN_CVL_V,
	CAN_CCL_A,
	CAN_DCL_A,
	CAN_DVL_V,
	CAN_SOC_PCT,	  /**< cut to what the field holds */
	CAN_SOC_FINE_PCT, /**< rounded to nearest */
	CAN_SOH_PCT,
	CAN_PACK_V,
	CAN_CURRENT_A,
	CAN_TEMP_C, /**< mean of the external sensors, else internal */
	CAN_TEMP_MAX_C,
	CAN_TEMP_MIN_C,
	CAN_TEMP_MAX_APART_C, /**< at least 0.1 above the minimum (LuxPower) */
	CAN_CELL_MAX_V,
	CAN_CELL_MIN_V,
	CAN_CELL_DELTA_V,
	CAN_CELL_MAX_NUMBER,
	CAN_CELL_MIN_NUMBER,
	CAN_CELL_COUNT,
	CAN_CAPACITY_AH,
	CAN_REMAINING_AH,
	CAN_TIME_LEFT_S,
	CAN_CYCLES,
	CAN_ENERGY_IN_WH,
	CAN_ENERGY_OUT_WH,
	CAN_MODULES,
	CAN_MODULES_OK,
	CAN_MODULES_NO_CHARGE,
	CAN_MODULES_NO_DISCHARGE,
	CAN_MODULES_OFFLINE,
	CAN_FIRMWARE_MAJOR,
	CAN_FIRMWARE_MINOR,
	CAN_HARDWARE,
	CAN_DIGIT_HARDWARE, /**< 1 to 9 (Growatt) */
	CAN_DIGIT_FIRMWARE, /**< 1 to 9 (Growatt) */
	CAN_FLOW,	    /**< 1 standby, 2 charge, 3 discharge (Growatt) */
	CAN_CHEMISTRY,	    /**< 0 LFP, 1 NMC, 2 LTO (Growatt) */
	CAN_PACKED_DATE,    /**< Growatt's 32 bits */
	CAN_RUN_STATE,	    /**< 0 off, 3 online, 4 fault (Schneider) */
	CAN_SID,	    /**< joins messages of one instant (NMEA 2000); set by its sender */
	CAN_INSTANCE,	    /**< of the battery (NMEA 2000) */
	CAN_NOMINAL,	    /**< code of the nominal voltage (NMEA 2000) */
	CAN_FAULTY_MODULE,  /**< number of the module at fault, 0 none (Growatt) */
	CAN_CELL_V,	    /**< cell 1; the others follow */
	CAN_VALUE_COUNT = CAN_CELL_V + BATTERY_CELLS_MAX,
};

enum can_rounding {
	CAN_NEAREST,
	CAN_DOWN,
	CAN_UP,
};

/** What a value is called, and how it rounds. */
struct can_value_info {
	const char *name;
	const char *unit;
	int decimals; /**< as shown in words */
	enum can_rounding rounding;
	const char *const *words; /**< (nullable) meaning of 0, 1, 2 ..., NULL-terminated */
};

enum can_text {
	CAN_TEXT_NONE,
	CAN_TEXT_MANUFACTURER,
	CAN_TEXT_NAME_1, /**< manufacturer, letters 1 to 8 where it has more than 8, else empty */
	CAN_TEXT_NAME_2, /**< the rest of it */
	CAN_TEXT_FAMILY,
	CAN_TEXT_SERIAL_1,  /**< first 8 digits */
	CAN_TEXT_SERIAL_2,  /**< last 8 digits */
	CAN_TEXT_SERIAL_20, /**< the first 4 of the last 20 digits (Schneider) */
	CAN_TEXT_SERIAL_16, /**< the first 8 of the last 16 digits (Schneider) */
	CAN_TEXT_CELL_MIN,
	CAN_TEXT_CELL_MAX,
	CAN_TEXT_SENSOR_MIN,
	CAN_TEXT_SENSOR_MAX,
	CAN_TEXT_CAPITALS, /**< first two letters of the manufacturer (Growatt) */
	CAN_TEXT_COUNT,
};

enum { CAN_TEXT_BYTES = 8 };

/** Conditions that are no alarm; they share a bit set with the alarms. */
enum can_flag {
	CAN_FLAG_CHARGE_ENABLED = ALARM_COUNT,
	CAN_FLAG_DISCHARGE_ENABLED,
	CAN_FLAG_FORCE_CHARGE_1,
	CAN_FLAG_FORCE_CHARGE_2,
	CAN_FLAG_FULL_CHARGE, /**< the battery asks for a full charge */
	CAN_FLAG_BALANCING,
	CAN_FLAG_FAULT,	   /**< the BMS reports a fault */
	CAN_FLAG_OPEN,	   /**< neither charge nor discharge is possible */
	CAN_FLAG_OFFLINE,  /**< the BMS does not answer */
	CAN_FLAG_STOP,	   /**< both directions are blocked */
	CAN_FLAG_SHUTDOWN, /**< data are stale: the battery will leave the bus */
	CAN_FLAG_COUNT,
};

#define CAN_BIT(id) (UINT32_C(1) << (id))

struct can_values {
	double number[CAN_VALUE_COUNT];
	char text[CAN_TEXT_COUNT][CAN_TEXT_BYTES]; /**< zero padded, not terminated */
	uint32_t alarms;   /**< CAN_BIT(alarm id) at level 2, and CAN_BIT(flag) */
	uint32_t warnings; /**< CAN_BIT(alarm id) at level 1 */
	/**
	 * Temperature, voltage, current or SOC is missing: sent as 0 where the
	 * field has no code for it, together with the internal-failure alarm and
	 * limits of 0 A, so that nobody takes the 0 for a measurement.
	 */
	bool lacks_measurement;
};

extern const struct can_value_info can_value_infos[CAN_CELL_V + 1];

/** Name, unit and rounding; never NULL. */
static inline const struct can_value_info *can_value_info(enum can_value value)
{
	return &can_value_infos[value < CAN_CELL_V ? value : CAN_CELL_V];
}

const char *can_flag_name(unsigned flag);
const char *can_text_name(enum can_text text);

/**
 * @input's battery and limits may not be NULL.
 * @has_unknown_codes: the family has codes for a missing measurement (SMA, MG),
 * so limits and alarms stay as they are.
 */
void can_values_fill(struct can_values *v, const struct can_input *input,
		     const struct can_options *options, bool has_unknown_codes);

/** A change between two sets that may not wait for the period: limits falling, alarms. */
bool can_values_urgent(const struct can_values *sent, const struct can_values *now);
