/* SPDX-License-Identifier: MIT */
#include "can/can_output_private.h"

#include <math.h>
#include <string.h>

/* ISO request and address claim to anybody: reserved bit, data page and PDU format. */
#define N2K_FILTER(format) { CAN_EFF_FLAG | (format) << 16, CAN_EFF_FLAG | 0x03FF0000 }

/* ---- sending ------------------------------------------------------------------------ */

static bool take(struct can_output *o, gint64 now_us, struct can_frame *frame)
{
	if (!o->is_node)
		return can_schedule_take(&o->schedule, now_us, frame);
	return o->has_node && n2k_node_take(&o->node, now_us, frame);
}

static void refused(struct can_output *o, gint64 now_us)
{
	if (o->is_node)
		n2k_node_refused(&o->node, now_us);
	else
		can_schedule_refused(&o->schedule, now_us);
}

static gint64 next_us(const struct can_output *o)
{
	if (!o->is_node)
		return can_schedule_next_us(&o->schedule);
	return o->has_node ? n2k_node_next_us(&o->node) : G_MAXINT64;
}

static bool is_sending(const struct can_output *o)
{
	const enum can_port_state state = can_port_state(o->port);

	return state == CAN_PORT_ACTIVE || state == CAN_PORT_PASSIVE;
}

static void arm(struct can_output *o)
{
	const gint64 due_us = is_sending(o) ? next_us(o) : G_MAXINT64;

	g_source_set_ready_time(o->due, due_us < G_MAXINT64 ? due_us : -1);
}

/* What was planned for a moment that has passed is late; all else is due now. */
static gint64 due_since_us(const struct can_output *o, gint64 now_us)
{
	const gint64 planned_us = g_source_get_ready_time(o->due);

	return planned_us > 0 ? MIN(planned_us, now_us) : now_us;
}

static void note_sent(struct can_output *o)
{
	latency_add(&o->latency, (double) (g_get_monotonic_time() - o->due_us) / 1e3);
	o->due_us = o->jam_us = 0;
}

/* Half a set from before a bus-off says nothing: the limits go first again. */
static void mind_interruptions(struct can_output *o)
{
	const bool was_interrupted = o->is_interrupted;

	o->is_interrupted = !is_sending(o);
	if (was_interrupted && !o->is_interrupted && !o->is_node)
		can_schedule_restart(&o->schedule);
}

static void pump(struct can_output *o)
{
	const gint64 now_us = g_get_monotonic_time();
	struct can_frame frame;

	mind_interruptions(o);

	while (is_sending(o) && take(o, now_us, &frame)) {
		const enum can_port_sent sent = can_port_send(o->port, &frame);

		if (!o->due_us)
			o->due_us = due_since_us(o, now_us);
		if (sent == CAN_PORT_SENT) {
			note_sent(o);
			continue;
		}
		refused(o, now_us);
		if (sent == CAN_PORT_FULL && !o->jam_us)
			o->jam_us = now_us;
		break;
	}
	arm(o);
}

static gboolean on_due(GSource *source, GSourceFunc callback, void *user)
{
	return callback(user); /* which plans the next one */
}

static gboolean on_callback(void *user)
{
	pump(user);
	return G_SOURCE_CONTINUE;
}

/* ---- the port's events -------------------------------------------------------------- */

static void on_heard(const struct can_frame *frame, void *user)
{
	struct can_output *o = user;
	const gint64 now_us = g_get_monotonic_time();

	if (o->is_node) {
		if (!o->has_node || !n2k_node_hear(&o->node, frame, now_us))
			return;
		o->node_heard_us = now_us;
		pump(o);
		return;
	}
	switch (can_peer_hear(&o->peer, frame, now_us)) {
	case CAN_HEARD_QUESTION:
		can_schedule_ask(&o->schedule, now_us);
		pump(o);
		break;
	case CAN_HEARD_RIVAL:
		can_output_log_rival(o);
		break;
	case CAN_HEARD_LIFE:
	case CAN_HEARD_NOTHING:
		break;
	}
}

static void on_changed(void *user)
{
	struct can_output *o = user;
	const char *sentence = can_port_sentence(o->port);

	if (sentence[0])
		log_transition(&o->port_topic, LOG_WARNING, "%s: %s.", o->label, sentence);
	else if (is_sending(o))
		log_transition(&o->port_topic, LOG_INFO, "%s: %s is open and in order.", o->label,
			       can_port_name(o->port));
	if (!is_sending(o))
		o->due_us = o->jam_us = 0;
	pump(o);
}

/* ---- the owner's side ----------------------------------------------------------------- */

void can_output_update(struct can_output *o, const struct can_input *input)
{
	const gint64 now_us = g_get_monotonic_time();

	if (o->is_node)
		can_output_update_node(o, input, now_us);
	else
		can_schedule_update(&o->schedule, input, now_us);
	pump(o);
	if (is_sending(o))
		can_output_log(o, now_us);
}

void can_output_allow(struct can_output *o, bool is_allowed, const char *why)
{
	g_free(o->hold);
	o->hold = g_strdup(is_allowed ? NULL : why);
	if (o->hold)
		log_transition(&o->port_topic, LOG_WARNING, "%s: %s.", o->label, o->hold);
	can_port_allow(o->port, is_allowed);
}

bool can_output_awaits_leave(const struct can_output *o)
{
	return can_port_awaits_leave(o->port);
}

void can_output_status(const struct can_output *o, struct can_output_status *status)
{
	const struct can_port_counters *counters = can_port_counters(o->port);
	const gint64 now_us = g_get_monotonic_time();
	const double node_age_s =
		o->node_heard_us ? (double) (now_us - o->node_heard_us) / 1e6 : (double) NAN;

	*status = (struct can_output_status){
		.interface = can_port_name(o->port),
		.protocol = o->config.protocol->name,
		.state = can_port_state(o->port),
		.sentence = can_output_sentence(o, now_us),
		.inverter = o->is_node ? "" : o->peer.name,
		.age_s = o->is_node ? node_age_s : can_peer_age_s(&o->peer, now_us),
		.sent = counters->sent,
		.received = counters->received,
		.errors = counters->errors,
		.dropped = o->is_node ? o->node.dropped : o->schedule.dropped,
		.refused = counters->refused,
		.openings = counters->openings,
		.latency = o->latency,
	};
}

unsigned can_output_id(const struct can_output *o)
{
	return o->id;
}

const struct can_output_config *can_output_config(const struct can_output *o)
{
	return &o->config;
}

static size_t fill_filters(const struct can_output *o, struct can_filter *filters)
{
	static const struct can_filter node_filters[] = { N2K_FILTER(0xEA), N2K_FILTER(0xEE) };
	canid_t ids[CAN_PEER_IDS_MAX];
	size_t count;

	if (o->is_node) {
		memcpy(filters, node_filters, sizeof(node_filters));
		return G_N_ELEMENTS(node_filters);
	}
	count = can_peer_ids(o->config.protocol, ids);
	for (size_t i = 0; i < count; i++)
		filters[i] = (struct can_filter){
			ids[i],
			CAN_EFF_FLAG | (ids[i] & CAN_EFF_FLAG ? CAN_EFF_MASK : CAN_SFF_MASK),
		};
	return count;
}

static void open_port(struct can_output *o, const struct can_port_ops *ops)
{
	static const struct can_port_events events = { on_heard, on_changed };
	struct can_filter filters[CAN_PEER_IDS_MAX];
	struct can_wish wish = {
		.bit_rate = (unsigned) o->config.bit_rate,
		.restart_ms = (unsigned) o->config.restart_ms,
	};

	g_strlcpy(wish.interface, o->config.interface, sizeof(wish.interface));
	g_strlcpy(wish.usb_serial, o->config.usb_serial, sizeof(wish.usb_serial));
	o->port = can_port_new(&wish, filters, fill_filters(o, filters), ops, &events, o);
}

struct can_output *can_output_new(const struct can_output_config *config,
				  const struct can_port_ops *ops, const char *folder)
{
	static GSourceFuncs source_funcs = { .dispatch = on_due };
	static unsigned ids;
	struct can_output *o = g_new0(struct can_output, 1);
	const char *place = config->interface[0] ? config->interface : config->usb_serial;

	o->id = ++ids;
	o->config = *config;
	o->is_node = config->protocol->family == CAN_NMEA2000;
	o->label = g_strdup_printf("CAN %s, %s", place, config->protocol->name);
	if (o->is_node) {
		can_output_recall_address(o, folder, place);
	} else {
		can_schedule_init(&o->schedule, config->protocol, &config->options);
		can_peer_init(&o->peer, config->protocol, g_get_monotonic_time());
	}
	o->due = g_source_new(&source_funcs, sizeof(GSource));
	g_source_set_callback(o->due, on_callback, o, NULL);
	g_source_attach(o->due, g_main_context_get_thread_default());
	open_port(o, ops);
	return o;
}

void can_output_free(struct can_output *o)
{
	if (!o)
		return;
	g_source_destroy(o->due);
	g_source_unref(o->due);
	can_port_free(o->port);
	g_free(o->serial);
	g_free(o->address_path);
	g_free(o->label);
	g_free(o->hold);
	g_free(o);
}
