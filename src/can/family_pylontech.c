/* SPDX-License-Identifier: MIT */
/*
 * Pylontech low voltage protocol 1.2 and the sets that grew from it: the
 * extended one (with Victron's 0x35A and 0x372 to 0x379), Sol-Ark V1.3 and
 * LuxPower V04.2. Deye and Sofar send the plain set, GoodWe the extended one.
 * 500 kbit/s, little-endian, eight bytes everywhere (Sol-Ark insists).
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
	{ CAN_SOC_PCT, 0, CAN_U16, 1 },
	{ CAN_SOH_PCT, 2, CAN_U16, 1, .unknown = 100 },
};
static const struct can_field measured_fields[] = {
	{ CAN_PACK_V,    0, CAN_S16, 0.01 },
	{ CAN_CURRENT_A, 2, CAN_S16, 0.1 },
	{ CAN_TEMP_C,    4, CAN_S16, 0.1 },
};
static const struct can_field sol_ark_measured_fields[] = {
	{ CAN_PACK_V,    0, CAN_S16, 0.1 },
	{ CAN_CURRENT_A, 2, CAN_S16, 0.1 },
	{ CAN_TEMP_C,    4, CAN_S16, 0.1 },
};
static const struct can_field lux_charge_fields[] = {
	{ CAN_SOC_PCT,    0, CAN_U16, 1 },
	{ CAN_SOH_PCT,    2, CAN_U16, 1, .unknown = 100 },
	{ CAN_CELL_MAX_V, 4, CAN_U16, 0.001 },
	{ CAN_CELL_MIN_V, 6, CAN_U16, 0.001 },
};
static const struct can_field lux_measured_fields[] = {
	{ CAN_PACK_V,           0, CAN_S16, 0.01 },
	{ CAN_CURRENT_A,        2, CAN_S16, 0.1 },
	{ CAN_TEMP_MAX_APART_C, 4, CAN_S16, 0.1 },
	{ CAN_TEMP_MIN_C,       6, CAN_S16, 0.1 },
};

#define ALARM CAN_SEVERITY_ALARM
#define WARNING CAN_SEVERITY_WARNING

#define ALARM_BITS \
	{ OF_HIGH_V,                  ALARM,   0, 1, CAN_SINGLE, "voltage high" }, \
	{ OF_LOW_V,                   ALARM,   0, 2, CAN_SINGLE, "voltage low" }, \
	{ OF_HIGH_T,                  ALARM,   0, 3, CAN_SINGLE, "temperature high" }, \
	{ OF_LOW_T | OF_LOW_CHARGE_T, ALARM,   0, 4, CAN_SINGLE, "temperature low" }, \
	{ OF_DISCHARGE_A,             ALARM,   0, 7, CAN_SINGLE, "discharge current high" }, \
	{ OF_CHARGE_A,                ALARM,   1, 0, CAN_SINGLE, "charge current high" }, \
	{ OF_INTERNAL,                ALARM,   1, 3, CAN_SINGLE, "system error" }, \
	{ OF_HIGH_V,                  WARNING, 2, 1, CAN_SINGLE, "voltage high" }, \
	{ OF_LOW_V,                   WARNING, 2, 2, CAN_SINGLE, "voltage low" }, \
	{ OF_HIGH_T,                  WARNING, 2, 3, CAN_SINGLE, "temperature high" }, \
	{ OF_LOW_T | OF_LOW_CHARGE_T, WARNING, 2, 4, CAN_SINGLE, "temperature low" }, \
	{ OF_DISCHARGE_A,             WARNING, 2, 7, CAN_SINGLE, "discharge current high" }, \
	{ OF_CHARGE_A,                WARNING, 3, 0, CAN_SINGLE, "charge current high" }, \
	{ OF_INTERNAL,                WARNING, 3, 3, CAN_SINGLE, "internal communication failed" }

static const struct can_bit alarm_bits[] = { ALARM_BITS };
/* where Pylontech warns of its internal communication Sol-Ark reads a critical system error */
static const struct can_bit sol_ark_alarm_bits[] = {
	ALARM_BITS,
	{ OF_INTERNAL,                ALARM,   3, 3, CAN_SINGLE, "critical system error" },
};
static const struct can_field module_fields[] = {
	{ CAN_MODULES, 4, CAN_U8, 1 },
};
static const struct can_field lux_module_fields[] = {
	{ CAN_MODULES,     4, CAN_U8,  1 },
	{ CAN_CAPACITY_AH, 5, CAN_U16, 1 },
};
static const struct can_bit request_bits[] = {
	{ CAN_BIT(CAN_FLAG_CHARGE_ENABLED),    ALARM, 0, 7, CAN_SINGLE, "charge enabled" },
	{ CAN_BIT(CAN_FLAG_DISCHARGE_ENABLED), ALARM, 0, 6, CAN_SINGLE, "discharge enabled" },
	/* "request 2" at Sol-Ark and LuxPower */
	{ CAN_BIT(CAN_FLAG_FORCE_CHARGE_1),    ALARM, 0, 5, CAN_SINGLE, "force charge, bit 5" },
	{ CAN_BIT(CAN_FLAG_FORCE_CHARGE_2),    ALARM, 0, 4, CAN_SINGLE, "force charge, bit 4" },
	{ CAN_BIT(CAN_FLAG_FULL_CHARGE),       ALARM, 0, 3, CAN_SINGLE, "full charge requested" },
};
static const struct can_field cycle_fields[] = {
	{ CAN_CYCLES, 2, CAN_U16, 1 },
};

/* clang-format on */

#define EACH_SECOND .length = 8, .period_ms = 1000

static const struct can_layout limits_frame = { 0x351, EACH_SECOND, CAN_FIELDS(limits_fields) };
static const struct can_layout charge_frame = { 0x355, EACH_SECOND, CAN_FIELDS(charge_fields) };
static const struct can_layout measured_frame = { 0x356, EACH_SECOND, CAN_FIELDS(measured_fields) };
static const struct can_layout alarm_frame = { 0x359, EACH_SECOND, .base = { [5] = 'P', [6] = 'N' },
					       CAN_FIELDS(module_fields), CAN_BITS(alarm_bits) };
static const struct can_layout request_frame = { 0x35C, EACH_SECOND, CAN_BITS(request_bits) };
static const struct can_layout manufacturer_frame = { 0x35E, EACH_SECOND,
						      .text = CAN_TEXT_MANUFACTURER,
						      .text_pad = ' ' };

static const struct can_layout sol_ark_alarm = { 0x359, EACH_SECOND,
						 .base = { [5] = 'P', [6] = 'N' },
						 CAN_FIELDS(module_fields),
						 CAN_BITS(sol_ark_alarm_bits) };
static const struct can_layout sol_ark_measured = { 0x356, EACH_SECOND,
						    CAN_FIELDS(sol_ark_measured_fields) };
static const struct can_layout lux_charge = { 0x355, EACH_SECOND, CAN_FIELDS(lux_charge_fields) };
static const struct can_layout lux_measured = { 0x356, EACH_SECOND,
						CAN_FIELDS(lux_measured_fields) };
static const struct can_layout lux_alarm = { 0x359, EACH_SECOND, CAN_FIELDS(lux_module_fields),
					     CAN_BITS(alarm_bits) };
static const struct can_layout lux_request = { 0x35C, EACH_SECOND, CAN_FIELDS(cycle_fields),
					       CAN_BITS(request_bits) };

can_frame_list pylontech_frames = { &limits_frame, &charge_frame,  &measured_frame,
				    &alarm_frame,  &request_frame, &manufacturer_frame,
				    NULL };

can_frame_list pylontech_ext_frames = { &limits_frame,	     &charge_frame, &measured_frame,
					&alarm_frame,	     &victron_35a,  &request_frame,
					&manufacturer_frame, &victron_372,  &victron_373,
					&victron_374,	     &victron_375,  &victron_376,
					&victron_377,	     &victron_379,  NULL };

can_frame_list sol_ark_frames = { &limits_frame,     &charge_frame,
				  &sol_ark_measured, &sol_ark_alarm,
				  &request_frame,    &manufacturer_frame,
				  &victron_379,	     NULL };

can_frame_list sol_ark_fine_frames = { &limits_frame,	&charge_frame,
				       &measured_frame, &sol_ark_alarm,
				       &request_frame,	&manufacturer_frame,
				       &victron_379,	NULL };

can_frame_list luxpower_frames = { &limits_frame, &lux_charge,	       &lux_measured, &lux_alarm,
				   &lux_request,  &manufacturer_frame, NULL };
