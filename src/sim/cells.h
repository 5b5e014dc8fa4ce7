/* SPDX-License-Identifier: MIT */
/*
 * cells - a string of cells in series: the one model of simulator and plant
 *
 * Each cell: an open-circuit curve over its state of charge, a resistance R0
 * and one RC pair in series, a bleed resistor, and a heat capacity of its own.
 * The curve is a sum of hinges, a + b s + sum c_k max(0, s - s_k), which is
 * linear interpolation between the published points without a table look-up,
 * so that the step over all cells becomes vector code. Beyond its ends a curve
 * runs on with the slope of its last segment, so that over-charge and
 * over-discharge have the voltages that they need.
 *
 * Pure: no I/O, no clock, no allocation. The step calls nothing of libm.
 *
 *	struct cells c;
 *
 *	cells_init(&c, CELLS_LFP, 16, 100.0, 0.5);
 *	cells_set_step(&c, 0.2);
 *	for (;;)
 *		cells_step(&c, 20.0);  // 20 A of charge for 0.2 s
 *
 * Per-cell values may be changed at any time: after soc, capacity_ah, r0_ohm
 * or r1_ohm call cells_set_step() again, which derives what the step needs.
 */
#pragma once

#include <stdint.h>

enum {
	CELLS_MAX = 16,
	CELLS_HINGES = 8,
};

enum cells_chemistry {
	CELLS_LFP,
	CELLS_LI_ION,
	CELLS_LTO,
};

/** V over state of charge (0 to 1); the sum that the header describes. */
struct cells_curve {
	double offset_v, slope_v;
	double knee[CELLS_HINGES];   /**< states of charge */
	double bend_v[CELLS_HINGES]; /**< V per unit of charge, added above the knee */
};

/** The caller's; arrays from 0, all of them CELLS_MAX long. */
struct cells {
	unsigned count;
	double step_s; /**< set by cells_set_step() */
	struct cells_curve curve;

	double soc[CELLS_MAX]; /**< 0 to 1 of this cell's own capacity; may leave that range */
	double capacity_ah[CELLS_MAX];
	double r0_ohm[CELLS_MAX];
	double r1_ohm[CELLS_MAX]; /**< of the RC pair */
	double tau_s;		  /**< time constant of the RC pair */
	double rc_v[CELLS_MAX];	  /**< V over the RC pair, positive after charge */
	double rest_v[CELLS_MAX]; /**< V at zero current just now: curve + RC pair */
	double v[CELLS_MAX];	  /**< V at the terminals */

	double bleed_siemens[CELLS_MAX]; /**< 0 = off */

	double temp_c[CELLS_MAX];
	double ambient_c;
	double heat_j_per_k;	/**< of one cell */
	double cooling_w_per_k; /**< from one cell to ambient */

	double sum_v;	   /**< of v */
	double sum_rest_v; /**< of rest_v */
	double sum_r0_ohm; /**< of r0_ohm: sum_v = sum_rest_v + current * sum_r0_ohm without
			      bleeding */

	/* Derived by cells_set_step(). */
	double soc_per_a[CELLS_MAX];
	double rc_per_a[CELLS_MAX];
	double rc_keep;
};

/** 0.14 A at 3.4 V (data sheet of the s516: internal balancing). */
#define CELLS_BLEED_SIEMENS (0.14 / 3.4)

/**
 * @count equal cells of @capacity_ah at @soc (0 to 1), at rest at 20 degrees C,
 * with resistances typical of a cell of that size. The step is 0.2 s.
 */
void cells_init(struct cells *c, enum cells_chemistry chemistry, unsigned count, double capacity_ah,
		double soc);

/** Choose the step and derive what depends on it and on per-cell values; also voltages at rest. */
void cells_set_step(struct cells *c, double step_s);

/** Bleed resistors: bit 0 is cell 1. */
void cells_set_bleeding(struct cells *c, uint16_t mask);

/** One step with @current_a through the string, positive = charging. */
void cells_step(struct cells *c, double current_a);

/** The curve at one state of charge. */
double cells_curve_v(const struct cells_curve *curve, double soc);

/** Its inverse: the state of charge with this open-circuit voltage. */
double cells_curve_soc(const struct cells_curve *curve, double v);

/** Charge in the string, Ah: mean over the cells of soc times capacity. */
double cells_charge_ah(const struct cells *c);
