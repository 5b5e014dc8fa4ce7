/* SPDX-License-Identifier: MIT */
/*
 * manage_service - the second name, org.dbus_tinybms.<id>, and its methods
 *
 * On a connection of its own, as long as the process runs: also while the
 * battery is off the bus. Object "/", interface org.dbus_tinybms.Manager. A
 * method takes texts and numbers and answers with one text, a JSON object with
 * "version", or with an error whose message is a sentence. Introspection data
 * is made from what was registered. A bus that ends is looked for again.
 *
 * Each part of the service registers its own methods with manage_service_add().
 *
 * I/O: D-Bus, main loop.
 */
#pragma once

#include <cjson/cJSON.h>

#include "dbus/bus.h"
#include "dbus/value.h"

#define MANAGE_INTERFACE     "org.dbus_tinybms.Manager"
#define MANAGE_NAME_PREFIX   "org.dbus_tinybms."
#define MANAGE_ERROR_REFUSED "org.dbus_tinybms.Error.Refused"

enum {
	MANAGE_VERSION = 1, /**< "version" of every answer, and in the introspection data: raised
			       when a key changes its meaning */
	MANAGE_ARGUMENTS_MAX = 4,
};

struct manage_service;
struct manage_request;

/** Answers @request by manage_answer() or manage_refuse(), exactly once, now or later. */
typedef void (*manage_fn)(struct manage_request *request, void *user);

/** Constant data, but for the user that comes with it. */
struct manage_method {
	const char *name;
	struct manage_argument {
		const char *name;     /**< NULL: there are no more */
		enum value_type type; /**< VALUE_DOUBLE (any number fits) or VALUE_STRING */
	} arguments[MANAGE_ARGUMENTS_MAX];
	manage_fn fn;
	bool changes; /**< something: it is asked first who asks, see manage_request_who() */
};

/** @id as in manage_service_set_id(); @address as in bus_connect(). */
struct manage_service *manage_service_new(const char *address, const char *id);
/** Requests that are still unanswered are refused. NULL is fine. */
void manage_service_free(struct manage_service *s);

/** @method is borrowed for ever. */
void manage_service_add(struct manage_service *s, const struct manage_method *method, void *user);

/**
 * The last part of the name: the serial port's own name as it is configured,
 * with a bus name's letters; "none" for "". Another one replaces the present one.
 */
void manage_service_set_id(struct manage_service *s, const char *port);

/** May what the network reaches change something? Off at first. */
void manage_service_allow_remote(struct manage_service *s, bool is_allowed);

/** Argument @i, a finite number. */
double manage_request_number(const struct manage_request *request, unsigned i);
/** Argument @i, a text that lives as long as the request. */
const char *manage_request_text(const struct manage_request *request, unsigned i);
/** A unique bus name, as long as the request is unanswered. */
const char *manage_request_sender(const struct manage_request *request);

/** The program that asks; "" for a method that changes nothing. */
const char *manage_request_who(const struct manage_request *request);

/** Takes @object and adds "version". */
void manage_answer(struct manage_request *request, cJSON *object);
/** @sentence says what is wrong, which value, and what to do. */
void manage_refuse(struct manage_request *request, const char *sentence);
