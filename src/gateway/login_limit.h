/* SPDX-License-Identifier: MIT */
/*
 * login_limit - how soon an address may try to log in again
 *
 * Five failures are free; each further one doubles the wait, from 2 s to 15 minutes. All
 * strangers together have LOGIN_BURST trials and LOGIN_REFILL_S seconds for each further
 * one, because a trial costs time. A bounded table: the address that is at rest longest gives way.
 *
 * Whoever guesses from many addresses uses up what strangers have. So an address that has
 * logged in is no stranger: the latest LOGIN_KNOWN_MAX have only their own failures to wait for.
 * One subscriber has a whole /64 of IPv6 or more (RFC 6177), so strangers of one count as one.
 *
 * Pure; times in us of one monotonic clock.
 */
#pragma once

#include <glib.h>

enum {
	LOGIN_ADDRESSES_MAX = 64,
	LOGIN_KNOWN_MAX = 16,
	LOGIN_FREE = 5,
	LOGIN_WAIT_MAX_S = 900,
	LOGIN_BURST = 20,
	LOGIN_REFILL_S = 2,
	LOGIN_FORGET_S = 3600,
};

struct login_limit {
	struct {
		char address[46]; /**< or network; "": free */
		unsigned failures;
		gint64 last_us;
	} row[LOGIN_ADDRESSES_MAX];
	char known[LOGIN_KNOWN_MAX][46]; /**< that have logged in, the latest first */
	unsigned spent;			 /**< of LOGIN_BURST */
	gint64 spent_us;		 /**< when the last one came back */
};

/** Seconds to wait, 0: try now, and then it counts as tried. */
unsigned login_limit_take(struct login_limit *l, const char *address, gint64 now_us);
void login_limit_failed(struct login_limit *l, const char *address, gint64 now_us);
void login_limit_succeeded(struct login_limit *l, const char *address);
