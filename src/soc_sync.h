/* SPDX-License-Identifier: MIT */
/*
 * soc_sync - tell the BMS that the battery is full when it is
 *
 * A TinyBMS sets its state of charge to 100 % at its own fully charged voltage
 * (register 300) only, which a controller that spares the cells need never
 * reach. When the controller finds the battery full by its own measure, and the
 * BMS says less than 99 %, register 328 is set to 100 %: once per full charge, and
 * not where it was found so for want of a current, or of a tail current.
 */
#pragma once

#include "battery/control.h"
#include "manage/bms_settings.h"

/** The caller's; all zero is "nothing is known yet". */
struct soc_sync {
	bool has_last;
	double since_full_s; /**< at the last step */
};

/** After each decision. */
void soc_sync_step(struct soc_sync *s, const struct control *control, const struct battery *b,
		   bool is_wanted, struct bms_settings *settings);

/** The pure part: has it just become full, and does the BMS not know? */
bool soc_sync_is_due(struct soc_sync *s, double since_full_s, double soc_pct);
