/* SPDX-License-Identifier: MIT */
#include "gateway/mqtt_link.h"

#include <errno.h>
#include <glib-unix.h>
#include <math.h>
#include <poll.h>
#include <string.h>

#include "gateway/mqtt_battery.h"
#include "gateway/mqtt_client.h"
#include "log.h"

enum {
	MISC_MS = 1000, /* mosquitto_loop_misc(): pings, and the broker that answers none */
	REST_MS = 50,	/* see rest() */
	DOUBLINGS_MAX = 20,
};

struct mqtt_link {
	struct mqtt_link_options options; /* its texts are owned */
	const struct mqtt_link_events *events;
	void *user;

	struct mqtt_client *client; /* NULL in a pause */
	bool is_starting;	    /* the client is not to be touched yet */
	bool is_connected;
	bool is_down;	 /* libmosquitto says so; the client is freed out of its calls */
	bool is_refused; /* somebody was told that there is no room */
	int pending;
	GIOCondition condition;				/* that is watched */
	guint watch, misc, resting, retry, guard, room; /* sources, 0 = none */

	char *error;
	unsigned failures; /* in a row */
	gint64 connected_us;
	guint64 connections;
	struct log_topic topic;
};

static void try(struct mqtt_link *l);
static void settle(struct mqtt_link *l, int result);

/* ---- the socket ----------------------------------------------------------------------- */

static void source_stop(guint *source)
{
	if (*source)
		g_source_remove(*source);
	*source = 0;
}

static gboolean on_rested(void *user);
static gboolean on_ready(int fd, GIOCondition condition, void *user);

/* Watch the socket for what libmosquitto waits for now. */
static void watch(struct mqtt_link *l)
{
	const int fd = l->client && !l->is_starting ? mosquitto_socket(l->client->mosquitto) : -1;
	GIOCondition wanted = 0;

	if (fd >= 0) {
		wanted = G_IO_IN | G_IO_ERR | G_IO_HUP;
		if (mosquitto_want_write(l->client->mosquitto) && !l->resting)
			wanted |= G_IO_OUT;
	}
	if (wanted == l->condition)
		return;
	source_stop(&l->watch);
	l->condition = wanted;
	if (wanted)
		l->watch = g_unix_fd_add(fd, wanted, on_ready, l);
}

/*
 * With TLS newer libmosquitto (2.0.20, lib/mosquitto.c) wants to write while it is the
 * other side's turn: until the handshake is done the socket is writable and nothing comes
 * of it. So after a write that left something, writing rests for a moment instead of
 * turning the loop.
 */
static void rest(struct mqtt_link *l)
{
	if (!l->resting && l->client && mosquitto_want_write(l->client->mosquitto))
		l->resting = g_timeout_add(REST_MS, on_rested, l);
}

static gboolean on_rested(void *user)
{
	struct mqtt_link *l = user;

	l->resting = 0;
	watch(l);
	return G_SOURCE_REMOVE;
}

static gboolean on_ready(int fd, GIOCondition condition, void *user)
{
	struct mqtt_link *l = user;
	int result = MOSQ_ERR_SUCCESS;

	errno = 0;
	if (condition & (G_IO_IN | G_IO_ERR | G_IO_HUP)) {
		result = mosquitto_loop_read(l->client->mosquitto, 1);
		source_stop(&l->resting);
	}
	if (result == MOSQ_ERR_SUCCESS && !l->is_down && (condition & G_IO_OUT)) {
		result = mosquitto_loop_write(l->client->mosquitto, 1);
		if (result == MOSQ_ERR_SUCCESS)
			rest(l);
	}
	settle(l, result);
	return G_SOURCE_CONTINUE; /* if it is another one now, watch() has removed this */
}

static gboolean on_misc(void *user)
{
	struct mqtt_link *l = user;

	errno = 0;
	settle(l, mosquitto_loop_misc(l->client->mosquitto));
	return G_SOURCE_CONTINUE;
}

/* ---- ends and beginnings --------------------------------------------------------------- */

static void drop_client(struct mqtt_link *l)
{
	source_stop(&l->watch);
	source_stop(&l->misc);
	source_stop(&l->resting);
	source_stop(&l->guard);
	source_stop(&l->room);
	l->condition = 0;
	l->pending = 0;
	l->is_down = false;
	l->is_refused = false;
	if (l->client && l->is_starting)
		mqtt_client_abandon(l->client);
	else
		mqtt_client_free(l->client);
	l->client = NULL;
	l->is_starting = false;
}

static gboolean on_retry(void *user)
{
	struct mqtt_link *l = user;

	l->retry = 0;
	try(l);
	return G_SOURCE_REMOVE;
}

static void try_later(struct mqtt_link *l)
{
	const double whole_s =
		fmin(l->options.retry_min_s * pow(2, l->failures), l->options.retry_max_s);
	const double pause_s = whole_s * g_random_double_range(0.5, 1.0);

	l->failures = MIN(l->failures + 1, DOUBLINGS_MAX);
	l->retry = g_timeout_add((guint) (pause_s * 1000), on_retry, l);
}

/* The end of this attempt or connection. Takes @why. */
static void lose(struct mqtt_link *l, char *why)
{
	const double lasted_s = (double) (g_get_monotonic_time() - l->connected_us) / 1e6;

	g_free(l->error);
	l->error = g_strdup_printf("MQTT broker %s port %d: %s.", l->options.host, l->options.port,
				   why);
	g_free(why);
	log_transition(&l->topic, LOG_WARNING, "%s", l->error);
	if (l->is_connected && lasted_s >= l->options.retry_max_s)
		l->failures = 0;
	l->is_connected = false;
	drop_client(l);
	try_later(l);
	l->events->lost(l->user);
}

/* After each call of libmosquitto that may have ended the connection. */
static void settle(struct mqtt_link *l, int result)
{
	const int error = errno;

	if (!l->is_down && result == MOSQ_ERR_SUCCESS)
		watch(l);
	else
		lose(l, mqtt_client_trouble(l->client, result, error));
}

static gboolean on_guard(void *user)
{
	struct mqtt_link *l = user;

	l->guard = 0;
	lose(l, g_strdup_printf("no answer within %d s", MQTT_LINK_CONNECT_S));
	return G_SOURCE_REMOVE;
}

/* ---- what libmosquitto tells; none of these may free the client ------------------------- */

static void on_connect(struct mosquitto *mosquitto, void *user, int code)
{
	struct mqtt_client *c = user;
	struct mqtt_link *l = c->owner;

	c->refusal = code;
	if (code != 0)
		return; /* the disconnection follows */
	source_stop(&l->guard);
	l->is_connected = true;
	l->connections++;
	l->connected_us = g_get_monotonic_time();
	log_transition(&l->topic, LOG_INFO, "MQTT broker %s port %d: connected.", l->options.host,
		       l->options.port);
	l->events->connected(l->user);
}

static void on_disconnect(struct mosquitto *mosquitto, void *user, int code)
{
	struct mqtt_client *c = user;
	struct mqtt_link *l = c->owner;

	l->is_down = true;
}

static gboolean on_room(void *user)
{
	struct mqtt_link *l = user;

	l->room = 0;
	l->is_refused = false;
	l->events->room(l->user);
	return G_SOURCE_REMOVE;
}

static void on_publish(struct mosquitto *mosquitto, void *user, int id)
{
	struct mqtt_client *c = user;
	struct mqtt_link *l = c->owner;

	l->pending = MAX(l->pending - 1, 0);
	if (l->is_refused && l->pending < MQTT_LINK_PENDING_MAX / 2 && !l->room)
		l->room = g_idle_add(on_room, l); /* not from within a call of libmosquitto */
}

static void on_message(struct mosquitto *mosquitto, void *user, const struct mosquitto_message *m)
{
	struct mqtt_client *c = user;
	struct mqtt_link *l = c->owner;

	if (m->payloadlen < 0 || m->payloadlen > MQTT_LINK_PAYLOAD_MAX)
		return;
	g_autofree char *payload = g_strndup(m->payload, (gsize) m->payloadlen);

	l->events->message(m->topic, payload, (gsize) m->payloadlen, m->retain, l->user);
}

/* ---- attempts --------------------------------------------------------------------------- */

static void on_started(struct mqtt_client *c, void *user)
{
	struct mqtt_link *l = user;

	l->is_starting = false;
	if (c->result != MOSQ_ERR_SUCCESS && c->result != MOSQ_ERR_CONN_PENDING) {
		lose(l, mqtt_client_trouble(c, c->result, c->error));
		return;
	}
	l->misc = g_timeout_add(MISC_MS, on_misc, l);
	watch(l);
}

static void try(struct mqtt_link *l)
{
	g_autoptr(GError) error = NULL;

	l->client = mqtt_client_new(&l->options, l, &error);
	if (!l->client) {
		lose(l, g_strdup(error->message));
		return;
	}
	mosquitto_connect_callback_set(l->client->mosquitto, on_connect);
	mosquitto_disconnect_callback_set(l->client->mosquitto, on_disconnect);
	mosquitto_publish_callback_set(l->client->mosquitto, on_publish);
	mosquitto_message_callback_set(l->client->mosquitto, on_message);
	l->is_starting = true;
	l->guard = g_timeout_add_seconds(MQTT_LINK_CONNECT_S, on_guard, l);
	mqtt_client_start(l->client, on_started);
}

static struct mqtt_link_options copy_options(const struct mqtt_link_options *o)
{
	struct mqtt_link_options copy = *o;

	copy.host = g_strdup(o->host);
	copy.client_id = g_strdup(o->client_id);
	copy.user = g_strdup(o->user);
	copy.password = g_strdup(o->password);
	copy.ca = g_strdup(o->ca);
	copy.certificate = g_strdup(o->certificate);
	copy.key = g_strdup(o->key);
	copy.will_topic = g_strdup(o->will_topic);
	return copy;
}

struct mqtt_link *mqtt_link_new(const struct mqtt_link_options *options,
				const struct mqtt_link_events *events, void *user)
{
	struct mqtt_link *l = g_new0(struct mqtt_link, 1);

	mosquitto_lib_init();
	l->options = copy_options(options);
	l->events = events;
	l->user = user;
	l->error = g_strdup("");
	l->retry = g_idle_add(on_retry, l);
	return l;
}

static void say_goodbye(struct mqtt_link *l)
{
	struct mosquitto *m = l->client->mosquitto;
	const gint64 end_us = g_get_monotonic_time() + MQTT_LINK_GOODBYE_MS * 1000;
	gint64 now_us = 0;

	if (l->options.will_topic)
		mosquitto_publish(m, NULL, l->options.will_topic, strlen(MQTT_OFFLINE),
				  MQTT_OFFLINE, 1, true);
	mosquitto_disconnect(m);
	while (mosquitto_socket(m) >= 0 && (now_us = g_get_monotonic_time()) < end_us) {
		struct pollfd p = { .fd = mosquitto_socket(m), .events = POLLOUT };

		if (poll(&p, 1, (int) ((end_us - now_us) / 1000) + 1) < 0 && errno != EINTR)
			break;
		if (mosquitto_loop_write(m, 1) != MOSQ_ERR_SUCCESS)
			break;
	}
}

void mqtt_link_free(struct mqtt_link *l)
{
	if (!l)
		return;
	if (l->is_connected && !l->is_down)
		say_goodbye(l);
	drop_client(l);
	source_stop(&l->retry);
	g_free((char *) l->options.host);
	g_free((char *) l->options.client_id);
	g_free((char *) l->options.user);
	g_free((char *) l->options.password);
	g_free((char *) l->options.ca);
	g_free((char *) l->options.certificate);
	g_free((char *) l->options.key);
	g_free((char *) l->options.will_topic);
	g_free(l->error);
	g_free(l);
}

bool mqtt_link_is_connected(const struct mqtt_link *l)
{
	return l->is_connected && !l->is_down;
}

const char *mqtt_link_error(const struct mqtt_link *l)
{
	return l->error;
}

guint64 mqtt_link_reconnects(const struct mqtt_link *l)
{
	return l->connections > 0 ? l->connections - 1 : 0;
}

bool mqtt_link_publish(struct mqtt_link *l, const char *topic, const char *payload, int qos,
		       bool retain)
{
	if (!mqtt_link_is_connected(l))
		return false;
	if (l->pending >= MQTT_LINK_PENDING_MAX) {
		l->is_refused = true;
		return false;
	}
	l->pending++; /* before: a message that is written at once is told at once */
	if (mosquitto_publish(l->client->mosquitto, NULL, topic, (int) strlen(payload), payload,
			      qos, retain) != MOSQ_ERR_SUCCESS) {
		l->pending = MAX(l->pending - 1, 0);
		return false;
	}
	watch(l);
	return true;
}

bool mqtt_link_subscribe(struct mqtt_link *l, const char *topic, int qos)
{
	if (!mqtt_link_is_connected(l) ||
	    mosquitto_subscribe(l->client->mosquitto, NULL, topic, qos) != MOSQ_ERR_SUCCESS)
		return false;
	watch(l);
	return true;
}
