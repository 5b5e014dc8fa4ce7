/* SPDX-License-Identifier: MIT */
#include "can/n2k_node_private.h"

#include <math.h>
#include <string.h>

#include "can/can_schedule.h"

enum {
	CYCLE_MS = 1500,      /* 127506 and 127508 (canboat.json, TransmissionInterval) */
	HEARTBEAT_MS = 60000, /* 126993, likewise */
	MESSAGE_MS = 500,     /* a fast packet that takes longer is not put together again */
};

void n2k_node_init(struct n2k_node *n, const struct can_options *options, const char *unique,
		   uint8_t address)
{
	memset(n, 0, sizeof(*n));
	n->options = *options;
	n->name = n2k_name(n2k_unique_number(unique), (unsigned) options->manufacturer_code,
			   (unsigned) options->instance);
	n->address = MIN(address, N2K_ADDRESS_MAX);
}

/* ---- values ----------------------------------------------------------------------- */

static void say_unavailable(struct can_values *v)
{
	static const enum can_value measured[] = {
		CAN_PACK_V,	  CAN_CURRENT_A,    CAN_TEMP_C,	     CAN_SOC_PCT,
		CAN_SOC_FINE_PCT, CAN_REMAINING_AH, CAN_TIME_LEFT_S,
	};

	for (size_t i = 0; i < G_N_ELEMENTS(measured); i++)
		v->number[measured[i]] = (double) NAN;
}

/* Whoever shows it hears of another name at once: some ask only when they start. */
static void fill_installation(struct n2k_node *n, const char *name)
{
	char before[sizeof(n->installation)];

	memcpy(before, n->installation, sizeof(before));
	g_strlcpy(n->installation, name ? name : "", sizeof(n->installation));
	if (n->claim == N2K_CLAIMED && strcmp(before, n->installation) != 0)
		n2k_node_want(n, WANT_CONFIGURATION);
}

static void fill_identity(struct n2k_node *n, const struct can_input *in)
{
	const struct battery_identity *id = &in->battery->identity;

	fill_installation(n, in->name);
	g_strlcpy(n->serial, id->serial, sizeof(n->serial));
	n->firmware[0] = n->hardware[0] = '\0';
	if (id->firmware_public)
		g_snprintf(n->firmware, sizeof(n->firmware), "%u.%u", id->firmware_public,
			   id->firmware_internal);
	if (id->hardware)
		g_snprintf(n->hardware, sizeof(n->hardware), "%u.%u", id->hardware,
			   id->hardware_changes);
}

void n2k_node_update(struct n2k_node *n, const struct can_input *in, gint64 now_us)
{
	n->has_values = in && in->battery && in->limits && in->limits->on_bus;
	if (!n->has_values) {
		n->wanted &= UINT32_C(1) << WANT_CLAIM;
		n->refusal_count = 0;
		n->next_frame = n->frame_count;
		return;
	}
	can_values_fill(&n->values, in, &n->options, true);
	n->is_faulty = n->values.alarms & (CAN_BIT(CAN_FLAG_FAULT) | CAN_BIT(CAN_FLAG_OFFLINE) |
					   CAN_BIT(ALARM_INTERNAL_FAILURE));
	if (n->values.alarms & CAN_BIT(CAN_FLAG_OFFLINE))
		say_unavailable(&n->values);
	fill_identity(n, in);
	n->values_us = now_us;
}

/* ---- sending ---------------------------------------------------------------------- */

static void begin_due(struct n2k_node *n, gint64 now_us)
{
	const uint32_t cycle = UINT32_C(1) << WANT_BATTERY_STATUS | UINT32_C(1) << WANT_DC_STATUS;

	if (n->claim != N2K_CLAIMED || !n->has_values)
		return;
	if (now_us >= n->cycle_us) {
		n->dropped += (n->wanted & cycle) != 0;
		n->wanted |= cycle;
		n->sid = (uint8_t) ((n->sid + 1) % N2K_SID_COUNT);
		n->cycle_us += CYCLE_MS * N2K_US_PER_MS;
		if (n->cycle_us <= now_us)
			n->cycle_us = now_us + CYCLE_MS * N2K_US_PER_MS;
		n->sets++;
	}
	if (now_us >= n->heartbeat_us) {
		n2k_node_want(n, WANT_HEARTBEAT);
		n->heartbeat_us = now_us + HEARTBEAT_MS * N2K_US_PER_MS;
	}
}

void n2k_node_build(struct n2k_node *n, enum n2k_pgn pgn, uint8_t sequence, struct n2k_message *m)
{
	const struct n2k_facts facts = {
		.values = &n->values,
		.options = &n->options,
		.name = n->name,
		.installation = n->installation,
		.serial = n->serial,
		.firmware = n->firmware,
		.hardware = n->hardware,
		.heartbeat = sequence,
		.is_faulty = n->is_faulty,
	};

	n->values.number[CAN_SID] = sequence;
	n2k_build(m, pgn, &facts);
}

static void build(struct n2k_node *n, unsigned what)
{
	if (what == WANT_HEARTBEAT)
		n->heartbeat = (uint8_t) ((n->heartbeat + 1) % N2K_SID_COUNT);
	if (what == WANT_RECEIVED_LIST)
		n2k_build_pgn_list(&n->sending, true);
	else
		n2k_node_build(n, n2k_node_pgns[what],
			       what == WANT_HEARTBEAT ? n->heartbeat : n->sid, &n->sending);
	if (n2k_node_pgns[what] == N2K_PGN_LIST)
		n->sending.destination = n->list_destination;
	n->sequences[what] = (n->sequences[what] + 1) & 7;
	n->sequence = n->sequences[what];
}

/* The next message, or false. Without an address only the claim itself goes. */
static bool begin_message(struct n2k_node *n, gint64 now_us)
{
	const uint32_t allowed = n->claim == N2K_CLAIMED ? ~UINT32_C(0) : 1;

	if (n->claim == N2K_CLAIMED && n->refusal_count > 0 && !(n->wanted & 1)) {
		n->refusal_count--;
		n2k_build_refusal(&n->sending, n->refusals[n->refusal_count].pgn,
				  n->refusals[n->refusal_count].destination);
	} else if (n->wanted & allowed) {
		const unsigned what = (unsigned) g_bit_nth_lsf(n->wanted & allowed, -1);

		n->wanted &= ~(UINT32_C(1) << what);
		build(n, what);
	} else {
		return false;
	}
	n->sending.source = n->claim == N2K_HOMELESS ? N2K_NO_ADDRESS : n->address;
	n->sending_us = now_us;
	n->next_frame = 0;
	n->frame_count = n2k_frame_count(&n->sending);
	return true;
}

static void check_age(struct n2k_node *n, gint64 now_us)
{
	if (n->has_values && now_us - n->values_us >= (gint64) CAN_UPDATE_MAX_MS * N2K_US_PER_MS)
		n2k_node_update(n, NULL, now_us);
	if (n->next_frame < n->frame_count &&
	    now_us - n->sending_us >= MESSAGE_MS * N2K_US_PER_MS) {
		n->next_frame = n->frame_count;
		n->dropped++;
	}
}

bool n2k_node_take(struct n2k_node *n, gint64 now_us, struct can_frame *frame)
{
	check_age(n, now_us);
	n2k_node_advance_claim(n, now_us);
	begin_due(n, now_us);
	if (now_us < n->frame_us)
		return false;
	if (n->next_frame == n->frame_count && !begin_message(n, now_us))
		return false;
	n2k_frame(&n->sending, n->sequence, n->next_frame++, frame);
	if (n->claim == N2K_CLAIMING && !n->claim_is_out) {
		n->claim_is_out = true;
		n->claim_us = now_us;
	}
	n->frame_us = now_us + (gint64) n->options.spacing_ms * N2K_US_PER_MS;
	return true;
}

void n2k_node_refused(struct n2k_node *n, gint64 now_us)
{
	n->next_frame--;
	if (n->claim == N2K_CLAIMING)
		n->claim_is_out = false;
	n->frame_us = now_us + CAN_RETRY_MS * N2K_US_PER_MS;
}

gint64 n2k_node_next_us(const struct n2k_node *n)
{
	const bool may_send = n->claim == N2K_CLAIMED && n->has_values;

	if (n->next_frame < n->frame_count || n->wanted & 1 ||
	    (n->claim == N2K_CLAIMED && (n->wanted || n->refusal_count)))
		return n->frame_us;
	switch (n->claim) {
	case N2K_UNCLAIMED:
		return n->has_values ? n->frame_us : G_MAXINT64;
	case N2K_CLAIMING:
		return n->claim_us + N2K_CLAIM_MS * N2K_US_PER_MS;
	case N2K_HOMELESS:
		return n->claim_us + N2K_HOMELESS_MS * N2K_US_PER_MS;
	case N2K_CLAIMED:
		break;
	}
	return may_send ? MAX(MIN(n->cycle_us, n->heartbeat_us), n->frame_us) : G_MAXINT64;
}
