/* SPDX-License-Identifier: MIT */
/* can_output_private - what the parts of an output share */
#pragma once

#include "can/can_output.h"
#include "can/can_peer.h"
#include "can/can_schedule.h"
#include "can/n2k_node.h"
#include "log.h"

struct can_output {
	unsigned id;
	struct can_output_config config;
	struct can_port *port;
	GSource *due; /* when the next frame is */
	char *label;  /* as the log calls it */
	char *hold;   /* why the port is not allowed; NULL: it is */

	struct can_schedule schedule;
	bool is_interrupted; /* the port did not send at the last look */
	struct can_peer peer;

	bool is_node;  /* NMEA 2000: neither schedule nor peer, but this */
	bool has_node; /* a battery was seen to make it of */
	struct n2k_node node;
	char *serial;	    /* of that battery */
	char *address_path; /* NULL: nowhere to keep it */
	int kept_address;   /* -1: none */
	gint64 node_heard_us;

	struct latency latency;
	gint64 due_us; /* since when the next frame waits; 0: it does not */
	gint64 jam_us; /* since when the queue takes nothing; 0: it does */
	struct log_topic port_topic, peer_topic, rival_topic, jam_topic, advice_topic, file_topic;
};

/* ---- can_output_words.c ---- */

/** Another battery was heard. */
void can_output_log_rival(struct can_output *o);
/** What is worth a line, while the port sends. */
void can_output_log(struct can_output *o, gint64 now_us);
/** What is wrong, the gravest first; "" when nothing is. */
const char *can_output_sentence(const struct can_output *o, gint64 now_us);

/* ---- can_output_node.c ---- */

/** The address that it had last; @folder (nullable) keeps it by the name of the @place. */
void can_output_recall_address(struct can_output *o, const char *folder, const char *place);
/** As can_output_update() for NMEA 2000. */
void can_output_update_node(struct can_output *o, const struct can_input *input, gint64 now_us);
