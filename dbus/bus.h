/* SPDX-License-Identifier: MIT */
/*
 * bus - a private D-Bus connection on the GLib main loop
 *
 * Nothing here waits: every answer comes through a callback, from the main
 * context that was the thread's default when the connection was made. One
 * thread, the one of that context.
 *
 * A Victron service owns one connection of its own, because consumers index
 * services by unique name. Never publish two services on one struct bus.
 */
#pragma once

#include <dbus/dbus.h>
#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

enum {
	/* A name of a process that just ended is owned for a moment longer. */
	BUS_NAME_RETRY_MS = 1000,
	BUS_NAME_TRIES = 21, /**< the first one, and one a second for 20 s */
	BUS_CALL_TIMEOUT_MS = 10000,
	BUS_FLUSH_MS = 300, /**< at most, for what is still to be sent at the end */
};

/* An error's message is a sentence with the name, the object or the address. */
#define BUS_ERROR (bus_error_quark())
GQuark bus_error_quark(void);

enum bus_error {
	BUS_ERROR_CONNECT,      /**< no daemon, no permission, bad address */
	BUS_ERROR_DISCONNECTED, /**< the connection is gone */
	BUS_ERROR_TIMEOUT,      /**< no answer in time */
	BUS_ERROR_REMOTE,       /**< the other side answered with an error */
	BUS_ERROR_NAME_TAKEN,   /**< somebody else owns the name and keeps it */
};

struct bus;

/**
 * Without `trouble`: the daemon has answered our hello. With it, a sentence: the
 * daemon is gone, threw us out or does not answer. That is the last call, and
 * bus_free() is allowed in it.
 */
typedef void (*bus_state_fn)(const char *trouble, void *user);

/** `reply` is borrowed, and NULL exactly if `error` is set. */
typedef void (*bus_reply_fn)(DBusMessage *reply, const GError *error, void *user);

typedef void (*bus_signal_fn)(DBusMessage *signal, void *user);

/** `owner` is a unique name, or NULL when nobody owns `name`. */
typedef void (*bus_owner_fn)(const char *name, const char *owner, void *user);

/** `error` is NULL: the name is ours. */
typedef void (*bus_name_fn)(const GError *error, void *user);

/** `pid` is 0 if the daemon cannot tell. */
typedef void (*bus_pid_fn)(pid_t pid, void *user);

/**
 * Connects and says hello. All else may be asked for at once; it is sent after
 * the hello. A daemon that does not answer within BUS_CALL_TIMEOUT_MS is lost.
 *
 * `address` NULL: DBUS_SESSION_BUS_ADDRESS if it is set and not empty, as all of
 * Victron's programs do, else the system bus. `fn` may be NULL.
 */
struct bus *bus_connect(const char *address, bus_state_fn fn, void *user, GError **error);

/** Sends what is queued if that is quick, closes, and forgets all callbacks without calling them. NULL is fine. */
void bus_free(struct bus *bus);

bool bus_is_connected(const struct bus *bus);
/** NULL until the daemon has answered the hello. */
const char *bus_unique_name(const struct bus *bus);
DBusConnection *bus_connection(const struct bus *bus);

/** Queues and takes `message`. Without a connection it is dropped. */
void bus_send(struct bus *bus, DBusMessage *message);

/**
 * Calls a method and takes `call`. `fn` is called once, never before this
 * returns, unless bus_forget() comes first.
 */
void bus_call(struct bus *bus, DBusMessage *call, int timeout_ms, bus_reply_fn fn, void *user);

/** What a subscription listens to. A NULL field matches everything. */
struct bus_match {
	const char *sender; /**< the daemon's filter only: `fn` also gets the same from others */
	const char *interface;
	const char *member;
	const char *path;
	const char *path_namespace; /**< this object and all below */
	const char *arg0;
};

void bus_subscribe(struct bus *bus, const struct bus_match *match, bus_signal_fn fn, void *user);

/** Reports the owner of `name`: once as it is now, and then each change. */
void bus_watch_name(struct bus *bus, const char *name, bus_owner_fn fn, void *user);

/**
 * Asks for `name` without queueing, again each second while somebody else owns
 * it, up to BUS_NAME_TRIES times. `fn` is called once.
 */
void bus_request_name(struct bus *bus, const char *name, bus_name_fn fn, void *user);

/** Gives `name` back, or stops asking for it. */
void bus_release_name(struct bus *bus, const char *name);

/** Asks the daemon for the process behind a unique name. */
void bus_get_pid(struct bus *bus, const char *unique_name, bus_pid_fn fn, void *user);

/** Forgets all calls, subscriptions, watches and requests made with `user`; none is called. */
void bus_forget(struct bus *bus, const void *user);
