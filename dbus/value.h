/* SPDX-License-Identifier: MIT */
/*
 * value - a value as Victron's programs pass it: nothing, a number or a text
 *
 * Pure apart from reading and writing D-Bus messages. "Invalid", Victron's word
 * for not available, is an empty array of int32 on the bus (variant `ai`); any
 * empty array is read as invalid. A double that is not finite is never sent.
 */
#pragma once

#include <dbus/dbus.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum value_type {
	VALUE_INVALID,
	VALUE_INT,    /**< sent as int32, as int64 if it does not fit */
	VALUE_DOUBLE, /**< sent as double */
	VALUE_STRING, /**< sent as string */
};

/** Plain data. A string is borrowed: from the message it was read from, or the caller. */
struct value {
	enum value_type type;
	union {
		int64_t integer;
		double number;
		const char *string;
	};
};

static inline struct value value_invalid(void)
{
	return (struct value){ .type = VALUE_INVALID };
}

static inline struct value value_int(int64_t integer)
{
	return (struct value){ .type = VALUE_INT, .integer = integer };
}

static inline struct value value_double(double number)
{
	return (struct value){ .type = VALUE_DOUBLE, .number = number };
}

static inline struct value value_string(const char *string)
{
	return (struct value){ .type = VALUE_STRING, .string = string };
}

/**
 * Reads what `iter` points to: any integer, boolean, double, text or empty
 * array, in any number of variants. False for everything else.
 */
bool value_read(DBusMessageIter *iter, struct value *value);

/** Same type and content. */
bool value_equals(const struct value *a, const struct value *b);

/** One that outlives what `value` borrows from; for value_clear() only. */
struct value value_copy(const struct value *value);

/** Frees what value_copy() made, and leaves it invalid. */
void value_clear(struct value *copy);

/**
 * Goes through a dictionary with text keys: `dict` points into the array, which
 * must be of that kind. Gives key and value of this entry and moves on, or false
 * at the end.
 */
bool value_next_entry(DBusMessageIter *dict, const char **key, DBusMessageIter *value);

/** Appends a variant. Not finite: invalid. */
void value_append(DBusMessageIter *iter, const struct value *value);

/** Appends a text in a variant. */
void value_append_text(DBusMessageIter *iter, const char *text);

/** A whole number, from an int, a double without fraction, or a text of one; else false. */
bool value_to_int(const struct value *value, int64_t *integer);

/** A finite number, from an int, a double or a text; else false. */
bool value_to_double(const struct value *value, double *number);

/** The text, or a number in as few digits as give it back. NULL if invalid; free it. */
char *value_to_string(const struct value *value);
