/* SPDX-License-Identifier: MIT */
/*
 * system - stands in for Venus OS's com.victronenergy.system where DVCC is concerned: the first
 * battery on the bus is obeyed, and chargers are told what it asks for (dbus-systemcalc-py).
 */
#include <dbus/dbus.h>
#include <stdbool.h>
#include <string.h>

enum { ANSWER_MS = 2000 };

static const char ITEM[] = "com.victronenergy.BusItem";
static DBusConnection *bus;
static char battery[DBUS_MAXIMUM_NAME_LENGTH + 1]; /* "": none */

static void find_battery(void)
{
	DBusMessage *call = dbus_message_new_method_call(DBUS_SERVICE_DBUS, DBUS_PATH_DBUS,
							 DBUS_INTERFACE_DBUS, "ListNames");
	DBusMessage *reply = dbus_connection_send_with_reply_and_block(bus, call, ANSWER_MS, NULL);
	char **names = NULL;
	int count = 0;

	battery[0] = '\0';
	if (reply && dbus_message_get_args(reply, NULL, DBUS_TYPE_ARRAY, DBUS_TYPE_STRING, &names,
					   &count, DBUS_TYPE_INVALID))
		for (int i = 0; i < count && !battery[0]; i++)
			if (!strncmp(names[i], "com.victronenergy.battery.", 26))
				strcpy(battery, names[i]);
	dbus_free_string_array(names);
	dbus_message_unref(call);
	if (reply)
		dbus_message_unref(reply);
}

/* @return false: the battery has no such number now */
static bool ask_battery(const char *path, double *number)
{
	DBusMessage *call = dbus_message_new_method_call(battery, path, ITEM, "GetValue");
	DBusMessage *reply = dbus_connection_send_with_reply_and_block(bus, call, ANSWER_MS, NULL);
	DBusMessageIter args, value;
	bool is_number = false;

	if (reply && dbus_message_iter_init(reply, &args)) {
		dbus_message_iter_recurse(&args, &value);
		is_number = dbus_message_iter_get_arg_type(&value) == DBUS_TYPE_DOUBLE;
		if (is_number)
			dbus_message_iter_get_basic(&value, number);
	}
	dbus_message_unref(call);
	if (reply)
		dbus_message_unref(reply);
	return is_number;
}

static void put(DBusMessageIter *to, const char *signature, int type, const void *value)
{
	DBusMessageIter variant, array;

	dbus_message_iter_open_container(to, DBUS_TYPE_VARIANT, signature, &variant);
	if (value) {
		dbus_message_iter_append_basic(&variant, type, value);
	} else { /* invalid: an empty array */
		dbus_message_iter_open_container(&variant, DBUS_TYPE_ARRAY, "i", &array);
		dbus_message_iter_close_container(&variant, &array);
	}
	dbus_message_iter_close_container(to, &variant);
}

static DBusMessage *answer(DBusMessage *call)
{
	const char *path = dbus_message_get_path(call), *name = battery;
	DBusMessage *reply = dbus_message_new_method_return(call);
	const dbus_int32_t on = 1;
	DBusMessageIter to;
	double volts;

	find_battery();
	dbus_message_iter_init_append(reply, &to);
	if (!strcmp(path, "/Control/Dvcc"))
		put(&to, "i", DBUS_TYPE_INT32, &on);
	else if (!strcmp(path, "/ActiveBmsService") || !strcmp(path, "/Dc/Battery/BatteryService"))
		put(&to, battery[0] ? "s" : "ai", DBUS_TYPE_STRING, battery[0] ? &name : NULL);
	else if (!strcmp(path, "/Dc/Battery/ChargeVoltage") && battery[0] &&
		 ask_battery("/Info/MaxChargeVoltage", &volts))
		put(&to, "d", DBUS_TYPE_DOUBLE, &volts);
	else
		put(&to, "ai", 0, NULL);
	return reply;
}

int main(void)
{
	DBusMessage *message;

	bus = dbus_bus_get(DBUS_BUS_SYSTEM, NULL);
	if (!bus)
		return 1;
	dbus_bus_request_name(bus, "com.victronenergy.system", DBUS_NAME_FLAG_DO_NOT_QUEUE, NULL);
	do {
		while ((message = dbus_connection_pop_message(bus))) {
			if (dbus_message_is_method_call(message, ITEM, "GetValue")) {
				DBusMessage *reply = answer(message);

				dbus_connection_send(bus, reply, NULL);
				dbus_message_unref(reply);
			}
			dbus_message_unref(message);
		}
	} while (dbus_connection_read_write(bus, -1));
	return 1;
}
