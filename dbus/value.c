/* SPDX-License-Identifier: MIT */
#include "dbus/value.h"

#include <math.h>
#include <string.h>

/* Integers up to 2^53 are exact in a double. */
static const double EXACT_MAX = 9007199254740992.0;

static bool read_integer(DBusMessageIter *iter, int type, struct value *value)
{
	DBusBasicValue basic;

	if (!dbus_type_is_basic(type) || type == DBUS_TYPE_UNIX_FD)
		return false;
	dbus_message_iter_get_basic(iter, &basic);
	switch (type) {
	case DBUS_TYPE_BYTE:
		*value = value_int(basic.byt);
		return true;
	case DBUS_TYPE_BOOLEAN:
		*value = value_int(basic.bool_val ? 1 : 0);
		return true;
	case DBUS_TYPE_INT16:
		*value = value_int(basic.i16);
		return true;
	case DBUS_TYPE_UINT16:
		*value = value_int(basic.u16);
		return true;
	case DBUS_TYPE_INT32:
		*value = value_int(basic.i32);
		return true;
	case DBUS_TYPE_UINT32:
		*value = value_int(basic.u32);
		return true;
	case DBUS_TYPE_INT64:
		*value = value_int(basic.i64);
		return true;
	case DBUS_TYPE_UINT64:
		*value = value_int((int64_t) basic.u64);
		return basic.u64 <= INT64_MAX;
	default:
		return false;
	}
}

bool value_read(DBusMessageIter *iter, struct value *value)
{
	int type = dbus_message_iter_get_arg_type(iter);

	switch (type) {
	case DBUS_TYPE_VARIANT: {
		DBusMessageIter inner;

		dbus_message_iter_recurse(iter, &inner);
		return value_read(&inner, value);
	}
	case DBUS_TYPE_ARRAY:
		*value = value_invalid();
		return dbus_message_iter_get_element_count(iter) == 0;
	case DBUS_TYPE_DOUBLE:
		*value = value_double(0.0);
		dbus_message_iter_get_basic(iter, &value->number);
		return true;
	case DBUS_TYPE_STRING:
	case DBUS_TYPE_OBJECT_PATH:
	case DBUS_TYPE_SIGNATURE:
		*value = value_string(NULL);
		dbus_message_iter_get_basic(iter, &value->string);
		return true;
	default:
		return read_integer(iter, type, value);
	}
}

bool value_next_entry(DBusMessageIter *dict, const char **key, DBusMessageIter *value)
{
	if (dbus_message_iter_get_arg_type(dict) != DBUS_TYPE_DICT_ENTRY)
		return false;
	dbus_message_iter_recurse(dict, value);
	dbus_message_iter_get_basic(value, key);
	dbus_message_iter_next(value);
	dbus_message_iter_next(dict);
	return true;
}

bool value_equals(const struct value *a, const struct value *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case VALUE_INT:
		return a->integer == b->integer;
	case VALUE_DOUBLE:
		return a->number == b->number;
	case VALUE_STRING:
		return strcmp(a->string, b->string) == 0;
	case VALUE_INVALID:
		break;
	}
	return true;
}

struct value value_copy(const struct value *value)
{
	struct value copy = *value;

	if (value->type == VALUE_STRING)
		copy.string = g_strdup(value->string);
	return copy;
}

void value_clear(struct value *copy)
{
	if (copy->type == VALUE_STRING)
		g_free((char *) copy->string);
	*copy = value_invalid();
}

static void append_variant(DBusMessageIter *iter, int type, const void *basic)
{
	const char signature[] = { (char) type, '\0' };
	DBusMessageIter inner;

	dbus_message_iter_open_container(iter, DBUS_TYPE_VARIANT, signature, &inner);
	dbus_message_iter_append_basic(&inner, type, basic);
	dbus_message_iter_close_container(iter, &inner);
}

static void append_invalid(DBusMessageIter *iter)
{
	DBusMessageIter variant, array;

	dbus_message_iter_open_container(iter, DBUS_TYPE_VARIANT, "ai", &variant);
	dbus_message_iter_open_container(&variant, DBUS_TYPE_ARRAY, "i", &array);
	dbus_message_iter_close_container(&variant, &array);
	dbus_message_iter_close_container(iter, &variant);
}

void value_append_text(DBusMessageIter *iter, const char *text)
{
	append_variant(iter, DBUS_TYPE_STRING, &text);
}

void value_append(DBusMessageIter *iter, const struct value *value)
{
	switch (value->type) {
	case VALUE_INT:
		if (value->integer >= INT32_MIN && value->integer <= INT32_MAX) {
			dbus_int32_t narrow = (dbus_int32_t) value->integer;

			append_variant(iter, DBUS_TYPE_INT32, &narrow);
		} else {
			append_variant(iter, DBUS_TYPE_INT64, &value->integer);
		}
		return;
	case VALUE_DOUBLE:
		if (isfinite(value->number))
			append_variant(iter, DBUS_TYPE_DOUBLE, &value->number);
		else
			append_invalid(iter);
		return;
	case VALUE_STRING:
		value_append_text(iter, value->string);
		return;
	case VALUE_INVALID:
		append_invalid(iter);
		return;
	}
}

static bool text_to_double(const char *text, double *number)
{
	char *end = NULL;

	*number = g_ascii_strtod(text, &end);
	if (end == text)
		return false;
	while (g_ascii_isspace(*end))
		end++;
	return *end == '\0' && isfinite(*number);
}

bool value_to_double(const struct value *value, double *number)
{
	switch (value->type) {
	case VALUE_INT:
		*number = (double) value->integer;
		return true;
	case VALUE_DOUBLE:
		*number = value->number;
		return isfinite(*number);
	case VALUE_STRING:
		return text_to_double(value->string, number);
	case VALUE_INVALID:
		break;
	}
	return false;
}

bool value_to_int(const struct value *value, int64_t *integer)
{
	if (value->type == VALUE_INT) {
		*integer = value->integer;
		return true;
	}

	double number;

	if (!value_to_double(value, &number) || fabs(number) > EXACT_MAX || trunc(number) != number)
		return false;
	*integer = (int64_t) number;
	return true;
}

/* Most numbers people write have up to 15 digits; 17 give every double back. */
static char *shortest(double number)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	g_ascii_formatd(text, sizeof(text), "%.15g", number);
	if (g_ascii_strtod(text, NULL) < number || g_ascii_strtod(text, NULL) > number)
		g_ascii_formatd(text, sizeof(text), "%.17g", number);
	return g_strdup(text);
}

char *value_to_string(const struct value *value)
{
	switch (value->type) {
	case VALUE_INT:
		return g_strdup_printf("%" G_GINT64_FORMAT, value->integer);
	case VALUE_DOUBLE:
		return isfinite(value->number) ? shortest(value->number) : NULL;
	case VALUE_STRING:
		return g_strdup(value->string);
	case VALUE_INVALID:
		break;
	}
	return NULL;
}
