/* SPDX-License-Identifier: MIT */
/*
 * plant - one law in a closed loop with one pack through one scenario
 *
 * Virtual time: an electrical step is 0.2 s, the law and the world step once a
 * second, DVCC every 3 s. No allocation while it runs.
 */
#pragma once

#include <stdio.h>

#include "plant/figures.h"
#include "plant/law.h"
#include "plant/scenario.h"

/** A row of the trace is written for every @trace_every_s seconds if @trace is not NULL. */
struct figures plant_run(const struct scenario *scenario, unsigned seed, const struct law *law,
			 FILE *trace, unsigned trace_every_s);
