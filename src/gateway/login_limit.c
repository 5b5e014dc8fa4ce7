/* SPDX-License-Identifier: MIT */
#include "gateway/login_limit.h"

#include <arpa/inet.h>
#include <string.h>

enum { NETWORK_BYTES = 8 /* a /64 */ };

static int find_known(const struct login_limit *l, const char *address)
{
	for (int i = 0; i < LOGIN_KNOWN_MAX; i++)
		if (!strcmp(l->known[i], address))
			return i;
	return -1;
}

/* Whose failures count: of a stranger from the internet its network's. */
static void name_row(const struct login_limit *l, const char *address, char name[INET6_ADDRSTRLEN])
{
	struct in6_addr in6;

	g_strlcpy(name, address, INET6_ADDRSTRLEN);
	if (find_known(l, address) >= 0 || inet_pton(AF_INET6, address, &in6) != 1)
		return;
	memset(&in6.s6_addr[NETWORK_BYTES], 0, sizeof(in6.s6_addr) - NETWORK_BYTES);
	inet_ntop(AF_INET6, &in6, name, INET6_ADDRSTRLEN);
}

static int find(const struct login_limit *l, const char *address)
{
	for (int i = 0; i < LOGIN_ADDRESSES_MAX; i++)
		if (!strcmp(l->row[i].address, address))
			return i;
	return -1;
}

static unsigned wait_s(unsigned failures)
{
	const unsigned over = failures >= LOGIN_FREE ? failures - LOGIN_FREE + 1 : 0;

	if (!over)
		return 0;
	return over > 9 ? LOGIN_WAIT_MAX_S : MIN(1u << over, (unsigned) LOGIN_WAIT_MAX_S);
}

static void refill(struct login_limit *l, gint64 now_us)
{
	const gint64 back = (now_us - l->spent_us) / (LOGIN_REFILL_S * (gint64) G_USEC_PER_SEC);

	if (back >= l->spent) {
		l->spent = 0;
		l->spent_us = now_us;
	} else if (back > 0) {
		l->spent -= (unsigned) back;
		l->spent_us += back * LOGIN_REFILL_S * (gint64) G_USEC_PER_SEC;
	}
}

unsigned login_limit_take(struct login_limit *l, const char *address, gint64 now_us)
{
	char name[INET6_ADDRSTRLEN];

	name_row(l, address, name);

	const int at = find(l, name);

	if (at >= 0 && now_us - l->row[at].last_us >= LOGIN_FORGET_S * (gint64) G_USEC_PER_SEC)
		memset(&l->row[at], 0, sizeof(l->row[at]));
	if (at >= 0) {
		const gint64 until_us =
			l->row[at].last_us + wait_s(l->row[at].failures) * (gint64) G_USEC_PER_SEC;

		if (now_us < until_us)
			return (unsigned) ((until_us - now_us + G_USEC_PER_SEC - 1) /
					   G_USEC_PER_SEC);
	}

	if (find_known(l, address) >= 0)
		return 0;
	refill(l, now_us);
	if (l->spent >= LOGIN_BURST)
		return LOGIN_REFILL_S;
	l->spent++;
	return 0;
}

void login_limit_failed(struct login_limit *l, const char *address, gint64 now_us)
{
	char name[INET6_ADDRSTRLEN];

	name_row(l, address, name);

	int at = find(l, name);

	if (at < 0 && (at = find(l, "")) < 0) {
		at = 0;
		for (int i = 1; i < LOGIN_ADDRESSES_MAX; i++)
			if (l->row[i].last_us < l->row[at].last_us)
				at = i;
		l->row[at].failures = 0;
	}
	g_strlcpy(l->row[at].address, name, sizeof(l->row[at].address));
	l->row[at].failures++;
	l->row[at].last_us = now_us;
}

void login_limit_succeeded(struct login_limit *l, const char *address)
{
	char name[INET6_ADDRSTRLEN];
	const int known = find_known(l, address);

	name_row(l, address, name);

	const int at = find(l, name);

	if (at >= 0)
		memset(&l->row[at], 0, sizeof(l->row[at]));
	memmove(&l->known[1], &l->known[0],
		sizeof(l->known[0]) * (size_t) (known >= 0 ? known : LOGIN_KNOWN_MAX - 1));
	g_strlcpy(l->known[0], address, sizeof(l->known[0]));
}
