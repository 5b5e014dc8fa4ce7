/* SPDX-License-Identifier: MIT */
#include "can/can_profile.h"

#include <dbus/dbus.h>

#include "dbus/value.h"
#include "log.h"

enum {
	ASKED_CHECKS = 10, /* for a profile to be there after it was asked for */
	READ_CHECKS = 3,   /* between two readings of a profile */
};

static const char *const SETTINGS = "com.victronenergy.settings";
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

static bool read_number(DBusMessage *reply, int64_t *number)
{
	DBusMessageIter iter;
	struct value value;

	return reply && dbus_message_iter_init(reply, &iter) && value_read(&iter, &value) &&
	       value_to_int(&value, number);
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
