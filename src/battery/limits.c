/* SPDX-License-Identifier: MIT */
#include "battery/limits.h"

void limits_withhold_charge(struct limits *l)
{
	l->ccl_a = 0.0;
	l->charge_request = false;
	l->charge_blocked = true;
	l->charge_limitation = "BMS fault";
}

const char *charge_state_text(enum charge_state state)
{
	switch (state) {
	case CHARGE_OFFLINE:
		return "Offline";
	case CHARGE_BULK:
		return "Bulk";
	case CHARGE_TRANSITION:
		return "Transition";
	case CHARGE_FLOAT_APPROACH:
		return "Float approach";
	case CHARGE_FLOAT:
		return "Float";
	case CHARGE_IMBALANCE_HOLD:
		return "Imbalance hold";
	case CHARGE_SUSTAIN:
		return "Sustain";
	case CHARGE_CELL_PROTECTION:
		return "Cell protection";
	}
	return "Offline";
}
