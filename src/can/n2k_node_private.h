/* SPDX-License-Identifier: MIT */
/* n2k_node_private - what hearing and sending share */
#pragma once

#include "can/n2k_node.h"

enum {
	N2K_US_PER_MS = 1000,
	N2K_CLAIM_MS = 250,	 /**< ISO 11783-5: time for objections */
	N2K_HOMELESS_MS = 60000, /**< then an address is looked for again */
};

/* The order in which wanted messages go. */
enum {
	WANT_CLAIM,
	WANT_BATTERY_STATUS,
	WANT_DC_STATUS,
	WANT_HEARTBEAT,
	WANT_PRODUCT,
	WANT_CONFIGURATION,
	WANT_BATTERY_CONFIGURATION,
	WANT_PGN_LIST,
	WANT_RECEIVED_LIST,
	WANT_COUNT,
};
G_STATIC_ASSERT((int) WANT_COUNT == (int) N2K_WANTED_COUNT);

/** Their PGNs. */
extern const enum n2k_pgn n2k_node_pgns[WANT_COUNT];

static inline void n2k_node_want(struct n2k_node *n, unsigned what)
{
	n->wanted |= UINT32_C(1) << what;
}

/** What time alone does to the claim. */
void n2k_node_advance_claim(struct n2k_node *n, gint64 now_us);
