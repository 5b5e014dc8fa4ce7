/* SPDX-License-Identifier: MIT */
/*
 * Victron "CAN-bus BMS protocol" of 2021-04-17, and BYD's set as captured from a
 * Battery-Box Premium LVS (dfch/BydCanProtocol). 500 kbit/s, little-endian.
 */
#include "can/families.h"

/* clang-format off */
static const struct can_field limits_fields[] = {
	{ CAN_CVL_V, 0, CAN_U16, 0.1 },
	{ CAN_CCL_A, 2, CAN_S16, 0.1 },
	{ CAN_DCL_A, 4, CAN_S16, 0.1 },
	{ CAN_DVL_V, 6, CAN_U16, 0.1 },
};
static const struct can_field charge_fields[] = {
	{ CAN_SOC_PCT,      0, CAN_U16, 1 },
	{ CAN_SOH_PCT,      2, CAN_U16, 1, .unknown = 100 }, /* 0 would read as a dead battery */
	{ CAN_SOC_FINE_PCT, 4, CAN_U16, 0.01 },
};
static const struct can_field byd_charge_fields[] = {
	{ CAN_SOC_PCT, 0, CAN_U16, 1 },
	{ CAN_SOH_PCT, 2, CAN_U16, 1, .unknown = 100 },
};
static const struct can_field measured_fields[] = {
	{ CAN_PACK_V,    0, CAN_S16, 0.01 },
	{ CAN_CURRENT_A, 2, CAN_S16, 0.1 },
	{ CAN_TEMP_C,    4, CAN_S16, 0.1 },
};

#define PAIRS(byte, level) \
	{ 0,               level, byte,     0, CAN_PAIR, "general" }, \
	{ OF_HIGH_V,       level, byte,     2, CAN_PAIR, "voltage high" }, \
	{ OF_LOW_V,        level, byte,     4, CAN_PAIR, "voltage low" }, \
	{ OF_HIGH_T,       level, byte,     6, CAN_PAIR, "temperature high" }, \
	{ OF_LOW_T,        level, byte + 1, 0, CAN_PAIR, "temperature low" }, \
	{ 0,               level, byte + 1, 2, CAN_PAIR, "temperature high for charge" }, \
	{ OF_LOW_CHARGE_T, level, byte + 1, 4, CAN_PAIR, "temperature low for charge" }, \
	{ OF_DISCHARGE_A,  level, byte + 1, 6, CAN_PAIR, "discharge current high" }, \
	{ OF_CHARGE_A,     level, byte + 2, 0, CAN_PAIR, "charge current high" }, \
	{ 0,               level, byte + 2, 2, CAN_PAIR, "contactor" }, \
	{ 0,               level, byte + 2, 4, CAN_PAIR, "short circuit" }, \
	{ OF_INTERNAL,     level, byte + 2, 6, CAN_PAIR, "internal failure" }, \
	{ OF_IMBALANCE,    level, byte + 3, 0, CAN_PAIR, "cells unbalanced" }

/*
 * Byte 7 bits 2-3, documented without its polarity: 2 (the pattern for "fine",
 * as diyBMS and a real BYD send it) while the pack is online.
 */
#define STATUS_PAIR \
	{ CAN_BIT(CAN_FLAG_OFFLINE) | CAN_BIT(CAN_FLAG_OPEN), CAN_SEVERITY_ALARM, 7, 2, CAN_PAIR, \
	  "pack not online" }

const struct can_bit victron_pairs[] = {
	PAIRS(0, CAN_SEVERITY_ALARM), PAIRS(4, CAN_SEVERITY_WARNING), STATUS_PAIR,
};
G_STATIC_ASSERT(G_N_ELEMENTS(victron_pairs) == VICTRON_PAIRS + 1);

static const struct can_field product_fields[] = {
	/* two bytes, not a little-endian word: BYD's 01 17 is v1.17 */
	{ CAN_FIRMWARE_MAJOR, 2, CAN_U8,  1 },
	{ CAN_FIRMWARE_MINOR, 3, CAN_U8,  1 },
	{ CAN_CAPACITY_AH,    4, CAN_U16, 1 },
};
static const struct can_field module_fields[] = {
	{ CAN_MODULES_OK,           0, CAN_U16, 1, UNKNOWN_U16 },
	{ CAN_MODULES_NO_CHARGE,    2, CAN_U16, 1, UNKNOWN_U16 },
	{ CAN_MODULES_NO_DISCHARGE, 4, CAN_U16, 1, UNKNOWN_U16 },
	{ CAN_MODULES_OFFLINE,      6, CAN_U16, 1, UNKNOWN_U16 },
};
static const struct can_field extreme_fields[] = {
	{ CAN_CELL_MIN_V, 0, CAN_U16, 0.001, UNKNOWN_U16 },
	{ CAN_CELL_MAX_V, 2, CAN_U16, 0.001, UNKNOWN_U16 },
	{ CAN_TEMP_MIN_C, 4, CAN_U16, 1, UNKNOWN_U16, .bias = 273.15 },
	{ CAN_TEMP_MAX_C, 6, CAN_U16, 1, UNKNOWN_U16, .bias = 273.15 },
};
static const struct can_field energy_fields[] = {
	{ CAN_ENERGY_IN_WH,  0, CAN_U32, 100, UNKNOWN_U32 },
	{ CAN_ENERGY_OUT_WH, 4, CAN_U32, 100, UNKNOWN_U32 },
};
static const struct can_field capacity_fields[] = {
	{ CAN_CAPACITY_AH, 0, CAN_U16, 1 },
};

/* clang-format on */

#define EACH_SECOND .length = 8, .period_ms = 1000

static const struct can_layout limits_frame = { 0x351, EACH_SECOND, CAN_FIELDS(limits_fields) };
static const struct can_layout charge_frame = { 0x355, EACH_SECOND, CAN_FIELDS(charge_fields) };
static const struct can_layout measured_frame = { 0x356, EACH_SECOND, CAN_FIELDS(measured_fields) };
const struct can_layout victron_35a = { 0x35A, EACH_SECOND, CAN_BITS(victron_pairs) };
static const struct can_layout manufacturer_frame = { 0x35E, EACH_SECOND,
						      .text = CAN_TEXT_MANUFACTURER };
static const struct can_layout product_frame = { 0x35F, EACH_SECOND, CAN_FIELDS(product_fields) };
static const struct can_layout name_1_frame = { 0x370, EACH_SECOND, .text = CAN_TEXT_NAME_1,
						.presence = CAN_IF_TEXT };
static const struct can_layout name_2_frame = { 0x371, EACH_SECOND, .text = CAN_TEXT_NAME_2,
						.presence = CAN_IF_TEXT };
const struct can_layout victron_372 = { 0x372, EACH_SECOND, CAN_FIELDS(module_fields) };
const struct can_layout victron_373 = { 0x373, EACH_SECOND, CAN_FIELDS(extreme_fields) };
const struct can_layout victron_374 = { 0x374, EACH_SECOND, .text = CAN_TEXT_CELL_MIN };
const struct can_layout victron_375 = { 0x375, EACH_SECOND, .text = CAN_TEXT_CELL_MAX };
const struct can_layout victron_376 = { 0x376, EACH_SECOND, .text = CAN_TEXT_SENSOR_MIN };
const struct can_layout victron_377 = { 0x377, EACH_SECOND, .text = CAN_TEXT_SENSOR_MAX };
static const struct can_layout energy_frame = { 0x378, EACH_SECOND, CAN_FIELDS(energy_fields) };
const struct can_layout victron_379 = { 0x379, EACH_SECOND, CAN_FIELDS(capacity_fields) };
const struct can_layout victron_380 = { 0x380, EACH_SECOND, .text = CAN_TEXT_SERIAL_1,
					.presence = CAN_IF_TEXT };
const struct can_layout victron_381 = { 0x381, EACH_SECOND, .text = CAN_TEXT_SERIAL_2,
					.presence = CAN_IF_TEXT };
static const struct can_layout family_frame = { 0x382, EACH_SECOND, .text = CAN_TEXT_FAMILY };

static const struct can_layout byd_charge_frame = { 0x355, EACH_SECOND,
						    CAN_FIELDS(byd_charge_fields) };
/* the capture has all pairs "fine", those of bytes 3 and 7 that mean nothing included */
static const struct can_layout byd_35a = { 0x35A, EACH_SECOND,
					   .base = { 0, 0, 0, 0xA8, 0, 0, 0, 0xA0 },
					   CAN_BITS(victron_pairs) };
static const struct can_layout byd_35b = { 0x35B, EACH_SECOND };
static const struct can_layout byd_360 = { 0x360, EACH_SECOND };
static const struct can_layout byd_product_frame = { 0x35F, EACH_SECOND, .base = { 'L', 'i' },
						     CAN_FIELDS(product_fields) };
static const struct can_layout premium_frame = { 0x382, EACH_SECOND, .base = "PREMIUM" };

can_frame_list victron_frames = {
	&limits_frame,	&charge_frame, &measured_frame, &victron_35a,  &manufacturer_frame,
	&product_frame, &name_1_frame, &name_2_frame,	&victron_372,  &victron_373,
	&victron_374,	&victron_375,  &victron_376,	&victron_377,  &energy_frame,
	&victron_379,	&victron_380,  &victron_381,	&family_frame, NULL
};

can_frame_list byd_frames = { &limits_frame,	  &byd_charge_frame, &measured_frame,
			      &byd_35a,		  &byd_35b,	     &manufacturer_frame,
			      &byd_product_frame, &byd_360,	     &victron_372,
			      &victron_373,	  &victron_374,	     &victron_375,
			      &victron_376,	  &victron_377,	     &energy_frame,
			      &victron_379,	  &premium_frame,    NULL };
