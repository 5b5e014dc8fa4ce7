/* SPDX-License-Identifier: MIT */
#include "n2k_world.h"

#include "support.h"

void n2k_world_update(struct n2k_world *w)
{
	n2k_node_update(&w->node, &w->input, w->now_us);
}

void n2k_world_start_at(struct n2k_world *w, uint8_t address)
{
	memset(w, 0, sizeof(*w));
	battery_clear(&w->battery);
	w->battery.cell_count = 14;
	for (unsigned i = 0; i < 14; i++)
		w->battery.cell_v[i] = 3.985;
	battery_derive(&w->battery);
	w->battery.pack_v = 55.78;
	w->battery.current_a = -3;
	w->battery.soc_pct = 83.55;
	w->battery.soh_pct = 100;
	w->battery.time_left_s = 1092 * 60;
	w->battery.temp_external_c[0] = 9.7;
	w->battery.settings.capacity_ah = 65.83;
	w->battery.settings.over_voltage_v = 4.2;
	w->battery.identity.firmware_public = 1;
	w->battery.identity.firmware_internal = 23;
	g_strlcpy(w->battery.identity.serial, "0123456789ABCDEF01234567",
		  sizeof(w->battery.identity.serial));
	w->limits = (struct limits){ .on_bus = true, .cvl_v = 55, .ccl_a = 60, .dcl_a = 80 };
	w->input = (struct can_input){ .battery = &w->battery, .limits = &w->limits };
	can_protocol_defaults(can_protocol_find("nmea2000"), &w->options);
	n2k_node_init(&w->node, &w->options, w->battery.identity.serial, address);
}

void n2k_world_start(struct n2k_world *w)
{
	n2k_world_start_at(w, 0x50);
}

void n2k_world_drain(struct n2k_world *w)
{
	struct can_frame frame;

	while (n2k_node_take(&w->node, w->now_us, &frame)) {
		if (w->is_blocked) {
			n2k_node_refused(&w->node, w->now_us);
			return;
		}
		assert_true(w->count < N2K_LOG_MAX);
		w->log[w->count].at_s = (double) w->now_us / N2K_SECOND_US;
		w->log[w->count++].frame = frame;
	}
}

void n2k_world_pass(struct n2k_world *w, double s)
{
	const gint64 end_us = w->now_us + (gint64) (s * N2K_SECOND_US);

	for (;;) {
		const gint64 update_us = (w->now_us / N2K_SECOND_US + 1) * N2K_SECOND_US;
		gint64 wake_us;

		n2k_world_drain(w);
		wake_us = MIN(n2k_node_next_us(&w->node), update_us);
		assert_true(wake_us > w->now_us); /* never a busy loop */
		if (wake_us >= end_us)
			break;
		w->now_us = wake_us;
		if (wake_us == update_us)
			n2k_world_update(w);
	}
	w->now_us = end_us;
	n2k_world_drain(w);
}

void n2k_world_hear(struct n2k_world *w, canid_t id, uint64_t data, uint8_t length)
{
	struct can_frame frame = { .can_id = CAN_EFF_FLAG | id, .can_dlc = length };

	for (unsigned i = 0; i < length; i++)
		frame.data[i] = (uint8_t) (data >> 8 * i);
	n2k_node_hear(&w->node, &frame, w->now_us);
}

void n2k_world_request(struct n2k_world *w, uint8_t destination, uint32_t pgn)
{
	n2k_world_hear(w, 0x18EA0000 | (canid_t) destination << 8 | 0x21, pgn, 3);
}

unsigned n2k_world_count_of(const struct n2k_world *w, canid_t id)
{
	unsigned n = 0;

	for (unsigned i = 0; i < w->count; i++)
		n += w->log[i].frame.can_id == (CAN_EFF_FLAG | id);
	return n;
}

void n2k_world_expect(const struct n2k_world *w, canid_t id, unsigned nth, const char *want)
{
	char got[2 * CAN_MAX_DLEN + 1] = "";

	for (unsigned i = 0; i < w->count; i++) {
		const struct can_frame *f = &w->log[i].frame;

		if (f->can_id != (CAN_EFF_FLAG | id) || nth-- > 0)
			continue;
		for (unsigned b = 0; b < f->can_dlc; b++)
			sprintf(got + 2 * b, "%02X", f->data[b]);
		break;
	}
	if (strcmp(got, want))
		fail_msg("%08X is \"%s\", want %s", id, got, want);
}
