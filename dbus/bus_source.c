/* SPDX-License-Identifier: MIT */
/*
 * bus_source - one GSource that drives a DBusConnection
 *
 * Descriptors are polled as part of the source; each DBusTimeout is a source of
 * its own. Messages that libdbus has already read make the source ready at
 * once, so the queue is empty whenever the loop waits.
 */
#include "dbus/bus_private.h"

/* Messages handed out before other sources get their turn. */
enum { MESSAGES_A_TURN = 32 };

struct connection_source {
	GSource base;
	DBusConnection *connection;
	GPtrArray *watches; /* struct watch, owned */
};

struct watch {
	DBusWatch *dbus;
	void *tag; /* NULL: not polled */
};

static gboolean connection_prepare(GSource *base, int *timeout_ms)
{
	struct connection_source *source = (struct connection_source *) base;

	*timeout_ms = -1;
	return dbus_connection_get_dispatch_status(source->connection) ==
	       DBUS_DISPATCH_DATA_REMAINS;
}

static unsigned int ready_flags(GSource *base, const struct watch *watch)
{
	if (!watch->tag)
		return 0;

	GIOCondition seen = g_source_query_unix_fd(base, watch->tag);
	unsigned int flags = 0;

	if (seen & G_IO_IN)
		flags |= DBUS_WATCH_READABLE;
	if (seen & G_IO_OUT)
		flags |= DBUS_WATCH_WRITABLE;
	if (seen & (G_IO_ERR | G_IO_NVAL))
		flags |= DBUS_WATCH_ERROR;
	if (seen & G_IO_HUP)
		flags |= DBUS_WATCH_HANGUP;
	return flags;
}

static gboolean connection_check(GSource *base)
{
	struct connection_source *source = (struct connection_source *) base;

	for (unsigned int i = 0; i < source->watches->len; i++) {
		if (ready_flags(base, g_ptr_array_index(source->watches, i)))
			return TRUE;
	}
	return dbus_connection_get_dispatch_status(source->connection) ==
	       DBUS_DISPATCH_DATA_REMAINS;
}

/* Handling one watch may remove others, so look again from the start each time. */
static void handle_watches(struct connection_source *source)
{
	GSource *base = &source->base;

	for (unsigned int i = 0; i < source->watches->len; i++) {
		const struct watch *watch = g_ptr_array_index(source->watches, i);
		unsigned int flags = ready_flags(base, watch);

		if (flags)
			dbus_watch_handle(watch->dbus, flags);
	}
}

static gboolean connection_dispatch(GSource *base, GSourceFunc callback, void *user)
{
	struct connection_source *source = (struct connection_source *) base;
	DBusConnection *connection = dbus_connection_ref(source->connection);

	handle_watches(source);
	for (int i = 0; i < MESSAGES_A_TURN && !g_source_is_destroyed(base); i++) {
		if (dbus_connection_dispatch(connection) != DBUS_DISPATCH_DATA_REMAINS)
			break;
	}
	dbus_connection_unref(connection);
	return G_SOURCE_CONTINUE;
}

static void connection_finalize(GSource *base)
{
	struct connection_source *source = (struct connection_source *) base;

	g_ptr_array_unref(source->watches);
	dbus_connection_unref(source->connection);
}

static void update_watch(struct connection_source *source, struct watch *watch)
{
	if (watch->tag) {
		g_source_remove_unix_fd(&source->base, watch->tag);
		watch->tag = NULL;
	}
	if (!dbus_watch_get_enabled(watch->dbus))
		return;

	unsigned int flags = dbus_watch_get_flags(watch->dbus);
	GIOCondition wanted = G_IO_ERR | G_IO_HUP;

	if (flags & DBUS_WATCH_READABLE)
		wanted |= G_IO_IN;
	if (flags & DBUS_WATCH_WRITABLE)
		wanted |= G_IO_OUT;
	watch->tag = g_source_add_unix_fd(&source->base, dbus_watch_get_unix_fd(watch->dbus),
					  wanted);
}

static dbus_bool_t add_watch(DBusWatch *dbus, void *user)
{
	struct connection_source *source = user;
	struct watch *watch = g_new0(struct watch, 1);

	watch->dbus = dbus;
	dbus_watch_set_data(dbus, watch, NULL);
	g_ptr_array_add(source->watches, watch);
	update_watch(source, watch);
	return TRUE;
}

static void remove_watch(DBusWatch *dbus, void *user)
{
	struct connection_source *source = user;
	struct watch *watch = dbus_watch_get_data(dbus);

	if (!watch)
		return;
	if (watch->tag)
		g_source_remove_unix_fd(&source->base, watch->tag);
	dbus_watch_set_data(dbus, NULL, NULL);
	g_ptr_array_remove(source->watches, watch);
}

static void toggle_watch(DBusWatch *dbus, void *user)
{
	update_watch(user, dbus_watch_get_data(dbus));
}

static gboolean timeout_fired(void *user)
{
	dbus_timeout_handle(user);
	return G_SOURCE_CONTINUE;
}

static void stop_timer(void *user)
{
	GSource *timer = user;

	g_source_destroy(timer);
	g_source_unref(timer);
}

/* Setting the data anew stops the timer that was there. */
static void toggle_timeout(DBusTimeout *timeout, void *user)
{
	struct connection_source *source = user;

	if (!dbus_timeout_get_enabled(timeout)) {
		dbus_timeout_set_data(timeout, NULL, NULL);
		return;
	}

	GSource *timer = g_timeout_source_new((unsigned int) dbus_timeout_get_interval(timeout));

	g_source_set_callback(timer, timeout_fired, timeout, NULL);
	g_source_attach(timer, g_source_get_context(&source->base));
	dbus_timeout_set_data(timeout, timer, stop_timer);
}

static dbus_bool_t add_timeout(DBusTimeout *timeout, void *user)
{
	toggle_timeout(timeout, user);
	return TRUE;
}

static void remove_timeout(DBusTimeout *timeout, void *user)
{
	dbus_timeout_set_data(timeout, NULL, NULL);
}

GSource *bus_source_new(DBusConnection *connection, GMainContext *context)
{
	static GSourceFuncs functions = {
		.prepare = connection_prepare,
		.check = connection_check,
		.dispatch = connection_dispatch,
		.finalize = connection_finalize,
	};
	GSource *base = g_source_new(&functions, sizeof(struct connection_source));
	struct connection_source *source = (struct connection_source *) base;

	source->connection = dbus_connection_ref(connection);
	source->watches = g_ptr_array_new_with_free_func(g_free);
	g_source_set_name(base, "D-Bus");
	g_source_attach(base, context);

	if (!dbus_connection_set_watch_functions(connection, add_watch, remove_watch, toggle_watch,
						 source, NULL) ||
	    !dbus_connection_set_timeout_functions(connection, add_timeout, remove_timeout,
						   toggle_timeout, source, NULL))
		g_error("out of memory");
	return base;
}
