/* SPDX-License-Identifier: MIT */
/* The vocabulary of can_values.h in one place. */
#include "can/can_values.h"

/* clang-format off */
static const char *const flows[] = { "soft start", "standby", "charge", "discharge", NULL };
static const char *const chemistries[] = { "LFP", "NMC", "LTO", NULL };
static const char *const nominals[] = { "6 V", "12 V", "24 V", "32 V", "36 V", "42 V", "48 V", NULL };
static const char *const run_states[] = { "off", "standby", "start", "online", "fault", NULL };

const struct can_value_info can_value_infos[CAN_CELL_V + 1] = {
	[CAN_CVL_V]                = { "charge voltage limit", "V", 1, CAN_DOWN, NULL },
	[CAN_CCL_A]                = { "charge current limit", "A", 1, CAN_DOWN, NULL },
	[CAN_DCL_A]                = { "discharge current limit", "A", 1, CAN_DOWN, NULL },
	[CAN_DVL_V]                = { "discharge voltage limit", "V", 1, CAN_UP, NULL },
	[CAN_SOC_PCT]              = { "SOC", "%", 0, CAN_DOWN, NULL },
	[CAN_SOC_FINE_PCT]         = { "SOC", "%", 2, CAN_NEAREST, NULL },
	[CAN_SOH_PCT]              = { "SOH", "%", 0, CAN_NEAREST, NULL },
	[CAN_PACK_V]               = { "voltage", "V", 2, CAN_NEAREST, NULL },
	[CAN_CURRENT_A]            = { "current", "A", 1, CAN_NEAREST, NULL },
	[CAN_TEMP_C]               = { "temperature", "degrees C", 2, CAN_NEAREST, NULL },
	[CAN_TEMP_MAX_C]           = { "highest temperature", "degrees C", 1, CAN_NEAREST, NULL },
	[CAN_TEMP_MIN_C]           = { "lowest temperature", "degrees C", 1, CAN_NEAREST, NULL },
	[CAN_TEMP_MAX_APART_C]     = { "highest temperature", "degrees C", 1, CAN_NEAREST, NULL },
	[CAN_CELL_MAX_V]           = { "highest cell", "V", 3, CAN_NEAREST, NULL },
	[CAN_CELL_MIN_V]           = { "lowest cell", "V", 3, CAN_NEAREST, NULL },
	[CAN_CELL_DELTA_V]         = { "cells apart", "V", 3, CAN_NEAREST, NULL },
	[CAN_CELL_MAX_NUMBER]      = { "number of the highest cell", "", 0, CAN_NEAREST, NULL },
	[CAN_CELL_MIN_NUMBER]      = { "number of the lowest cell", "", 0, CAN_NEAREST, NULL },
	[CAN_CELL_COUNT]           = { "cells", "", 0, CAN_NEAREST, NULL },
	[CAN_CAPACITY_AH]          = { "capacity", "Ah", 2, CAN_NEAREST, NULL },
	[CAN_REMAINING_AH]         = { "remaining capacity", "Ah", 2, CAN_NEAREST, NULL },
	[CAN_TIME_LEFT_S]          = { "time remaining", "s", 0, CAN_NEAREST, NULL },
	[CAN_CYCLES]               = { "cycles", "", 0, CAN_DOWN, NULL },
	[CAN_ENERGY_IN_WH]         = { "energy charged", "Wh", 0, CAN_NEAREST, NULL },
	[CAN_ENERGY_OUT_WH]        = { "energy discharged", "Wh", 0, CAN_NEAREST, NULL },
	[CAN_MODULES]              = { "modules", "", 0, CAN_NEAREST, NULL },
	[CAN_MODULES_OK]           = { "modules online", "", 0, CAN_NEAREST, NULL },
	[CAN_MODULES_NO_CHARGE]    = { "modules blocking charge", "", 0, CAN_NEAREST, NULL },
	[CAN_MODULES_NO_DISCHARGE] = { "modules blocking discharge", "", 0, CAN_NEAREST, NULL },
	[CAN_MODULES_OFFLINE]      = { "modules offline", "", 0, CAN_NEAREST, NULL },
	[CAN_FIRMWARE_MAJOR]       = { "firmware, major", "", 0, CAN_NEAREST, NULL },
	[CAN_FIRMWARE_MINOR]       = { "firmware, minor", "", 0, CAN_NEAREST, NULL },
	[CAN_HARDWARE]             = { "hardware version", "", 0, CAN_NEAREST, NULL },
	[CAN_DIGIT_HARDWARE]       = { "hardware revision", "", 0, CAN_NEAREST, NULL },
	[CAN_DIGIT_FIRMWARE]       = { "software version", "", 0, CAN_NEAREST, NULL },
	[CAN_FLOW]                 = { "operation", "", 0, CAN_NEAREST, flows },
	[CAN_CHEMISTRY]            = { "chemistry", "", 0, CAN_NEAREST, chemistries },
	[CAN_PACKED_DATE]          = { "date and time, packed", "", 0, CAN_NEAREST, NULL },
	[CAN_RUN_STATE]            = { "state", "", 0, CAN_NEAREST, run_states },
	[CAN_SID]                  = { "sequence id", "", 0, CAN_NEAREST, NULL },
	[CAN_INSTANCE]             = { "battery instance", "", 0, CAN_NEAREST, NULL },
	[CAN_NOMINAL]              = { "nominal voltage", "", 0, CAN_NEAREST, nominals },
	[CAN_FAULTY_MODULE]        = { "module at fault", "", 0, CAN_NEAREST, NULL },
	[CAN_CELL_V]               = { "cell", "V", 3, CAN_NEAREST, NULL },
};

static const char *const flag_names[CAN_FLAG_COUNT] = {
	[ALARM_HIGH_CELL_VOLTAGE]         = "cell voltage high",
	[ALARM_LOW_CELL_VOLTAGE]          = "cell voltage low",
	[ALARM_HIGH_VOLTAGE]              = "voltage high",
	[ALARM_LOW_VOLTAGE]               = "voltage low",
	[ALARM_HIGH_TEMPERATURE]          = "temperature high",
	[ALARM_LOW_TEMPERATURE]           = "temperature low",
	[ALARM_LOW_CHARGE_TEMPERATURE]    = "temperature low for charge",
	[ALARM_HIGH_CHARGE_CURRENT]       = "charge current high",
	[ALARM_HIGH_DISCHARGE_CURRENT]    = "discharge current high",
	[ALARM_HIGH_CURRENT]              = "current high",
	[ALARM_LOW_SOC]                   = "SOC low",
	[ALARM_CELL_IMBALANCE]            = "cells unbalanced",
	[ALARM_HIGH_INTERNAL_TEMPERATURE] = "internal temperature high",
	[ALARM_INTERNAL_FAILURE]          = "internal failure",
	[ALARM_BMS_CABLE]                 = "BMS cable",
	[CAN_FLAG_CHARGE_ENABLED]         = "charge enabled",
	[CAN_FLAG_DISCHARGE_ENABLED]      = "discharge enabled",
	[CAN_FLAG_FORCE_CHARGE_1]         = "force charge I",
	[CAN_FLAG_FORCE_CHARGE_2]         = "force charge II",
	[CAN_FLAG_FULL_CHARGE]            = "full charge requested",
	[CAN_FLAG_BALANCING]              = "balancing",
	[CAN_FLAG_FAULT]                  = "fault",
	[CAN_FLAG_OPEN]                   = "terminal open",
	[CAN_FLAG_OFFLINE]                = "offline",
	[CAN_FLAG_STOP]                   = "stop",
	[CAN_FLAG_SHUTDOWN]               = "preventive shutdown",
};

static const char *const text_names[CAN_TEXT_COUNT] = {
	[CAN_TEXT_NONE]         = "",
	[CAN_TEXT_MANUFACTURER] = "manufacturer",
	[CAN_TEXT_NAME_1]       = "name, part 1",
	[CAN_TEXT_NAME_2]       = "name, part 2",
	[CAN_TEXT_FAMILY]       = "family",
	[CAN_TEXT_SERIAL_1]     = "serial number, first part",
	[CAN_TEXT_SERIAL_2]     = "serial number, last part",
	[CAN_TEXT_SERIAL_20]    = "serial number, first part",
	[CAN_TEXT_SERIAL_16]    = "serial number, middle",
	[CAN_TEXT_CELL_MIN]     = "lowest cell is",
	[CAN_TEXT_CELL_MAX]     = "highest cell is",
	[CAN_TEXT_SENSOR_MIN]   = "coldest sensor is",
	[CAN_TEXT_SENSOR_MAX]   = "warmest sensor is",
	[CAN_TEXT_CAPITALS]     = "manufacturer",
};
/* clang-format on */

const char *can_flag_name(unsigned flag)
{
	return flag < CAN_FLAG_COUNT ? flag_names[flag] : "";
}

const char *can_text_name(enum can_text text)
{
	return text < CAN_TEXT_COUNT ? text_names[text] : "";
}
