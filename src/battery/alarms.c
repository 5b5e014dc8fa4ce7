/* SPDX-License-Identifier: MIT */
#include "battery/alarms.h"

/* clang-format off */
static const char *const names[ALARM_COUNT] = {
	[ALARM_HIGH_CELL_VOLTAGE]         = "HighCellVoltage",
	[ALARM_LOW_CELL_VOLTAGE]          = "LowCellVoltage",
	[ALARM_HIGH_VOLTAGE]              = "HighVoltage",
	[ALARM_LOW_VOLTAGE]               = "LowVoltage",
	[ALARM_HIGH_TEMPERATURE]          = "HighTemperature",
	[ALARM_LOW_TEMPERATURE]           = "LowTemperature",
	[ALARM_LOW_CHARGE_TEMPERATURE]    = "LowChargeTemperature",
	[ALARM_HIGH_CHARGE_CURRENT]       = "HighChargeCurrent",
	[ALARM_HIGH_DISCHARGE_CURRENT]    = "HighDischargeCurrent",
	[ALARM_HIGH_CURRENT]              = "HighCurrent",
	[ALARM_LOW_SOC]                   = "LowSoc",
	[ALARM_CELL_IMBALANCE]            = "CellImbalance",
	[ALARM_HIGH_INTERNAL_TEMPERATURE] = "HighInternalTemperature",
	[ALARM_INTERNAL_FAILURE]          = "InternalFailure",
	[ALARM_BMS_CABLE]                 = "BmsCable",
};
/* clang-format on */

const char *alarm_name(enum alarm_id id)
{
	return names[id];
}
