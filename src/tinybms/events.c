/* SPDX-License-Identifier: MIT */
#include "tinybms/events.h"

#include <string.h>

#include <glib.h>

#include "tinybms/frame.h"

/* How long the status must not have been Fault for ids without a "recovered" id to end. */
#define CALM_S 10.0

/* clang-format off */
static const struct {
	uint8_t id;
	const char *text;
	const char *remedy;
} texts[] = {
	{ 0x02, "under-voltage cut-off", "Charge the battery; check its weakest cell." },
	{ 0x03, "over-voltage cut-off", "Stop charging; check which cell runs ahead and the charge voltage limit." },
	{ 0x04, "over-temperature cut-off", "Let the battery cool down; check ventilation and connections." },
	{ 0x05, "discharging over-current cut-off", "Reduce the load; compare it with register 317." },
	{ 0x06, "charging over-current cut-off", "Reduce the charge current; compare it with register 318." },
	{ 0x07, "regeneration over-current cut-off", "Reduce the charge current; compare it with register 318." },
	{ 0x0A, "low temperature cut-off", "Warm the battery up." },
	{ 0x0B, "charger switch error", "Check the charger switch and its wiring." },
	{ 0x0C, "load switch error", "Check the load switch and its wiring." },
	{ 0x0D, "single port switch error", "Check the switch and its wiring." },
	{ 0x0E, "external current sensor disconnected", "Check the sensor's plug, then restart the BMS." },
	{ 0x0F, "external current sensor connected", "Restart the BMS." },
	{ 0x31, "fully discharged cut-off", "Charge the battery." },
	{ 0x37, "low temperature charging cut-off", "Warm the battery up before charging it." },
	{ 0x38, "charging done, charger voltage too high", "Lower the charger's voltage." },
	{ 0x39, "charging done, charger voltage too low", "Raise the charger's voltage." },
	{ 0x61, "system started", NULL },
	{ 0x62, "charging started", NULL },
	{ 0x63, "charging done", NULL },
	{ 0x64, "charger connected", NULL },
	{ 0x65, "charger disconnected", NULL },
	{ 0x66, "dual port mode activated", NULL },
	{ 0x67, "single port mode activated", NULL },
	{ 0x73, "recovered from over-temperature", NULL },
	{ 0x74, "recovered from low temperature warning", NULL },
	{ 0x75, "recovered from low temperature fault", NULL },
	{ 0x76, "recovered from charging over-current", NULL },
	{ 0x77, "recovered from discharging over-current", NULL },
	{ 0x78, "recovered from regeneration over-current", NULL },
	{ 0x79, "recovered from over-voltage", NULL },
	{ 0x7A, "recovered from fully discharged", NULL },
	{ 0x7B, "recovered from under-voltage", NULL },
	{ 0x7C, "external current sensor connected", NULL },
	{ 0x7D, "external current sensor disconnected", NULL },
};

/* A fault or warning and the information that ends it. */
static const struct {
	uint8_t id, recovered;
} recoveries[] = {
	{ 0x02, 0x7B }, { 0x03, 0x79 }, { 0x04, 0x73 }, { 0x05, 0x77 }, { 0x06, 0x76 },
	{ 0x07, 0x78 }, { 0x0A, 0x75 }, { 0x31, 0x7A }, { 0x37, 0x74 },
};
/* clang-format on */

const char *events_text(uint8_t id)
{
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		if (texts[i].id == id)
			return texts[i].text;
	return NULL;
}

const char *events_remedy(uint8_t id)
{
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		if (texts[i].id == id)
			return texts[i].remedy;
	return NULL;
}

int64_t events_time(uint32_t time_24_bits, int64_t now_s)
{
	const int64_t age_s = (now_s - (int64_t) time_24_bits) & 0xFFFFFF;

	return now_s - age_s;
}

static void add(struct event_list *list, uint8_t id, uint32_t time_24_bits, int64_t now_s)
{
	if (id == 0 || list->count == EVENTS_MAX)
		return;
	list->event[list->count++] = (struct event){
		.id = id,
		.time_s = events_time(time_24_bits, now_s),
	};
}

/* Insertion sort: stable, and the list comes all but sorted. */
static void sort(struct event_list *list)
{
	for (size_t i = 1; i < list->count; i++) {
		const struct event e = list->event[i];
		size_t k = i;

		for (; k > 0 && list->event[k - 1].time_s > e.time_s; k--)
			list->event[k] = list->event[k - 1];
		list->event[k] = e;
	}
}

void events_decode_registers(const uint16_t *words, size_t words_count, int64_t now_s,
			     struct event_list *out)
{
	out->now_s = now_s;
	out->count = 0;
	for (size_t i = 0; i + 1 < words_count; i += 2) {
		const uint32_t time = words[i] | (uint32_t) (words[i + 1] & 0xFF) << 16;

		add(out, (uint8_t) (words[i + 1] >> 8), time, now_s);
	}
	sort(out);
}

bool events_decode_native(const uint8_t *payload, size_t count, struct event_list *out)
{
	out->count = 0;
	if (count < 4 || count % 4)
		return false;

	const int64_t now_s = frame_u32(payload);

	out->now_s = now_s;
	for (size_t i = 4; i < count; i += 4)
		add(out, payload[i + 3],
		    (uint32_t) payload[i] | (uint32_t) payload[i + 1] << 8 |
			    (uint32_t) payload[i + 2] << 16,
		    now_s);
	sort(out);
	return true;
}

static uint8_t recovered_by(uint8_t id)
{
	for (size_t i = 0; i < G_N_ELEMENTS(recoveries); i++)
		if (recoveries[i].id == id)
			return recoveries[i].recovered;
	return 0;
}

static void end_recovered(struct battery_events *active, uint8_t information)
{
	for (size_t i = 0; i < G_N_ELEMENTS(recoveries); i++)
		if (recoveries[i].recovered == information)
			battery_events_remove(active, recoveries[i].id);
}

static void end_unrecoverable(struct battery_events *active)
{
	for (unsigned id = 1; id <= EVENTS_WARNING_LAST; id++)
		if (!recovered_by((uint8_t) id))
			battery_events_remove(active, id);
}

struct battery_events events_active(const struct event_list *list, double seconds_without_fault)
{
	struct battery_events active = { { 0 } };

	for (size_t i = 0; i < list->count; i++) {
		const uint8_t id = list->event[i].id;

		if (id <= EVENTS_WARNING_LAST)
			battery_events_add(&active, id);
		else if (id == EVENTS_SYSTEM_STARTED)
			end_unrecoverable(&active);
		else
			end_recovered(&active, id);
	}
	if (seconds_without_fault >= CALM_S)
		end_unrecoverable(&active);
	return active;
}
