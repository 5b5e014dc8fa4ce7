/* SPDX-License-Identifier: MIT */
/* families - the frame lists, and the rows that several families share */
#pragma once

#include "can/can_codec.h"

typedef const struct can_layout *const can_frame_list[]; /* NULL-terminated */

extern can_frame_list victron_frames, byd_frames, pylontech_frames, pylontech_ext_frames,
	sol_ark_frames, sol_ark_fine_frames, luxpower_frames, sma_frames, goodwe_sma_frames,
	mg_frames, growatt_frames, schneider_frames;

/*
 * Which alarms a bit of an inverter stands for. HighVoltage and HighCellVoltage
 * share the over-voltage bit, LowVoltage and LowCellVoltage the under-voltage
 * bit, HighInternalTemperature joins the high temperature. LowSoc has none.
 */
#define OF_HIGH_V	(CAN_BIT(ALARM_HIGH_VOLTAGE) | CAN_BIT(ALARM_HIGH_CELL_VOLTAGE))
#define OF_LOW_V	(CAN_BIT(ALARM_LOW_VOLTAGE) | CAN_BIT(ALARM_LOW_CELL_VOLTAGE))
#define OF_HIGH_T	(CAN_BIT(ALARM_HIGH_TEMPERATURE) | CAN_BIT(ALARM_HIGH_INTERNAL_TEMPERATURE))
#define OF_LOW_T	CAN_BIT(ALARM_LOW_TEMPERATURE)
#define OF_LOW_CHARGE_T CAN_BIT(ALARM_LOW_CHARGE_TEMPERATURE)
#define OF_CHARGE_A	CAN_BIT(ALARM_HIGH_CHARGE_CURRENT)
#define OF_DISCHARGE_A	(CAN_BIT(ALARM_HIGH_DISCHARGE_CURRENT) | CAN_BIT(ALARM_HIGH_CURRENT))
#define OF_IMBALANCE	CAN_BIT(ALARM_CELL_IMBALANCE)
#define OF_INTERNAL	(CAN_BIT(ALARM_INTERNAL_FAILURE) | CAN_BIT(ALARM_BMS_CABLE))

/* Frames that one family defines and others send too. */
extern const struct can_layout victron_35a, victron_372, victron_373, victron_374, victron_375,
	victron_376, victron_377, victron_379, victron_380, victron_381;
/** Victron's 0x35A without the status pair, which SMA wants to be 0. */
extern const struct can_bit victron_pairs[];
enum { VICTRON_PAIRS = 26 };

/** "Not supported" as the Victron and SMA families say it in unsigned words. */
#define UNKNOWN_U16 .unknown = 0xFFFF, .reserved = 1
#define UNKNOWN_U32 .unknown = 0xFFFFFFFF, .reserved = 1
#define UNKNOWN_S16 .unknown = -0x8000, .reserved = 1
