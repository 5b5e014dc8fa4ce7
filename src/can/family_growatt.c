/* SPDX-License-Identifier: MIT */
/*
 * Growatt BMS protocol, low voltage, V1.04. 500 kbit/s, big-endian; sent as the
 * answer to the inverter's 0x301, which comes every second.
 */
#include "can/families.h"

/* clang-format off */
static const struct can_field limits_fields[] = {
	{ CAN_CVL_V, 0, CAN_U16, 0.1 },
	{ CAN_CCL_A, 2, CAN_U16, 0.1 },
	{ CAN_DCL_A, 4, CAN_U16, 0.1 },
	{ CAN_FLOW,  6, CAN_U16, 1, .shift = 0,  .bits = 2 },
	{ CAN_FLOW,  6, CAN_U16, 1, .shift = 10, .bits = 2 },
};

#define ALARM CAN_SEVERITY_ALARM
#define WARNING CAN_SEVERITY_WARNING

/* the low half of the big-endian status word is byte 7 */
static const struct can_bit status_bits[] = {
	{ CAN_BIT(CAN_FLAG_FAULT),             ALARM, 7, 2, CAN_SINGLE, "fault" },
	{ CAN_BIT(CAN_FLAG_BALANCING),         ALARM, 7, 3, CAN_SINGLE, "balancing" },
	{ CAN_BIT(CAN_FLAG_DISCHARGE_ENABLED), ALARM, 7, 5, CAN_SINGLE, "discharge enabled" },
	{ CAN_BIT(CAN_FLAG_CHARGE_ENABLED),    ALARM, 7, 6, CAN_SINGLE, "charge enabled" },
	{ CAN_BIT(CAN_FLAG_OPEN),              ALARM, 7, 7, CAN_SINGLE, "terminal open" },
};

static const struct can_bit alarm_bits[] = {
	{ CAN_BIT(ALARM_LOW_VOLTAGE),       ALARM,   0, 1, CAN_SINGLE, "module voltage low" },
	{ CAN_BIT(ALARM_HIGH_VOLTAGE),      ALARM,   0, 2, CAN_SINGLE, "module voltage high" },
	{ CAN_BIT(ALARM_LOW_CELL_VOLTAGE),  ALARM,   0, 3, CAN_SINGLE, "cell voltage low" },
	{ CAN_BIT(ALARM_HIGH_CELL_VOLTAGE), ALARM,   0, 4, CAN_SINGLE, "cell voltage high" },
	{ OF_CHARGE_A,                      ALARM,   0, 6, CAN_SINGLE, "charge current high" },
	{ OF_DISCHARGE_A,                   ALARM,   0, 7, CAN_SINGLE, "discharge current high" },
	{ OF_IMBALANCE,                     ALARM,   1, 2, CAN_SINGLE, "cells unbalanced" },
	{ OF_INTERNAL,                      ALARM,   1, 3, CAN_SINGLE, "system error" },
	{ OF_LOW_T | OF_LOW_CHARGE_T,       ALARM,   1, 4, CAN_SINGLE, "temperature low for charge" },
	{ OF_LOW_T,                         ALARM,   1, 5, CAN_SINGLE, "temperature low for discharge" },
	{ OF_HIGH_T,                        ALARM,   1, 6, CAN_SINGLE, "temperature high for charge" },
	{ OF_HIGH_T,                        ALARM,   1, 7, CAN_SINGLE, "temperature high for discharge" },
	{ CAN_BIT(ALARM_LOW_VOLTAGE),       WARNING, 2, 1, CAN_SINGLE, "module voltage low" },
	{ CAN_BIT(ALARM_HIGH_VOLTAGE),      WARNING, 2, 2, CAN_SINGLE, "module voltage high" },
	{ CAN_BIT(ALARM_LOW_CELL_VOLTAGE),  WARNING, 2, 3, CAN_SINGLE, "cell voltage low" },
	{ CAN_BIT(ALARM_HIGH_CELL_VOLTAGE), WARNING, 2, 4, CAN_SINGLE, "cell voltage high" },
	{ OF_CHARGE_A,                      WARNING, 2, 6, CAN_SINGLE, "charge current high" },
	{ OF_DISCHARGE_A,                   WARNING, 2, 7, CAN_SINGLE, "discharge current high" },
	{ OF_INTERNAL,                      WARNING, 3, 0, CAN_SINGLE, "internal communication failed" },
	{ OF_IMBALANCE,                     WARNING, 3, 2, CAN_SINGLE, "cells unbalanced" },
	{ OF_LOW_T | OF_LOW_CHARGE_T,       WARNING, 3, 4, CAN_SINGLE, "temperature low for charge" },
	{ OF_LOW_T,                         WARNING, 3, 5, CAN_SINGLE, "temperature low for discharge" },
	{ OF_HIGH_T,                        WARNING, 3, 6, CAN_SINGLE, "temperature high for charge" },
	{ OF_HIGH_T,                        WARNING, 3, 7, CAN_SINGLE, "temperature high for discharge" },
};
static const struct can_field pack_fields[] = {
	{ CAN_MODULES,    4, CAN_U8, 1 },
	{ CAN_CELL_COUNT, 7, CAN_U8, 1 },
};
static const struct can_field measured_fields[] = {
	{ CAN_PACK_V,     0, CAN_S16, 0.01 },
	{ CAN_CURRENT_A,  2, CAN_S16, 0.1 },
	{ CAN_TEMP_MAX_C, 4, CAN_S16, 0.1 },
	{ CAN_SOC_PCT,    6, CAN_U8, 1 },
	{ CAN_SOH_PCT,    7, CAN_U8, 1, .unknown = 100, .bits = 7 },
};
static const struct can_field counter_fields[] = {
	{ CAN_REMAINING_AH, 0, CAN_U16, 0.01 },
	{ CAN_CAPACITY_AH,  2, CAN_U16, 0.01 },
	{ CAN_CELL_DELTA_V, 4, CAN_U16, 0.001 },
	{ CAN_CYCLES,       6, CAN_U16, 1 },
};

#define FOUR_CELLS(first) { \
	{ CAN_CELL_V + (first),     0, CAN_U16, 0.001 }, \
	{ CAN_CELL_V + (first) + 1, 2, CAN_U16, 0.001 }, \
	{ CAN_CELL_V + (first) + 2, 4, CAN_U16, 0.001 }, \
	{ CAN_CELL_V + (first) + 3, 6, CAN_U16, 0.001 } }

static const struct can_field cells_1_fields[] = FOUR_CELLS(0);
static const struct can_field cells_5_fields[] = FOUR_CELLS(4);
static const struct can_field cells_9_fields[] = FOUR_CELLS(8);
static const struct can_field cells_13_fields[] = FOUR_CELLS(12);

static const struct can_field extreme_fields[] = {
	{ CAN_CHEMISTRY,       0, CAN_U8,  1, .bits = 2 },
	{ CAN_CELL_MAX_V,      1, CAN_U16, 0.001 },
	{ CAN_CELL_MIN_V,      3, CAN_U16, 0.001 },
	{ CAN_CELL_MAX_NUMBER, 5, CAN_U8,  1 },
	{ CAN_CELL_MIN_NUMBER, 6, CAN_U8,  1 },
	{ CAN_FAULTY_MODULE,   7, CAN_U8,  1 },
};
static const struct can_bit request_bits[] = {
	{ CAN_BIT(CAN_FLAG_CHARGE_ENABLED),    ALARM, 0, 7, CAN_SINGLE, "charge enabled" },
	{ CAN_BIT(CAN_FLAG_DISCHARGE_ENABLED), ALARM, 0, 6, CAN_SINGLE, "discharge enabled" },
	{ CAN_BIT(CAN_FLAG_FORCE_CHARGE_1),    ALARM, 0, 5, CAN_SINGLE, "force charge I" },
	{ CAN_BIT(CAN_FLAG_FORCE_CHARGE_2),    ALARM, 0, 4, CAN_SINGLE, "force charge II" },
};
static const struct can_field product_fields[] = {
	{ CAN_DIGIT_HARDWARE, 2, CAN_U8,  1 },
	{ CAN_DIGIT_FIRMWARE, 3, CAN_U8,  1 },
	{ CAN_PACKED_DATE,    4, CAN_U32, 1 },
};

/* clang-format on */

#define ANSWER	     .length = 8, .period_ms = 1000
#define ABOVE(cells) .presence = CAN_IF_CELLS, .presence_cells = (cells)

static const struct can_layout growatt_311 = { 0x311, ANSWER, CAN_FIELDS(limits_fields),
					       CAN_BITS(status_bits) };
/* 0xAA 0xBB: the maker's code in the document's example */
static const struct can_layout growatt_312 = { 0x312, ANSWER, .base = { [5] = 0xAA, [6] = 0xBB },
					       CAN_FIELDS(pack_fields), CAN_BITS(alarm_bits) };
static const struct can_layout growatt_313 = { 0x313, ANSWER, CAN_FIELDS(measured_fields) };
static const struct can_layout growatt_314 = { 0x314, ANSWER, CAN_FIELDS(counter_fields) };
static const struct can_layout growatt_315 = { 0x315, ANSWER, CAN_FIELDS(cells_1_fields) };
static const struct can_layout growatt_316 = { 0x316, ANSWER, CAN_FIELDS(cells_5_fields),
					       ABOVE(4) };
static const struct can_layout growatt_317 = { 0x317, ANSWER, CAN_FIELDS(cells_9_fields),
					       ABOVE(8) };
static const struct can_layout growatt_318 = { 0x318, ANSWER, CAN_FIELDS(cells_13_fields),
					       ABOVE(12) };
static const struct can_layout growatt_319 = { 0x319, ANSWER, CAN_FIELDS(extreme_fields),
					       CAN_BITS(request_bits) };
static const struct can_layout growatt_320 = { 0x320, ANSWER, CAN_FIELDS(product_fields),
					       .text = CAN_TEXT_CAPITALS, .text_length = 2 };
static const struct can_layout growatt_321 = { 0x321, ANSWER }; /* no update is going on */

can_frame_list growatt_frames = { &growatt_311, &growatt_312, &growatt_313, &growatt_314,
				  &growatt_315, &growatt_316, &growatt_317, &growatt_318,
				  &growatt_319, &growatt_320, &growatt_321, NULL };
