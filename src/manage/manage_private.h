/* SPDX-License-Identifier: MIT */
/* manage_private - what connection and requests of the second name share */
#pragma once

#include <stdbool.h>

#include "log.h"
#include "manage/caller.h"
#include "manage/manage_service.h"

struct registered {
	const struct manage_method *method;
	void *user;
};

struct manage_service {
	char *address; /* (owned, nullable) */
	char *name;    /* (owned) */
	struct bus *bus;
	guint reconnect; /* timer; 0 = none */
	guint reconnect_s;
	GPtrArray *methods;  /* struct registered, owned */
	GPtrArray *requests; /* struct manage_request, unanswered; borrowed */
	bool is_remote_allowed;
	struct log_topic topic;
};

struct manage_request {
	struct manage_service *service; /* NULL: was answered with the end of the connection */
	const struct registered *registered;
	DBusMessage *call;
	struct caller_question *question; /* NULL: not asked, or answered */
	char who[CALLER_WHO_MAX];
	struct value argument[MANAGE_ARGUMENTS_MAX];
};

/** Sends and takes @reply, unless the caller wants none. */
void manage_reply(struct manage_service *s, DBusMessage *call, DBusMessage *reply);

/** A call of @r's method: it answers, or its arguments do not fit. */
void manage_request_begin(struct manage_service *s, const struct registered *r, DBusMessage *call);

/** The connection ends: what is unanswered is refused, what answers later goes nowhere. */
void manage_requests_orphan(struct manage_service *s);
