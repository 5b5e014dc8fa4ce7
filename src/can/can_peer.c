/* SPDX-License-Identifier: MIT */
#include "can/can_peer.h"

#include <math.h>
#include <string.h>

#define FAMILY(name) (UINT32_C(1) << CAN_##name)
#define PYLONTECH_LIKE                                                                             \
	(FAMILY(PYLONTECH) | FAMILY(PYLONTECH_EXT) | FAMILY(DEYE) | FAMILY(SOL_ARK) |              \
	 FAMILY(LUXPOWER) | FAMILY(GOODWE) | FAMILY(SOFAR))
#define SMA_LIKE (FAMILY(SMA) | FAMILY(MG))

/* clang-format off */

/* Signs of life. Schneider's XW sends 0x305 with 29 bits, also to the Pylontech sets. */
static const struct {
	uint32_t families;
	canid_t id;
	const char *name; /* (nullable) who sends it */
} signs[] = {
	{ PYLONTECH_LIKE | SMA_LIKE | FAMILY(VICTRON) | FAMILY(BYD), 0x305, NULL },
	{ PYLONTECH_LIKE | FAMILY(SCHNEIDER), CAN_EFF_FLAG | 0x305, NULL },
	{ FAMILY(VICTRON) | FAMILY(BYD),      0x307, NULL },
	{ FAMILY(LUXPOWER),                   0x300, "LuxPower" },
	{ SMA_LIKE,                           0x306, "SMA Sunny Island" },
	{ SMA_LIKE,                           0x307, NULL },
	{ FAMILY(GROWATT),                    0x301, "Growatt" },
	{ FAMILY(SCHNEIDER), CAN_EFF_FLAG | 0x310, "Schneider" },
};

#define WORD(field) offsetof(struct can_peer_words, field)

/* Numbers in them, little-endian. */
static const struct word {
	uint32_t families;
	canid_t id;
	uint8_t at, bytes;
	bool is_signed;
	double step;
	size_t offset;
} words[] = {
	{ SMA_LIKE, 0x305, 0, 2, false, 0.1,  WORD(pack_v) },
	{ SMA_LIKE, 0x305, 2, 2, true,  -0.1, WORD(current_a) }, /* negative while charging */
	{ SMA_LIKE, 0x305, 4, 2, true,  0.1,  WORD(temp_c) },
	{ SMA_LIKE, 0x305, 6, 2, true,  0.1,  WORD(soc_pct) },
	{ SMA_LIKE, 0x306, 0, 2, false, 1,    WORD(soh_pct) },
	{ SMA_LIKE, 0x306, 2, 1, false, 1,    WORD(charge_procedure) },
	{ SMA_LIKE, 0x306, 3, 1, false, 1,    WORD(operating_state) },
	{ SMA_LIKE, 0x306, 4, 2, false, 1,    WORD(error_code) },
	{ SMA_LIKE, 0x306, 6, 2, false, 0.1,  WORD(cvl_v) },
};
/* clang-format on */

/* Manufacturer text of every little-endian family. */
enum { NAME_ID = 0x35E };

void can_peer_init(struct can_peer *p, const struct can_protocol *protocol, gint64 now_us)
{
	const double unknown = (double) NAN;

	*p = (struct can_peer){
		.protocol = protocol,
		.since_us = now_us,
		.name = "",
		.words = { unknown, unknown, unknown, unknown, unknown, unknown, unknown, unknown,
			   unknown, unknown },
	};
}

static canid_t limits_id(const struct can_protocol *protocol)
{
	return protocol->frames[0]->id;
}

size_t can_peer_ids(const struct can_protocol *protocol, canid_t ids[CAN_PEER_IDS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(signs); i++)
		if (signs[i].families >> protocol->family & 1)
			ids[count++] = signs[i].id;
	ids[count++] = limits_id(protocol);
	if (can_protocol_layout(protocol, NAME_ID))
		ids[count++] = NAME_ID;
	return count;
}

static double number(const struct word *w, const uint8_t *data)
{
	unsigned code = data[w->at];

	if (w->bytes == 2)
		code |= (unsigned) data[w->at + 1] << 8;
	return w->step * (w->is_signed ? (int16_t) code : (double) code);
}

static void read_words(struct can_peer *p, const struct can_frame *frame)
{
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		const struct word *w = &words[i];
		double *to = (double *) ((char *) &p->words + w->offset);

		if (!(w->families >> p->protocol->family & 1) || w->id != frame->can_id)
			continue;
		*to = w->at + w->bytes <= frame->can_dlc ? number(w, frame->data) : (double) NAN;
	}
}

/* 0x307 of a GX: "VIC" from byte 4. */
static bool is_gx(const struct can_frame *frame)
{
	return frame->can_id == 0x307 && frame->can_dlc >= 7 && !memcmp(frame->data + 4, "VIC", 3);
}

static enum can_heard hear_rival(struct can_peer *p, const struct can_frame *frame, gint64 now_us)
{
	unsigned n = 0;

	if (frame->can_id == limits_id(p->protocol)) {
		p->has_rival = true;
		p->rival_us = now_us;
		return CAN_HEARD_RIVAL;
	}
	if (frame->can_id != NAME_ID || !can_protocol_layout(p->protocol, NAME_ID))
		return CAN_HEARD_NOTHING;
	for (unsigned i = 0; i < frame->can_dlc && g_ascii_isprint((char) frame->data[i]); i++)
		p->rival_name[n++] = (char) frame->data[i];
	p->rival_name[n] = '\0';
	g_strchomp(p->rival_name);
	return CAN_HEARD_RIVAL;
}

static void hear_life(struct can_peer *p, const struct can_frame *frame, const char *name,
		      gint64 now_us)
{
	p->was_heard = true;
	p->heard_us = now_us;
	if (is_gx(frame))
		p->name = "Victron GX";
	else if (name)
		p->name = name;
	if (p->protocol->family == CAN_LUXPOWER && frame->can_id == 0x300)
		p->words.shutdown = frame->can_dlc > 0 ? frame->data[0] & 1 : (double) NAN;
	read_words(p, frame);
}

enum can_heard can_peer_hear(struct can_peer *p, const struct can_frame *frame, gint64 now_us)
{
	/* requests (RTR) and error frames have flags in their id, which no row has */
	if (frame->can_dlc > CAN_MAX_DLEN)
		return CAN_HEARD_NOTHING;
	for (size_t i = 0; i < G_N_ELEMENTS(signs); i++) {
		if (!(signs[i].families >> p->protocol->family & 1) || signs[i].id != frame->can_id)
			continue;
		hear_life(p, frame, signs[i].name, now_us);
		return p->protocol->is_solicited ? CAN_HEARD_QUESTION : CAN_HEARD_LIFE;
	}
	return hear_rival(p, frame, now_us);
}

static bool is_recent(gint64 then_us, gint64 now_us)
{
	return now_us - then_us < CAN_PEER_SILENT_S * G_USEC_PER_SEC;
}

enum can_peer_state can_peer_state(const struct can_peer *p, gint64 now_us)
{
	if (p->was_heard)
		return is_recent(p->heard_us, now_us) ? CAN_PEER_ALIVE : CAN_PEER_SILENT;
	return is_recent(p->since_us, now_us) ? CAN_PEER_WAITED_FOR : CAN_PEER_SILENT;
}

bool can_peer_has_rival(const struct can_peer *p, gint64 now_us)
{
	return p->has_rival && is_recent(p->rival_us, now_us);
}

static bool is_silent(const struct can_peer *p, const struct can_options *o, gint64 now_us)
{
	return p->protocol->expects_keep_alive && !o->no_keep_alive &&
	       can_peer_state(p, now_us) == CAN_PEER_SILENT;
}

const char *can_peer_complaint(struct can_peer *p, const struct can_options *o, gint64 now_us)
{
	const struct can_peer_words *w = &p->words;
	const bool is_alive = can_peer_state(p, now_us) == CAN_PEER_ALIVE;

	p->complaint[0] = '\0';
	if (is_silent(p, o, now_us))
		g_strlcpy(p->complaint,
			  "the inverter gives no sign of life and is told the limits all the same; "
			  "look at its battery setting and the cable",
			  sizeof(p->complaint));
	else if (is_alive && w->operating_state >= CAN_SMA_FAILURE)
		g_snprintf(p->complaint, sizeof(p->complaint),
			   "the inverter reports a failure, number %.0f in its manual",
			   w->error_code);
	else if (is_alive && w->shutdown > 0.0)
		g_strlcpy(p->complaint, "the inverter asks for the battery to be switched off",
			  sizeof(p->complaint));
	return p->complaint;
}

double can_peer_age_s(const struct can_peer *p, gint64 now_us)
{
	return p->was_heard ? (double) (now_us - p->heard_us) / G_USEC_PER_SEC : (double) NAN;
}
