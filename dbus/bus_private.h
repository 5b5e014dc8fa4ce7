/* SPDX-License-Identifier: MIT */
/* bus_private - what the parts of the bus share */
#pragma once

#include "dbus/bus.h"

struct bus {
	DBusConnection *connection;
	GMainContext *context;
	GSource *source; /**< turns the connection's watches and timeouts */
	bus_state_fn state_fn;
	void *state_user;
	bool is_lost; /**< and that was told */
	GPtrArray *calls;         /**< struct call, unanswered */
	GPtrArray *subscriptions; /**< struct subscription */
	GPtrArray *names;         /**< struct name_job: watches, requests, queries */
};

void bus_forget_calls(struct bus *bus, const void *user);

/** Lets `context` drive `connection` until the source is destroyed. */
GSource *bus_source_new(DBusConnection *connection, GMainContext *context);

GPtrArray *bus_subscriptions_new(void);
void bus_deliver_signal(struct bus *bus, DBusMessage *signal);
void bus_forget_subscriptions(struct bus *bus, const void *user);

GPtrArray *bus_names_new(void);
void bus_forget_names(struct bus *bus, const void *user);
