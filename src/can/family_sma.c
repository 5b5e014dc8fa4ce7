/* SPDX-License-Identifier: MIT */
/*
 * SMA Sunny Island (FSS-ConnectingBat, sections 5.1 to 7.1) and MG Master-LV,
 * which is SMA's set at 500 ms with a few frames more. 500 kbit/s, little-endian.
 * Unused fields are FFFF or 8000, never 0: a fine SOC of 0 would replace the SOC.
 */
#include "can/families.h"

/* clang-format off */
static const struct can_field limits_fields[] = {
	{ CAN_CVL_V, 0, CAN_U16, 0.1, UNKNOWN_U16 },
	{ CAN_CCL_A, 2, CAN_S16, 0.1, UNKNOWN_S16 },
	{ CAN_DCL_A, 4, CAN_S16, 0.1, UNKNOWN_S16 },
	{ CAN_DVL_V, 6, CAN_U16, 0.1, UNKNOWN_U16 },
};
static const struct can_field charge_fields[] = {
	{ CAN_SOC_PCT,      0, CAN_U16, 1,    UNKNOWN_U16 },
	{ CAN_SOH_PCT,      2, CAN_U16, 1,    UNKNOWN_U16 },
	{ CAN_SOC_FINE_PCT, 4, CAN_U16, 0.01, UNKNOWN_U16 },
};
static const struct can_field measured_fields[] = {
	{ CAN_PACK_V,    0, CAN_S16, 0.01, UNKNOWN_S16 },
	{ CAN_CURRENT_A, 2, CAN_S16, 0.1,  UNKNOWN_S16 },
	{ CAN_TEMP_C,    4, CAN_S16, 0.1,  UNKNOWN_S16 },
};
static const struct can_field product_fields[] = {
	{ CAN_FIRMWARE_MAJOR, 2, CAN_U8,  1 },
	{ CAN_FIRMWARE_MINOR, 3, CAN_U8,  1 },
	{ CAN_CAPACITY_AH,    4, CAN_U16, 1, UNKNOWN_U16 },
};
/* GoodWe's document: hardware version where SMA has the version, software at the end */
static const struct can_field goodwe_product_fields[] = {
	{ CAN_HARDWARE,       2, CAN_U16, 1 },
	{ CAN_CAPACITY_AH,    4, CAN_U16, 1, UNKNOWN_U16 },
	{ CAN_FIRMWARE_MAJOR, 6, CAN_U8,  1 },
	{ CAN_FIRMWARE_MINOR, 7, CAN_U8,  1 },
};
static const struct can_bit shutdown_bits[] = {
	{ CAN_BIT(CAN_FLAG_SHUTDOWN), CAN_SEVERITY_ALARM, 4, 0, CAN_SINGLE, "preventive shutdown" },
};
static const struct can_field extreme_fields[] = {
	{ CAN_CELL_MIN_V, 0, CAN_U16, 0.001, UNKNOWN_U16 },
	{ CAN_CELL_MAX_V, 2, CAN_U16, 0.001, UNKNOWN_U16 },
	{ CAN_TEMP_MIN_C, 4, CAN_U16, 1, UNKNOWN_U16, .bias = 273.15 },
	{ CAN_TEMP_MAX_C, 6, CAN_U16, 1, UNKNOWN_U16, .bias = 273.15 },
};
static const struct can_field energy_fields[] = { /* MG: 0.01 kWh */
	{ CAN_ENERGY_IN_WH,  0, CAN_U32, 10, UNKNOWN_U32 },
	{ CAN_ENERGY_OUT_WH, 4, CAN_U32, 10, UNKNOWN_U32 },
};

/* clang-format on */

#define MEASURED_BASE .base = { [6] = 0xFF, [7] = 0xFF }, CAN_FIELDS(measured_fields)
#define CHARGE_BASE   .base = { [6] = 0xFF, [7] = 0xFF }, CAN_FIELDS(charge_fields)
/* cell type and manufacturer id: SMA gives the numbers, none is ours */
#define PRODUCT_BASE .base = { 0xFF, 0xFF, [6] = 0xFF, [7] = 0xFF }, CAN_FIELDS(product_fields)
/* Victron's pairs without its status pair: byte 7 bits 2-7 must be 0 */
#define PAIRS .bits = victron_pairs, .bit_count = VICTRON_PAIRS

/* 1 s: the inverter takes values no faster than every 200 ms and waits 60 s for them. */
#define SMA .length = 8, .period_ms = 1000

static const struct can_layout sma_351 = { 0x351, SMA, CAN_FIELDS(limits_fields) };
static const struct can_layout sma_355 = { 0x355, SMA, CHARGE_BASE };
static const struct can_layout sma_356 = { 0x356, SMA, MEASURED_BASE };
static const struct can_layout sma_35a = { 0x35A, SMA, PAIRS };
static const struct can_layout sma_35b = { 0x35B, SMA }; /* no events */
static const struct can_layout sma_35e = { 0x35E, SMA, .text = CAN_TEXT_MANUFACTURER };
static const struct can_layout sma_35f = { 0x35F, SMA, PRODUCT_BASE };
static const struct can_layout goodwe_35f = { 0x35F, SMA, .base = { 0xFF, 0xFF },
					      CAN_FIELDS(goodwe_product_fields) };

#define MG .length = 8, .period_ms = 500

static const struct can_layout mg_351 = { 0x351, MG, CAN_FIELDS(limits_fields) };
static const struct can_layout mg_355 = { 0x355, MG, CHARGE_BASE };
static const struct can_layout mg_356 = { 0x356, MG, MEASURED_BASE };
static const struct can_layout mg_35a = { 0x35A, MG, PAIRS };
static const struct can_layout mg_35b = { 0x35B, MG, CAN_BITS(shutdown_bits) };
static const struct can_layout mg_35e = { 0x35E, MG, .text = CAN_TEXT_MANUFACTURER };
static const struct can_layout mg_35f = { 0x35F, MG, PRODUCT_BASE };
static const struct can_layout mg_373 = { 0x373, MG, CAN_FIELDS(extreme_fields) };
static const struct can_layout mg_378 = { 0x378, MG, CAN_FIELDS(energy_fields) };
static const struct can_layout mg_380 = { 0x380, MG, .text = CAN_TEXT_SERIAL_1,
					  .presence = CAN_IF_TEXT };
static const struct can_layout mg_381 = { 0x381, MG, .text = CAN_TEXT_SERIAL_2,
					  .presence = CAN_IF_TEXT };

can_frame_list sma_frames = { &sma_351, &sma_355, &sma_356, &sma_35a,
			      &sma_35b, &sma_35e, &sma_35f, NULL };

can_frame_list goodwe_sma_frames = { &sma_351, &sma_355, &sma_356,    &sma_35a,
				     &sma_35b, &sma_35e, &goodwe_35f, NULL };

can_frame_list mg_frames = { &mg_351, &mg_355, &mg_356, &mg_35a, &mg_35b, &mg_35e,
			     &mg_35f, &mg_373, &mg_378, &mg_380, &mg_381, NULL };
