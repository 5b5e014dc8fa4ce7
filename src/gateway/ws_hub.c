/* SPDX-License-Identifier: MIT */
#include "gateway/ws_hub.h"

#include "gateway/ws_message.h"

struct document {
	unsigned topic;
	char *battery;
	GBytes *message;
	guint64 serial;
	bool is_gone; /* the battery has left */
};

struct ws_client {
	ws_wake_fn wake;
	void *user;
	struct ws_wish wish;
	GHashTable *sent;    /* "topic battery" -> serial */
	GHashTable *turn_us; /* likewise -> when its turn was, an interval apart */
	guint64 next_event;
	GBytes *answer;	   /* to its last message */
	gint64 waiting_us; /* since when it has been woken and has taken nothing; 0: it has not */
	bool has_lost;
};

struct ws_hub {
	GHashTable *documents; /* "topic battery" -> struct document */
	GBytes *events[WS_EVENTS_MAX];
	char *event_battery[WS_EVENTS_MAX];
	guint64 event_count, serial, shed;
	GPtrArray *clients;
	guint timer;
};

static void free_document(void *data)
{
	struct document *d = data;

	g_free(d->battery);
	g_bytes_unref(d->message);
	g_free(d);
}

struct ws_hub *ws_hub_new(void)
{
	struct ws_hub *h = g_new0(struct ws_hub, 1);

	h->documents = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_document);
	h->clients = g_ptr_array_new();
	return h;
}

void ws_hub_free(struct ws_hub *h)
{
	if (h->timer)
		g_source_remove(h->timer);
	for (unsigned i = 0; i < WS_EVENTS_MAX; i++) {
		g_clear_pointer(&h->events[i], g_bytes_unref);
		g_free(h->event_battery[i]);
	}
	g_hash_table_unref(h->documents);
	g_ptr_array_unref(h->clients);
	g_free(h);
}

/* ---- who is to be woken, and when ----------------------------------------------------------- */

static bool wants(const struct ws_client *c, unsigned topic, const char *battery)
{
	return (c->wish.topics & topic) && (!c->wish.battery || topic == WS_TOPIC_GATEWAY ||
					    !g_strcmp0(c->wish.battery, battery));
}

static gint64 time_in(GHashTable *table, const void *key)
{
	const gint64 *at = g_hash_table_lookup(table, key);

	return at ? *at : 0;
}

/*
 * A document may go before its turn, and the next turn is an interval after it all
 * the same: one an interval in the long run, and what changes as often never waits for
 * a clock that is a little off its own.
 */
static gint64 earliest_us(const struct ws_client *c, const void *key)
{
	const gint64 last_us = time_in(c->turn_us, key);

	return last_us ? last_us + c->wish.interval_us / 10 : 1;
}

static gint64 take_turn(const struct ws_client *c, const void *key, gint64 now_us)
{
	const gint64 last_us = time_in(c->turn_us, key);

	return last_us ? MAX(last_us + c->wish.interval_us, now_us) : now_us;
}

/* The document that may go first; NULL and @due_us = 0: none waits. */
static struct document *next_document(struct ws_hub *h, const struct ws_client *c, gint64 *due_us)
{
	struct document *first = NULL;
	GHashTableIter iter;
	void *key, *value;

	*due_us = 0;
	g_hash_table_iter_init(&iter, h->documents);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		struct document *d = value;

		if (!wants(c, d->topic, d->battery) || (guint64) time_in(c->sent, key) == d->serial)
			continue;

		const gint64 at_us = earliest_us(c, key);

		if (first && at_us >= *due_us)
			continue;
		first = d;
		*due_us = at_us;
	}
	return first;
}

static bool has_event(const struct ws_hub *h, const struct ws_client *c)
{
	return (c->wish.topics & WS_TOPIC_EVENT) && c->next_event < h->event_count;
}

static gboolean on_timer(void *user);

static void wake(struct ws_hub *h)
{
	const gint64 now_us = g_get_monotonic_time();
	gint64 soonest_us = G_MAXINT64;

	for (guint i = 0; i < h->clients->len; i++) {
		struct ws_client *c = h->clients->pdata[i];
		gint64 due_us;

		next_document(h, c, &due_us);
		if (c->answer || has_event(h, c) || (due_us && due_us <= now_us)) {
			if (!c->waiting_us)
				c->waiting_us = now_us;
			c->wake(c->user);
		} else if (due_us) {
			soonest_us = MIN(soonest_us, due_us);
		}
	}
	if (h->timer)
		g_source_remove(h->timer);
	h->timer = 0;
	if (soonest_us != G_MAXINT64)
		h->timer = g_timeout_add((guint) ((soonest_us - now_us) / 1000 + 1), on_timer, h);
}

static gboolean on_timer(void *user)
{
	struct ws_hub *h = user;

	h->timer = 0;
	wake(h);
	return G_SOURCE_REMOVE;
}

/* ---- what is published ----------------------------------------------------------------------- */

static void keep_event(struct ws_hub *h, const char *battery, GBytes *taken)
{
	const unsigned at = (unsigned) (h->event_count++ % WS_EVENTS_MAX);

	g_clear_pointer(&h->events[at], g_bytes_unref);
	g_free(h->event_battery[at]);
	h->events[at] = taken;
	h->event_battery[at] = g_strdup(battery);
}

/* Room for another battery: those that have left give way, the longest gone first. */
static bool forget_one(struct ws_hub *h)
{
	const struct document *oldest = NULL;
	const void *which = NULL;
	GHashTableIter iter;
	void *key, *value;

	g_hash_table_iter_init(&iter, h->documents);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		const struct document *d = value;

		if (!d->is_gone || (oldest && d->serial >= oldest->serial))
			continue;
		oldest = d;
		which = key;
	}
	if (!which)
		return false;
	for (guint i = 0; i < h->clients->len; i++) {
		struct ws_client *c = h->clients->pdata[i];

		g_hash_table_remove(c->sent, which);
		g_hash_table_remove(c->turn_us, which);
	}
	return g_hash_table_remove(h->documents, which);
}

static void keep_document(struct ws_hub *h, unsigned topic, const char *battery, GBytes *taken,
			  bool is_gone)
{
	g_autofree char *key = g_strdup_printf("%u %s", topic, battery ? battery : "");
	struct document *d = g_hash_table_lookup(h->documents, key);

	if (!d && g_hash_table_size(h->documents) >= WS_DOCUMENTS_MAX && !forget_one(h)) {
		g_bytes_unref(taken);
		return;
	}
	if (!d) {
		d = g_new0(struct document, 1);
		d->topic = topic;
		d->battery = g_strdup(battery);
		g_hash_table_insert(h->documents, g_steal_pointer(&key), d);
	} else {
		g_bytes_unref(d->message);
	}
	d->message = taken;
	d->serial = ++h->serial;
	d->is_gone = is_gone;
}

void ws_hub_publish(struct ws_hub *h, const char *topic, const char *battery_id,
		    const cJSON *document)
{
	const unsigned which = ws_topic_of(topic);
	GBytes *taken = ws_message_document(topic, battery_id, document);

	g_assert(which);
	if (which == WS_TOPIC_EVENT)
		keep_event(h, battery_id, taken);
	else
		keep_document(h, which, battery_id, taken, !document);
	wake(h);
}

unsigned ws_hub_clients(const struct ws_hub *h)
{
	return h->clients->len;
}

guint64 ws_hub_shed(const struct ws_hub *h)
{
	return h->shed;
}

/* ---- one client ------------------------------------------------------------------------------ */

struct ws_client *ws_hub_join(struct ws_hub *h, ws_wake_fn wake_fn, void *user)
{
	if (h->clients->len >= WS_CLIENTS_MAX)
		return NULL;

	struct ws_client *c = g_new0(struct ws_client, 1);

	c->wake = wake_fn;
	c->user = user;
	c->wish = ws_wish_default();
	c->next_event = h->event_count;
	c->sent = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	c->turn_us = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_ptr_array_add(h->clients, c);
	wake(h);
	return c;
}

void ws_hub_leave(struct ws_hub *h, struct ws_client *c)
{
	g_ptr_array_remove(h->clients, c);
	g_hash_table_unref(c->sent);
	g_hash_table_unref(c->turn_us);
	g_clear_pointer(&c->answer, g_bytes_unref);
	g_free(c->wish.battery);
	g_free(c);
}

static GBytes *take_event(struct ws_hub *h, struct ws_client *c)
{
	if (!(c->wish.topics & WS_TOPIC_EVENT))
		return NULL;
	if (h->event_count - c->next_event > WS_EVENTS_MAX)
		c->has_lost = true;
	while (!c->has_lost && has_event(h, c)) {
		const unsigned at = (unsigned) (c->next_event++ % WS_EVENTS_MAX);

		if (wants(c, WS_TOPIC_EVENT, h->event_battery[at]))
			return g_bytes_ref(h->events[at]);
	}
	return NULL;
}

static void remember(GHashTable *table, const char *key, gint64 value)
{
	gint64 *kept = g_new(gint64, 1);

	*kept = value;
	g_hash_table_insert(table, g_strdup(key), kept);
}

GBytes *ws_hub_take(struct ws_hub *h, struct ws_client *c)
{
	const gint64 now_us = g_get_monotonic_time();
	gint64 due_us;

	c->waiting_us = 0;
	if (c->answer)
		return g_steal_pointer(&c->answer);

	GBytes *event = take_event(h, c);
	struct document *d = event ? NULL : next_document(h, c, &due_us);

	if (!d || due_us > now_us)
		return event;

	g_autofree char *key = g_strdup_printf("%u %s", d->topic, d->battery ? d->battery : "");

	remember(c->sent, key, (gint64) d->serial);
	remember(c->turn_us, key, take_turn(c, key, now_us));
	return g_bytes_ref(d->message);
}

void ws_hub_receive(struct ws_hub *h, struct ws_client *c, const char *text, gsize size)
{
	const gint64 interval_us = c->wish.interval_us;

	if (!(c->wish.topics & WS_TOPIC_EVENT))
		c->next_event = h->event_count; /* if it wants them, then from now on */

	const char *wrong = ws_wish_read(&c->wish, text, size);

	if (wrong) {
		g_clear_pointer(&c->answer, g_bytes_unref);
		c->answer = ws_message_told("error", wrong);
	}
	if (c->wish.interval_us != interval_us)
		g_hash_table_remove_all(c->turn_us); /* turns of the old interval */
	wake(h);
}

const char *ws_hub_verdict(const struct ws_client *c, gint64 now_us)
{
	if (c->has_lost)
		return "too slow: events were missed; connect again for the present state";
	if (c->waiting_us && now_us - c->waiting_us > WS_STALL_S * (gint64) G_USEC_PER_SEC)
		return "too slow: nothing was taken for 20 s; connect again for the present state";
	return NULL;
}

GBytes *ws_hub_farewell(struct ws_hub *h, const char *reason)
{
	h->shed++;
	return ws_message_told("closing", reason);
}
