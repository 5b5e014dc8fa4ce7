/* SPDX-License-Identifier: MIT */
#include "history/ring_row.h"

#include <math.h>
#include <string.h>

#include "tinybms/frame.h"
#include "tinybms/registers.h"

enum {
	AT_NUMBER = 0,
	AT_BOOT = 4,
	AT_UP = 8,
	AT_WALL = 16,
	AT_FLAGS = 24,
	AT_STATUS = 25,
	AT_BALANCING = 26,
	AT_EVENTS = 28,
	AT_CELLS = 44,
	AT_FLOATS = 76,
	AT_CRC = RING_ROW_BYTES - 2,
	FLAG_SILENT = 1,
	CELL_UNKNOWN = 0xFFFF,
};

static const double CELL_PER_V = 10000.0;

G_STATIC_ASSERT(AT_FLOATS + 4 * RING_ROW_FLOATS_MAX <= AT_CRC);

static void put(uint8_t *out, uint64_t number, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		out[i] = (uint8_t) (number >> (8 * i));
}

static uint64_t get(const uint8_t *in, size_t bytes)
{
	uint64_t number = 0;

	for (size_t i = 0; i < bytes; i++)
		number |= (uint64_t) in[i] << (8 * i);
	return number;
}

size_t ring_row_floats(void)
{
	size_t live, settings;

	registers_live(&live);
	registers_settings(&settings);
	return live + settings;
}

/* The @i-th number of @b. */
static double *number_at(struct battery *b, size_t i)
{
	size_t live_count, settings_count;
	const struct register_row *live = registers_live(&live_count);
	const struct register_row *settings = registers_settings(&settings_count);

	if (i < live_count)
		return G_STRUCT_MEMBER_P(b, live[i].field);
	return G_STRUCT_MEMBER_P(&b->settings, settings[i - live_count].field);
}

static void put_battery(struct battery b, uint8_t *out)
{
	out[AT_STATUS] = (uint8_t) b.status;
	put(out + AT_BALANCING, b.balancing, 2);
	put(out + AT_EVENTS, b.active.bits[0], 8);
	put(out + AT_EVENTS + 8, b.active.bits[1], 8);
	for (size_t i = 0; i < BATTERY_CELLS_MAX; i++) {
		const double raw = round(b.cell_v[i] * CELL_PER_V);
		const bool is_known = i < b.cell_count && raw >= 0.0 && raw < CELL_UNKNOWN;

		put(out + AT_CELLS + 2 * i, is_known ? (uint64_t) raw : CELL_UNKNOWN, 2);
	}
	for (size_t i = 0; i < ring_row_floats(); i++) {
		const float number = (float) *number_at(&b, i);
		uint32_t bits;

		memcpy(&bits, &number, sizeof(bits));
		put(out + AT_FLOATS + 4 * i, bits, 4);
	}
}

void ring_row_encode(const struct ring_row *row, uint8_t out[RING_ROW_BYTES])
{
	memset(out, 0, RING_ROW_BYTES);
	put(out + AT_NUMBER, row->number, 4);
	put(out + AT_BOOT, row->boot, 4);
	put(out + AT_UP, (uint64_t) row->up_ms, 8);
	put(out + AT_WALL, (uint64_t) row->wall_s, 8);
	out[AT_FLAGS] = row->is_silent ? FLAG_SILENT : 0;
	if (!row->is_silent)
		put_battery(row->battery, out);
	put(out + AT_CRC, frame_crc(out, AT_CRC), 2);
}

static void get_battery(const uint8_t *in, struct battery *b)
{
	b->status = (enum battery_status) in[AT_STATUS];
	b->balancing = b->balancing_wanted = (uint16_t) get(in + AT_BALANCING, 2);
	b->active.bits[0] = get(in + AT_EVENTS, 8);
	b->active.bits[1] = get(in + AT_EVENTS + 8, 8);
	for (unsigned i = 0; i < BATTERY_CELLS_MAX; i++) {
		const uint64_t raw = get(in + AT_CELLS + 2 * i, 2);

		b->cell_v[i] = raw == CELL_UNKNOWN ? (double) NAN : (double) raw / CELL_PER_V;
		if (raw != CELL_UNKNOWN)
			b->cell_count = i + 1;
	}
	for (size_t i = 0; i < ring_row_floats(); i++) {
		const uint32_t bits = (uint32_t) get(in + AT_FLOATS + 4 * i, 4);
		float number;

		memcpy(&number, &bits, sizeof(number));
		*number_at(b, i) = (double) number;
	}
	battery_derive(b);
}

bool ring_row_decode(const uint8_t in[RING_ROW_BYTES], struct ring_row *row)
{
	row->number = (uint32_t) get(in + AT_NUMBER, 4);
	if (row->number == 0 || get(in + AT_CRC, 2) != frame_crc(in, AT_CRC))
		return false;
	row->boot = (uint32_t) get(in + AT_BOOT, 4);
	row->up_ms = (int64_t) get(in + AT_UP, 8);
	row->wall_s = (int64_t) get(in + AT_WALL, 8);
	row->is_silent = in[AT_FLAGS] & FLAG_SILENT;
	battery_clear(&row->battery);
	if (!row->is_silent)
		get_battery(in, &row->battery);
	return true;
}
