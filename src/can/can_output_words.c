/* SPDX-License-Identifier: MIT */
/* can_output_words - what an output says of itself and its inverter, in the log and on D-Bus */
#include "can/can_output_private.h"

static const gint64 JAM_WORTH_A_LINE_US = 3 * G_USEC_PER_SEC;

void can_output_log_rival(struct can_output *o)
{
	log_transition(&o->rival_topic, LOG_WARNING,
		       "%s: another battery%s%s%s sends there too: an inverter obeys the one that "
		       "spoke last; take one of the two off this bus.",
		       o->label, o->peer.rival_name[0] ? " (" : "", o->peer.rival_name,
		       o->peer.rival_name[0] ? ")" : "");
}

static void log_peer(struct can_output *o, gint64 now_us)
{
	const char *complaint = can_peer_complaint(&o->peer, &o->config.options, now_us);
	const char *name = o->peer.name;

	if (complaint[0]) {
		log_transition(&o->peer_topic, LOG_WARNING, "%s: %s.", o->label, complaint);
		return;
	}
	switch (can_peer_state(&o->peer, now_us)) {
	case CAN_PEER_ALIVE:
		log_transition(&o->peer_topic, LOG_INFO, "%s: the inverter is there%s%s%s.",
			       o->label, name[0] ? " (" : "", name, name[0] ? ")" : "");
		break;
	case CAN_PEER_SILENT:
		log_transition(&o->peer_topic, LOG_INFO,
			       "%s: the inverter gives no sign of life, as some of its kind do.",
			       o->label);
		break;
	case CAN_PEER_WAITED_FOR:
		break;
	}
}

static void log_rival_gone(struct can_output *o, gint64 now_us)
{
	if (o->rival_topic.last[0] && !can_peer_has_rival(&o->peer, now_us))
		log_transition(&o->rival_topic, LOG_INFO, "%s: no other battery sends there now.",
			       o->label);
}

static const char *objection(const struct can_output *o)
{
	return o->schedule.has_values
		       ? can_protocol_objection(o->schedule.protocol, &o->schedule.values)
		       : "";
}

static void log_advice(struct can_output *o, gint64 now_us)
{
	if (objection(o)[0])
		log_transition(&o->advice_topic, LOG_WARNING, "%s: %s.", o->label, objection(o));
	if (o->jam_us && now_us - o->jam_us >= JAM_WORTH_A_LINE_US)
		log_transition(
			&o->jam_topic, LOG_WARNING,
			"%s: the bus takes no frames: nobody acknowledges them. Is the other "
			"side on, and the cable right?",
			o->label);
	else if (!o->jam_us && o->jam_topic.last[0])
		log_transition(&o->jam_topic, LOG_INFO, "%s: the bus takes frames.", o->label);
}

void can_output_log(struct can_output *o, gint64 now_us)
{
	if (!o->is_node) {
		log_peer(o, now_us);
		log_rival_gone(o, now_us);
	}
	log_advice(o, now_us);
}

const char *can_output_sentence(const struct can_output *o, gint64 now_us)
{
	if (o->hold)
		return o->hold;
	if (can_port_sentence(o->port)[0] || o->is_node)
		return can_port_sentence(o->port);
	if (can_peer_has_rival(&o->peer, now_us))
		return "another battery sends there too";
	return objection(o)[0] ? objection(o) : o->peer.complaint;
}
