/* SPDX-License-Identifier: MIT */
/* Questions: what a test needs to know that the line does not say. */
#include <math.h>
#include <string.h>

#include "sim/commands_private.h"
#include "sim/protection.h"
#include "tinybms/settings.h"

static bool get_registers(struct command_call *call)
{
	unsigned first, count;

	if (!command_count(call, 0, 0, UINT16_MAX, 0, &first) ||
	    !command_count(call, 1, 1, DEVICE_WORDS, 1, &count))
		return false;
	for (unsigned i = 0; i < count; i++)
		g_string_append_printf(call->answer, "%s%u", i ? " " : "",
				       device_word(&call->s->device, (uint16_t) (first + i)));
	return true;
}

static bool get_setting(struct command_call *call)
{
	const struct device *d = &call->s->device;
	const struct setting *s = settings_by_name(call->word[0]);

	if (!s)
		return command_fail(call, "no setting \"%s\"", call->word[0]);
	if (s->words == 2)
		g_string_printf(call->answer, "%.9g", device_u32(d, s->address) * s->scale);
	else
		g_string_printf(call->answer, "%.9g", device_setting(d, s->address));
	return true;
}

static bool get_cell(struct command_call *call)
{
	const struct device *d = &call->s->device;
	unsigned number;

	if (!command_count(call, 0, 1, d->cells.count, 0, &number))
		return false;
	g_string_printf(call->answer, "%.6f", d->cell_v[number - 1]);
	return true;
}

static bool get_cells(struct command_call *call)
{
	const struct device *d = &call->s->device;

	for (unsigned i = 0; i < d->cells.count; i++)
		g_string_append_printf(call->answer, "%s%.6f", i ? " " : "", d->cell_v[i]);
	return true;
}

static bool get_voltage(struct command_call *call)
{
	g_string_printf(call->answer, "%.6f", call->s->device.cells.sum_v);
	return true;
}

static bool get_current(struct command_call *call)
{
	g_string_printf(call->answer, "%.6f", call->s->device.current_a);
	return true;
}

static bool get_soc(struct command_call *call)
{
	g_string_printf(call->answer, "%.6f", call->s->device.soc_pct);
	return true;
}

static bool get_true_soc(struct command_call *call)
{
	const struct cells *c = &call->s->device.cells;
	double capacity_ah = 0.0;

	for (unsigned i = 0; i < c->count; i++)
		capacity_ah += c->capacity_ah[i] / c->count;
	g_string_printf(call->answer, "%.6f", 100.0 * cells_charge_ah(c) / capacity_ah);
	return true;
}

static bool get_temperature(struct command_call *call)
{
	unsigned sensor;

	if (!command_count(call, 0, 0, DEVICE_SENSORS - 1, 0, &sensor))
		return false;

	const double c = call->s->device.temp_c[sensor];

	if (isnan(c))
		g_string_assign(call->answer, "none");
	else
		g_string_printf(call->answer, "%.3f", c);
	return true;
}

static bool get_totals(struct command_call *call)
{
	const struct device_totals *t = &call->s->device.totals;

	g_string_printf(call->answer,
			"charged_ah=%.9f discharged_ah=%.9f charged_wh=%.9f discharged_wh=%.9f "
			"bled_ah=%.9f",
			t->charged_ah, t->discharged_ah, t->charged_wh, t->discharged_wh,
			t->bled_ah);
	return true;
}

static bool get_status(struct command_call *call)
{
	g_string_printf(call->answer, "0x%02X", call->s->device.word[DEVICE_STATUS]);
	return true;
}

static bool get_switches(struct command_call *call)
{
	const struct device *d = &call->s->device;

	g_string_printf(call->answer, "charge=%d discharge=%d", !protection_stops_charge(d),
			!protection_stops_discharge(d));
	return true;
}

static bool get_balancing(struct command_call *call)
{
	const struct device *d = &call->s->device;

	g_string_assign(call->answer, d->bleeding ? "" : "none");
	for (unsigned i = 0; i < d->cells.count; i++)
		if (d->bleeding >> i & 1)
			g_string_append_printf(call->answer, "%s%u", call->answer->len ? " " : "",
					       i + 1);
	return true;
}

static bool get_faults(struct command_call *call)
{
	g_autofree char *names = protection_active_names(&call->s->device);

	g_string_assign(call->answer, names[0] ? names : "none");
	return true;
}

static bool get_events(struct command_call *call)
{
	const uint16_t *list = call->s->device.word + DEVICE_EVENTS;

	for (unsigned i = 0; i < DEVICE_EVENTS_MAX; i++)
		if (list[2 * i + 1] >> 8)
			g_string_append_printf(call->answer, "%s0x%02X@%u",
					       call->answer->len ? " " : "", list[2 * i + 1] >> 8,
					       list[2 * i] | (list[2 * i + 1] & 0xFFu) << 16);
	if (!call->answer->len)
		g_string_assign(call->answer, "none");
	return true;
}

static bool get_asleep(struct command_call *call)
{
	g_string_assign(call->answer, call->s->device.is_asleep ? "yes" : "no");
	return true;
}

static bool get_time(struct command_call *call)
{
	g_string_printf(call->answer, "%.1f", (double) call->s->device.now_us / 1e6);
	return true;
}

static bool get_lifetime(struct command_call *call)
{
	g_string_printf(call->answer, "%.1f", call->s->device.lifetime_s);
	return true;
}

static bool get_requests(struct command_call *call)
{
	const struct simulator_counters *c = &call->s->counters;

	if (call->words) {
		unsigned command;

		if (!command_count(call, 0, 0, UINT8_MAX, 0, &command))
			return false;
		g_string_printf(call->answer, "%" G_GUINT64_FORMAT, c->command[command]);
		return true;
	}
	g_string_printf(call->answer,
			"requests=%" G_GUINT64_FORMAT " answered=%" G_GUINT64_FORMAT
			" refused=%" G_GUINT64_FORMAT " lost=%" G_GUINT64_FORMAT
			" crc_errors=%" G_GUINT64_FORMAT " ignored=%" G_GUINT64_FORMAT
			" writes=%" G_GUINT64_FORMAT " bytes_in=%" G_GUINT64_FORMAT
			" bytes_out=%" G_GUINT64_FORMAT,
			c->requests, c->answered, c->refused, c->lost, c->crc_errors, c->ignored,
			c->writes, c->bytes_in, c->bytes_out);
	return true;
}

static bool reset_counters(struct command_call *call)
{
	call->s->counters = (struct simulator_counters){ 0 };
	return true;
}

static bool say_bytes(struct command_call *call, const struct simulator_last *last)
{
	g_string_assign(call->answer, last->count ? "" : "none");
	for (size_t i = 0; i < last->count; i++)
		g_string_append_printf(call->answer, "%s%02X", i ? " " : "", last->bytes[i]);
	return true;
}

static bool get_last_request(struct command_call *call)
{
	return say_bytes(call, &call->s->last_request);
}

static bool get_last_write(struct command_call *call)
{
	return say_bytes(call, &call->s->last_write);
}

static bool get_last_answer(struct command_call *call)
{
	return say_bytes(call, &call->s->last_answer);
}

/* clang-format off */
const struct command commands_get[] = {
	{ "get registers", 1, 2, "FIRST [COUNT]", get_registers },
	{ "get setting", 1, 1, "NAME", get_setting },
	{ "get cell", 1, 1, "NUMBER", get_cell },
	{ "get cells", 0, 0, "", get_cells },
	{ "get voltage", 0, 0, "", get_voltage },
	{ "get current", 0, 0, "", get_current },
	{ "get soc", 0, 0, "(what the BMS believes)", get_soc },
	{ "get true-soc", 0, 0, "", get_true_soc },
	{ "get temperature", 1, 1, "0|1|2", get_temperature },
	{ "get totals", 0, 0, "(charge and energy through the terminals)", get_totals },
	{ "get status", 0, 0, "", get_status },
	{ "get switches", 0, 0, "", get_switches },
	{ "get balancing", 0, 0, "", get_balancing },
	{ "get faults", 0, 0, "", get_faults },
	{ "get events", 0, 0, "(ID@TIME)", get_events },
	{ "get asleep", 0, 0, "", get_asleep },
	{ "get time", 0, 0, "", get_time },
	{ "get lifetime", 0, 0, "", get_lifetime },
	{ "get requests", 0, 1, "[COMMAND]", get_requests },
	{ "get last-request", 0, 0, "", get_last_request },
	{ "get last-write", 0, 0, "(accepted)", get_last_write },
	{ "get last-answer", 0, 0, "(before any fault of the line)", get_last_answer },
	{ "reset-counters", 0, 0, "", reset_counters },
	{ NULL, 0, 0, NULL, NULL },
};
/* clang-format on */
