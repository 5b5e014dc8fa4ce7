/* SPDX-License-Identifier: MIT */
#include "battery/charge_config.h"

#include <math.h>
#include <string.h>

/* NOLINTNEXTLINE: the macro's spelling */
G_DEFINE_QUARK(charge_config_error, charge_config_error)

bool charge_config_equal(const struct charge_config *a, const struct charge_config *b)
{
	return !memcmp(a, b, offsetof(struct charge_config, charge_taper_v)) &&
	       curve_equal(&a->charge_taper_v, &b->charge_taper_v) &&
	       curve_equal(&a->discharge_taper_v, &b->discharge_taper_v) &&
	       curve_equal(&a->charge_taper_temp, &b->charge_taper_temp) &&
	       curve_equal(&a->discharge_taper_temp, &b->discharge_taper_temp) &&
	       curve_equal(&a->charge_taper_soc, &b->charge_taper_soc) &&
	       curve_equal(&a->discharge_taper_soc, &b->discharge_taper_soc);
}

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
		    o->low, o->unit, o->high_name, o->high, o->unit, o->high_name, o->gap, o->unit);
	return false;
}

/* What a curve has to be like; a curve without points is not given. */
enum curve_kind {
	FALLS,	   /* 1 below, 0 above: the charge of a cell */
	RISES,	   /* 0 below, 1 above: the discharge of a cell */
	HILL,	   /* 0 at both ends: charge over temperature */
	ENDS_AT_0, /* 0 at its upper end: discharge over temperature */
	ANY,	   /* over the state of charge */
};

/* Ratios that go the other way by rising x, as the curve's @direction (1 or -1) forbids. */
static bool turns(const struct curve *rising, int direction)
{
	for (unsigned i = 1; i < rising->count; i++)
		if ((rising->point[i].ratio - rising->point[i - 1].ratio) * direction < 0.0)
			return true;
	return false;
}

/* NULL: nothing is. */
static const char *what_is_wrong(const struct curve *curve, enum curve_kind kind)
{
	struct curve c = *curve;

	if (!curve_is_sound(curve))
		return "its points must rise or fall strictly, with ratios from 0 to 1";
	curve_sort_rising(&c);
	const bool starts_at_0 = c.point[0].ratio <= 0.0;
	const bool ends_at_0 = c.point[c.count - 1].ratio <= 0.0;

	if (kind == FALLS && (!ends_at_0 || turns(&c, -1)))
		return "the ratio must fall with the voltage and end at 0, where charge is "
		       "forbidden";
	if (kind == RISES && (!starts_at_0 || turns(&c, 1)))
		return "the ratio must rise with the voltage and begin at 0, where discharge is "
		       "forbidden";
	if (kind == HILL && !(starts_at_0 && ends_at_0))
		return "the coldest and the hottest point must have the ratio 0, where charge is "
		       "forbidden";
	if (kind == ENDS_AT_0 && !ends_at_0)
		return "the hottest point must have the ratio 0, where discharge is forbidden";
	return NULL;
}

static bool check_curve(const struct curve *curve, const char *name, enum curve_kind kind,
			GError **error)
{
	const char *why = curve->count ? what_is_wrong(curve, kind) : NULL;

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
	return check_curve(&c->charge_taper_v, "charge_taper_v", FALLS, error) &&
	       check_curve(&c->discharge_taper_v, "discharge_taper_v", RISES, error) &&
	       check_curve(&c->charge_taper_temp, "charge_taper_temp", HILL, error) &&
	       check_curve(&c->discharge_taper_temp, "discharge_taper_temp", ENDS_AT_0, error) &&
	       check_curve(&c->charge_taper_soc, "charge_taper_soc", ANY, error) &&
	       check_curve(&c->discharge_taper_soc, "discharge_taper_soc", ANY, error);
}
