/* SPDX-License-Identifier: MIT */
#include "sim/cells.h"

#include <glib.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

struct point {
	double soc, v;
};

/*
 * LFP and Li-ion: measured pseudo-open-circuit curves (mean of charge and
 * discharge at C/32 and C/20, room temperature) reduced to ten points each:
 * S. Sunil, K. R. Pattipati, B. Balasingam, "Piecewise Linear Approximation of
 * Battery Open-Circuit Voltage Characteristics Using Dynamic Programming",
 * IEEE Transactions on Instrumentation and Measurement, 2025; the points are
 * those of its data repository, github.com/soorajsunil/Piecewise-Battery-OCV:
 * Lithium Werks APR18650M1B (LFP) and Samsung INR21700-40T (Li-ion).
 *
 * LTO: open-circuit table at 25 degrees C of the Gree (Yinlong) LTO module, as
 * reproduced in public decoders of its CAN bus, every other point; its last
 * point on either side is extrapolated to the 1.5 and 2.8 V between which such
 * cells are used.
 */
/* clang-format off */
static const struct point lfp[CELLS_HINGES + 2] = {
	{ 0.0000, 2.0102 }, { 0.0033, 2.4177 }, { 0.0117, 2.7405 }, { 0.0267, 2.9299 },
	{ 0.0534, 3.0872 }, { 0.0885, 3.1942 }, { 0.2972, 3.2772 }, { 0.9833, 3.3511 },
	{ 0.9950, 3.4180 }, { 1.0000, 3.5981 },
};

static const struct point li_ion[CELLS_HINGES + 2] = {
	{ 0.0000, 2.5000 }, { 0.0050, 2.8080 }, { 0.0352, 3.1179 }, { 0.0854, 3.3182 },
	{ 0.1357, 3.4193 }, { 0.2915, 3.5826 }, { 0.4523, 3.6941 }, { 0.8392, 4.0664 },
	{ 0.9548, 4.1121 }, { 1.0000, 4.2000 },
};

static const struct point lto[CELLS_HINGES + 2] = {
	{ -0.02, 1.500 }, { 0.00, 2.069 }, { 0.10, 2.131 }, { 0.20, 2.156 },
	{  0.40, 2.196 }, { 0.50, 2.217 }, { 0.70, 2.290 }, { 0.80, 2.352 },
	{  1.00, 2.525 }, { 1.03, 2.800 },
};
/* clang-format on */

/*
 * Resistances times capacity: V at a current of one capacity per hour. R0 of
 * 0.03 V and an RC pair of 0.03 V with half a minute are what data sheets and
 * pulse tests of the cells above and of large prismatic LFP cells allow for
 * (18650 and 21700: 15 to 25 mOhm at 1.2 to 4 Ah; 280 Ah: 0.15 to 0.25 mOhm).
 */
static const double r0_ohm_ah = 0.03, r1_ohm_ah = 0.03, tau_s = 30.0;

/* 1 kJ per kg and K with 25 g per Ah; an hour to cool down. */
static const double heat_j_per_k_ah = 25.0, cooling_time_s = 3600.0;

static struct cells_curve curve_through(const struct point *point)
{
	struct cells_curve curve = { 0 };
	double slope_v = (point[1].v - point[0].v) / (point[1].soc - point[0].soc);

	curve.slope_v = slope_v;
	curve.offset_v = point[0].v - slope_v * point[0].soc;
	for (size_t i = 1; i <= CELLS_HINGES; i++) {
		const double next_v =
			(point[i + 1].v - point[i].v) / (point[i + 1].soc - point[i].soc);

		curve.knee[i - 1] = point[i].soc;
		curve.bend_v[i - 1] = next_v - slope_v;
		slope_v = next_v;
	}
	return curve;
}

static const struct point *points_of(enum cells_chemistry chemistry)
{
	switch (chemistry) {
	case CELLS_LFP:
		return lfp;
	case CELLS_LI_ION:
		return li_ion;
	case CELLS_LTO:
		break;
	}
	return lto;
}

void cells_init(struct cells *c, enum cells_chemistry chemistry, unsigned count, double capacity_ah,
		double soc)
{
	g_assert(count > 0 && count <= CELLS_MAX);

	memset(c, 0, sizeof(*c));
	c->count = count;
	c->curve = curve_through(points_of(chemistry));
	c->tau_s = tau_s;
	c->ambient_c = 20.0;
	c->heat_j_per_k = heat_j_per_k_ah * capacity_ah;
	c->cooling_w_per_k = c->heat_j_per_k / cooling_time_s;
	for (unsigned i = 0; i < CELLS_MAX; i++) {
		c->soc[i] = soc;
		c->capacity_ah[i] = capacity_ah;
		c->r0_ohm[i] = r0_ohm_ah / capacity_ah;
		c->r1_ohm[i] = r1_ohm_ah / capacity_ah;
		c->temp_c[i] = c->ambient_c;
	}
	cells_set_step(c, 0.2);
}

void cells_set_step(struct cells *c, double step_s)
{
	c->step_s = step_s;
	c->rc_keep = exp(-step_s / c->tau_s);
	c->sum_v = c->sum_rest_v = c->sum_r0_ohm = 0.0;
	for (unsigned i = 0; i < CELLS_MAX; i++) {
		c->soc_per_a[i] = step_s / (3600.0 * c->capacity_ah[i]);
		c->rc_per_a[i] = c->r1_ohm[i] * (1.0 - c->rc_keep);
		c->rest_v[i] = cells_curve_v(&c->curve, c->soc[i]) + c->rc_v[i];
		c->v[i] = c->rest_v[i];
		if (i >= c->count)
			continue;
		c->sum_r0_ohm += c->r0_ohm[i];
		c->sum_rest_v += c->rest_v[i];
		c->sum_v += c->v[i];
	}
}

void cells_set_bleeding(struct cells *c, uint16_t mask)
{
	for (unsigned i = 0; i < CELLS_MAX; i++)
		c->bleed_siemens[i] = (mask >> i) & 1 ? CELLS_BLEED_SIEMENS : 0.0;
}

double cells_curve_v(const struct cells_curve *curve, double soc)
{
	double v = curve->offset_v + curve->slope_v * soc;

	for (unsigned k = 0; k < CELLS_HINGES; k++) {
		const double above = soc - curve->knee[k];

		v += curve->bend_v[k] * (above > 0.0 ? above : 0.0);
	}
	return v;
}

double cells_curve_soc(const struct cells_curve *curve, double v)
{
	double low = -0.5, high = 1.5;

	/* The curves rise everywhere; 50 halvings leave less than 1e-14. */
	for (int i = 0; i < 50; i++) {
		const double middle = (low + high) / 2.0;

		if (cells_curve_v(curve, middle) < v)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2.0;
}

/* Two partial sums each, in a fixed order: -ffast-math is not allowed to choose one. */
static void sum_up(struct cells *c)
{
	double v[2] = { 0 }, rest_v[2] = { 0 };

	for (unsigned i = 0; i < c->count; i++) {
		v[i & 1] += c->v[i];
		rest_v[i & 1] += c->rest_v[i];
	}
	c->sum_v = v[0] + v[1];
	c->sum_rest_v = rest_v[0] + rest_v[1];
}

/* All CELLS_MAX are computed: a constant count is what lets the compiler use vectors. */
void cells_step(struct cells *restrict c, double current_a)
{
	const struct cells_curve curve = c->curve;
	const double keep = c->rc_keep, ambient_c = c->ambient_c;
	const double kelvin_per_w = c->step_s / c->heat_j_per_k;
	const double cooling = c->cooling_w_per_k;

	for (unsigned i = 0; i < CELLS_MAX; i++) {
		const double a = current_a - c->v[i] * c->bleed_siemens[i];
		const double heat_w = a * (c->v[i] - c->rest_v[i] + c->rc_v[i]);
		const double soc = c->soc[i] + a * c->soc_per_a[i];
		double rest_v = curve.offset_v + curve.slope_v * soc;

		for (unsigned k = 0; k < CELLS_HINGES; k++) {
			const double above = soc - curve.knee[k];

			rest_v += curve.bend_v[k] * (above > 0.0 ? above : 0.0);
		}
		c->temp_c[i] += (heat_w - (c->temp_c[i] - ambient_c) * cooling) * kelvin_per_w;
		c->soc[i] = soc;
		c->rc_v[i] = c->rc_v[i] * keep + a * c->rc_per_a[i];
		c->rest_v[i] = rest_v + c->rc_v[i];
		c->v[i] = c->rest_v[i] + a * c->r0_ohm[i];
	}
	sum_up(c);
}

double cells_charge_ah(const struct cells *c)
{
	double sum_ah = 0.0;

	for (unsigned i = 0; i < c->count; i++)
		sum_ah += c->soc[i] * c->capacity_ah[i];
	return sum_ah / c->count;
}
