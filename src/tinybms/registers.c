/* SPDX-License-Identifier: MIT */
#include "tinybms/registers.h"

#include <math.h>
#include <string.h>

#include "tinybms/settings.h"

#define LIVE(member) offsetof(struct battery, member)
#define STATISTIC(member) offsetof(struct battery_statistics, member)
#define SETTING(member) offsetof(struct battery_settings, member)

enum {
	CELL_SCALE_PER_V = 10000, /* registers 0 to 15 count 0.1 mV */
	REGISTER_STATUS = 50,
	REGISTER_BALANCING_WANTED = 51,
	REGISTER_BALANCING = 52,
	REGISTER_DETECTED_CELLS = 53,
};

#define CELL_MAX_V 5.0 /* no lithium cell: a broken wire or a broken reading */

/* clang-format off */
static const struct register_row live[] = {
	{ 32, REGISTER_U32, 1,     0,     4294967294.0, LIVE(lifetime_s),         "lifetime_counter" },
	{ 34, REGISTER_U32, 1,     0,     8640000,      LIVE(time_left_s),        "estimated_time_left" },
	{ 36, REGISTER_F32, 1,     0,     100,          LIVE(pack_v),             "pack_voltage" },
	{ 38, REGISTER_F32, 1,     -2000, 2000,         LIVE(current_a),          "pack_current" },
	{ 42, REGISTER_I16, 0.1,   -60,   150,          LIVE(temp_external_c[0]), "external_temperature_1" },
	{ 43, REGISTER_I16, 0.1,   -60,   150,          LIVE(temp_external_c[1]), "external_temperature_2" },
	{ 44, REGISTER_U16, 1,     0,     65534,        LIVE(distance_left_km),   "distance_left" },
	{ 45, REGISTER_U16, 0.002, 0.002, 100,          LIVE(soh_pct),            "state_of_health" },
	{ 46, REGISTER_U32, 1e-6,  0,     100,          LIVE(soc_pct),            "state_of_charge" },
	{ 48, REGISTER_I16, 0.1,   -60,   150,          LIVE(temp_internal_c),    "internal_temperature" },
	{ 54, REGISTER_F32, 1,     0,     1000,         LIVE(speed_kmh),          "speed" },
};

static const struct register_row statistics[] = {
	{ 100, REGISTER_U32,     0.01, 0, 42949672.0, STATISTIC(total_distance_km),      "total_distance" },
	{ 102, REGISTER_U16,     0.1,  0, 6553.5,     STATISTIC(max_discharge_a),        "max_discharge_current" },
	{ 103, REGISTER_U16,     0.1,  0, 6553.5,     STATISTIC(max_charge_a),           "max_charge_current" },
	{ 104, REGISTER_U16,     1e-4, 0, 5,          STATISTIC(max_cell_difference_v),  "max_cell_voltage_difference" },
	{ 105, REGISTER_U16,     1,    0, 65535,      STATISTIC(under_voltage_count),    "under_voltage_count" },
	{ 106, REGISTER_U16,     1,    0, 65535,      STATISTIC(over_voltage_count),     "over_voltage_count" },
	{ 107, REGISTER_U16,     1,    0, 65535,      STATISTIC(discharge_over_current_count), "discharge_over_current_count" },
	{ 108, REGISTER_U16,     1,    0, 65535,      STATISTIC(charge_over_current_count), "charge_over_current_count" },
	{ 109, REGISTER_U16,     1,    0, 65535,      STATISTIC(over_heat_count),        "over_heat_count" },
	{ 111, REGISTER_U16,     1,    0, 65535,      STATISTIC(charging_count),         "charging_count" },
	{ 112, REGISTER_U16,     1,    0, 65535,      STATISTIC(full_charge_count),      "full_charge_count" },
	{ 113, REGISTER_I8_LOW,  1,    -60, 127,      STATISTIC(temperature_min_c),      "pack_temperature_min" },
	{ 113, REGISTER_I8_HIGH, 1,    -60, 127,      STATISTIC(temperature_max_c),      "pack_temperature_max" },
	{ 114, REGISTER_U8_LOW,  1,    0, 255,        STATISTIC(last_reset_cause),       "last_reset_cause" },
	{ 114, REGISTER_U8_HIGH, 1,    0, 255,        STATISTIC(last_wakeup_cause),      "last_wakeup_cause" },
	{ 116, REGISTER_U32,     1,    0, 4294967294.0, STATISTIC(cleared_at_s),         "statistics_cleared_at" },
};

/* The ranges are those of settings.c, where the document's are; 0 means "as there". */
static const struct register_row settings[] = {
	{ 300, REGISTER_U16, 0, 0, 0, SETTING(fully_charged_v),          "fully_charged_voltage" },
	{ 301, REGISTER_U16, 0, 0, 0, SETTING(fully_discharged_v),       "fully_discharged_voltage" },
	{ 303, REGISTER_U16, 0, 0, 0, SETTING(early_balancing_v),        "early_balancing_threshold" },
	{ 304, REGISTER_U16, 0, 0, 0, SETTING(charge_finished_a),        "charge_finished_current" },
	{ 306, REGISTER_U16, 0, 0, 0, SETTING(capacity_ah),              "battery_capacity" },
	{ 307, REGISTER_U16, 0, 0, 0, SETTING(series_cells),             "series_cells" },
	{ 308, REGISTER_U16, 0, 0, 0, SETTING(allowed_disbalance_v),     "allowed_disbalance" },
	{ 315, REGISTER_U16, 0, 0, 0, SETTING(over_voltage_v),           "over_voltage_cutoff" },
	{ 316, REGISTER_U16, 0, 0, 0, SETTING(under_voltage_v),          "under_voltage_cutoff" },
	{ 317, REGISTER_U16, 0, 0, 0, SETTING(discharge_over_current_a), "discharge_over_current_cutoff" },
	{ 318, REGISTER_U16, 0, 0, 0, SETTING(charge_over_current_a),    "charge_over_current_cutoff" },
	{ 319, REGISTER_I16, 0, 0, 0, SETTING(over_heat_c),              "over_heat_cutoff" },
	{ 320, REGISTER_I16, 0, 0, 0, SETTING(low_temperature_charge_c), "low_temperature_charge_cutoff" },
};
/* clang-format on */

G_DEFINE_QUARK(registers_error, registers_error)

const struct register_row *registers_live(size_t *count)
{
	*count = G_N_ELEMENTS(live);
	return live;
}

const struct register_row *registers_statistics(size_t *count)
{
	*count = G_N_ELEMENTS(statistics);
	return statistics;
}

const struct register_row *registers_settings(size_t *count)
{
	*count = G_N_ELEMENTS(settings);
	return settings;
}

static double raw_f32(uint32_t raw)
{
	float value;

	memcpy(&value, &raw, sizeof(value));
	return (double) value;
}

/* @word points at the row's own register; its block is known to be long enough. */
static double raw_value(const uint16_t *word, enum register_type type)
{
	switch (type) {
	case REGISTER_U16:
		return word[0];
	case REGISTER_I16:
		return (int16_t) word[0];
	case REGISTER_U32:
		return (uint32_t) word[1] << 16 | word[0];
	case REGISTER_F32:
		return raw_f32((uint32_t) word[1] << 16 | word[0]);
	case REGISTER_I8_LOW:
		return (int8_t) (word[0] & 0xFF);
	case REGISTER_I8_HIGH:
		return (int8_t) (word[0] >> 8);
	case REGISTER_U8_LOW:
		return word[0] & 0xFF;
	case REGISTER_U8_HIGH:
		return word[0] >> 8;
	}
	g_assert_not_reached();
}

static double within(double value, double min, double max)
{
	return value >= min && value <= max ? value : (double) NAN;
}

static void decode_rows(const struct register_row *rows, size_t count, const uint16_t *words,
			unsigned first, void *out)
{
	for (size_t i = 0; i < count; i++) {
		const struct register_row *r = &rows[i];
		const double value = raw_value(words + r->address - first, r->type) * r->scale;

		*(double *) ((char *) out + r->field) = within(value, r->min, r->max);
	}
}

static unsigned cell_count(const uint16_t *words, const struct battery *b)
{
	const double configured = b->settings.series_cells;

	if (configured >= BATTERY_CELLS_MIN && configured <= BATTERY_CELLS_MAX)
		return (unsigned) configured;
	return words[REGISTER_DETECTED_CELLS];
}

/* True if exactly the first @n of 16 registers are live: other firmware, other wiring. */
static bool is_wired_from_bottom(const uint16_t *words, unsigned n)
{
	for (unsigned i = 0; i < BATTERY_CELLS_MAX; i++)
		if ((words[i] != 0) != (i < n))
			return false;
	return true;
}

static bool decode_cells(const uint16_t *words, struct battery *b, unsigned *first, GError **error)
{
	const unsigned n = cell_count(words, b);
	unsigned live_cells = 0;

	if (n < BATTERY_CELLS_MIN || n > BATTERY_CELLS_MAX) {
		g_set_error(error, REGISTERS_ERROR, REGISTERS_ERROR_CELLS,
			    "register 53 says %u cells, a TinyBMS has %d to %d: check the balance "
			    "connector and register 307",
			    n, BATTERY_CELLS_MIN, BATTERY_CELLS_MAX);
		return false;
	}

	*first = BATTERY_CELLS_MAX - n;
	if (n < BATTERY_CELLS_MAX && is_wired_from_bottom(words, n))
		*first = 0;

	b->cell_count = n;
	b->cells_detected = words[REGISTER_DETECTED_CELLS];
	for (unsigned i = 0; i < BATTERY_CELLS_MAX; i++) {
		const double v = i < n ? words[*first + i] / (double) CELL_SCALE_PER_V
				       : (double) NAN;

		live_cells += v > 0.0;
		b->cell_v[i] = within(v, 0.0, CELL_MAX_V);
	}
	if (!live_cells) {
		g_set_error(error, REGISTERS_ERROR, REGISTERS_ERROR_STARTING,
			    "all %u cells read 0 V: the BMS is starting, or its balance connector is "
			    "not plugged in",
			    n);
		return false;
	}
	return true;
}

/*
 * Bit k belongs to register k. A bit below the first cell's register cannot be:
 * such firmware counts from cell 1.
 */
/* Bits of places without a cell are dropped. */
static uint16_t balancing_bits(uint16_t raw, unsigned first, unsigned cells,
			       struct registers_habit *habit)
{
	if (raw & ((1u << first) - 1u))
		habit->balancing_from_cell_1 = true;

	const unsigned bits = habit->balancing_from_cell_1 ? raw : (unsigned) raw >> first;

	return (uint16_t) (bits & ((1u << cells) - 1u));
}

static enum battery_status status(uint16_t raw)
{
	switch (raw) {
	case BATTERY_STATUS_CHARGING:
	case BATTERY_STATUS_FULL:
	case BATTERY_STATUS_DISCHARGING:
	case BATTERY_STATUS_REGENERATION:
	case BATTERY_STATUS_IDLE:
	case BATTERY_STATUS_FAULT:
		return (enum battery_status) raw;
	default:
		return BATTERY_STATUS_UNKNOWN;
	}
}

bool registers_decode_live(const uint16_t words[REGISTERS_LIVE_COUNT],
			   struct registers_habit *habit, struct battery *b, GError **error)
{
	unsigned first;

	if (!decode_cells(words, b, &first, error))
		return false;

	decode_rows(live, G_N_ELEMENTS(live), words, REGISTERS_LIVE_FIRST, b);
	b->status = status(words[REGISTER_STATUS]);
	b->balancing_wanted = balancing_bits(words[REGISTER_BALANCING_WANTED], first, b->cell_count, habit);
	b->balancing = balancing_bits(words[REGISTER_BALANCING], first, b->cell_count, habit);
	battery_derive(b);
	return true;
}

void registers_decode_statistics(const uint16_t words[REGISTERS_STATISTICS_COUNT],
				 struct battery_statistics *out)
{
	decode_rows(statistics, G_N_ELEMENTS(statistics), words, REGISTERS_STATISTICS_FIRST, out);
}

void registers_decode_settings(const uint16_t *words, struct battery_settings *out)
{
	for (size_t i = 0; i < G_N_ELEMENTS(settings); i++) {
		const struct register_row *r = &settings[i];
		const struct setting *s = settings_by_address(r->address);
		const double raw = raw_value(words + r->address - SETTINGS_FIRST, r->type);

		*(double *) ((char *) out + r->field) =
			within(raw, s->raw_min, s->raw_max) * s->scale;
	}
}

void registers_decode_identity(const uint16_t words[REGISTERS_VERSION_COUNT],
			       struct battery_identity *out)
{
	const uint16_t *serial = words + 4; /* registers 504 to 509 */
	bool is_blank = true;

	*out = (struct battery_identity){
		.hardware = words[0] & 0xFF,
		.hardware_changes = words[0] >> 8,
		.firmware_public = words[1] & 0xFF,
		.is_high_power = words[1] >> 8 & 1,
		.current_sensor = words[1] >> 9 & 3,
		.firmware_internal = words[2],
		.bootloader = words[3] & 0xFF,
		.profile = words[3] >> 8,
	};

	for (unsigned i = 0; i < 6; i++)
		is_blank = is_blank && (serial[i] == 0 || serial[i] == 0xFFFF);
	if (!is_blank)
		g_snprintf(out->serial, sizeof(out->serial), "%04X%04X%04X%04X%04X%04X", serial[0],
			   serial[1], serial[2], serial[3], serial[4], serial[5]);
}
