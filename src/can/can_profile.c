/* SPDX-License-Identifier: MIT */
#include "can/can_profile.h"

#include <dbus/dbus.h>
#include <string.h>

#include "dbus/value.h"
#include "log.h"

enum {
	ASKED_CHECKS = 10, /* for a profile to be there after it was asked for */
	READ_CHECKS = 3,   /* between two readings of a profile */
};

static const char *const SETTINGS = "com.victronenergy.settings";
static const char *const PLATFORM = "com.victronenergy.platform";
static const char *const BUSITEM = "com.victronenergy.BusItem";

void can_profile_init(struct can_port_profile *p, const char *interface)
{
	*p = (struct can_port_profile){
		.value = CAN_PROFILE_UNKNOWN,
		.age = READ_CHECKS,
		.asked = -1,
	};
	g_strlcpy(p->interface, interface, sizeof(p->interface));
}

void can_profile_forget(struct can_port_profile *p, struct bus *bus)
{
	if (bus)
		bus_forget(bus, p);
	p->is_reading = false;
}

void can_profile_expire(struct can_port_profile *p, struct bus *bus)
{
	can_profile_forget(p, bus);
	p->value = CAN_PROFILE_UNKNOWN;
	p->age = READ_CHECKS;
}

static bool read_number(DBusMessage *reply, int64_t *number)
{
	DBusMessageIter iter;
	struct value value;

	return reply && dbus_message_iter_init(reply, &iter) && value_read(&iter, &value) &&
	       value_to_int(&value, number);
}

/* ---- the port's purpose -------------------------------------------------------------- */

/* One port of the platform's list: {"interface": "can1", "config": 1, "name": ...}. */
static bool read_port(DBusMessageIter port, const char *interface, int64_t *config)
{
	DBusMessageIter dict, inner;
	const char *key;
	bool is_it = false, has_config = false;

	if (dbus_message_iter_get_arg_type(&port) == DBUS_TYPE_VARIANT) {
		dbus_message_iter_recurse(&port, &inner);
		port = inner;
	}
	if (dbus_message_iter_get_arg_type(&port) != DBUS_TYPE_ARRAY)
		return false;
	dbus_message_iter_recurse(&port, &dict);
	while (value_next_entry(&dict, &key, &inner)) {
		struct value value;

		if (!value_read(&inner, &value))
			continue;
		if (strcmp(key, "interface") == 0 && value.type == VALUE_STRING)
			is_it = strcmp(value.string, interface) == 0;
		else if (strcmp(key, "config") == 0)
			has_config = value_to_int(&value, config);
	}
	return is_it && has_config;
}

static bool read_purpose(DBusMessage *reply, const char *interface, int64_t *config)
{
	DBusMessageIter iter, list, port;

	if (!reply || !dbus_message_iter_init(reply, &iter) ||
	    dbus_message_iter_get_arg_type(&iter) != DBUS_TYPE_VARIANT)
		return false;
	dbus_message_iter_recurse(&iter, &list);
	if (dbus_message_iter_get_arg_type(&list) != DBUS_TYPE_ARRAY)
		return false;
	for (dbus_message_iter_recurse(&list, &port);
	     dbus_message_iter_get_arg_type(&port) != DBUS_TYPE_INVALID;
	     dbus_message_iter_next(&port))
		if (read_port(port, interface, config))
			return true;
	return false;
}

static void on_purpose(DBusMessage *reply, const GError *error, void *user)
{
	/* 1 CAN-bus BMS only (a Cerbo's can1), 2 VE.Can only; 0 and 3 any */
	enum { BMS_ONLY = 1, VECAN_ONLY = 2 };
	struct can_port_profile *p = user;
	int64_t config;

	p->knows_purpose = read_purpose(reply, p->interface, &config);
	if (p->knows_purpose)
		p->is_fixed = config == BMS_ONLY || config == VECAN_ONLY;
}

static void ask_purpose(struct can_port_profile *p, struct bus *bus)
{
	if (!p->knows_purpose)
		bus_call(bus,
			 dbus_message_new_method_call(PLATFORM, "/CanBus/Interfaces", BUSITEM,
						      "GetValue"),
			 BUS_CALL_TIMEOUT_MS, on_purpose, p);
}

/* ---- the setting --------------------------------------------------------------------- */

static DBusMessage *new_call(const struct can_port_profile *p, const char *method)
{
	g_autofree char *path = g_strdup_printf("/Settings/Canbus/%s/Profile", p->interface);

	/* a name with other letters cannot be a setting */
	if (!dbus_validate_path(path, NULL))
		return NULL;
	return dbus_message_new_method_call(SETTINGS, path, BUSITEM, method);
}

static void on_profile(DBusMessage *reply, const GError *error, void *user)
{
	struct can_port_profile *p = user;
	int64_t profile;

	p->is_reading = false;
	if (read_number(reply, &profile) && profile >= 0 && profile <= G_MAXINT)
		p->value = (int) profile;
}

void can_profile_check(struct can_port_profile *p, struct bus *bus)
{
	DBusMessage *call;

	if (++p->age <= READ_CHECKS && p->value >= 0)
		return;
	if (p->is_reading || !bus || !(call = new_call(p, "GetValue")))
		return;
	ask_purpose(p, bus); /* first: it is known by the time the profile is */
	p->age = 0;
	p->is_reading = true;
	bus_call(bus, call, BUS_CALL_TIMEOUT_MS, on_profile, p);
}

static void note_refusal(struct can_port_profile *p)
{
	if (p->asked == CAN_PROFILE_DISABLED)
		p->was_refused_disabled = true;
	else
		p->was_refused = true;
	p->asked = -1;
}

static void on_asked(DBusMessage *reply, const GError *error, void *user)
{
	struct can_port_profile *p = user;
	int64_t answer;

	p->age = READ_CHECKS;
	if (read_number(reply, &answer) && answer != 0 && p->asked >= 0)
		note_refusal(p);
}

void can_profile_ask(struct can_port_profile *p, struct bus *bus, int profile, const char *why)
{
	const struct value value = value_int(profile);
	DBusMessageIter iter;
	DBusMessage *call;

	if (p->asked == profile) {
		if (++p->asked_age > ASKED_CHECKS)
			note_refusal(p);
		return;
	}
	call = bus ? new_call(p, "SetValue") : NULL;
	if (!call)
		return;
	log_say(LOG_INFO, "%s.", why);
	dbus_message_iter_init_append(call, &iter);
	value_append(&iter, &value);
	p->asked = profile;
	p->asked_age = 0;
	bus_call(bus, call, BUS_CALL_TIMEOUT_MS, on_asked, p);
}

void can_profile_settle(struct can_port_profile *p)
{
	p->asked = -1;
	p->was_refused = p->was_refused_disabled = false;
}
