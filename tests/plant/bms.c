/* SPDX-License-Identifier: MIT */
#include "plant/bms.h"

#include <math.h>

/* Events of the communication protocol, chapter 4. */
enum {
	FAULT_UNDER_VOLTAGE = 0x02,
	FAULT_OVER_VOLTAGE = 0x03,
	FAULT_OVER_TEMPERATURE = 0x04,
	FAULT_DISCHARGE_OVER_CURRENT = 0x05,
	FAULT_CHARGE_OVER_CURRENT = 0x06,
	FAULT_LOW_TEMPERATURE = 0x0A,
};

static const double over_current_delay_s = 1.0, recovery_s = 10.0, recovery_margin_v = 0.10;

void bms_init(struct bms *b, const struct pack *p)
{
	const struct cells *c = &p->cells;
	double soc = 0.0;

	for (unsigned i = 0; i < c->count; i++)
		soc += c->soc[i] / c->count;
	*b = (struct bms){ .settings = p->settings, .ammeter_offset_a = p->ammeter_offset_a };
	b->capacity_as = p->settings.capacity_ah * 3600.0;
	b->counted_as = (soc + p->soc_error) * b->capacity_as;
	b->v_min = b->v_max = c->v[0];
}

/* What opens the switch altogether outranks an empty cell. */
static void trip(struct bms *b, unsigned fault, unsigned *trips)
{
	const bool is_empty = fault == FAULT_UNDER_VOLTAGE;

	if (b->is_open || (b->is_empty && is_empty))
		return;
	b->fault = fault;
	b->fault_s = 0.0;
	b->is_empty = is_empty;
	b->is_open = !is_empty;
	if (!is_empty || !b->is_wire_excused)
		(*trips)++;
}

void bms_inject(struct bms *b, unsigned fault)
{
	unsigned none = 0;

	trip(b, fault, &none);
}

static void sample_current(struct bms *b, const struct cells *c, double current_a)
{
	const bool is_high = current_a > b->settings.charge_over_current_a;
	const bool is_low = -current_a > b->settings.discharge_over_current_a;

	b->over_charge_s = is_high ? b->over_charge_s + c->step_s : 0.0;
	b->over_discharge_s = is_low ? b->over_discharge_s + c->step_s : 0.0;
	if (b->over_charge_s >= over_current_delay_s)
		trip(b, FAULT_CHARGE_OVER_CURRENT, &b->other_trips);
	if (b->over_discharge_s >= over_current_delay_s)
		trip(b, FAULT_DISCHARGE_OVER_CURRENT, &b->other_trips);
}

void bms_sample(struct bms *b, const struct cells *c, double current_a)
{
	double low = c->v[0], high = c->v[0];

	for (unsigned i = 1; i < c->count; i++) {
		low = c->v[i] < low ? c->v[i] : low;
		high = c->v[i] > high ? c->v[i] : high;
	}
	b->v_min = low;
	b->v_max = high;
	if (high >= b->settings.over_voltage_v)
		trip(b, FAULT_OVER_VOLTAGE, &b->over_voltage_trips);
	if (low <= b->settings.under_voltage_v || b->broken_wire)
		trip(b, FAULT_UNDER_VOLTAGE, &b->under_voltage_trips);
	sample_current(b, c, current_a);
}

static bool has_recovered(const struct bms *b)
{
	if (b->fault_s < recovery_s)
		return false;
	if (b->fault == FAULT_OVER_VOLTAGE)
		return b->v_max <= b->settings.over_voltage_v - recovery_margin_v;
	if (b->fault == FAULT_UNDER_VOLTAGE)
		return b->v_min >= b->settings.under_voltage_v + recovery_margin_v &&
		       !b->broken_wire;
	if (b->fault == FAULT_OVER_TEMPERATURE)
		return b->fault_s >= 60.0;
	return true;
}

static void sample_temperature(struct bms *b, const struct cells *c, double current_a)
{
	double low_c = c->temp_c[0], high_c = c->temp_c[0];

	for (unsigned i = 1; i < c->count; i++) {
		low_c = fmin(low_c, c->temp_c[i]);
		high_c = fmax(high_c, c->temp_c[i]);
	}
	if (high_c >= b->settings.over_heat_c)
		trip(b, FAULT_OVER_TEMPERATURE, &b->other_trips);
	if (low_c <= b->settings.low_temperature_charge_c && current_a > 0.5)
		trip(b, FAULT_LOW_TEMPERATURE, &b->other_trips);
}

static void count_charge(struct bms *b, double current_a)
{
	const bool is_tail = b->v_max >= b->settings.fully_charged_v && current_a > -0.1 &&
			     current_a <= b->settings.charge_finished_a;

	b->counted_as += current_a + b->ammeter_offset_a;
	b->full_s = is_tail ? b->full_s + 1.0 : 0.0;
	if (b->full_s >= 10.0) {
		b->is_full = true;
		b->counted_as = b->capacity_as;
	} else if (b->v_max < b->settings.fully_charged_v - 0.05) {
		b->is_full = false;
	}
	b->counted_as = fmin(fmax(b->counted_as, 0.0), b->capacity_as);
}

void bms_second(struct bms *b, struct cells *c, double current_a)
{
	uint16_t wanted = 0;

	for (unsigned i = 0; i < c->count; i++)
		if (c->v[i] > b->settings.early_balancing_v &&
		    c->v[i] > b->v_min + b->settings.allowed_disbalance_v)
			wanted |= (uint16_t) (1u << i);
	if (wanted != b->bleeding)
		cells_set_bleeding(c, wanted);
	b->bleeding = wanted;

	count_charge(b, current_a);
	sample_temperature(b, c, current_a);
	b->fault_s += 1.0;
	if (b->fault && has_recovered(b)) {
		b->fault = 0;
		b->is_open = b->is_empty = false;
	}
}

static enum battery_status status_of(const struct bms *b, double current_a)
{
	if (b->fault)
		return BATTERY_STATUS_FAULT;
	if (b->is_full)
		return BATTERY_STATUS_FULL;
	if (current_a > 0.1)
		return BATTERY_STATUS_CHARGING;
	return current_a < -0.1 ? BATTERY_STATUS_DISCHARGING : BATTERY_STATUS_IDLE;
}

static double rounded(double value, double unit)
{
	return (double) (long) (value / unit + (value < 0.0 ? -0.5 : 0.5)) * unit;
}

static void report_temperatures(const struct bms *b, const struct cells *c, struct battery *battery)
{
	battery->temp_internal_c = rounded(c->temp_c[0] + 3.0, 0.1);
	battery->temp_external_c[0] = rounded(c->temp_c[0], 0.1);
	battery->temp_external_c[1] = rounded(c->temp_c[c->count - 1], 0.1);
	if (b->lost_sensors >= 1)
		battery->temp_external_c[1] = (double) NAN;
	if (b->lost_sensors >= 3)
		battery->temp_external_c[0] = battery->temp_internal_c = (double) NAN;
}

/* Resolutions: 0.1 mV a cell, 10 mV the pack, 10 mA, 1e-6 % (register table). */
void bms_report(const struct bms *b, const struct cells *c, double current_a, gint64 now_us,
		struct battery *battery)
{
	battery->taken_us = now_us;
	battery->cell_count = c->count;
	for (unsigned i = 0; i < c->count; i++)
		battery->cell_v[i] = rounded(c->v[i], 1e-4);
	if (b->broken_wire)
		battery->cell_v[b->broken_wire - 1] = 0.0;
	battery_derive(battery);
	battery->balancing = battery->balancing_wanted = b->bleeding;
	battery->pack_v = rounded(c->sum_v, 0.01);
	battery->current_a = rounded(current_a + b->ammeter_offset_a, 0.01);
	battery->soc_pct = 100.0 * b->counted_as / b->capacity_as;
	report_temperatures(b, c, battery);
	battery->status = status_of(b, current_a);
	battery->active = (struct battery_events){ { 0 } };
	if (b->fault)
		battery_events_add(&battery->active, b->fault);
	battery->settings = b->settings;
}
