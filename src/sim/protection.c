/* SPDX-License-Identifier: MIT */
#include "sim/protection.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/device_private.h"

enum {
	FAULT_LAST = 0x30, /* ids of faults end here, warnings follow */
	SINGLE_PORT = 1,   /* register 340 */
};

static const double voltage_margin_v = 0.10, cold_margin_c = 2.0, heat_margin_c = 5.0;
static const double over_current_delay_s = 1.0, fully_discharged_delay_s = 1.0;

static bool is_under_voltage(const struct device *d)
{
	return d->min_v <= device_setting(d, DEVICE_UNDER_VOLTAGE);
}

static bool is_under_voltage_over(const struct device *d)
{
	return d->min_v >= device_setting(d, DEVICE_UNDER_VOLTAGE) + voltage_margin_v;
}

static bool is_over_voltage(const struct device *d)
{
	return d->max_v >= device_setting(d, DEVICE_OVER_VOLTAGE);
}

static bool is_over_voltage_over(const struct device *d)
{
	return d->max_v <= device_setting(d, DEVICE_OVER_VOLTAGE) - voltage_margin_v;
}

static bool is_hot(const struct device *d)
{
	return d->temp_high_c >= device_setting(d, DEVICE_OVER_HEAT);
}

static bool is_hot_over(const struct device *d)
{
	return d->temp_high_c <= device_setting(d, DEVICE_OVER_HEAT) - heat_margin_c;
}

static bool is_discharge_high(const struct device *d)
{
	return -d->current_a > device_setting(d, DEVICE_DISCHARGE_OVER_CURRENT);
}

static bool is_charge_high(const struct device *d)
{
	return d->drive.has_charger && d->current_a > device_setting(d, DEVICE_CHARGE_OVER_CURRENT);
}

static bool is_regeneration_high(const struct device *d)
{
	return !d->drive.has_charger &&
	       d->current_a > device_setting(d, DEVICE_CHARGE_OVER_CURRENT);
}

static bool is_current_gone(const struct device *d)
{
	return fabs(d->current_a) < DEVICE_CURRENT_NONE_A;
}

static bool is_fully_discharged(const struct device *d)
{
	return d->min_v <= device_setting(d, DEVICE_FULLY_DISCHARGED) &&
	       d->current_a < -DEVICE_CURRENT_NONE_A;
}

static bool is_fully_discharged_over(const struct device *d)
{
	return d->min_v >= device_setting(d, DEVICE_FULLY_DISCHARGED) + voltage_margin_v;
}

static bool is_cold(const struct device *d)
{
	return d->temp_low_c <= device_setting(d, DEVICE_LOW_TEMPERATURE) &&
	       d->current_a > DEVICE_CURRENT_NONE_A;
}

static bool is_cold_over(const struct device *d)
{
	return d->temp_low_c >= device_setting(d, DEVICE_LOW_TEMPERATURE) + cold_margin_c;
}

enum stops {
	STOPS_NOTHING = 0,
	STOPS_CHARGE = 1,
	STOPS_DISCHARGE = 2,
	STOPS_BOTH = 3,
};

/* Rows without conditions come by command only. */
struct rule {
	const char *name;
	uint8_t id, recovered;
	enum device_register counter; /* 0 (a cell): none */
	enum stops stops;
	double delay_s; /* how long it must last */
	bool (*is_bad)(const struct device *d);
	bool (*is_over)(const struct device *d);
};

/* clang-format off */
static const struct rule rules[] = {
	{ "under-voltage", 0x02, 0x7B, DEVICE_UNDER_VOLTAGE_COUNT, STOPS_DISCHARGE, 0,
	  is_under_voltage, is_under_voltage_over },
	{ "over-voltage", 0x03, 0x79, DEVICE_OVER_VOLTAGE_COUNT, STOPS_CHARGE, 0,
	  is_over_voltage, is_over_voltage_over },
	{ "over-temperature", 0x04, 0x73, DEVICE_OVER_HEAT_COUNT, STOPS_BOTH, 0,
	  is_hot, is_hot_over },
	{ "discharge-over-current", 0x05, 0x77, DEVICE_DISCHARGE_OVER_CURRENT_COUNT, STOPS_DISCHARGE,
	  over_current_delay_s, is_discharge_high, is_current_gone },
	{ "charge-over-current", 0x06, 0x76, DEVICE_CHARGE_OVER_CURRENT_COUNT, STOPS_CHARGE,
	  over_current_delay_s, is_charge_high, is_current_gone },
	{ "regeneration-over-current", 0x07, 0x78, DEVICE_CHARGE_OVER_CURRENT_COUNT, STOPS_CHARGE,
	  over_current_delay_s, is_regeneration_high, is_current_gone },
	{ "low-temperature", 0x0A, 0x75, 0, STOPS_BOTH, 0, NULL, NULL },
	{ "charger-switch", 0x0B, 0, 0, STOPS_CHARGE, 0, NULL, NULL },
	{ "load-switch", 0x0C, 0, 0, STOPS_DISCHARGE, 0, NULL, NULL },
	{ "single-port-switch", 0x0D, 0, 0, STOPS_BOTH, 0, NULL, NULL },
	{ "sensor-disconnected", 0x0E, 0, 0, STOPS_BOTH, 0, NULL, NULL },
	{ "sensor-connected", 0x0F, 0, 0, STOPS_BOTH, 0, NULL, NULL },
	{ "fully-discharged", 0x31, 0x7A, 0, STOPS_DISCHARGE, fully_discharged_delay_s,
	  is_fully_discharged, is_fully_discharged_over },
	{ "low-temperature-charging", 0x37, 0x74, 0, STOPS_CHARGE, 0, is_cold, is_cold_over },
	{ "charger-voltage-high", 0x38, 0, 0, STOPS_NOTHING, 0, NULL, NULL },
	{ "charger-voltage-low", 0x39, 0, 0, STOPS_NOTHING, 0, NULL, NULL },
};
/* clang-format on */

G_STATIC_ASSERT(G_N_ELEMENTS(rules) == DEVICE_PROTECTIONS_MAX);

static void begin(struct device *d, unsigned i)
{
	if (d->protection[i].is_active)
		return;
	d->protection[i].is_active = true;
	d->protection[i].calm_s = 0.0;
	device_add_event(d, rules[i].id);
	if (rules[i].counter)
		device_count(d, rules[i].counter);
}

static void end(struct device *d, unsigned i)
{
	if (d->protection[i].is_active && rules[i].recovered)
		device_add_event(d, rules[i].recovered);
	d->protection[i] = (struct device_protection){ 0 };
}

/* Over-current has a delay of its own in the high byte of register 330, and a peak limit. */
static double delay_of(const struct device *d, const struct rule *rule)
{
	const unsigned set_s = d->word[DEVICE_CHARGER_TYPE] >> 8;

	if (rule->is_bad != is_discharge_high)
		return rule->delay_s;
	if (-d->current_a > device_setting(d, DEVICE_PEAK_DISCHARGE))
		return 0.0;
	return set_s ? set_s : rule->delay_s;
}

static void watch(struct device *d, unsigned i, double step_s)
{
	const struct rule *rule = &rules[i];
	struct device_protection *p = &d->protection[i];

	p->bad_s = rule->is_bad(d) ? p->bad_s + step_s : 0.0;
	if (p->bad_s > 0.0 && p->bad_s >= delay_of(d, rule))
		begin(d, i);
	if (!p->is_active || p->is_forced)
		return;
	p->calm_s = rule->is_over(d) ? p->calm_s + step_s : 0.0;
	if (p->calm_s >= device_setting(d, DEVICE_RECOVERY))
		end(d, i);
}

void protection_step(struct device *d, double step_s)
{
	if (d->are_protections_off)
		return;
	for (unsigned i = 0; i < G_N_ELEMENTS(rules); i++)
		if (rules[i].is_bad)
			watch(d, i, step_s);
}

static bool stops(const struct device *d, enum stops what)
{
	const bool is_single = d->word[DEVICE_OPERATION_MODE] == SINGLE_PORT;

	for (unsigned i = 0; i < G_N_ELEMENTS(rules); i++)
		if (d->protection[i].is_active && rules[i].stops &&
		    (is_single || (rules[i].stops & what)))
			return true;
	return false;
}

bool protection_stops_charge(const struct device *d)
{
	return stops(d, STOPS_CHARGE);
}

bool protection_stops_discharge(const struct device *d)
{
	return stops(d, STOPS_DISCHARGE);
}

bool protection_is_fault(const struct device *d)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(rules); i++)
		if (d->protection[i].is_active && rules[i].id <= FAULT_LAST)
			return true;
	return false;
}

bool protection_is_over_current(const struct device *d)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(rules); i++)
		if (d->protection[i].is_active && rules[i].is_over == is_current_gone)
			return true;
	return false;
}

static int find(const char *name)
{
	char *tail;
	const unsigned long id = strtoul(name, &tail, 0);

	for (unsigned i = 0; i < G_N_ELEMENTS(rules); i++)
		if (!strcmp(rules[i].name, name) || (*name && !*tail && rules[i].id == id))
			return (int) i;
	return -1;
}

bool protection_force(struct device *d, const char *name)
{
	const int i = find(name);

	if (i < 0)
		return false;
	begin(d, (unsigned) i);
	d->protection[i].is_forced = true;
	return true;
}

bool protection_clear(struct device *d, const char *name)
{
	const int one = name ? find(name) : -1;

	if (name && one < 0)
		return false;
	for (unsigned i = 0; i < G_N_ELEMENTS(rules); i++)
		if (!name || i == (unsigned) one)
			end(d, i);
	return true;
}

char *protection_names(void)
{
	GString *names = g_string_new(NULL);

	for (unsigned i = 0; i < G_N_ELEMENTS(rules); i++)
		g_string_append_printf(names, "%s%s", i ? ", " : "", rules[i].name);
	return g_string_free(names, FALSE);
}

char *protection_active_names(const struct device *d)
{
	GString *names = g_string_new(NULL);

	for (unsigned i = 0; i < G_N_ELEMENTS(rules); i++)
		if (d->protection[i].is_active)
			g_string_append_printf(names, "%s%s", names->len ? " " : "", rules[i].name);
	return g_string_free(names, FALSE);
}
