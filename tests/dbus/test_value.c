/* SPDX-License-Identifier: MIT */
/* Values from messages: whatever a client sends is read or refused, never touched as another type. */
#include "support.h"

#include <unistd.h>

#include "dbus/value.h"

/* Appends one argument to a message. */
typedef void (*append_fn)(DBusMessageIter *iter);

static void append_nothing(DBusMessageIter *iter)
{
}

#define APPEND(name, type, c_type, content)                                                        \
	static void append_##name(DBusMessageIter *iter)                                           \
	{                                                                                          \
		const c_type basic = content;                                                      \
		dbus_message_iter_append_basic(iter, type, &basic);                                \
	}

APPEND(byte, DBUS_TYPE_BYTE, unsigned char, 255)
APPEND(true, DBUS_TYPE_BOOLEAN, dbus_bool_t, TRUE)
APPEND(i16, DBUS_TYPE_INT16, dbus_int16_t, -32768)
APPEND(u16, DBUS_TYPE_UINT16, dbus_uint16_t, 65535)
APPEND(i32, DBUS_TYPE_INT32, dbus_int32_t, INT32_MIN)
APPEND(u32, DBUS_TYPE_UINT32, dbus_uint32_t, UINT32_MAX)
APPEND(i64, DBUS_TYPE_INT64, dbus_int64_t, INT64_MIN)
APPEND(u64, DBUS_TYPE_UINT64, dbus_uint64_t, INT64_MAX)
APPEND(u64_too_big, DBUS_TYPE_UINT64, dbus_uint64_t, UINT64_MAX)
APPEND(double, DBUS_TYPE_DOUBLE, double, 52.1)
APPEND(text, DBUS_TYPE_STRING, char *const, "Boat")
APPEND(path, DBUS_TYPE_OBJECT_PATH, char *const, "/Soc")
APPEND(signature, DBUS_TYPE_SIGNATURE, char *const, "ai")
APPEND(descriptor, DBUS_TYPE_UNIX_FD, int, STDOUT_FILENO)

static void append_struct(DBusMessageIter *iter)
{
	DBusMessageIter inner;

	dbus_message_iter_open_container(iter, DBUS_TYPE_STRUCT, NULL, &inner);
	append_i32(&inner);
	append_text(&inner);
	dbus_message_iter_close_container(iter, &inner);
}

static void append_variant(DBusMessageIter *iter, const char *signature, append_fn append)
{
	DBusMessageIter inner;

	dbus_message_iter_open_container(iter, DBUS_TYPE_VARIANT, signature, &inner);
	append(&inner);
	dbus_message_iter_close_container(iter, &inner);
}

static void append_array(DBusMessageIter *iter, const char *signature, append_fn append)
{
	DBusMessageIter inner;

	dbus_message_iter_open_container(iter, DBUS_TYPE_ARRAY, signature, &inner);
	append(&inner);
	dbus_message_iter_close_container(iter, &inner);
}

static void append_entry(DBusMessageIter *iter)
{
	DBusMessageIter inner;

	dbus_message_iter_open_container(iter, DBUS_TYPE_DICT_ENTRY, NULL, &inner);
	append_text(&inner);
	append_i32(&inner);
	dbus_message_iter_close_container(iter, &inner);
}

#define CONTAIN(name, container, signature, content)                                               \
	static void append_##name(DBusMessageIter *iter)                                           \
	{                                                                                          \
		container(iter, signature, content);                                               \
	}

CONTAIN(wrapped, append_variant, "x", append_i64)
CONTAIN(wrapped_twice, append_variant, "v", append_wrapped)
CONTAIN(wrapped_struct, append_variant, "(is)", append_struct)
CONTAIN(wrapped_descriptor, append_variant, "h", append_descriptor)
CONTAIN(invalid, append_array, "i", append_nothing)
CONTAIN(wrapped_invalid, append_variant, "ai", append_invalid)
CONTAIN(no_structs, append_array, "(is)", append_nothing)
CONTAIN(structs, append_array, "(is)", append_struct)
CONTAIN(empty_dictionary, append_array, "{si}", append_nothing)
CONTAIN(dictionary, append_array, "{si}", append_entry)
CONTAIN(numbers, append_array, "i", append_i32)

#define INTEGER(number) true, { .type = VALUE_INT, .integer = number }
#define TEXT(text) true, { .type = VALUE_STRING, .string = text }
#define INVALID true, { .type = VALUE_INVALID }
#define REFUSED false, { .type = VALUE_INVALID }

static const struct read_case {
	const char *name;
	append_fn append;
	bool is_read;
	struct value want;
} cases[] = {
	{ "no argument", append_nothing, REFUSED },
	{ "y", append_byte, INTEGER(255) },
	{ "b", append_true, INTEGER(1) },
	{ "n", append_i16, INTEGER(-32768) },
	{ "q", append_u16, INTEGER(65535) },
	{ "i", append_i32, INTEGER(INT32_MIN) },
	{ "u", append_u32, INTEGER(UINT32_MAX) },
	{ "x", append_i64, INTEGER(INT64_MIN) },
	{ "t", append_u64, INTEGER(INT64_MAX) },
	{ "t beyond int64", append_u64_too_big, REFUSED },
	{ "d", append_double, true, { .type = VALUE_DOUBLE, .number = 52.1 } },
	{ "s", append_text, TEXT("Boat") },
	{ "o", append_path, TEXT("/Soc") },
	{ "g", append_signature, TEXT("ai") },
	{ "h", append_descriptor, REFUSED },
	{ "(is)", append_struct, REFUSED },
	{ "v: x", append_wrapped, INTEGER(INT64_MIN) },
	{ "v: v: x", append_wrapped_twice, INTEGER(INT64_MIN) },
	{ "v: (is)", append_wrapped_struct, REFUSED },
	{ "v: h", append_wrapped_descriptor, REFUSED },
	{ "ai, empty", append_invalid, INVALID },
	{ "v: ai, empty", append_wrapped_invalid, INVALID },
	{ "a(is), empty", append_no_structs, INVALID },
	{ "a{si}, empty", append_empty_dictionary, INVALID },
	{ "ai", append_numbers, REFUSED },
	{ "a(is)", append_structs, REFUSED },
	{ "a{si}", append_dictionary, REFUSED },
};

static void assert_value(const char *name, const struct value *got, const struct value *want)
{
	if (got->type != want->type)
		fail_msg("%s: type %d, want %d", name, (int) got->type, (int) want->type);
	switch (want->type) {
	case VALUE_INT:
		if (got->integer != want->integer)
			fail_msg("%s: %lld", name, (long long) got->integer);
		break;
	case VALUE_DOUBLE:
		assert_near(got->number, want->number, 0.0);
		break;
	case VALUE_STRING:
		assert_string_equal(got->string, want->string);
		break;
	case VALUE_INVALID:
		break;
	}
}

static DBusMessage *message_of(append_fn append, DBusMessageIter *reader)
{
	DBusMessage *message = dbus_message_new(DBUS_MESSAGE_TYPE_METHOD_CALL);
	DBusMessageIter iter;

	dbus_message_iter_init_append(message, &iter);
	append(&iter);
	dbus_message_iter_init(message, reader);
	return message;
}

static void test_read(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		DBusMessageIter reader;
		DBusMessage *message = message_of(cases[i].append, &reader);
		struct value got = value_invalid();

		if (value_read(&reader, &got) != cases[i].is_read)
			fail_msg("%s: %s", cases[i].name, cases[i].is_read ? "refused" : "read");
		if (cases[i].is_read)
			assert_value(cases[i].name, &got, &cases[i].want);
		dbus_message_unref(message);
	}
}

/* An entry of a dictionary is no value, though it stands where one may. */
static void test_read_entry(void **state)
{
	DBusMessageIter reader, inside;
	DBusMessage *message = message_of(append_dictionary, &reader);
	struct value got;

	dbus_message_iter_recurse(&reader, &inside);
	assert_int_equal(dbus_message_iter_get_arg_type(&inside), DBUS_TYPE_DICT_ENTRY);
	assert_false(value_read(&inside, &got));
	dbus_message_iter_next(&inside);
	assert_false(value_read(&inside, &got));
	dbus_message_unref(message);
}

static const struct append_case {
	struct value value;
	const char *signature; /* of what is in the variant */
} append_cases[] = {
	{ { .type = VALUE_INT, .integer = -3 }, "i" },
	{ { .type = VALUE_INT, .integer = INT32_MAX }, "i" },
	{ { .type = VALUE_INT, .integer = (int64_t) INT32_MAX + 1 }, "x" },
	{ { .type = VALUE_DOUBLE, .number = 0.25 }, "d" },
	{ { .type = VALUE_STRING, .string = "" }, "s" },
	{ { .type = VALUE_INVALID }, "ai" },
	{ { .type = VALUE_DOUBLE, .number = (double) NAN }, "ai" },
	{ { .type = VALUE_DOUBLE, .number = (double) -INFINITY }, "ai" },
};

static void test_append(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(append_cases); i++) {
		const struct append_case *c = &append_cases[i];
		DBusMessage *message = dbus_message_new(DBUS_MESSAGE_TYPE_METHOD_CALL);
		DBusMessageIter iter, inner;

		dbus_message_iter_init_append(message, &iter);
		value_append(&iter, &c->value);
		assert_string_equal(dbus_message_get_signature(message), "v");
		dbus_message_iter_init(message, &iter);
		dbus_message_iter_recurse(&iter, &inner);

		char *signature = dbus_message_iter_get_signature(&inner);
		struct value got;

		assert_string_equal(signature, c->signature);
		assert_true(value_read(&iter, &got));
		if (strcmp(signature, "ai") != 0)
			assert_value(signature, &got, &c->value);
		dbus_free(signature);
		dbus_message_unref(message);
	}
}

static const struct convert_case {
	struct value value;
	bool is_int, is_double;
	int64_t integer;
	double number;
	const char *text; /* NULL: none */
} convert_cases[] = {
	{ { .type = VALUE_INT, .integer = 288 }, true, true, 288, 288.0, "288" },
	{ { .type = VALUE_DOUBLE, .number = -4.0 }, true, true, -4, -4.0, "-4" },
	{ { .type = VALUE_DOUBLE, .number = 0.1 }, false, true, 0, 0.1, "0.1" },
	{ { .type = VALUE_DOUBLE, .number = 0.1 + 0.2 }, false, true, 0, 0.1 + 0.2, "0.30000000000000004" },
	{ { .type = VALUE_DOUBLE, .number = 1e300 }, false, true, 0, 1e300, "1e+300" },
	{ { .type = VALUE_DOUBLE, .number = (double) NAN }, false, false, 0, 0.0, NULL },
	{ { .type = VALUE_DOUBLE, .number = (double) INFINITY }, false, false, 0, 0.0, NULL },
	{ { .type = VALUE_STRING, .string = "12" }, true, true, 12, 12.0, "12" },
	{ { .type = VALUE_STRING, .string = " 1.5 " }, false, true, 0, 1.5, " 1.5 " },
	{ { .type = VALUE_STRING, .string = "nan" }, false, false, 0, 0.0, "nan" },
	{ { .type = VALUE_STRING, .string = "12V" }, false, false, 0, 0.0, "12V" },
	{ { .type = VALUE_STRING, .string = "" }, false, false, 0, 0.0, "" },
	{ { .type = VALUE_INVALID }, false, false, 0, 0.0, NULL },
};

static void test_convert(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(convert_cases); i++) {
		const struct convert_case *c = &convert_cases[i];
		int64_t integer = 0;
		double number = 0.0;
		char *text = value_to_string(&c->value);

		assert_int_equal(value_to_int(&c->value, &integer), c->is_int);
		if (c->is_int)
			assert_int_equal(integer, c->integer);
		assert_int_equal(value_to_double(&c->value, &number), c->is_double);
		if (c->is_double)
			assert_near(number, c->number, 0.0);
		if (c->text)
			assert_string_equal(text, c->text);
		else
			assert_null(text);
		g_free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_read_entry),
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_convert),
	};

	return cmocka_run_group_tests_name("value", tests, NULL, NULL);
}
