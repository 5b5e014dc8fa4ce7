/* SPDX-License-Identifier: MIT */
#include "battery/alarms.h"

#include <math.h>
#include <string.h>

#include "battery/limits.h"

/* clang-format off */
static const char *const names[ALARM_COUNT] = {
	[ALARM_HIGH_CELL_VOLTAGE]         = "HighCellVoltage",
	[ALARM_LOW_CELL_VOLTAGE]          = "LowCellVoltage",
	[ALARM_HIGH_VOLTAGE]              = "HighVoltage",
	[ALARM_LOW_VOLTAGE]               = "LowVoltage",
	[ALARM_HIGH_TEMPERATURE]          = "HighTemperature",
	[ALARM_LOW_TEMPERATURE]           = "LowTemperature",
	[ALARM_LOW_CHARGE_TEMPERATURE]    = "LowChargeTemperature",
	[ALARM_HIGH_CHARGE_CURRENT]       = "HighChargeCurrent",
	[ALARM_HIGH_DISCHARGE_CURRENT]    = "HighDischargeCurrent",
	[ALARM_HIGH_CURRENT]              = "HighCurrent",
	[ALARM_LOW_SOC]                   = "LowSoc",
	[ALARM_CELL_IMBALANCE]            = "CellImbalance",
	[ALARM_HIGH_INTERNAL_TEMPERATURE] = "HighInternalTemperature",
	[ALARM_INTERNAL_FAILURE]          = "InternalFailure",
	[ALARM_BMS_CABLE]                 = "BmsCable",
};
/* clang-format on */

/* What is compared; a value that is too low is negated, so that "too much" is always upwards. */
enum measure {
	CELL_MAX,        /* V */
	MINUS_CELL_MIN,  /* V */
	CELL_MEAN,       /* V: the pack against n times a threshold */
	MINUS_CELL_MEAN, /* V */
	HOTTEST,         /* degrees C, any sensor */
	MINUS_COLDEST,   /* degrees C, any sensor */
	MINUS_COLDEST_CELL,         /* degrees C, sensors at the cells */
	MINUS_COLDEST_CELL_CHARGED, /* likewise, while it is charged */
	CHARGE_CURRENT,    /* A */
	DISCHARGE_CURRENT, /* A */
	MINUS_SOC,         /* % */
	IMBALANCE,         /* V, near the top */
	INTERNAL,          /* degrees C */
	DISOBEDIENCE,      /* A above what the charge limit tolerates */
	UNKNOWN_FAULT,     /* 1: the BMS says fault and not which */
	NOTHING,           /* events alone count */
	MEASURE_COUNT,
};

/* A threshold is @factor times the BMS's setting (0: none) plus @offset. */
#define SETTING(member, times) .base = offsetof(struct battery_settings, member), .factor = (times)

struct row {
	uint8_t id, level, measure;
	size_t base;
	double factor, offset;
	double back;       /* hysteresis, in the measure's unit */
	double back_share; /* hysteresis as a share of the setting */
	double delay_s;
	uint8_t events[5]; /* each raises the level at once */
};

#define WARN(alarm) .id = ALARM_##alarm, .level = ALARM_WARNING
#define ALARM(alarm) .id = ALARM_##alarm, .level = ALARM_ALARM

/* clang-format off */
static const struct row rows[] = {
	{ WARN(HIGH_CELL_VOLTAGE),  .measure = CELL_MAX, SETTING(over_voltage_v, 1), .offset = -0.05,
	  .back = 0.02, .delay_s = 5 },
	{ ALARM(HIGH_CELL_VOLTAGE), .measure = CELL_MAX, SETTING(over_voltage_v, 1),
	  .back = 0.02, .delay_s = 1, .events = { 0x03 } },
	{ WARN(LOW_CELL_VOLTAGE),   .measure = MINUS_CELL_MIN, SETTING(under_voltage_v, -1), .offset = -0.15,
	  .back = 0.05, .delay_s = 10 },
	{ ALARM(LOW_CELL_VOLTAGE),  .measure = MINUS_CELL_MIN, SETTING(under_voltage_v, -1),
	  .back = 0.05, .delay_s = 1, .events = { 0x02, 0x31 } },
	{ WARN(HIGH_VOLTAGE),  .measure = CELL_MEAN, SETTING(over_voltage_v, 1), .offset = -0.05,
	  .back = 0.02, .delay_s = 5 },
	{ ALARM(HIGH_VOLTAGE), .measure = CELL_MEAN, SETTING(over_voltage_v, 1),
	  .back = 0.02, .delay_s = 1 },
	{ WARN(LOW_VOLTAGE),   .measure = MINUS_CELL_MEAN, SETTING(under_voltage_v, -1), .offset = -0.15,
	  .back = 0.05, .delay_s = 10 },
	{ ALARM(LOW_VOLTAGE),  .measure = MINUS_CELL_MEAN, SETTING(under_voltage_v, -1),
	  .back = 0.05, .delay_s = 1 },

	{ WARN(HIGH_TEMPERATURE),  .measure = HOTTEST, SETTING(over_heat_c, 1), .offset = -5,
	  .back = 2, .delay_s = 10 },
	{ ALARM(HIGH_TEMPERATURE), .measure = HOTTEST, SETTING(over_heat_c, 1),
	  .back = 2, .delay_s = 1, .events = { 0x04 } },
	{ WARN(LOW_TEMPERATURE),   .measure = MINUS_COLDEST, .offset = 10, .back = 2, .delay_s = 10 },
	{ ALARM(LOW_TEMPERATURE),  .measure = NOTHING, .events = { 0x0A } },
	{ WARN(LOW_CHARGE_TEMPERATURE),  .measure = MINUS_COLDEST_CELL,
	  SETTING(low_temperature_charge_c, -1), .offset = -3, .back = 2, .delay_s = 10 },
	{ ALARM(LOW_CHARGE_TEMPERATURE), .measure = MINUS_COLDEST_CELL_CHARGED,
	  SETTING(low_temperature_charge_c, -1), .back = 2, .delay_s = 1, .events = { 0x37 } },
	{ WARN(HIGH_INTERNAL_TEMPERATURE),  .measure = INTERNAL, .offset = 70, .back = 3, .delay_s = 10 },
	{ ALARM(HIGH_INTERNAL_TEMPERATURE), .measure = INTERNAL, .offset = 80, .back = 3, .delay_s = 1 },

	{ WARN(HIGH_CHARGE_CURRENT),  .measure = CHARGE_CURRENT, SETTING(charge_over_current_a, 0.9),
	  .back_share = 0.05, .delay_s = 5 },
	{ ALARM(HIGH_CHARGE_CURRENT), .measure = CHARGE_CURRENT, SETTING(charge_over_current_a, 1),
	  .back_share = 0.05, .delay_s = 1, .events = { 0x06, 0x07 } },
	{ WARN(HIGH_DISCHARGE_CURRENT),  .measure = DISCHARGE_CURRENT, SETTING(discharge_over_current_a, 0.9),
	  .back_share = 0.05, .delay_s = 5 },
	{ ALARM(HIGH_DISCHARGE_CURRENT), .measure = DISCHARGE_CURRENT, SETTING(discharge_over_current_a, 1),
	  .back_share = 0.05, .delay_s = 1, .events = { 0x05 } },
	{ WARN(HIGH_CURRENT),  .measure = DISCHARGE_CURRENT, SETTING(discharge_over_current_a, 0.9),
	  .back_share = 0.05, .delay_s = 5 },
	{ ALARM(HIGH_CURRENT), .measure = DISCHARGE_CURRENT, SETTING(discharge_over_current_a, 1),
	  .back_share = 0.05, .delay_s = 1, .events = { 0x05 } },

	{ WARN(LOW_SOC),  .measure = MINUS_SOC, .offset = -10, .back = 2, .delay_s = 10 },
	{ ALARM(LOW_SOC), .measure = MINUS_SOC, .offset = -5, .back = 2, .delay_s = 10 },
	{ WARN(CELL_IMBALANCE),  .measure = IMBALANCE, .offset = 0.1001, .back = 0.02, .delay_s = 60 },
	{ ALARM(CELL_IMBALANCE), .measure = IMBALANCE, .offset = 0.2001, .back = 0.02, .delay_s = 60 },

	{ WARN(INTERNAL_FAILURE),  .measure = DISOBEDIENCE, .offset = 1e-6, .back = 1, .delay_s = 30 },
	{ ALARM(INTERNAL_FAILURE), .measure = UNKNOWN_FAULT, .offset = 1, .back = 0.5, .delay_s = 5,
	  .events = { 0x0B, 0x0C, 0x0D, 0x0E, 0x0F } },
};

/* Victron's numbers (veutil bms_error.cpp), the gravest first. */
static const struct {
	uint8_t event;
	int code;
} error_codes[] = {
	{ 0x03, 13 }, /* over voltage */
	{ 0x02, 14 }, /* under voltage */
	{ 0x04, 15 }, /* over temperature */
	{ 0x0A, 16 }, /* under temperature */
	{ 0x0B, 11 }, { 0x0C, 11 }, { 0x0D, 11 }, /* hardware: a switch */
	{ 0x0E, 7 }, { 0x0F, 7 },                 /* measurement: the current sensor */
};
/* clang-format on */

G_STATIC_ASSERT(G_N_ELEMENTS(rows) <= ALARM_ROWS_MAX);
G_STATIC_ASSERT((int) MEASURE_COUNT <= (int) ALARM_MEASURES_MAX);

enum {
	FAULT_LAST = 0x30, /* Communication Protocols rev. D, chapter 4 */
	ERROR_HARDWARE = 11,
};

/* Differences of decimal fractions miss by less. */
static const double hair = 1e-9;
static const double end_delay_s = 30.0;
static const double step_max_s = 3.0;
static const double top_hysteresis_v = 0.02;
static const double charging_above_a = 0.5;
/* "Limit not obeyed": this much above CCL. */
static const double tolerated_share = 1.1;
static const double tolerated_a = 2.0;

const char *alarm_name(enum alarm_id id)
{
	return names[id];
}

/* Of those that are known. */
static double lower(double a, double b)
{
	return a < b || isnan(b) ? a : b;
}

static double higher(double a, double b)
{
	return a > b || isnan(b) ? a : b;
}

/* The sensors at the cells; the internal one stands in where there never was another. */
static double coldest_cell(const struct alarms *a, const struct charge_config *config,
			   const struct battery *b)
{
	if (!a->has_external || config->temperature_source == TEMPERATURE_INTERNAL)
		return b->temp_internal_c;
	return lower(b->temp_external_c[0], b->temp_external_c[1]);
}

static double imbalance(struct alarms *a, const struct battery *b)
{
	const double above_v = b->cell_max_v - b->settings.early_balancing_v;

	a->is_near_top = above_v > (a->is_near_top ? -top_hysteresis_v : 0.0);
	return a->is_near_top ? b->cell_max_v - b->cell_min_v : 0.0;
}

static bool has_fault(const struct battery_events *active)
{
	return active->bits[0] & ((UINT64_C(2) << FAULT_LAST) - 2);
}

static void measure(struct alarms *a, const struct charge_config *config, const struct battery *b,
		    const struct limits *limits, double m[MEASURE_COUNT])
{
	const double *external = b->temp_external_c;

	a->has_external |= !isnan(external[0]) || !isnan(external[1]);

	const double cell_c = coldest_cell(a, config, b);
	const bool is_charged = b->current_a > charging_above_a;

	m[CELL_MAX] = b->cell_max_v;
	m[MINUS_CELL_MIN] = -b->cell_min_v;
	m[CELL_MEAN] = b->cell_sum_v / b->cell_count;
	m[MINUS_CELL_MEAN] = -m[CELL_MEAN];
	m[HOTTEST] = higher(b->temp_internal_c, higher(external[0], external[1]));
	m[MINUS_COLDEST] = -lower(b->temp_internal_c, lower(external[0], external[1]));
	m[MINUS_COLDEST_CELL] = -cell_c;
	m[MINUS_COLDEST_CELL_CHARGED] = is_charged ? -cell_c : -HUGE_VAL;
	m[CHARGE_CURRENT] = b->current_a;
	m[DISCHARGE_CURRENT] = -b->current_a;
	m[MINUS_SOC] = -b->soc_pct;
	m[IMBALANCE] = imbalance(a, b);
	m[INTERNAL] = b->temp_internal_c;
	m[DISOBEDIENCE] = b->current_a - tolerated_share * limits->ccl_a - tolerated_a;
	m[NOTHING] = -HUGE_VAL;
	m[UNKNOWN_FAULT] = b->status == BATTERY_STATUS_FAULT && !has_fault(&b->active);
}

static bool has_event(const struct row *r, const struct battery_events *active)
{
	for (size_t i = 0; i < G_N_ELEMENTS(r->events) && r->events[i]; i++)
		if (battery_events_contain(active, r->events[i]))
			return true;
	return false;
}

/* The BMS's setting that the row counts with; 0: it has none. */
static double setting(const struct battery_settings *s, const struct row *r)
{
	const bool is_setting_used = r->factor < 0.0 || r->factor > 0.0;

	return is_setting_used ? *(const double *) ((const char *) s + r->base) : 0.0;
}

/* They change with the BMS's settings only; one that is unknown is never reached. */
static void update_thresholds(struct alarms *a, const struct battery_settings *s)
{
	if (a->has_thresholds && !memcmp(&a->settings, s, sizeof(*s)))
		return;
	a->has_thresholds = true;
	a->settings = *s;
	memset(a->rows_of, 0, sizeof(a->rows_of));
	for (size_t i = 0; i < ALARM_MEASURES_MAX; i++)
		a->least[i] = HUGE_VAL;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct row *r = &rows[i];

		a->threshold[i] = r->factor * setting(s, r) + r->offset - hair;
		a->rows_of[r->measure] |= UINT32_C(1) << i;
		a->least[r->measure] = fmin(a->least[r->measure], a->threshold[i]);
	}
}

static void step_row(struct alarms *a, size_t i, const struct battery *b, const double *m,
		     double dt_s)
{
	const struct row *r = &rows[i];
	struct alarm_row *state = &a->row[i];
	const bool is_event = has_event(r, &b->active);
	const double over = m[r->measure] - a->threshold[i];
	const double back = r->back + r->back_share * setting(&a->settings, r);
	const bool wants_change = state->is_raised ? !is_event && over < -back : over >= 0.0;

	state->pending_s = state->is_pending ? state->pending_s + dt_s : 0.0;
	state->is_pending = wants_change;
	const bool is_due = state->pending_s >= (state->is_raised ? end_delay_s : r->delay_s);

	if ((wants_change && is_due) || (is_event && !state->is_raised)) {
		state->is_raised = !state->is_raised;
		state->is_pending = false;
	}
}

/* Nearly always none: those over their threshold, with an event, or busy the last time. */
static uint32_t rows_due(const struct alarms *a, const struct battery *b, const double *m)
{
	uint32_t due = a->busy;

	if (b->active.bits[0] | b->active.bits[1])
		return (uint32_t) ((UINT64_C(1) << G_N_ELEMENTS(rows)) - 1);
	for (size_t i = 0; i < MEASURE_COUNT; i++)
		if (m[i] >= a->least[i])
			due |= a->rows_of[i];
	return due;
}

static void step_rows(struct alarms *a, const struct battery *b, const double *m, double dt_s)
{
	const uint32_t due = rows_due(a, b, m);

	a->busy = 0;
	for (uint32_t left = due; left; left &= left - 1) {
		const int i = __builtin_ctz(left);

		step_row(a, (size_t) i, b, m, dt_s);
		if (a->row[i].is_raised || a->row[i].is_pending)
			a->busy |= UINT32_C(1) << i;
	}
}

/* What is unknown lasts no longer. */
static void forget_pending(struct alarms *a)
{
	for (uint32_t left = a->busy; left; left &= left - 1)
		a->row[__builtin_ctz(left)].is_pending = false;
}

/* s since the snapshot before: one that is late is none that is missing. */
static double advance(struct alarms *a, gint64 now_us)
{
	const double dt_s = a->was_stepped ? (double) (now_us - a->step_us) / 1e6 : 0.0;

	a->was_stepped = true;
	a->step_us = now_us;
	if (dt_s > step_max_s)
		forget_pending(a);
	return CLAMP(dt_s, 0.0, step_max_s);
}

void alarms_step(struct alarms *a, const struct charge_config *config,
		 const struct battery *battery, const struct limits *limits, gint64 now_us,
		 enum alarm_level out[ALARM_COUNT])
{
	double m[MEASURE_COUNT];

	for (size_t i = 0; i < ALARM_COUNT; i++)
		out[i] = ALARM_OK;
	if (battery) {
		measure(a, config, battery, limits, m);
		update_thresholds(a, &battery->settings);
		step_rows(a, battery, m, advance(a, now_us));
	}
	for (uint32_t left = a->busy; left; left &= left - 1) {
		const int i = __builtin_ctz(left);

		if (a->row[i].is_raised && out[rows[i].id] < rows[i].level)
			out[rows[i].id] = rows[i].level;
	}
	if (limits->is_unbalanced && out[ALARM_CELL_IMBALANCE] < ALARM_WARNING)
		out[ALARM_CELL_IMBALANCE] = ALARM_WARNING;
	if (limits->bms_cable_warning)
		out[ALARM_BMS_CABLE] = limits->bms_cable_alarm ? ALARM_ALARM : ALARM_WARNING;
}

int alarms_error_code(const struct battery_events *active)
{
	for (size_t i = 0; i < G_N_ELEMENTS(error_codes); i++)
		if (battery_events_contain(active, error_codes[i].event))
			return error_codes[i].code;

	/* Any other fault but the three over-currents. */
	const uint64_t over_currents = UINT64_C(7) << 5;
	const struct battery_events others = { { active->bits[0] & ~over_currents } };

	return has_fault(&others) ? ERROR_HARDWARE : 0;
}
