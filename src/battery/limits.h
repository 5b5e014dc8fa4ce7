/* SPDX-License-Identifier: MIT */
/*
 * limits - what the controller decides and the publishers send
 *
 * Pure data.
 */
#pragma once

#include <stdbool.h>

/** The states that the user sees as charge mode. */
enum charge_state {
	CHARGE_OFFLINE,
	CHARGE_BULK,
	CHARGE_TRANSITION,
	CHARGE_FLOAT_APPROACH,
	CHARGE_FLOAT,
	CHARGE_IMBALANCE_HOLD,
	CHARGE_SUSTAIN,
	CHARGE_CELL_PROTECTION,
};

/** "Offline", "Bulk", "Transition", "Float approach", ... */
const char *charge_state_text(enum charge_state state);

/** Always finite, never negative; CVL is never 0 while on_bus. */
struct limits {
	/**
	 * The battery may be on D-Bus and CAN: from the first complete snapshot
	 * on, until it has been silent for 60 s. The numbers count only then.
	 */
	bool on_bus;
	double cvl_v; /**< V, charge voltage limit at the pack's terminals */
	double ccl_a; /**< A, charge current limit; 0 forbids charge */
	double dcl_a; /**< A, discharge current limit; 0 forbids discharge */
	double dvl_v; /**< V, discharge voltage limit (CAN, /Info/BatteryLowVoltage) */

	enum charge_state state;
	/* Constant texts, valid for ever. */
	const char *waits_for;            /**< what the state waits for; NULL: nothing */
	const char *charge_limitation;    /**< the binding limiter in words */
	const char *discharge_limitation; /**< likewise */

	bool charge_request;      /**< 1: the battery asks to be charged, also from the grid */
	bool charge_blocked;      /**< CCL is 0 by a fault, a cell or a temperature; not when full */
	bool discharge_blocked;   /**< likewise DCL */
	bool is_unbalanced;       /**< imbalance_time_max was not enough */
	bool is_protective;       /**< CVL moved for safety: publish at once */
	bool bms_cable_warning;   /**< stale for 10 s */
	bool bms_cable_alarm;     /**< stale for 60 s: one last update, then off the bus */
};

/**
 * The BMS is at fault and will say in a moment why: no charge until then. All else
 * stays, because a discharge limit of 0 switches a house off and most faults do not
 * forbid to feed it.
 */
void limits_withhold_charge(struct limits *l);
