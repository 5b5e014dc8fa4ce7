/* SPDX-License-Identifier: MIT */
/* can_texts - the part of can_values.h that is letters. Pure. */
#pragma once

#include "can/can_values.h"

/** After the numbers, which name the highest and the lowest. */
void can_values_fill_texts(struct can_values *v, const struct can_input *in,
			   const struct can_options *o);
