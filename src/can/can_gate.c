/* SPDX-License-Identifier: MIT */
#include "can/can_gate.h"

#include <net/if.h>
#include <string.h>

#include "can/can_link.h"
#include "can/can_listener.h"
#include "can/can_manners.h"
#include "can/can_profile.h"
#include "dbus/bus.h"

enum { CONNECT_CHECKS = 5 };

/* What is known of one output's port. */
struct entry {
	struct can_gate *gate;
	unsigned id; /* of the output */
	char name[IFNAMSIZ];
	struct can_port_profile profile;
	struct can_listener listener;
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

/* Another interface, or none: nothing of it is known. */
static void reset(struct entry *e, const char *name)
{
	can_profile_forget(&e->profile, e->gate->bus);
	can_listener_stop(&e->listener);
	g_strlcpy(e->name, name, sizeof(e->name));
	can_profile_init(&e->profile, name);
	can_listener_init(&e->listener);
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
	can_listener_init(&e->listener);
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

/* ---- the bus -------------------------------------------------------------------------- */

static void on_bus(const char *trouble, void *user)
{
	struct can_gate *g = user;

	if (!trouble)
		return;
	for (guint i = 0; i < g->entries->len; i++)
		can_profile_forget(&((struct entry *) g_ptr_array_index(g->entries, i))->profile,
				   g->bus);
	g_clear_pointer(&g->bus, bus_free);
}

/* The publisher tells of a bus that is away; what was known of the ports counts on. */
static void connect_bus(struct can_gate *g)
{
	if (g->bus || g->connect_age++ % CONNECT_CHECKS != 0)
		return;
	g->bus = bus_connect(g->address, on_bus, g, NULL);
}

/* ---- the decision --------------------------------------------------------------------- */

/*
 * A service of the GX that still has the port. Free it. All that a profile starts
 * (veutil, canbus_interfaces.cpp); they leave some time after the profile has changed.
 */
static char *stock_service(const struct entry *e)
{
	static const char *const names[] = {
		"vecan-dbus",	"can-bus-bms",	   "can-bus-bms-hv",	      "dbus-rv-c",
		"dbus-valence", "dbus-motordrive", "dbus-canopen-motordrive",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *service = g_strdup_printf("%s.%s", names[i], e->name);
		g_autofree char *path = g_build_filename(e->gate->root, "/service", service, NULL);

		if (g_file_test(path, G_FILE_TEST_EXISTS))
			return g_steal_pointer(&service);
	}
	return NULL;
}

static void obey(struct can_output *output, struct entry *e, const struct can_judgement *j)
{
	switch (j->verdict) {
	case CAN_USE:
		can_profile_settle(&e->profile);
		can_output_allow(output, true, NULL);
		return;
	case CAN_ASK:
		can_profile_ask(&e->profile, e->gate->bus, j->profile, j->why);
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
		.profile = e->profile.value,
		.is_usb = can_link_is_usb(sysfs, e->name),
		.take_port = config->take_port,
		.bit_rate = (unsigned) config->bit_rate,
		.is_fixed = e->profile.is_fixed,
		.was_refused = e->profile.was_refused,
		.was_refused_disabled = e->profile.was_refused_disabled,
		.service = service,
	};

	if (can_manners_may_take(&facts) && can_listener_check(&e->listener, e->name)) {
		can_output_allow(output, false,
				 "listening for VE.Can devices before the port is taken");
		return;
	}
	facts.has_neighbours = e->listener.met > 0;
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
	if (can_output_awaits_leave(output)) /* the GX may have given it another profile */
		can_profile_expire(&e->profile, g->bus);
	can_profile_check(&e->profile, g->bus);
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
