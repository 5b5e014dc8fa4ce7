/* SPDX-License-Identifier: MIT */
#include "gateway/sessions.h"

#include <sodium.h>
#include <string.h>

enum { RANDOM_BYTES = 32, HASH_BYTES = 32, USER_BYTES = 33 };

struct session {
	guint64 number; /* 0: free */
	unsigned char hash[HASH_BYTES];
	char csrf[SESSION_KEY_BYTES];
	char user[USER_BYTES];
	gint64 opened_us, used_us;
};

struct sessions {
	struct session rows[SESSIONS_MAX];
	guint64 last;
};

G_STATIC_ASSERT(SESSION_KEY_BYTES ==
		sodium_base64_ENCODED_LEN(RANDOM_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING));

struct sessions *sessions_new(void)
{
	g_assert(sodium_init() >= 0);
	return g_new0(struct sessions, 1);
}

void sessions_free(struct sessions *t)
{
	sodium_memzero(t, sizeof(*t));
	g_free(t);
}

static void random_text(char text[SESSION_KEY_BYTES])
{
	unsigned char random[RANDOM_BYTES];

	randombytes_buf(random, sizeof(random));
	sodium_bin2base64(text, SESSION_KEY_BYTES, random, sizeof(random),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static void hash_key(const char *key, unsigned char hash[HASH_BYTES])
{
	crypto_generichash(hash, HASH_BYTES, (const unsigned char *) key, strlen(key), NULL, 0);
}

static bool is_open(const struct session *one, gint64 now_us)
{
	return one->number && now_us - one->used_us < SESSION_IDLE_S * (gint64) G_USEC_PER_SEC &&
	       now_us - one->opened_us < SESSION_LIFE_S * (gint64) G_USEC_PER_SEC;
}

static const struct session *by_number(const struct sessions *t, guint64 number)
{
	for (unsigned i = 0; number && i < SESSIONS_MAX; i++)
		if (t->rows[i].number == number)
			return &t->rows[i];
	return NULL;
}

guint64 sessions_open(struct sessions *t, const char *user, gint64 now_us,
		      char key[SESSION_KEY_BYTES])
{
	struct session *place = &t->rows[0];

	for (unsigned i = 1; i < SESSIONS_MAX && place->number; i++)
		if (!t->rows[i].number || t->rows[i].used_us < place->used_us)
			place = &t->rows[i];

	random_text(key);
	random_text(place->csrf);
	hash_key(key, place->hash);
	g_strlcpy(place->user, user, sizeof(place->user));
	place->opened_us = place->used_us = now_us;
	return place->number = ++t->last;
}

guint64 sessions_find(struct sessions *t, const char *key, gint64 now_us)
{
	unsigned char hash[HASH_BYTES];

	hash_key(key, hash);
	for (unsigned i = 0; i < SESSIONS_MAX; i++) {
		struct session *one = &t->rows[i];

		if (!is_open(one, now_us) || sodium_memcmp(one->hash, hash, sizeof(hash)))
			continue;
		one->used_us = now_us;
		return one->number;
	}
	return 0;
}

bool sessions_is_open(const struct sessions *t, guint64 number, gint64 now_us)
{
	const struct session *one = by_number(t, number);

	return one && is_open(one, now_us);
}

const char *sessions_user(const struct sessions *t, guint64 number)
{
	const struct session *one = by_number(t, number);

	return one ? one->user : "";
}

const char *sessions_csrf(const struct sessions *t, guint64 number)
{
	const struct session *one = by_number(t, number);

	return one ? one->csrf : "";
}

void sessions_close(struct sessions *t, guint64 number)
{
	for (unsigned i = 0; number && i < SESSIONS_MAX; i++)
		if (t->rows[i].number == number)
			sodium_memzero(&t->rows[i], sizeof(t->rows[i]));
}

void sessions_close_all(struct sessions *t)
{
	sodium_memzero(t->rows, sizeof(t->rows));
}
