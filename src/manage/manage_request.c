/* SPDX-License-Identifier: MIT */
/* manage_request - one method call from its arguments to its answer */
#include "manage/manage_private.h"

#include <string.h>

static bool take_argument(const struct manage_argument *argument, DBusMessageIter *iter,
			  struct value *out)
{
	double number = 0.0;

	if (!value_read(iter, out))
		return false;
	if (argument->type == VALUE_STRING)
		return out->type == VALUE_STRING;
	if (!value_to_double(out, &number))
		return false;
	*out = value_double(number);
	return true;
}

static bool take_arguments(struct manage_request *request, const struct manage_method *method)
{
	DBusMessageIter iter;
	bool is_more = dbus_message_iter_init(request->call, &iter);

	for (unsigned i = 0; i < MANAGE_ARGUMENTS_MAX && method->arguments[i].name; i++) {
		if (!is_more || !take_argument(&method->arguments[i], &iter, &request->argument[i]))
			return false;
		is_more = dbus_message_iter_next(&iter);
	}
	return !is_more;
}

static void finish(struct manage_request *request, DBusMessage *reply)
{
	if (request->service) {
		g_ptr_array_remove_fast(request->service->requests, request);
		manage_reply(request->service, request->call, reply);
	} else {
		dbus_message_unref(reply);
	}
	dbus_message_unref(request->call);
	g_free(request);
}

static void on_caller(const struct caller *caller, void *user)
{
	struct manage_request *request = user;

	request->question = NULL;
	g_strlcpy(request->who, caller->who, sizeof(request->who));
	if (caller->is_remote && !request->service->is_remote_allowed)
		manage_refuse(request,
			      "Changes from the network are not allowed: set remote_writes "
			      "in the configuration first.");
	else
		request->registered->method->fn(request, request->registered->user);
}

void manage_request_begin(struct manage_service *s, const struct registered *r, DBusMessage *call)
{
	struct manage_request *request = g_new0(struct manage_request, 1);

	request->service = s;
	request->registered = r;
	request->call = dbus_message_ref(call);
	g_ptr_array_add(s->requests, request);
	if (take_arguments(request, r->method)) {
		if (r->method->changes)
			request->question = caller_ask(s->bus, dbus_message_get_sender(call),
						       on_caller, request);
		else
			r->method->fn(request, r->user);
		return;
	}
	g_autofree char *text = g_strdup_printf(
		"%s takes other arguments: introspection shows them", r->method->name);

	finish(request, dbus_message_new_error(call, DBUS_ERROR_INVALID_ARGS, text));
}

double manage_request_number(const struct manage_request *request, unsigned i)
{
	return request->argument[i].number;
}

const char *manage_request_text(const struct manage_request *request, unsigned i)
{
	return request->argument[i].string;
}

const char *manage_request_who(const struct manage_request *request)
{
	return request->who;
}

const char *manage_request_sender(const struct manage_request *request)
{
	return dbus_message_get_sender(request->call);
}

void manage_answer(struct manage_request *request, cJSON *object)
{
	DBusMessage *reply = dbus_message_new_method_return(request->call);

	cJSON_AddNumberToObject(object, "version", MANAGE_VERSION);

	char *made = cJSON_PrintUnformatted(object);
	g_autofree char *text = g_utf8_make_valid(made, -1);
	const char *argument = text;

	dbus_message_append_args(reply, DBUS_TYPE_STRING, &argument, DBUS_TYPE_INVALID);
	cJSON_free(made);
	cJSON_Delete(object);
	finish(request, reply);
}

void manage_refuse(struct manage_request *request, const char *sentence)
{
	g_autofree char *text = g_utf8_make_valid(sentence, -1);

	finish(request, dbus_message_new_error(request->call, MANAGE_ERROR_REFUSED, text));
}

/* Who still is to be asked about has not begun, and ends here. */
void manage_requests_orphan(struct manage_service *s)
{
	for (guint i = 0; i < s->requests->len; i++) {
		struct manage_request *request = g_ptr_array_index(s->requests, i);

		manage_reply(s, request->call,
			     dbus_message_new_error(request->call, MANAGE_ERROR_REFUSED,
						    "The service ends; ask again when it runs."));
		request->service = NULL;
		if (!request->question)
			continue;
		caller_forget(request->question);
		dbus_message_unref(request->call);
		g_free(request);
	}
	g_ptr_array_set_size(s->requests, 0);
}
