/* SPDX-License-Identifier: MIT */
/*
 * can_options - brand quirks by name, with defaults by protocol
 *
 * Pure data. Sources: what owners report to diyBMSv4ESP32, Battery-Emulator and
 * esphome-yambms, where that differs from the makers' documents.
 */
#pragma once

#include <stdbool.h>

enum { CAN_MANUFACTURER_MAX = 16, CAN_MANUFACTURER_BYTES = CAN_MANUFACTURER_MAX + 1 };

struct can_options {
	/** A limit of 0 A is sent as 0.1 A: Sofar reads 0 as "no limit given". */
	bool zero_as_100ma;
	/**
	 * SOC 100 while only charge is forbidden, 0 while only discharge is: for
	 * inverters (Deye) whose firmware does not stop at a limit of 0 A.
	 */
	bool soc_clamp;
	double soc_cap_pct; /**< highest SOC sent, 1 to 100; Sofar 99 */
	/** Text of 0x35E, ASCII; with more than 8 letters also of 0x370 and 0x371. */
	char manufacturer[CAN_MANUFACTURER_BYTES];
	bool force_charge_1; /**< 0x35C bit 5, Growatt 0x319 bit 5, Schneider's forced charge */
	bool force_charge_2; /**< 0x35C bit 4, Growatt 0x319 bit 4 */
	bool fine_voltage;   /**< Sol-Ark: 0x356 voltage in 0.01 V instead of 0.1 V */
	bool invert_current; /**< discharge positive (Sol-Ark, Schneider: makers differ) */
	bool sma_set;	     /**< GoodWe: the set of its own document, which is SMA's */
	int spacing_ms;	     /**< between two frames, 0 to 250 */
	bool no_keep_alive;  /**< the inverter never sends a sign of life: do not warn */

	/* NMEA 2000 only */
	int instance;	       /**< battery instance, 0 to 252 */
	int manufacturer_code; /**< 0 to 2046 */
	int product_code;      /**< 0 to 65533 */
	int preferred_address; /**< 0 to 251: tried first */
};
