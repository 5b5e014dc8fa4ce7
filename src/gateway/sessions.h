/* SPDX-License-Identifier: MIT */
/*
 * sessions - who is logged in with a browser
 *
 * In memory only: a restart logs everybody out. Of a session's key only a hash is kept.
 *
 * Pure apart from random numbers; times in us of one monotonic clock.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

enum {
	SESSIONS_MAX = 32, /**< the one that was idle longest gives way */
	SESSION_IDLE_S = 24 * 3600,
	SESSION_LIFE_S = 7 * 24 * 3600,
	SESSION_KEY_BYTES = 44, /**< text with its 0 */
};

struct sessions;

struct sessions *sessions_new(void);
void sessions_free(struct sessions *t);

/** @key gets what goes into the cookie. @return its number, never 0 and never given again */
guint64 sessions_open(struct sessions *t, const char *user, gint64 now_us,
		      char key[SESSION_KEY_BYTES]);
/** 0: there is no such session, or it has ended. Counts as use. */
guint64 sessions_find(struct sessions *t, const char *key, gint64 now_us);
bool sessions_is_open(const struct sessions *t, guint64 number, gint64 now_us);
/** (borrowed) "" if there is no such session. */
const char *sessions_user(const struct sessions *t, guint64 number);
const char *sessions_csrf(const struct sessions *t, guint64 number);
void sessions_close(struct sessions *t, guint64 number);
void sessions_close_all(struct sessions *t);
