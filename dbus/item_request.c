/* SPDX-License-Identifier: MIT */
/* item_request - SetValue: make the value fit, ask the setter, answer */
#include "dbus/item_private.h"

struct item_request {
	struct items *items; /* NULL: freed, and answered with that */
	struct item *item;
	DBusMessage *call;
};

static void reply_code(struct bus *bus, DBusMessage *call, enum item_answer answer)
{
	DBusMessage *message = dbus_message_new_method_return(call);
	dbus_int32_t code = answer;

	dbus_message_append_args(message, DBUS_TYPE_INT32, &code, DBUS_TYPE_INVALID);
	item_reply(bus, call, message);
}

static bool is_in_range(const struct item_spec *spec, double number)
{
	return !spec->has_range || spec->setter_judges ||
	       (number >= spec->min && number <= spec->max);
}

static enum item_answer fit_number(const struct item_spec *spec, struct value *value)
{
	int64_t integer = 0;
	double number = 0.0;

	if (!value_to_double(value, &number))
		return ITEM_NOT_WRITABLE;
	if (spec->type == VALUE_DOUBLE) {
		*value = value_double(number);
	} else {
		if (!value_to_int(value, &integer) || integer < INT32_MIN || integer > INT32_MAX)
			return ITEM_NOT_WRITABLE;
		*value = value_int(integer);
	}
	return is_in_range(spec, number) ? ITEM_OK : ITEM_REFUSED;
}

/* Makes `value` what the setter expects; a text that had to be made is `*made`. */
static enum item_answer fit(const struct item_spec *spec, struct value *value, char **made)
{
	if (value->type == VALUE_INVALID)
		return spec->may_be_cleared ? ITEM_OK : ITEM_NOT_WRITABLE;
	if (spec->type != VALUE_STRING)
		return fit_number(spec, value);
	if (value->type != VALUE_STRING) {
		*made = value_to_string(value);
		*value = value_string(*made);
	}
	return value->string ? ITEM_OK : ITEM_NOT_WRITABLE;
}

void item_set_requested(const struct incoming *in)
{
	const struct item_spec *spec = &in->item->spec;
	g_autofree char *made = NULL;
	struct value value;
	DBusMessageIter iter;

	if (!dbus_message_iter_init(in->call, &iter)) {
		item_reply_error(in, DBUS_ERROR_INVALID_ARGS, "SetValue takes one argument, a variant");
		return;
	}

	enum item_answer answer = ITEM_NOT_WRITABLE;

	if (spec->setter && value_read(&iter, &value))
		answer = fit(spec, &value, &made);
	if (answer != ITEM_OK) {
		reply_code(in->items->bus, in->call, answer);
		return;
	}

	struct item_request *request = g_new0(struct item_request, 1);

	request->items = in->items;
	request->item = in->item;
	request->call = dbus_message_ref(in->call);
	g_ptr_array_add(in->items->requests, request);
	spec->setter(request, &value, spec->user);
}

const char *item_request_sender(const struct item_request *request)
{
	return dbus_message_get_sender(request->call);
}

void item_request_answer(struct item_request *request, enum item_answer answer)
{
	struct items *items = request->items;

	if (items) {
		g_ptr_array_remove_fast(items->requests, request);
		if (request->item->is_dirty)
			items_flush(items);
		reply_code(items->bus, request->call, answer);
	}
	dbus_message_unref(request->call);
	g_free(request);
}

void item_refuse_all(struct items *items)
{
	for (unsigned int i = 0; i < items->requests->len; i++) {
		struct item_request *request = g_ptr_array_index(items->requests, i);

		reply_code(items->bus, request->call, ITEM_REFUSED);
		request->items = NULL;
		request->item = NULL;
	}
	g_ptr_array_set_size(items->requests, 0);
}
