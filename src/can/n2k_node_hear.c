/* SPDX-License-Identifier: MIT */
/* n2k_node_hear - a node's address (ISO 11783-5), and what is asked of it */
#include <string.h>

#include "can/n2k_node_private.h"

enum { HOMELESS_SPREAD_MS = 153 }; /* ISO 11783-5: random delay of "cannot claim" */

const enum n2k_pgn n2k_node_pgns[WANT_COUNT] = {
	[WANT_CLAIM] = N2K_ADDRESS_CLAIM,
	[WANT_BATTERY_STATUS] = N2K_BATTERY_STATUS,
	[WANT_DC_STATUS] = N2K_DC_STATUS,
	[WANT_HEARTBEAT] = N2K_HEARTBEAT,
	[WANT_PRODUCT] = N2K_PRODUCT,
	[WANT_CONFIGURATION] = N2K_CONFIGURATION,
	[WANT_BATTERY_CONFIGURATION] = N2K_BATTERY_CONFIGURATION,
	[WANT_PGN_LIST] = N2K_PGN_LIST,
	[WANT_RECEIVED_LIST] = N2K_PGN_LIST,
};

/* ---- the address ------------------------------------------------------------------ */

static void claim(struct n2k_node *n, uint8_t address, gint64 now_us)
{
	n->address = address;
	n->claim = N2K_CLAIMING;
	n->claim_us = now_us;
	n->claim_is_out = false;
	n->wanted = 0;
	n->refusal_count = 0;
	n->frame_count = n->next_frame = 0; /* nothing more goes out from the old address */
	n2k_node_want(n, WANT_CLAIM);
}

static bool is_taken(const struct n2k_node *n, unsigned address)
{
	return n->taken[address / 32] >> (address % 32) & 1;
}

/* The next free address, upwards and round. */
static void move_on(struct n2k_node *n, gint64 now_us)
{
	for (unsigned i = 1; i <= N2K_ADDRESS_MAX; i++) {
		const unsigned address = (n->address + i) % (N2K_ADDRESS_MAX + 1u);

		if (is_taken(n, address))
			continue;
		claim(n, (uint8_t) address, now_us);
		return;
	}
	claim(n, n->address, now_us);
	n->claim = N2K_HOMELESS;
	/* those who have lost at the same time shall not speak at the same time */
	n->frame_us = now_us + (gint64) (n->name % HOMELESS_SPREAD_MS) * N2K_US_PER_MS;
}

static bool holds_address(const struct n2k_node *n)
{
	return n->claim == N2K_CLAIMING || n->claim == N2K_CLAIMED;
}

static void hear_claim(struct n2k_node *n, uint8_t source, uint64_t name, gint64 now_us)
{
	if (source > N2K_ADDRESS_MAX)
		return;
	if (!holds_address(n) || source != n->address) {
		n->taken[source / 32] |= UINT32_C(1) << (source % 32);
		return;
	}
	if (name > n->name)
		n2k_node_want(n, WANT_CLAIM); /* ours: say so again */
	if (name >= n->name)
		return;
	n->taken[source / 32] |= UINT32_C(1) << (source % 32);
	move_on(n, now_us);
}

void n2k_node_advance_claim(struct n2k_node *n, gint64 now_us)
{
	const gint64 age_us = now_us - n->claim_us;

	if (n->claim == N2K_UNCLAIMED && n->has_values) {
		claim(n, n->address, now_us);
	} else if (n->claim == N2K_CLAIMING && n->claim_is_out &&
		   age_us >= N2K_CLAIM_MS * N2K_US_PER_MS) {
		n->claim = N2K_CLAIMED;
		n->cycle_us = n->heartbeat_us = now_us;
	} else if (n->claim == N2K_HOMELESS && age_us >= N2K_HOMELESS_MS * N2K_US_PER_MS) {
		memset(n->taken, 0, sizeof(n->taken));
		claim(n, n->address, now_us);
	}
}

/* ---- requests --------------------------------------------------------------------- */

static void refuse(struct n2k_node *n, uint32_t pgn, uint8_t destination)
{
	if (n->refusal_count == N2K_REFUSALS)
		return;
	n->refusals[n->refusal_count].pgn = pgn;
	n->refusals[n->refusal_count++].destination = destination;
}

static void hear_request(struct n2k_node *n, const struct n2k_message *from, uint32_t pgn)
{
	bool is_known = false;

	if (pgn == N2K_ADDRESS_CLAIM && n->claim != N2K_UNCLAIMED) {
		n2k_node_want(n, WANT_CLAIM);
		return;
	}
	if (n->claim != N2K_CLAIMED || !n->has_values)
		return;
	if (pgn == N2K_PGN_LIST)
		n->list_destination = n->wanted >> WANT_PGN_LIST ? N2K_BROADCAST : from->source;
	for (unsigned i = 0; i < WANT_COUNT; i++) {
		if (n2k_node_pgns[i] != pgn)
			continue;
		n2k_node_want(n, i);
		is_known = true;
	}
	/* a request to everybody is answered by those who can */
	if (!is_known && from->destination == n->address)
		refuse(n, pgn, from->source);
}

static uint64_t number(const struct can_frame *frame, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t) frame->data[i] << 8 * i;
	return value;
}

bool n2k_node_hear(struct n2k_node *n, const struct can_frame *frame, gint64 now_us)
{
	struct n2k_message from;

	if ((frame->can_id & ~CAN_EFF_MASK) != CAN_EFF_FLAG || frame->can_dlc > CAN_MAX_DLEN)
		return false;
	n2k_read_id(frame->can_id, &from);
	if (from.pgn == N2K_ADDRESS_CLAIM && frame->can_dlc == 8) {
		hear_claim(n, from.source, number(frame, 8), now_us);
		return true;
	}
	if (from.pgn != N2K_REQUEST || frame->can_dlc < 3 ||
	    (from.destination != n->address && from.destination != N2K_BROADCAST))
		return false;
	hear_request(n, &from, (uint32_t) number(frame, 3));
	return true;
}
