/* SPDX-License-Identifier: MIT */
/*
 * Schneider "SE BMS communication protocol" version 2 for the XW Pro. 29-bit
 * ids, 500 kbit/s, big-endian, three periods.
 */
#include "can/families.h"

/* clang-format off */
static const struct can_field voltage_fields[] = {
	{ CAN_CVL_V, 0, CAN_U32, 0.01 },
	{ CAN_DVL_V, 4, CAN_U32, 0.01 },
};
static const struct can_field current_fields[] = {
	{ CAN_CCL_A, 0, CAN_U32, 0.01 },
	{ CAN_DCL_A, 4, CAN_U32, 0.01 },
};
static const struct can_field measured_fields[] = {
	{ CAN_PACK_V,    0, CAN_U32, 0.01 },
	{ CAN_CURRENT_A, 4, CAN_S32, 0.01 }, /* sign unproven: option invert_current */
};
static const struct can_field charge_fields[] = {
	{ CAN_TEMP_C,       0, CAN_S16, 0.1 },
	{ CAN_SOC_FINE_PCT, 2, CAN_U16, 0.1 },
};

#define FAULT_BITS(level, high) \
	{ OF_CHARGE_A,                level, high + 1, 0, CAN_SINGLE, "charge current high" }, \
	{ OF_DISCHARGE_A,             level, high + 1, 1, CAN_SINGLE, "discharge current high" }, \
	{ OF_HIGH_T,                  level, high + 1, 2, CAN_SINGLE, "temperature high" }, \
	{ OF_LOW_T | OF_LOW_CHARGE_T, level, high + 1, 3, CAN_SINGLE, "temperature low" }, \
	{ OF_HIGH_V,                  level, high + 1, 4, CAN_SINGLE, "voltage high" }, \
	{ OF_LOW_V,                   level, high + 1, 5, CAN_SINGLE, "voltage low" }, \
	{ OF_IMBALANCE,               level, high + 1, 6, CAN_SINGLE, "cells unbalanced" }, \
	{ OF_INTERNAL,                level, high,     0, CAN_SINGLE, "system error" }

/* command in bytes 0-1, warnings 2-3, faults 4-5: 2 charge only, 4 discharge only, 8 stop */
static const struct can_bit command_bits[] = {
	{ CAN_BIT(CAN_FLAG_FORCE_CHARGE_1),    CAN_SEVERITY_ALARM, 1, 0, CAN_SINGLE, "forced charge" },
	{ CAN_BIT(CAN_FLAG_CHARGE_ENABLED),    CAN_SEVERITY_ALARM, 1, 1, CAN_SINGLE, "charge enabled" },
	{ CAN_BIT(CAN_FLAG_DISCHARGE_ENABLED), CAN_SEVERITY_ALARM, 1, 2, CAN_SINGLE, "discharge enabled" },
	{ CAN_BIT(CAN_FLAG_STOP),              CAN_SEVERITY_ALARM, 1, 3, CAN_SINGLE, "stop" },
	FAULT_BITS(CAN_SEVERITY_WARNING, 2),
	FAULT_BITS(CAN_SEVERITY_ALARM, 4),
};
static const struct can_field state_fields[] = {
	{ CAN_RUN_STATE,   0, CAN_U16, 1 },
	{ CAN_CYCLES,      2, CAN_U16, 1 },
	{ CAN_SOH_PCT,     4, CAN_U16, 1, .unknown = 100 },
	{ CAN_CAPACITY_AH, 6, CAN_U16, 0.1 },
};
static const struct can_field extreme_fields[] = {
	{ CAN_TEMP_MAX_C, 0, CAN_S16, 0.1 },
	{ CAN_TEMP_MIN_C, 2, CAN_S16, 0.1 },
	{ CAN_CELL_MAX_V, 4, CAN_U16, 0.001 },
	{ CAN_CELL_MIN_V, 6, CAN_U16, 0.001 },
};
static const struct can_field energy_fields[] = {
	{ CAN_ENERGY_IN_WH,  0, CAN_U32, 1 },
	{ CAN_ENERGY_OUT_WH, 4, CAN_U32, 1 },
};

/* clang-format on */

#define ID(number) (CAN_EFF_FLAG | (number))

static const struct can_layout schneider_320 = { ID(0x320), 2, 2000,
						 .base = { 0x00, 0x02 } }; /* version 2 */
static const struct can_layout schneider_321 = { ID(0x321), 8, 500, CAN_FIELDS(voltage_fields) };
static const struct can_layout schneider_322 = { ID(0x322), 8, 500, CAN_FIELDS(current_fields) };
static const struct can_layout schneider_323 = { ID(0x323), 8, 500, CAN_FIELDS(measured_fields) };
static const struct can_layout schneider_324 = { ID(0x324), 4, 500, CAN_FIELDS(charge_fields) };
static const struct can_layout schneider_325 = { ID(0x325), 6, 500, CAN_BITS(command_bits) };
static const struct can_layout schneider_326 = { ID(0x326), 8, 2000, CAN_FIELDS(state_fields) };
static const struct can_layout schneider_327 = { ID(0x327), 8, 2000, CAN_FIELDS(extreme_fields) };
static const struct can_layout schneider_328 = { ID(0x328), 8, 10000, CAN_FIELDS(energy_fields) };
/* maker's and model's ids are given out by Schneider; 0: none */
static const struct can_layout schneider_330 = { ID(0x330),    8,
						 10000,	       .text = CAN_TEXT_SERIAL_20,
						 .text_at = 4, .text_length = 4 };
static const struct can_layout schneider_331 = { ID(0x331), 8, 10000, .text = CAN_TEXT_SERIAL_16 };
static const struct can_layout schneider_332 = { ID(0x332), 8, 10000, .text = CAN_TEXT_SERIAL_2 };
static const struct can_layout schneider_333 = { ID(0x333), 8, 10000, .base = "SEBMS" };

can_frame_list schneider_frames = { &schneider_321, &schneider_322,
				    &schneider_323, &schneider_324,
				    &schneider_325, &schneider_320,
				    &schneider_326, &schneider_327,
				    &schneider_328, &schneider_330,
				    &schneider_331, &schneider_332,
				    &schneider_333, NULL };
