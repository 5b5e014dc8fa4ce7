/* SPDX-License-Identifier: MIT */
#include "battery/control_private.h"

#include <glib.h>
#include <math.h>

enum {
	FORBIDS_CHARGE = 1,
	FORBIDS_DISCHARGE = 2,
	FORBIDS_BOTH = 3,
	FAULT_LAST = 0x30, /**< ids above are warnings */
};

/* Source: Communication Protocols rev. D, chapter 4; an under-voltage is healed by charge. */
/* clang-format off */
static const struct {
	unsigned id;
	int forbids;
	const char *text;
} events[] = {
	{ 0x02, FORBIDS_DISCHARGE, "BMS fault under-voltage" },
	{ 0x03, FORBIDS_CHARGE,    "BMS fault over-voltage" },
	{ 0x04, FORBIDS_BOTH,      "BMS fault over-temperature" },
	{ 0x05, FORBIDS_DISCHARGE, "BMS fault discharge over-current" },
	{ 0x06, FORBIDS_CHARGE,    "BMS fault charge over-current" },
	{ 0x07, FORBIDS_CHARGE,    "BMS fault regeneration over-current" },
	{ 0x0A, FORBIDS_BOTH,      "BMS fault low temperature" },
	{ 0x0B, FORBIDS_BOTH,      "BMS fault charger switch" },
	{ 0x0C, FORBIDS_BOTH,      "BMS fault load switch" },
	{ 0x0D, FORBIDS_BOTH,      "BMS fault single port switch" },
	{ 0x0E, FORBIDS_BOTH,      "BMS fault current sensor disconnected" },
	{ 0x0F, FORBIDS_BOTH,      "BMS fault current sensor connected" },
	{ 0x31, FORBIDS_DISCHARGE, "BMS fully discharged" },
	{ 0x37, FORBIDS_CHARGE,    "BMS too cold to charge" },
};
/* clang-format on */

static const double cell_dead_v = 0.5;
static const double cell_absurd_v = 5.0;

/* Sum, minimum and maximum tell at once that there is none; each cell tells which. */
static const char *implausible_cell(const struct battery *b)
{
	if (b->cell_min_v >= cell_dead_v && b->cell_max_v <= cell_absurd_v && !isnan(b->cell_sum_v))
		return NULL;
	for (unsigned i = 0; i < b->cell_count; i++) {
		const double v = b->cell_v[i];

		if (!(v <= cell_absurd_v))
			return "cell voltage implausible";
		if (!(v >= cell_dead_v))
			return "cell sense wire broken";
	}
	return NULL;
}

static const char *missing(const struct battery *b)
{
	if (!isfinite(b->current_a))
		return "the BMS to measure its current";
	return b->status == BATTERY_STATUS_UNKNOWN ? "a known status of the BMS" : NULL;
}

/* Any fault that the table does not know forbids everything. */
static bool has_other_fault(const struct battery_events *active)
{
	uint64_t left = active->bits[0] & ((UINT64_C(2) << FAULT_LAST) - 2);

	for (size_t i = 0; i < G_N_ELEMENTS(events); i++)
		if (events[i].id <= FAULT_LAST)
			left &= ~(UINT64_C(1) << events[i].id);
	return left != 0;
}

static void forbid(struct control_view *view, int what, const char *text)
{
	if ((what & FORBIDS_CHARGE) && !view->charge_fault)
		view->charge_fault = text;
	if ((what & FORBIDS_DISCHARGE) && !view->discharge_fault)
		view->discharge_fault = text;
}

void control_look_at_faults(struct control_view *view)
{
	const struct battery *b = view->b;
	const bool has_events = b->active.bits[0] | b->active.bits[1];

	view->implausible = implausible_cell(b);
	view->missing = missing(b);
	if (has_events) {
		for (size_t i = 0; i < G_N_ELEMENTS(events); i++)
			if (battery_events_contain(&b->active, events[i].id))
				forbid(view, events[i].forbids, events[i].text);
		if (has_other_fault(&b->active))
			forbid(view, FORBIDS_BOTH, "BMS fault");
	}
	if (b->status == BATTERY_STATUS_FAULT && !view->charge_fault && !view->discharge_fault)
		forbid(view, FORBIDS_BOTH, "BMS fault of unknown cause");
	if (b->status == BATTERY_STATUS_UNKNOWN)
		forbid(view, FORBIDS_BOTH, "BMS status unknown");
}
