/* SPDX-License-Identifier: MIT */
#include "can/can_values.h"

#include <math.h>
#include <string.h>

#include "can/can_texts.h"

/* Keeps 55.2 / 0.1 = 551.99999 from losing a step; far below any field's resolution. */
static const double smallest_step = 0.1;

static bool known(double x)
{
	return isfinite(x);
}

static void fill_temperatures(double *n, const struct battery *b)
{
	double sum_c = 0.0;
	unsigned count = 0;

	n[CAN_TEMP_MIN_C] = n[CAN_TEMP_MAX_C] = b->temp_internal_c;
	for (unsigned i = 0; i < BATTERY_EXTERNAL_SENSORS; i++) {
		const double t_c = b->temp_external_c[i];

		if (!known(t_c))
			continue;
		n[CAN_TEMP_MIN_C] = count ? fmin(n[CAN_TEMP_MIN_C], t_c) : t_c;
		n[CAN_TEMP_MAX_C] = count ? fmax(n[CAN_TEMP_MAX_C], t_c) : t_c;
		sum_c += t_c;
		count++;
	}
	n[CAN_TEMP_C] = count ? sum_c / count : b->temp_internal_c;
	n[CAN_TEMP_MAX_APART_C] = fmax(n[CAN_TEMP_MAX_C], n[CAN_TEMP_MIN_C] + smallest_step);
}

static void fill_cells(double *n, const struct battery *b)
{
	n[CAN_CELL_COUNT] = b->cell_count;
	n[CAN_CELL_MAX_V] = b->cell_max_v;
	n[CAN_CELL_MIN_V] = b->cell_min_v;
	n[CAN_CELL_DELTA_V] = b->cell_max_v - b->cell_min_v;
	n[CAN_CELL_MAX_NUMBER] = b->cell_max;
	n[CAN_CELL_MIN_NUMBER] = b->cell_min;
	for (unsigned i = 0; i < BATTERY_CELLS_MAX; i++)
		n[CAN_CELL_V + i] = i < b->cell_count ? b->cell_v[i] : (double) NAN;
}

/* Growatt: 0 lithium iron phosphate, 1 nickel manganese cobalt, 2 lithium titanate. */
static double chemistry(const struct battery *b)
{
	const double cut_off_v = b->settings.over_voltage_v;

	if (cut_off_v >= 4.0)
		return 1;
	return cut_off_v < 3.1 ? 2 : 0;
}

/* NMEA 2000: 1 is 12 V, 2 24 V, 3 32 V, 4 36 V, 5 42 V, 6 48 V; the nearest. */
static double nominal_code(const struct battery *b)
{
	static const double volts[] = { 6, 12, 24, 32, 36, 42, 48 };
	static const double cell_v[] = { 3.2, 3.65, 2.3 }; /* as chemistry() counts */
	const double nominal_v = b->cell_count * cell_v[(int) chemistry(b)];
	unsigned nearest = 0;

	for (unsigned i = 1; i < G_N_ELEMENTS(volts); i++)
		if (fabs(volts[i] - nominal_v) < fabs(volts[nearest] - nominal_v))
			nearest = i;
	return b->cell_count ? nearest : (double) NAN;
}

static void fill_counters(double *n, const struct can_input *in)
{
	const struct battery *b = in->battery;

	n[CAN_CAPACITY_AH] = b->settings.capacity_ah;
	n[CAN_REMAINING_AH] = b->settings.capacity_ah * b->soc_pct / 100.0;
	n[CAN_TIME_LEFT_S] = b->time_left_s;
	n[CAN_CYCLES] = known(in->cycles) ? in->cycles : b->statistics.full_charge_count;
	n[CAN_ENERGY_IN_WH] = in->energy_in_wh;
	n[CAN_ENERGY_OUT_WH] = in->energy_out_wh;
	n[CAN_FIRMWARE_MAJOR] = b->identity.firmware_public;
	n[CAN_FIRMWARE_MINOR] = b->identity.firmware_internal;
	n[CAN_HARDWARE] = b->identity.hardware;
	n[CAN_DIGIT_HARDWARE] = CLAMP(b->identity.hardware, 1, 9);
	n[CAN_DIGIT_FIRMWARE] = CLAMP(b->identity.firmware_public, 1, 9);
	n[CAN_CHEMISTRY] = chemistry(b);
	n[CAN_NOMINAL] = nominal_code(b);
}

/*
 * Growatt V1.04, 0x320: second bits 0-5, minute 6-11, hour 12-16, day 17-21,
 * month 22-25, years since 2000 26-31. The civil date from days since 1970 is
 * counted in years that begin in March (leap day last), eras of 400 years.
 */
static double packed_date(gint64 wall_clock_s)
{
	if (wall_clock_s <= 0)
		return 0.0;

	const guint64 second_of_day = (guint64) wall_clock_s % 86400;
	const guint64 days = (guint64) wall_clock_s / 86400 + 719468; /* since 0000-03-01 */
	const guint64 day_of_era = days % 146097;
	const guint64 year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	const guint64 day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	const guint64 march_month = (5 * day_of_year + 2) / 153;
	const guint64 day = day_of_year - (153 * march_month + 2) / 5 + 1;
	const guint64 month = march_month < 10 ? march_month + 3 : march_month - 9;
	const guint64 year = days / 146097 * 400 + year_of_era + (month <= 2);

	return (double) (second_of_day % 60 | (second_of_day / 60 % 60) << 6 |
			 second_of_day / 3600 << 12 | day << 17 | month << 22 |
			 (CLAMP(year, 2000, 2063) - 2000) << 26);
}

static uint32_t flag_if(bool is_set, enum can_flag flag)
{
	return (uint32_t) is_set << flag;
}

static uint32_t flags(const struct can_input *in, const struct can_options *o, bool is_blind)
{
	const struct limits *l = in->limits;
	const bool is_fault = in->battery->status == BATTERY_STATUS_FAULT;
	const bool is_offline = l->bms_cable_warning || l->bms_cable_alarm;
	const bool may_charge = !l->charge_blocked && !is_offline && !is_blind;
	const bool may_discharge = !l->discharge_blocked && !is_offline && !is_blind;
	const bool is_stopped = !may_charge && !may_discharge;

	return flag_if(may_charge, CAN_FLAG_CHARGE_ENABLED) |
	       flag_if(may_discharge, CAN_FLAG_DISCHARGE_ENABLED) |
	       flag_if(o->force_charge_1 && l->charge_request, CAN_FLAG_FORCE_CHARGE_1) |
	       flag_if(o->force_charge_2 && l->charge_request, CAN_FLAG_FORCE_CHARGE_2) |
	       flag_if(in->full_charge_due, CAN_FLAG_FULL_CHARGE) |
	       flag_if(in->battery->balancing != 0, CAN_FLAG_BALANCING) |
	       flag_if(is_fault, CAN_FLAG_FAULT) | flag_if(is_fault && is_stopped, CAN_FLAG_OPEN) |
	       flag_if(is_offline, CAN_FLAG_OFFLINE) | flag_if(is_stopped, CAN_FLAG_STOP) |
	       flag_if(is_offline, CAN_FLAG_SHUTDOWN);
}

static void fill_bits(struct can_values *v, const struct can_input *in, const struct can_options *o)
{
	for (unsigned id = 0; id < ALARM_COUNT; id++) {
		v->alarms |= (uint32_t) (in->alarms[id] == ALARM_ALARM) << id;
		v->warnings |= (uint32_t) (in->alarms[id] == ALARM_WARNING) << id;
	}
	v->alarms |= flags(in, o, v->lacks_measurement);
	/* charge-control 5: stale for 10 s is an internal failure to an inverter */
	if (v->alarms & CAN_BIT(CAN_FLAG_OFFLINE) || v->lacks_measurement)
		v->alarms |= CAN_BIT(ALARM_INTERNAL_FAILURE);
}

static void fill_modules(double *n, uint32_t bits)
{
	const bool is_offline = bits & CAN_BIT(CAN_FLAG_OFFLINE);

	n[CAN_MODULES] = 1;
	n[CAN_MODULES_OK] = !is_offline;
	n[CAN_MODULES_OFFLINE] = is_offline;
	n[CAN_MODULES_NO_CHARGE] = !(bits & CAN_BIT(CAN_FLAG_CHARGE_ENABLED));
	n[CAN_MODULES_NO_DISCHARGE] = !(bits & CAN_BIT(CAN_FLAG_DISCHARGE_ENABLED));
	if (is_offline)
		n[CAN_RUN_STATE] = 0;
	else
		n[CAN_RUN_STATE] = bits & CAN_BIT(CAN_FLAG_FAULT) ? 4 : 3;
	n[CAN_FAULTY_MODULE] = is_offline || bits & CAN_BIT(CAN_FLAG_FAULT) ? 1 : 0;
}

static void fill_measurements(double *n, const struct battery *b)
{
	/* Half a step of the usual 0.1 A field: below it the battery rests. */
	const double rest_a = 0.05;

	n[CAN_SOC_PCT] = n[CAN_SOC_FINE_PCT] = b->soc_pct;
	n[CAN_SOH_PCT] = b->soh_pct;
	n[CAN_PACK_V] = b->pack_v;
	n[CAN_CURRENT_A] = b->current_a;
	n[CAN_FLOW] = b->current_a >= rest_a ? 2 : b->current_a <= -rest_a ? 3 : 1;
	fill_temperatures(n, b);
	fill_cells(n, b);
}

static double at_least(double a, double minimum)
{
	return a >= minimum ? a : minimum; /* NAN becomes the minimum */
}

static void fill_limits(struct can_values *v, const struct limits *l)
{
	double *n = v->number;

	n[CAN_CVL_V] = at_least(l->cvl_v, 0.0);
	n[CAN_DVL_V] = at_least(l->dvl_v, 0.0);
	n[CAN_CCL_A] = v->lacks_measurement ? 0.0 : at_least(l->ccl_a, 0.0);
	n[CAN_DCL_A] = v->lacks_measurement ? 0.0 : at_least(l->dcl_a, 0.0);
}

static void apply_options(double *n, const struct can_options *o)
{
	const bool no_charge = !(n[CAN_CCL_A] > 0.0);
	const bool no_discharge = !(n[CAN_DCL_A] > 0.0);

	if (o->soc_clamp && no_charge != no_discharge)
		n[CAN_SOC_PCT] = n[CAN_SOC_FINE_PCT] = no_charge ? 100.0 : 0.0;
	if (n[CAN_SOC_PCT] > o->soc_cap_pct)
		n[CAN_SOC_PCT] = n[CAN_SOC_FINE_PCT] = o->soc_cap_pct;
	if (o->zero_as_100ma) {
		n[CAN_CCL_A] = at_least(n[CAN_CCL_A], smallest_step);
		n[CAN_DCL_A] = at_least(n[CAN_DCL_A], smallest_step);
	}
	if (o->invert_current)
		n[CAN_CURRENT_A] = -n[CAN_CURRENT_A];
}

void can_values_fill(struct can_values *v, const struct can_input *in, const struct can_options *o,
		     bool has_unknown_codes)
{
	memset(v, 0, sizeof(*v));
	fill_measurements(v->number, in->battery);
	fill_counters(v->number, in);
	v->number[CAN_PACKED_DATE] = packed_date(in->wall_clock_s);
	v->lacks_measurement = !has_unknown_codes &&
			       !(known(v->number[CAN_TEMP_C]) && known(v->number[CAN_PACK_V]) &&
				 known(v->number[CAN_CURRENT_A]) && known(v->number[CAN_SOC_PCT]));
	fill_bits(v, in, o);
	fill_modules(v->number, v->alarms);
	fill_limits(v, in->limits);
	apply_options(v->number, o);
	v->number[CAN_INSTANCE] = o->instance;
	can_values_fill_texts(v, in, o);
}

/* Tenths decide for an inverter; smaller falls wait for the period. */
static bool falls(double from, double to)
{
	return to < 0.9 * from || (from > 0.0 && !(to > 0.0));
}

bool can_values_urgent(const struct can_values *sent, const struct can_values *now)
{
	const uint32_t slow = CAN_BIT(CAN_FLAG_BALANCING);
	const double cvl_step_v = 0.1;

	return (sent->alarms | slow) != (now->alarms | slow) || sent->warnings != now->warnings ||
	       falls(sent->number[CAN_CCL_A], now->number[CAN_CCL_A]) ||
	       falls(sent->number[CAN_DCL_A], now->number[CAN_DCL_A]) ||
	       now->number[CAN_CVL_V] <= sent->number[CAN_CVL_V] - cvl_step_v;
}
