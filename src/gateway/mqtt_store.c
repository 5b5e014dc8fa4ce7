/* SPDX-License-Identifier: MIT */
#include "gateway/mqtt_store.h"

#include <string.h>

struct kept {
	struct mqtt_message message; /* its texts are owned */
	bool is_changed;	     /* since it was last sent */
	bool is_waiting;	     /* in the queue */
	bool was_sent;
	gint64 sent_us;
};

struct mqtt_store {
	GHashTable *topics; /* topic -> struct kept, owned */
	GQueue *waiting;    /* struct kept, borrowed */
};

static void kept_free(void *pointer)
{
	struct kept *k = pointer;

	g_free(k->message.topic);
	g_free(k->message.payload);
	g_free(k->message.sense);
	g_free(k);
}

struct mqtt_store *mqtt_store_new(void)
{
	struct mqtt_store *s = g_new0(struct mqtt_store, 1);

	s->topics = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, kept_free);
	s->waiting = g_queue_new();
	return s;
}

void mqtt_store_free(struct mqtt_store *s)
{
	if (!s)
		return;
	g_queue_free(s->waiting);
	g_hash_table_destroy(s->topics);
	g_free(s);
}

static const char *sense_of(const struct mqtt_message *m)
{
	return m->sense ? m->sense : m->payload;
}

static struct kept *find(struct mqtt_store *s, const char *topic)
{
	struct kept *k = g_hash_table_lookup(s->topics, topic);

	if (k)
		return k;
	k = g_new0(struct kept, 1);
	k->message.topic = g_strdup(topic);
	g_hash_table_insert(s->topics, k->message.topic, k);
	return k;
}

static void put(struct kept *k, const struct mqtt_message *m)
{
	k->is_changed = k->is_changed || !k->message.payload ||
			strcmp(sense_of(&k->message), sense_of(m)) != 0;
	if (!k->message.payload || strcmp(k->message.payload, m->payload) != 0) {
		g_free(k->message.payload);
		k->message.payload = g_strdup(m->payload);
	}
	if (g_strcmp0(k->message.sense, m->sense) != 0) {
		g_free(k->message.sense);
		k->message.sense = g_strdup(m->sense);
	}
	k->message.qos = m->qos;
	k->message.retain = m->retain;
	k->message.every_s = m->every_s;
}

static bool is_due(const struct kept *k, gint64 now_us)
{
	return !k->was_sent || now_us - k->sent_us >= (gint64) k->message.every_s * G_USEC_PER_SEC;
}

static void wait(struct mqtt_store *s, struct kept *k)
{
	if (!k->is_waiting)
		g_queue_push_tail(s->waiting, k);
	k->is_waiting = true;
}

void mqtt_store_put(struct mqtt_store *s, const GPtrArray *messages, gint64 now_us)
{
	for (guint i = 0; i < messages->len; i++) {
		const struct mqtt_message *m = messages->pdata[i];
		struct kept *k = find(s, m->topic);

		put(k, m);
		if (k->is_changed && is_due(k, now_us))
			wait(s, k);
	}
}

void mqtt_store_mark_all(struct mqtt_store *s)
{
	GHashTableIter iter;
	void *kept;

	g_hash_table_iter_init(&iter, s->topics);
	while (g_hash_table_iter_next(&iter, NULL, &kept))
		wait(s, kept);
}

const struct mqtt_message *mqtt_store_next(const struct mqtt_store *s)
{
	const struct kept *k = g_queue_peek_head(s->waiting);

	return k ? &k->message : NULL;
}

void mqtt_store_sent(struct mqtt_store *s, gint64 now_us)
{
	struct kept *k = g_queue_pop_head(s->waiting);

	k->is_waiting = false;
	k->is_changed = false;
	k->was_sent = true;
	k->sent_us = now_us;
}

void mqtt_store_forget(struct mqtt_store *s, const char *prefix, const char *spared)
{
	GHashTableIter iter;
	void *topic, *kept;

	g_hash_table_iter_init(&iter, s->topics);
	while (g_hash_table_iter_next(&iter, &topic, &kept)) {
		if (!g_str_has_prefix(topic, prefix) || g_strcmp0(topic, spared) == 0)
			continue;
		g_queue_remove(s->waiting, kept);
		g_hash_table_iter_remove(&iter);
	}
}

unsigned mqtt_store_count(const struct mqtt_store *s)
{
	return g_hash_table_size(s->topics);
}

unsigned mqtt_store_waiting(const struct mqtt_store *s)
{
	return g_queue_get_length(s->waiting);
}
