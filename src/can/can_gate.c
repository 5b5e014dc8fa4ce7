/* SPDX-License-Identifier: MIT */
#include "can/can_gate.h"

#include <dbus/dbus.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "can/can_manners.h"
#include "dbus/bus.h"
#include "dbus/value.h"
#include "log.h"

enum {
	LISTEN_CHECKS = 4,    /* VE.Can devices speak each 1.5 s at least (127508) */
	RELISTEN_CHECKS = 60, /* then a port with neighbours is looked at again */
	ASKED_CHECKS = 10,    /* for a profile to be there after it was asked for */
	READ_CHECKS = 3,      /* between two readings of a profile */
	CONNECT_CHECKS = 5,
	HEARD_MAX = 200,      /* frames read in one check */
};

static const char *const SETTINGS = "com.victronenergy.settings";
static const char *const BUSITEM = "com.victronenergy.BusItem";

/* What is known of one output's port. */
struct entry {
	struct can_gate *gate;
	unsigned id; /* of the output */
	char name[IFNAMSIZ];
	int profile;
	unsigned age; /* checks since the profile was read */
	bool is_reading;

	int listener;	 /* -1: none */
	unsigned silent; /* checks of listening without a neighbour */
	unsigned met;	 /* checks since neighbours were met; 0: none */

	int asked; /* profile; -1: none */
	unsigned asked_age;
	bool was_refused, was_refused_disabled;
};

struct can_gate {
	char *address, *root;
	struct can_outputs *outputs;
	bool is_gx;
	struct bus *bus;
	unsigned connect_age;
	GPtrArray *entries;
};

/* ---- entries ------------------------------------------------------------------------ */

static void stop_listening(struct entry *e)
{
	if (e->listener >= 0)
		close(e->listener);
	e->listener = -1;
}

/* Another interface, or none: nothing of it is known. */
static void reset(struct entry *e, const char *name)
{
	if (e->gate->bus)
		bus_forget(e->gate->bus, e);
	stop_listening(e);
	*e = (struct entry){
		.gate = e->gate,
		.id = e->id,
		.profile = CAN_PROFILE_UNKNOWN,
		.age = READ_CHECKS,
		.listener = -1,
		.asked = -1,
	};
	g_strlcpy(e->name, name, sizeof(e->name));
}

static void free_entry(void *data)
{
	struct entry *e = data;

	reset(e, "");
	g_free(e);
}

static struct entry *entry_of(struct can_gate *g, unsigned id)
{
	struct entry *e;

	for (guint i = 0; i < g->entries->len; i++) {
		e = g_ptr_array_index(g->entries, i);
		if (e->id == id)
			return e;
	}
	e = g_new0(struct entry, 1);
	e->gate = g;
	e->id = id;
	e->listener = -1;
	reset(e, "");
	g_ptr_array_add(g->entries, e);
	return e;
}

static bool is_wanted(const struct can_gate *g, unsigned id)
{
	for (size_t i = 0; i < can_outputs_count(g->outputs); i++)
		if (can_output_id(can_outputs_at(g->outputs, i)) == id)
			return true;
	return false;
}

static void forget_others(struct can_gate *g)
{
	for (guint i = g->entries->len; i-- > 0;)
		if (!is_wanted(g, ((struct entry *) g_ptr_array_index(g->entries, i))->id))
			g_ptr_array_remove_index(g->entries, i);
}

/* ---- the settings service ----------------------------------------------------------- */

static DBusMessage *new_call(const struct entry *e, const char *method)
{
	g_autofree char *path = g_strdup_printf("/Settings/Canbus/%s/Profile", e->name);

	/* a name with other letters cannot be a setting (venus.md section 4) */
	if (!dbus_validate_path(path, NULL))
		return NULL;
	return dbus_message_new_method_call(SETTINGS, path, BUSITEM, method);
}

static bool read_number(DBusMessage *reply, int64_t *number)
{
	DBusMessageIter iter;
	struct value value;

	return reply && dbus_message_iter_init(reply, &iter) && value_read(&iter, &value) &&
	       value_to_int(&value, number);
}

static void on_profile(DBusMessage *reply, const GError *error, void *user)
{
	struct entry *e = user;
	int64_t profile;

	e->is_reading = false;
	if (read_number(reply, &profile) && profile >= 0 && profile <= G_MAXINT)
		e->profile = (int) profile;
}

static void read_profile(struct entry *e)
{
	DBusMessage *call;

	if (++e->age <= READ_CHECKS && e->profile >= 0)
		return;
	if (e->is_reading || !e->gate->bus || !(call = new_call(e, "GetValue")))
		return;
	e->age = 0;
	e->is_reading = true;
	bus_call(e->gate->bus, call, BUS_CALL_TIMEOUT_MS, on_profile, e);
}

static void note_refusal(struct entry *e)
{
	if (e->asked == CAN_PROFILE_DISABLED)
		e->was_refused_disabled = true;
	else
		e->was_refused = true;
	e->asked = -1;
}

static void on_asked(DBusMessage *reply, const GError *error, void *user)
{
	struct entry *e = user;
	int64_t answer;

	e->age = READ_CHECKS;
	if (read_number(reply, &answer) && answer != 0 && e->asked >= 0)
		note_refusal(e);
}

static void ask(struct entry *e, const struct can_judgement *j)
{
	const struct value value = value_int(j->profile);
	DBusMessageIter iter;
	DBusMessage *call;

	if (e->asked == j->profile) {
		if (++e->asked_age > ASKED_CHECKS)
			note_refusal(e);
		return;
	}
	call = e->gate->bus ? new_call(e, "SetValue") : NULL;
	if (!call)
		return;
	log_say(LOG_INFO, "%s.", j->why);
	dbus_message_iter_init_append(call, &iter);
	value_append(&iter, &value);
	e->asked = j->profile;
	e->asked_age = 0;
	bus_call(e->gate->bus, call, BUS_CALL_TIMEOUT_MS, on_asked, e);
}

static void on_bus(const char *trouble, void *user)
{
	struct can_gate *g = user;

	if (!trouble)
		return;
	for (guint i = 0; i < g->entries->len; i++)
		((struct entry *) g_ptr_array_index(g->entries, i))->is_reading = false;
	g_clear_pointer(&g->bus, bus_free);
}

/* The publisher tells of a bus that is away; what was known of the ports counts on. */
static void connect_bus(struct can_gate *g)
{
	if (g->bus || g->connect_age++ % CONNECT_CHECKS != 0)
		return;
	g->bus = bus_connect(g->address, on_bus, g, NULL);
}

/* ---- looking around ------------------------------------------------------------------ */

/* Frames with 29 bits that came over the wire, not from programs of this GX. */
static bool hears_neighbour(int fd)
{
	for (unsigned i = 0; i < HEARD_MAX; i++) {
		struct can_frame frame;
		struct iovec part = { &frame, sizeof(frame) };
		struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

		if (recvmsg(fd, &message, MSG_DONTWAIT) != (ssize_t) sizeof(frame))
			return false;
		if (!(message.msg_flags & MSG_DONTROUTE) && !(frame.can_id & CAN_ERR_FLAG))
			return true;
	}
	return false;
}

/* True as long as it is not known whether somebody is there. */
static bool is_listening(struct entry *e)
{
	static const struct can_filter long_ids = { CAN_EFF_FLAG, CAN_EFF_FLAG };

	if (e->met && ++e->met > RELISTEN_CHECKS)
		e->met = e->silent = 0;
	if (e->met || e->silent >= LISTEN_CHECKS)
		return false;
	if (e->listener < 0)
		e->listener = can_link_open(e->name, &long_ids, 1, NULL);
	if (e->listener >= 0 && hears_neighbour(e->listener))
		e->met = 1;
	else
		e->silent++;
	if (!e->met && e->silent < LISTEN_CHECKS)
		return true;
	stop_listening(e);
	return false;
}

/* A service of the GX that still has the port. Free it. */
static char *stock_service(const struct entry *e)
{
	static const char *const names[] = { "vecan-dbus", "can-bus-bms", "can-bus-bms-hv",
					     "dbus-rv-c" };

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *service = g_strdup_printf("%s.%s", names[i], e->name);
		g_autofree char *path = g_build_filename(e->gate->root, "/service", service, NULL);

		if (g_file_test(path, G_FILE_TEST_EXISTS))
			return g_steal_pointer(&service);
	}
	return NULL;
}

/* ---- the decision --------------------------------------------------------------------- */

static void obey(struct can_output *output, struct entry *e, const struct can_judgement *j)
{
	switch (j->verdict) {
	case CAN_USE:
		e->asked = -1;
		e->was_refused = e->was_refused_disabled = false;
		can_output_allow(output, true, NULL);
		return;
	case CAN_ASK:
		ask(e, j);
		break;
	case CAN_WAIT:
	case CAN_REFUSE:
		break;
	}
	can_output_allow(output, false, j->why);
}

static void check_port(struct can_output *output, struct entry *e, const char *sysfs)
{
	const struct can_output_config *config = can_output_config(output);
	g_autofree char *service = stock_service(e);
	struct can_judgement j;
	struct can_port_facts facts = {
		.interface = e->name,
		.profile = e->profile,
		.is_usb = can_link_is_usb(sysfs, e->name),
		.take_port = config->take_port,
		.bit_rate = (unsigned) config->bit_rate,
		.was_refused = e->was_refused,
		.was_refused_disabled = e->was_refused_disabled,
		.service = service,
	};

	if (can_manners_may_take(&facts) && is_listening(e)) {
		can_output_allow(output, false, "listening for VE.Can devices before the port is taken");
		return;
	}
	facts.has_neighbours = e->met > 0;
	can_manners_judge(&facts, &j);
	obey(output, e, &j);
}

static void check_output(struct can_gate *g, struct can_output *output)
{
	const struct can_output_config *config = can_output_config(output);
	struct entry *e = entry_of(g, can_output_id(output));
	g_autofree char *sysfs = g_build_filename(g->root, "/sys", NULL);
	struct can_wish wish = { 0 };
	char name[IFNAMSIZ];

	g_strlcpy(wish.interface, config->interface, sizeof(wish.interface));
	g_strlcpy(wish.usb_serial, config->usb_serial, sizeof(wish.usb_serial));
	if (!can_link_find(sysfs, &wish, name)) {
		g_autofree char *why = g_strdup_printf(
			wish.usb_serial[0] ? "no CAN adapter with the serial number %s is there"
					   : "the CAN interface %s is not there",
			wish.usb_serial[0] ? wish.usb_serial : wish.interface);

		reset(e, "");
		can_output_allow(output, false, why);
		return;
	}
	if (strcmp(name, e->name) != 0)
		reset(e, name);
	read_profile(e);
	check_port(output, e, sysfs);
}

void can_gate_check(struct can_gate *g)
{
	const size_t count = can_outputs_count(g->outputs);

	forget_others(g);
	if (g->is_gx && count > 0)
		connect_bus(g);
	for (size_t i = 0; i < count; i++) {
		struct can_output *output = can_outputs_at(g->outputs, i);

		if (g->is_gx)
			check_output(g, output);
		else
			can_output_allow(output, true, NULL);
	}
}

struct can_gate *can_gate_new(const char *address, struct can_outputs *outputs, const char *root)
{
	struct can_gate *g = g_new0(struct can_gate, 1);
	g_autofree char *venus = g_build_filename(root, "/opt/victronenergy", NULL);

	g->address = g_strdup(address);
	g->root = g_strdup(root);
	g->outputs = outputs;
	g->is_gx = g_file_test(venus, G_FILE_TEST_IS_DIR);
	g->entries = g_ptr_array_new_with_free_func(free_entry);
	return g;
}

void can_gate_free(struct can_gate *g)
{
	if (!g)
		return;
	g_ptr_array_unref(g->entries);
	g_clear_pointer(&g->bus, bus_free);
	g_free(g->address);
	g_free(g->root);
	g_free(g);
}
