/* SPDX-License-Identifier: MIT */
#include "config_keys.h"

#include <math.h>
#include <string.h>

#define FIELD(key) .name = #key, .offset = offsetof(struct config, charge.key), .is_charge = true
#define NUMBER(key) FIELD(key), .type = CONFIG_NUMBER
#define CURVE(key) FIELD(key), .type = CONFIG_CURVE
#define CHOICE(key) FIELD(key), .type = CONFIG_CHOICE, .unit = ""
#define SWITCH(key) FIELD(key), .type = CONFIG_BOOL, .unit = "", .max = 1
#define WORKED_OUT ((double) NAN)

static const char *const chemistries[] = { "auto", "LFP", "Li-ion", "LTO", NULL };
static const char *const temperature_sources[] = { "auto", "internal", NULL };

/* clang-format off */
static const struct config_key keys[] = {
	{ CHOICE(chemistry), .max = CHEMISTRY_COUNT - 1, .choices = chemistries,
	  .sentence = "Kind of cell; auto deduces it from the BMS's over-voltage cut-off." },

	{ NUMBER(absorption_cell_v), .unit = "V", .min = 1.5, .max = 4.5, .fallback = WORKED_OUT,
	  .sentence = "Voltage at which the highest cell is held when charging." },
	{ NUMBER(float_cell_v), .unit = "V", .min = 1.5, .max = 4.5, .fallback = WORKED_OUT,
	  .sentence = "Voltage per cell of a full battery that rests." },
	{ NUMBER(rebulk_cell_v), .unit = "V", .min = 1.5, .max = 4.5, .fallback = WORKED_OUT,
	  .sentence = "Lowest cell voltage that ends float and starts a new charge." },
	{ NUMBER(float_exit_soc), .unit = "%", .min = 0, .max = 99, .fallback = WORKED_OUT,
	  .sentence = "State of charge that ends float and starts a new charge." },
	{ NUMBER(cell_min_float_v), .unit = "V", .min = 1.2, .max = 4.3, .fallback = WORKED_OUT,
	  .sentence = "The charge voltage is never below the number of cells times this." },
	{ NUMBER(cell_safety_threshold_v), .unit = "V", .min = 1.5, .max = 4.5, .fallback = WORKED_OUT,
	  .sentence = "A cell at or above this starts cell protection." },
	{ NUMBER(cell_safety_release_v), .unit = "V", .min = 1.5, .max = 4.5, .fallback = WORKED_OUT,
	  .sentence = "Cell protection ends when every cell is at or below this." },
	{ CURVE(charge_taper_v), .unit = "V", .min = 1.0, .max = 5.0,
	  .sentence = "Share of the charge current over the highest cell voltage." },
	{ CURVE(discharge_taper_v), .unit = "V", .min = 0.5, .max = 5.0,
	  .sentence = "Share of the discharge current over the lowest cell voltage." },

	{ NUMBER(bulk_soc_threshold), .unit = "%", .min = 50, .max = 100, .fallback = 90,
	  .sentence = "State of charge at which bulk becomes transition." },
	{ NUMBER(absorption_time_max), .unit = "s", .min = 60, .max = 86400, .fallback = 3600,
	  .sentence = "Longest time with the highest cell at its target before the battery is full." },
	{ NUMBER(tail_current), .unit = "A", .min = 0, .max = 750, .fallback = WORKED_OUT,
	  .sentence = "At its target with no more current than this, the battery is full." },
	{ NUMBER(tail_time), .unit = "s", .min = 5, .max = 3600, .fallback = 60,
	  .sentence = "How long the current has to stay at or below tail_current." },
	{ NUMBER(float_ramp), .unit = "mV/s", .min = 0.1, .max = 20, .fallback = 1,
	  .sentence = "How fast the charge voltage walks down to float." },

	{ NUMBER(imbalance_hold_threshold), .unit = "mV", .min = 10, .max = 500, .fallback = 100,
	  .sentence = "Difference between the cells at the top that starts an imbalance hold." },
	{ NUMBER(imbalance_release_threshold), .unit = "mV", .min = 5, .max = 300, .fallback = 40,
	  .sentence = "Difference between the cells that counts as balanced." },
	{ NUMBER(imbalance_ccl), .unit = "A", .min = 0, .max = 750, .fallback = WORKED_OUT,
	  .sentence = "Charge current while the BMS balances." },
	{ NUMBER(imbalance_time_max), .unit = "h", .min = 0.1, .max = 168, .fallback = 8,
	  .sentence = "Longest time in imbalance hold." },
	{ NUMBER(full_charge_interval), .unit = "d", .min = 0, .max = 365, .fallback = 14,
	  .sentence = "Days after the last full charge that start a new one; 0 is never." },

	{ NUMBER(sustain_soc_entry), .unit = "%", .min = 0, .max = 50, .fallback = 5,
	  .sentence = "State of charge at which the battery asks for charge and spares itself." },
	{ NUMBER(sustain_soc_exit), .unit = "%", .min = 1, .max = 60, .fallback = 8,
	  .sentence = "State of charge that ends this." },
	{ NUMBER(sustain_dcl), .unit = "A", .min = 0, .max = 750, .fallback = 5,
	  .sentence = "Discharge current of a battery that spares itself." },
	{ NUMBER(deep_discharge_ccl), .unit = "C", .min = 0.001, .max = 1, .fallback = 0.05,
	  .sentence = "Charge current of a deeply discharged battery, as a share of its capacity." },

	{ NUMBER(max_charge_current), .unit = "A", .min = 0, .max = 750, .fallback = WORKED_OUT,
	  .sentence = "Highest charge current; by default 0.9 of the BMS's cut-off." },
	{ NUMBER(max_discharge_current), .unit = "A", .min = 0, .max = 750, .fallback = WORKED_OUT,
	  .sentence = "Highest discharge current; by default 0.9 of the BMS's cut-off." },
	{ CURVE(charge_taper_temp), .unit = "degC", .min = -60, .max = 120,
	  .text_fallback = "0:0 2:0.25 5:0.5 10:1 40:1 45:0.5 50:0.25 55:0",
	  .sentence = "Share of the charge current over the battery's temperature." },
	{ CURVE(discharge_taper_temp), .unit = "degC", .min = -60, .max = 120,
	  .text_fallback = "-20:0 -10:0.25 0:0.5 10:1 45:1 50:0.5 55:0.25 60:0",
	  .sentence = "Share of the discharge current over the battery's temperature." },
	{ CURVE(charge_taper_soc), .unit = "%", .min = 0, .max = 100,
	  .sentence = "Share of the charge current over the state of charge; empty is off." },
	{ CURVE(discharge_taper_soc), .unit = "%", .min = 0, .max = 100,
	  .sentence = "Share of the discharge current over the state of charge; empty is off." },
	{ NUMBER(soc_ceiling), .unit = "%", .min = 50, .max = 100, .fallback = 100,
	  .sentence = "Stop charging at this state of charge; 100 is off." },
	{ SWITCH(storage), .sentence = "Store the battery: hold it at 60 %, without full charges." },
	{ CHOICE(temperature_source), .max = 1, .choices = temperature_sources,
	  .sentence = "Sensors that count: auto takes the external ones where there are any." },

	{ NUMBER(recovery_hold), .unit = "s", .min = 0, .max = 600, .fallback = 30,
	  .sentence = "How long a current limit stays 0 after its cause has gone." },
	{ NUMBER(recovery_rate), .unit = "A/s", .min = 0.1, .max = 100, .fallback = 5,
	  .sentence = "How fast a current limit rises." },
	{ NUMBER(cvl_update_interval), .unit = "s", .min = 20, .max = 600, .fallback = 20,
	  .sentence = "Least time between two changes of the charge voltage that do not protect." },
	{ NUMBER(cvl_step_min), .unit = "V", .min = 0.01, .max = 0.2, .fallback = 0.01,
	  .sentence = "Smallest change of the charge voltage." },
	{ NUMBER(feed_in_headroom), .unit = "V", .min = 0, .max = 2, .fallback = 0.4,
	  .sentence = "What solar chargers may add to the charge voltage when they feed in." },
	{ NUMBER(cvl_headroom), .unit = "V", .min = 0, .max = 3, .fallback = WORKED_OUT,
	  .sentence = "How far lying voltmeters and cables may take the charge voltage above target." },

	{ SWITCH(force_charging_off), .sentence = "Forbid charge." },
	{ SWITCH(force_discharging_off), .sentence = "Forbid discharge." },
};
/* clang-format on */

const struct config_key *config_charge_keys(size_t *count)
{
	*count = G_N_ELEMENTS(keys);
	return keys;
}

static void set_default(struct config *c, const struct config_key *key)
{
	void *field = (char *) c + key->offset;

	switch (key->type) {
	case CONFIG_BOOL:
		*(bool *) field = key->fallback > 0.5;
		break;
	case CONFIG_INT:
	case CONFIG_CHOICE:
		*(int *) field = (int) key->fallback;
		break;
	case CONFIG_NUMBER:
		*(double *) field = key->fallback;
		break;
	case CONFIG_CURVE:
		memset(field, 0, sizeof(struct curve));
		if (key->text_fallback)
			g_assert(curve_parse(field, key->text_fallback));
		break;
	case CONFIG_TEXT:
	case CONFIG_JSON:
		g_assert_not_reached();
	}
}

void charge_config_init(struct charge_config *c)
{
	struct config whole = { 0 };

	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
		set_default(&whole, &keys[i]);
	*c = whole.charge;
}
