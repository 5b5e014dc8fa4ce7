/* SPDX-License-Identifier: MIT */
#include "sim/broadcast.h"

#include <math.h>
#include <string.h>

#include "sim/protection.h"

enum protocol {
	PROTOCOL_CA_V3,
	PROTOCOL_ASCII,
	PROTOCOL_SOC_BAR,
};

enum { BAR_CHARACTERS = 20, SINGLE_PORT = 1 };

static const double periods_s[] = { 0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0 };

double broadcast_period_s(const struct device *d)
{
	const unsigned time = d->word[DEVICE_BROADCAST_TIME];
	const double period_s = time < G_N_ELEMENTS(periods_s) ? periods_s[time] : 0.0;

	if (d->word[DEVICE_BROADCAST_PROTOCOL] == PROTOCOL_SOC_BAR && period_s < 1.0)
		return 0.0;
	return period_s;
}

static double pack_v(const struct device *d)
{
	const uint32_t bits = device_u32(d, DEVICE_PACK_V);
	float value;

	memcpy(&value, &bits, sizeof(value));
	return (double) value;
}

/* Ah left, pack V, A, km/h, km, highest degC, seven zeros. */
static void ca_v3(const struct device *d, GString *line)
{
	g_string_append_printf(line, "%.4f\t%.2f\t%.2f\t%.1f\t%.2f\t%.1f",
			       device_setting(d, DEVICE_CAPACITY) * d->soc_pct / 100.0, pack_v(d),
			       d->current_a, d->drive.speed_kmh, d->distance_km,
			       isnan(d->temp_high_c) ? 0.0 : d->temp_high_c);
	for (int i = 0; i < 7; i++)
		g_string_append(line, "\t0");
}

static void temperature(GString *line, const char *name, double c)
{
	if (isnan(c))
		g_string_append_printf(line, "\t%s:----", name);
	else
		g_string_append_printf(line, "\t%s:%.2f", name, c);
}

static void switches(const struct device *d, GString *line)
{
	const bool may_charge = !protection_stops_charge(d);
	const bool may_discharge = !protection_stops_discharge(d);

	if (d->word[DEVICE_OPERATION_MODE] == SINGLE_PORT)
		g_string_append_printf(line, "\tST:%u\tSS:%d", d->word[DEVICE_SINGLE_PORT_SWITCH],
				       may_charge && may_discharge);
	else
		g_string_append_printf(line, "\tLST:%u\tLSS:%d\tCST:%u\tCSS:%d",
				       d->word[DEVICE_LOAD_SWITCH], may_discharge,
				       d->word[DEVICE_CHARGER_SWITCH],
				       may_charge && d->drive.has_charger);
}

static void ascii(const struct device *d, GString *line)
{
	g_string_append_printf(line, "BPV:%.2f\tMINCV:%.3f\tMAXCV:%.3f\tBPC:%.2f\tSOC:%.0f",
			       pack_v(d), d->word[DEVICE_MIN_CELL] / 1e3,
			       d->word[DEVICE_MAX_CELL] / 1e3, d->current_a, d->soc_pct);
	temperature(line, "BMST", d->temp_c[0]);
	temperature(line, "EXT1", d->temp_c[1]);
	temperature(line, "EXT2", d->temp_c[2]);
	g_string_append_printf(line, "\tOS:%u\tCB:", d->word[DEVICE_STATUS]);
	for (unsigned i = 0; i < d->cells.count; i++)
		g_string_append_c(line, d->bleeding >> i & 1 ? '1' : '0');
	switches(d, line);
}

static void soc_bar(const struct device *d, GString *line)
{
	const int full = (int) (d->soc_pct / 100.0 * BAR_CHARACTERS + 0.5);

	g_string_append_c(line, '[');
	for (int i = 0; i < BAR_CHARACTERS; i++)
		g_string_append_c(line, i < full ? '#' : ' ');
	g_string_append_printf(line, "] %.0f%%", d->soc_pct);
}

size_t broadcast_line(const struct device *d, char *out, size_t room)
{
	GString *line = g_string_sized_new(room);

	switch ((enum protocol) d->word[DEVICE_BROADCAST_PROTOCOL]) {
	case PROTOCOL_CA_V3:
		ca_v3(d, line);
		break;
	case PROTOCOL_ASCII:
		ascii(d, line);
		break;
	case PROTOCOL_SOC_BAR:
		soc_bar(d, line);
		break;
	}
	g_string_append(line, "\r\n");

	const size_t count = MIN(line->len, room);

	memcpy(out, line->str, count);
	g_string_free(line, TRUE);
	return count;
}
