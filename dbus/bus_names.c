/* SPDX-License-Identifier: MIT */
#include "dbus/bus_private.h"

enum name_kind { NAME_WATCH, NAME_REQUEST, NAME_PID };

/* One watch, request or question; it is the `user` of its own calls. */
struct name_job {
	enum name_kind kind;
	struct bus *bus;
	char *name;
	void *user;
	union {
		bus_owner_fn on_owner;
		bus_name_fn on_name;
		bus_pid_fn on_pid;
	};
	bool is_known;  /* watch: `owner` has been reported */
	char *owner;    /* watch: NULL is nobody */
	int tries;      /* request */
	GSource *retry; /* request */
};

static void stop_retry(struct name_job *job)
{
	if (!job->retry)
		return;
	g_source_destroy(job->retry);
	g_clear_pointer(&job->retry, g_source_unref);
}

static void free_job(void *data)
{
	struct name_job *job = data;

	stop_retry(job);
	bus_forget_calls(job->bus, job);
	bus_forget_subscriptions(job->bus, job);
	g_free(job->owner);
	g_free(job->name);
	g_free(job);
}

GPtrArray *bus_names_new(void)
{
	return g_ptr_array_new_with_free_func(free_job);
}

static struct name_job *new_job(struct bus *bus, enum name_kind kind, const char *name, void *user)
{
	struct name_job *job = g_new0(struct name_job, 1);

	job->kind = kind;
	job->bus = bus;
	job->name = g_strdup(name);
	job->user = user;
	g_ptr_array_add(bus->names, job);
	return job;
}

void bus_forget_names(struct bus *bus, const void *user)
{
	for (unsigned int i = bus->names->len; i-- > 0;) {
		const struct name_job *job = g_ptr_array_index(bus->names, i);

		if (job->user == user)
			g_ptr_array_remove_index(bus->names, i);
	}
}

static DBusMessage *daemon_call(const char *method, const char *name)
{
	DBusMessage *call = dbus_message_new_method_call(DBUS_SERVICE_DBUS, DBUS_PATH_DBUS,
							 DBUS_INTERFACE_DBUS, method);

	dbus_message_append_args(call, DBUS_TYPE_STRING, &name, DBUS_TYPE_INVALID);
	return call;
}

/* --- Watching an owner -------------------------------------------------------------------- */

static void report_owner(struct name_job *job, const char *owner)
{
	if (owner && !*owner)
		owner = NULL;
	if (job->is_known && g_strcmp0(owner, job->owner) == 0)
		return;

	job->is_known = true;
	g_free(job->owner);
	job->owner = g_strdup(owner);
	job->on_owner(job->name, job->owner, job->user);
}

static void on_owner_changed(DBusMessage *signal, void *user)
{
	const char *name, *before, *after;

	if (dbus_message_has_sender(signal, DBUS_SERVICE_DBUS) &&
	    dbus_message_get_args(signal, NULL, DBUS_TYPE_STRING, &name, DBUS_TYPE_STRING, &before,
				  DBUS_TYPE_STRING, &after, DBUS_TYPE_INVALID))
		report_owner(user, after);
}

static void on_first_owner(DBusMessage *reply, const GError *error, void *user)
{
	const char *owner = NULL;

	if (reply)
		dbus_message_get_args(reply, NULL, DBUS_TYPE_STRING, &owner, DBUS_TYPE_INVALID);
	report_owner(user, owner);
}

void bus_watch_name(struct bus *bus, const char *name, bus_owner_fn fn, void *user)
{
	struct name_job *job = new_job(bus, NAME_WATCH, name, user);

	job->on_owner = fn;
	bus_subscribe(bus,
		      &(struct bus_match){ .sender = DBUS_SERVICE_DBUS,
					   .interface = DBUS_INTERFACE_DBUS,
					   .member = "NameOwnerChanged",
					   .arg0 = name },
		      on_owner_changed, job);
	bus_call(bus, daemon_call("GetNameOwner", name), BUS_CALL_TIMEOUT_MS, on_first_owner, job);
}

/* --- Owning a name ------------------------------------------------------------------------ */

static void ask_for_name(struct name_job *job);

static void finish_request(struct name_job *job, const GError *error)
{
	bus_name_fn fn = job->on_name;
	void *user = job->user;

	g_ptr_array_remove(job->bus->names, job);
	fn(error, user);
}

static gboolean try_again(void *user)
{
	struct name_job *job = user;

	stop_retry(job);
	ask_for_name(job);
	return G_SOURCE_REMOVE;
}

static void on_name_answer(DBusMessage *reply, const GError *error, void *user)
{
	struct name_job *job = user;
	dbus_uint32_t answer = 0;

	if (!reply) {
		finish_request(job, error);
		return;
	}
	dbus_message_get_args(reply, NULL, DBUS_TYPE_UINT32, &answer, DBUS_TYPE_INVALID);
	if (answer == DBUS_REQUEST_NAME_REPLY_PRIMARY_OWNER ||
	    answer == DBUS_REQUEST_NAME_REPLY_ALREADY_OWNER) {
		finish_request(job, NULL);
	} else if (job->tries >= BUS_NAME_TRIES) {
		g_autoptr(GError) taken = g_error_new(
			BUS_ERROR, BUS_ERROR_NAME_TAKEN,
			"%s is owned by another program on this bus; stop it first", job->name);

		finish_request(job, taken);
	} else {
		job->retry = g_timeout_source_new(BUS_NAME_RETRY_MS);
		g_source_set_callback(job->retry, try_again, job, NULL);
		g_source_attach(job->retry, job->bus->context);
	}
}

static void ask_for_name(struct name_job *job)
{
	DBusMessage *call = daemon_call("RequestName", job->name);
	dbus_uint32_t flags = DBUS_NAME_FLAG_DO_NOT_QUEUE;

	job->tries++;
	dbus_message_append_args(call, DBUS_TYPE_UINT32, &flags, DBUS_TYPE_INVALID);
	bus_call(job->bus, call, BUS_CALL_TIMEOUT_MS, on_name_answer, job);
}

void bus_request_name(struct bus *bus, const char *name, bus_name_fn fn, void *user)
{
	struct name_job *job = new_job(bus, NAME_REQUEST, name, user);

	job->on_name = fn;
	ask_for_name(job);
}

void bus_release_name(struct bus *bus, const char *name)
{
	for (unsigned int i = bus->names->len; i-- > 0;) {
		const struct name_job *job = g_ptr_array_index(bus->names, i);

		if (job->kind == NAME_REQUEST && g_str_equal(job->name, name))
			g_ptr_array_remove_index(bus->names, i);
	}

	DBusMessage *call = daemon_call("ReleaseName", name);

	dbus_message_set_no_reply(call, TRUE);
	bus_send(bus, call);
}

/* --- Asking who it is --------------------------------------------------------------------- */

static void on_pid_answer(DBusMessage *reply, const GError *error, void *user)
{
	struct name_job *job = user;
	bus_pid_fn fn = job->on_pid;
	void *asker = job->user;
	dbus_uint32_t pid = 0;

	if (reply)
		dbus_message_get_args(reply, NULL, DBUS_TYPE_UINT32, &pid, DBUS_TYPE_INVALID);
	g_ptr_array_remove(job->bus->names, job);
	fn((pid_t) pid, asker);
}

void bus_get_pid(struct bus *bus, const char *unique_name, bus_pid_fn fn, void *user)
{
	struct name_job *job = new_job(bus, NAME_PID, unique_name, user);

	job->on_pid = fn;
	bus_call(bus, daemon_call("GetConnectionUnixProcessID", unique_name), BUS_CALL_TIMEOUT_MS,
		 on_pid_answer, job);
}
