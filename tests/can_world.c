/* SPDX-License-Identifier: MIT */
#include "can_world.h"

#include "support.h"

static void fill(struct battery *b)
{
	battery_clear(b);
	b->cell_count = 14;
	for (unsigned i = 0; i < 14; i++)
		b->cell_v[i] = 3.985;
	b->cell_v[1] = 3.980;
	b->cell_v[4] = 3.990;
	battery_derive(b);
	b->pack_v = 55.78;
	b->current_a = -3.0;
	b->soc_pct = 83.55;
	b->soh_pct = 100;
	b->temp_external_c[0] = 9.7;
	b->settings.capacity_ah = 65;
	b->settings.over_voltage_v = 4.2;
	b->identity.firmware_public = 1;
	b->identity.firmware_internal = 23;
}

void can_world_start(struct can_world *w, const char *protocol)
{
	memset(w, 0, sizeof(*w));
	fill(&w->battery);
	w->limits = (struct limits){
		.on_bus = true, .cvl_v = 55.2, .ccl_a = 60, .dcl_a = 80, .dvl_v = 46
	};
	w->input = (struct can_input){
		.battery = &w->battery,
		.limits = &w->limits,
		.energy_in_wh = (double) NAN,
		.energy_out_wh = (double) NAN,
		.cycles = (double) NAN,
	};
	can_protocol_defaults(can_protocol_find(protocol), &w->options);
}

void can_world_encode(const struct can_world *w, const char *protocol, canid_t id,
		      char text[2 * CAN_MAX_DLEN + 1])
{
	const struct can_protocol *p =
		can_protocol_variant(can_protocol_find(protocol), &w->options);
	struct can_frame frames[CAN_SET_MAX];
	struct can_values values;

	can_values_fill(&values, &w->input, &w->options, p->has_unknown_codes);
	text[0] = '\0';

	const size_t count = can_protocol_encode(p, &values, CAN_ALL_FRAMES, frames);

	for (size_t i = 0; i < count; i++) {
		assert_int_not_equal(frames[i].can_id & CAN_SFF_MASK, 0x00F);
		if (frames[i].can_id != id)
			continue;
		for (unsigned b = 0; b < frames[i].can_dlc; b++)
			sprintf(text + 2 * b, "%02X", frames[i].data[b]);
	}
}

void can_world_expect(const struct can_world *w, const char *protocol, canid_t id, const char *want)
{
	char got[2 * CAN_MAX_DLEN + 1];

	can_world_encode(w, protocol, id, got);
	if (strcmp(got, want))
		fail_msg("%s %03X is %s, want %s", protocol, id & CAN_EFF_MASK, got, want);
}
