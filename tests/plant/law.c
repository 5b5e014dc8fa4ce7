/* SPDX-License-Identifier: MIT */
#include "plant/law.h"

#include <string.h>

const struct law *const *law_list(size_t *count)
{
	static const struct law *const laws[] = {
		&law_ours,
		&law_oracle,
		&law_fixed,
		&law_predecessor,
		&law_serialbattery_p,
		&law_serialbattery_i,
		&law_serialbattery_sum,
		&law_yambms,
		&law_diybms,
		&law_pylontech,
	};

	*count = sizeof(laws) / sizeof(laws[0]);
	return laws;
}

const struct law *law_find(const char *name)
{
	size_t count;
	const struct law *const *laws = law_list(&count);

	for (size_t i = 0; i < count; i++)
		if (!strcmp(laws[i]->name, name))
			return laws[i];
	return NULL;
}

struct limits law_limits(double cvl_v, double ccl_a, double dcl_a)
{
	return (struct limits){
		.on_bus = true,
		.cvl_v = cvl_v,
		.ccl_a = ccl_a,
		.dcl_a = dcl_a,
		.state = CHARGE_BULK,
	};
}

double law_interpolate(const double (*points)[2], size_t count, double x)
{
	if (x <= points[0][0])
		return points[0][1];
	for (size_t i = 1; i < count; i++) {
		const double *low = points[i - 1], *high = points[i];

		if (x <= high[0])
			return low[1] + (high[1] - low[1]) * (x - low[0]) / (high[0] - low[0]);
	}
	return points[count - 1][1];
}
