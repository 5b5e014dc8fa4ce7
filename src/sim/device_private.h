/* SPDX-License-Identifier: MIT */
/* device_private - between the files of the device only */
#pragma once

#include "sim/device.h"

#define DEVICE_TICK_S (DEVICE_TICK_US / 1e6)

/* Below this a current is none (A). */
#define DEVICE_CURRENT_NONE_A 0.1

/** Cells, currents, temperatures as the BMS reads them now. */
void device_measure(struct device *d);
/** Write the live registers from what was measured. */
void device_render(struct device *d);
/** Fall asleep or wake up, as time and current say. */
void device_judge_sleep(struct device *d);
/** Come back after a reset. */
void device_judge_reset(struct device *d);
/** Largest and smallest values that the BMS keeps. */
void device_keep_extremes(struct device *d);
void device_clear_extremes(struct device *d);
/** Take cells, charge, temperatures and time from the words of a dump. */
void device_adopt(struct device *d, const struct dump *dump);
/** Make cell @i read @volts, as far as the model can; else hold the reading. */
void device_place_cell(struct device *d, unsigned i, double volts);
/** One more, up to 65535. */
void device_count(struct device *d, enum device_register counter);
