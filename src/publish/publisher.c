/* SPDX-License-Identifier: MIT */
#include "publish/publisher.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "publish/battery_service.h"
#include "publish/bms_paths.h"
#include "publish/can_paths.h"
#include "publish/identity.h"
#include "publish/peers.h"

enum { RECONNECT_FIRST_S = 1, RECONNECT_MAX_S = 10 };

struct publisher {
	char *address;
	struct config_watch *watch;
	struct bms_settings *bms_settings;
	charge_full_fn full_fn;
	void *full_user;
	char port[CONFIG_TEXT_BYTES];

	struct bus *bus;
	guint reconnect; /* timer; 0 = none */
	guint reconnect_s;
	struct localsettings *settings;
	struct identity *identity;
	struct peers *peers;

	struct battery_service *service; /* while on the bus, or on the way */
	struct charge_settings *charge;
	struct history_paths *history;
	history_clear_fn clear_fn;
	void *clear_user;
	publisher_ready_fn ready_fn;
	void *ready_user;
	struct bms_paths *bms;
	const struct can_outputs *outputs; /* NULL: none to be shown */
	struct can_paths *can;
	char *connection; /* "ttyUSB0", of which the name is made */
	char *name;       /* requested or owned */
	bool is_named;    /* owned */
	int instance;     /* as published */
	int service_product_id;
	unsigned cells;
	struct view view;

	struct log_topic bus_topic, name_topic, settings_topic, several_topic;
};

static void connect_bus(struct publisher *p);

/* ---- on and off the bus ------------------------------------------------------------- */

static void leave(struct publisher *p, const char *why)
{
	if (!p->service)
		return;
	if (bus_is_connected(p->bus))
		bus_release_name(p->bus, p->name);
	g_clear_pointer(&p->charge, charge_settings_free);
	g_clear_pointer(&p->history, history_paths_free);
	g_clear_pointer(&p->bms, bms_paths_free);
	g_clear_pointer(&p->can, can_paths_free);
	g_clear_pointer(&p->service, battery_service_free);
	if (p->is_named)
		log_transition(&p->name_topic, LOG_INFO, "%s has left the bus: %s.", p->name, why);
	g_clear_pointer(&p->name, g_free);
	p->is_named = false;
}

static void forget_bus(struct publisher *p)
{
	leave(p, "the connection has ended");
	g_clear_pointer(&p->identity, identity_free);
	g_clear_pointer(&p->settings, localsettings_free);
	g_clear_pointer(&p->peers, peers_free);
	g_clear_pointer(&p->bus, bus_free);
}

static gboolean on_reconnect(void *user)
{
	struct publisher *p = user;

	p->reconnect = 0;
	connect_bus(p);
	return G_SOURCE_REMOVE;
}

static void connect_later(struct publisher *p)
{
	p->reconnect = g_timeout_add_seconds(p->reconnect_s, on_reconnect, p);
	p->reconnect_s = MIN(2 * p->reconnect_s, RECONNECT_MAX_S);
}

static void on_bus_state(const char *trouble, void *user)
{
	struct publisher *p = user;

	if (!trouble) {
		log_transition(&p->bus_topic, LOG_INFO, "Connected to D-Bus.");
		p->reconnect_s = RECONNECT_FIRST_S;
		return;
	}
	log_transition(&p->bus_topic, LOG_ERROR, "%s; trying again.", trouble);
	forget_bus(p);
	connect_later(p);
}

static void on_settings_log(const char *sentence, bool is_trouble, void *user)
{
	struct publisher *p = user;

	log_transition(&p->settings_topic, is_trouble ? LOG_WARNING : LOG_INFO, "%s", sentence);
}

static void connect_bus(struct publisher *p)
{
	g_autoptr(GError) error = NULL;

	p->bus = bus_connect(p->address, on_bus_state, p, &error);
	if (!p->bus) {
		log_transition(&p->bus_topic, LOG_ERROR, "%s; trying again.", error->message);
		connect_later(p);
		return;
	}
	p->settings = localsettings_new(p->bus, on_settings_log, p);
	p->peers = peers_new(p->bus);
}

/* ---- what the battery is called ------------------------------------------------------ */

/* "/dev/ttyUSB0": "ttyUSB0"; "/dev/pts/3": "pts_3". A bus name's letters. */
static char *tty_name(const char *path)
{
	char *name = g_strdup(g_str_has_prefix(path, "/dev/") ? path + strlen("/dev/") : path);

	return g_strcanon(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_", '_');
}

/*
 * An adapter that was pulled may return as another ttyUSBn, and a second battery of ours may
 * then have the old one: with the old name kept, one of the two could not return after a restart.
 */
static bool is_moved(const struct publisher *p)
{
	g_autofree char *real = realpath(p->port, NULL);

	if (!real) /* it is pulled just now */
		return false;
	g_autofree char *connection = tty_name(real);

	return strcmp(connection, p->connection) != 0;
}

static void on_identity(void *user)
{
	struct publisher *p = user;

	if (!p->identity)
		return;
	if (p->service)
		battery_service_set_name(p->service, identity_name(p->identity));
	else if (identity_is_known(p->identity))
		p->ready_fn(p->ready_user);
}

static void on_custom_name(const char *name, void *user)
{
	struct publisher *p = user;

	identity_set_name(p->identity, name);
}

static void on_clear(void *user)
{
	struct publisher *p = user;

	p->clear_fn(p->clear_user);
	battery_service_hurry(p->service);
}

static void on_name(const GError *error, void *user)
{
	struct publisher *p = user;

	if (!error) {
		p->is_named = true;
		log_transition(&p->name_topic, LOG_INFO, "%s is on the bus, device instance %d.",
			       p->name, p->instance);
		return;
	}
	log_transition(&p->name_topic, LOG_ERROR, "%s.", error->message);
	leave(p, "the name is not to be had");
}

static void show_can(struct publisher *p)
{
	if (p->outputs)
		can_paths_update(p->can, p->outputs);
}

static void enter(struct publisher *p, const struct decision *d)
{
	const struct config *config = config_watch_get(p->watch);
	const struct battery_identity *device = &d->battery->identity;
	g_autofree char *real = realpath(p->port, NULL);
	g_autofree char *hardware =
		g_strdup_printf("%u.%u", device->hardware, device->hardware_changes);
	char firmware[VIEW_TEXT_MAX];

	view_firmware(firmware, device);
	g_free(p->connection);
	p->connection = tty_name(real ? real : p->port);
	p->instance = identity_instance(p->identity);
	p->service_product_id = config->product_id;
	p->cells = d->battery->cell_count;

	const struct battery_service_info info = {
		.connection = p->connection,
		.serial = device->serial,
		.firmware = firmware,
		.hardware = device->hardware ? hardware : "",
		.custom_name = identity_name(p->identity),
		.device_instance = p->instance,
		.product_id = config->product_id,
		.cells = p->cells,
	};

	p->service = battery_service_new(p->bus, &info, on_custom_name, p);
	p->charge = charge_settings_new(battery_service_items(p->service), p->watch, p->full_fn,
					p->full_user);
	charge_settings_show_full(p->charge, d->wants_full);
	p->history = history_paths_new(battery_service_items(p->service), on_clear, p);
	p->bms =
		bms_paths_new(p->bus, battery_service_items(p->service), p->watch, p->bms_settings);
	p->can = can_paths_new(battery_service_items(p->service));
	show_can(p);
	battery_service_update(p->service, &p->view);
	p->name = g_strconcat("com.victronenergy.battery.", p->connection, NULL);
	bus_request_name(p->bus, p->name, on_name, p);
}

/* ---- each decision ------------------------------------------------------------------- */

static void ask_identity(struct publisher *p, const struct battery *b)
{
	/* as configured, not where a link leads: that changes with each plugging */
	g_autofree char *port = g_path_get_basename(p->port);
	const char *key = b->identity.serial[0] ? b->identity.serial : port;
	const struct config *config = config_watch_get(p->watch);

	if (p->identity && strcmp(identity_key(p->identity), key) == 0)
		return;
	leave(p, "this is another battery");
	g_clear_pointer(&p->identity, identity_free);
	p->identity = identity_new(p->settings, key, config->device_instance, config->battery_name,
				   on_identity, p);
}

static void leave_if_changed(struct publisher *p, const struct decision *d)
{
	if (!p->service)
		return;
	if (p->instance != identity_instance(p->identity))
		leave(p, "it returns with another device instance");
	else if (p->cells != d->battery->cell_count)
		leave(p, "it returns with another number of cells");
	else if (p->service_product_id != config_watch_get(p->watch)->product_id)
		leave(p, "it returns with another product id");
	else if (is_moved(p))
		leave(p, "the adapter has another name, so it returns with that");
}

static void compare_with_peers(struct publisher *p)
{
	const enum managed own = (enum managed) config_watch_get(p->watch)->managed;
	const char *complaint = peers_complaint(p->peers, own);

	p->view.other_batteries = peers_count(p->peers);
	p->view.several_warning = complaint ? complaint : "";
	if (complaint)
		log_transition(&p->several_topic, LOG_WARNING, "%s", complaint);
	else if (p->several_topic.last[0])
		log_transition(&p->several_topic, LOG_INFO,
			       "It is clear now which battery is managed.");
}

static void show_second(struct publisher *p)
{
	show_can(p);
	battery_service_update(p->service, &p->view);
}

void publisher_update(struct publisher *p, const struct decision *d, bool is_urgent)
{
	if (!p->bus)
		return;
	if (!d->limits->on_bus) {
		leave(p, d->is_asleep ? "the BMS is sent to sleep"
				      : "the BMS has not answered for a minute");
		return;
	}
	ask_identity(p, d->battery);
	if (!identity_is_known(p->identity))
		return;
	leave_if_changed(p, d);
	view_fill(&p->view, d);
	compare_with_peers(p);
	if (p->charge)
		charge_settings_show_full(p->charge, d->wants_full);
	if (!p->service)
		enter(p, d);
	else if (is_urgent)
		battery_service_update_urgent(p->service, &p->view);
	else
		show_second(p);
}

bool publisher_is_published(const struct publisher *p, const char **sentence)
{
	if (p->is_named)
		*sentence = p->name;
	else if (!p->bus)
		*sentence = p->bus_topic.last;
	else if (p->settings_topic.last[0] && !(p->identity && identity_is_known(p->identity)))
		*sentence = p->settings_topic.last;
	else
		*sentence = p->name_topic.last[0] ? p->name_topic.last
						  : "The battery is on its way to the bus.";
	return p->is_named;
}

int publisher_instance(const struct publisher *p)
{
	return p->is_named ? p->instance : -1;
}

const char *publisher_battery_name(const struct publisher *p)
{
	/* as it will be called when the settings service knows nothing better */
	return p->identity && identity_is_known(p->identity)
		       ? identity_name(p->identity)
		       : config_watch_get(p->watch)->battery_name;
}

bool publisher_counters(const struct publisher *p, struct bus_counters *out)
{
	if (p->is_named)
		*out = battery_service_counters(p->service);
	return p->is_named;
}

void publisher_set_clear(struct publisher *p, history_clear_fn fn, void *user)
{
	p->clear_fn = fn;
	p->clear_user = user;
}

void publisher_set_ready(struct publisher *p, publisher_ready_fn fn, void *user)
{
	p->ready_fn = fn;
	p->ready_user = user;
}

void publisher_show_can(struct publisher *p, const struct can_outputs *outputs)
{
	p->outputs = outputs;
}

void publisher_set_config(struct publisher *p, const struct config *config, const char *port)
{
	if (strcmp(p->port, port) != 0)
		leave(p, "it returns on another port");
	g_strlcpy(p->port, port, sizeof(p->port));
	if (p->charge)
		charge_settings_update(p->charge);
}

struct publisher *publisher_new(const char *address, struct config_watch *watch,
				struct bms_settings *bms_settings, charge_full_fn full_fn,
				void *user)
{
	struct publisher *p = g_new0(struct publisher, 1);

	p->address = g_strdup(address);
	p->watch = watch;
	p->bms_settings = bms_settings;
	p->full_fn = full_fn;
	p->full_user = user;
	p->reconnect_s = RECONNECT_FIRST_S;
	connect_bus(p);
	return p;
}

void publisher_free(struct publisher *p)
{
	if (!p)
		return;
	if (p->reconnect)
		g_source_remove(p->reconnect);
	leave(p, "the service stops");
	forget_bus(p);
	g_free(p->connection);
	g_free(p->address);
	g_free(p);
}
