/* SPDX-License-Identifier: MIT */
#include "battery/charge_config.h"

#include <math.h>

/* NOLINTNEXTLINE: the macro's spelling */
G_DEFINE_QUARK(charge_config_error, charge_config_error)

/* One row: @low has to stay below @high by at least @gap; an unknown side is no contradiction. */
struct order {
	const char *low_name, *high_name, *unit;
	double low, high, gap;
};

static bool check_order(const struct order *o, GError **error)
{
	if (isnan(o->low) || isnan(o->high) || o->high - o->low >= o->gap - 1e-9)
		return true;
	g_set_error(error, CHARGE_CONFIG_ERROR, CHARGE_CONFIG_ERROR_CONTRADICTION,
		    "%s is %g %s and %s is %g %s: %s must be at least %g %s higher", o->low_name,
		    o->low, o->unit, o->high_name, o->high, o->unit, o->high_name, o->gap,
		    o->unit);
	return false;
}

static bool check_curve(const struct curve *curve, const char *name, bool needs_zero,
			GError **error)
{
	const char *why = NULL;

	if (!curve->count)
		return true;
	if (!curve_is_sound(curve))
		why = "its points must rise or fall strictly, with ratios from 0 to 1";
	else if (needs_zero && isnan(curve_zero(curve)))
		why = "one point must have the ratio 0, where current is forbidden";
	if (!why)
		return true;
	g_set_error(error, CHARGE_CONFIG_ERROR, CHARGE_CONFIG_ERROR_CONTRADICTION, "%s: %s", name,
		    why);
	return false;
}

bool charge_config_check(const struct charge_config *c, GError **error)
{
	/* clang-format off */
	const struct order orders[] = {
		{ "float_cell_v", "absorption_cell_v", "V", c->float_cell_v, c->absorption_cell_v, 0.01 },
		{ "rebulk_cell_v", "float_cell_v", "V", c->rebulk_cell_v, c->float_cell_v, 0.01 },
		{ "cell_min_float_v", "float_cell_v", "V", c->cell_min_float_v, c->float_cell_v, 0.0 },
		{ "absorption_cell_v", "cell_safety_threshold_v", "V",
		  c->absorption_cell_v, c->cell_safety_threshold_v, 0.02 },
		{ "cell_safety_release_v", "cell_safety_threshold_v", "V",
		  c->cell_safety_release_v, c->cell_safety_threshold_v, 0.005 },
		{ "imbalance_release_threshold", "imbalance_hold_threshold", "mV",
		  c->imbalance_release_threshold, c->imbalance_hold_threshold, 5 },
		{ "sustain_soc_entry", "sustain_soc_exit", "%",
		  c->sustain_soc_entry, c->sustain_soc_exit, 1 },
	};
	/* clang-format on */

	for (size_t i = 0; i < G_N_ELEMENTS(orders); i++)
		if (!check_order(&orders[i], error))
			return false;
	return check_curve(&c->charge_taper_v, "charge_taper_v", true, error) &&
	       check_curve(&c->discharge_taper_v, "discharge_taper_v", true, error) &&
	       check_curve(&c->charge_taper_temp, "charge_taper_temp", true, error) &&
	       check_curve(&c->discharge_taper_temp, "discharge_taper_temp", true, error) &&
	       check_curve(&c->charge_taper_soc, "charge_taper_soc", false, error) &&
	       check_curve(&c->discharge_taper_soc, "discharge_taper_soc", false, error);
}
