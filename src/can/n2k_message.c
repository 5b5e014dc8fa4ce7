/* SPDX-License-Identifier: MIT */
#include "can/n2k_message.h"

#include <string.h>

#include "can/n2k_private.h"

/* clang-format off */
static const struct can_field dc_status_fields[] = {
	{ CAN_SID,          0, CAN_U8,  1,  N2K_U8 },
	{ CAN_INSTANCE,     1, CAN_U8,  1,  N2K_U8 },
	/* byte 2: 0, a battery */
	{ CAN_SOC_FINE_PCT, 3, CAN_U8,  1,  N2K_U8 },
	{ CAN_SOH_PCT,      4, CAN_U8,  1,  N2K_U8 },
	{ CAN_TIME_LEFT_S,  5, CAN_U16, 60, N2K_U16 },
	/* bytes 7-8: ripple voltage, which nobody measures */
	{ CAN_REMAINING_AH, 9, CAN_U16, 1,  N2K_U16 },
};
static const struct can_field battery_status_fields[] = {
	{ CAN_INSTANCE,  0, CAN_U8,  1,    N2K_U8 },
	{ CAN_PACK_V,    1, CAN_S16, 0.01, N2K_S16 },
	{ CAN_CURRENT_A, 3, CAN_S16, 0.1,  N2K_S16 },
	{ CAN_TEMP_C,    5, CAN_U16, 0.01, N2K_U16, .bias = 273.15 },
	{ CAN_SID,       7, CAN_U8,  1,    N2K_U8 },
};
static const struct can_field battery_configuration_fields[] = {
	{ CAN_INSTANCE,    0, CAN_U8,  1, N2K_U8 },
	/* byte 1: type of lead-acid battery unavailable, no equalization, reserved */
	{ CAN_NOMINAL,     2, CAN_U8,  1, .unknown = 15, .reserved = 2, .shift = 0, .bits = 4 },
	/* byte 2 bits 4-7: lithium */
	{ CAN_CAPACITY_AH, 3, CAN_U16, 1, N2K_U16 },
	/* bytes 5-7: temperature coefficient, Peukert exponent, efficiency unavailable */
};

const struct n2k_layout n2k_layouts[] = {
	{ N2K_DC_STATUS, 6, true, 11, { [7] = 0xFF, [8] = 0xFF }, N2K_FIELDS(dc_status_fields) },
	{ N2K_BATTERY_STATUS, 6, false, 8, { 0 }, N2K_FIELDS(battery_status_fields) },
	{ N2K_BATTERY_CONFIGURATION, 6, true, 8, { [1] = 0xCF, [2] = 0x10, [5] = 0x7F, 0xFF, 0x7F },
	  N2K_FIELDS(battery_configuration_fields) },
};
/* clang-format on */

const struct n2k_layout *n2k_layout_find(uint32_t pgn)
{
	for (size_t i = 0; i < G_N_ELEMENTS(n2k_layouts); i++)
		if (n2k_layouts[i].pgn == pgn)
			return &n2k_layouts[i];
	return NULL;
}

uint64_t n2k_name(uint32_t unique_number, unsigned manufacturer_code, unsigned instance)
{
	enum { BATTERY = 170, ELECTRICAL_GENERATION = 35, MARINE = 4 };

	return (uint64_t) (unique_number & 0x1FFFFF) |
	       (uint64_t) (manufacturer_code & 0x7FF) << 21 | (uint64_t) (instance & 0xFF) << 32 |
	       (uint64_t) BATTERY << 40 | (uint64_t) ELECTRICAL_GENERATION << 49 |
	       (uint64_t) MARINE << 60 | UINT64_C(1) << 63; /* takes any address */
}

uint32_t n2k_unique_number(const char *text)
{
	uint32_t hash = 2166136261u; /* FNV-1a, folded to 21 bits */

	for (; *text; text++)
		hash = (hash ^ (uint8_t) *text) * 16777619u;
	return (hash >> 21 ^ hash) & 0x1FFFFF;
}

/* ---- bytes ------------------------------------------------------------------------ */

static void put(struct n2k_message *m, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		m->data[m->length++] = (uint8_t) (value >> 8 * i);
}

/* Text of fixed length; what it does not fill is 0xFF. */
static void put_text(struct n2k_message *m, const char *text, unsigned bytes)
{
	memset(m->data + m->length, 0xFF, bytes);
	memcpy(m->data + m->length, text, MIN(strlen(text), bytes));
	m->length = (uint8_t) (m->length + bytes);
}

/* Text with its length (head included) and its encoding, 1 for ASCII, 0 for UTF-16. */
static void put_variable_text(struct n2k_message *m, const char *text)
{
	enum { HEAD = 2, TEXT_MAX = 64 };
	unsigned length = 0;
	uint8_t *const head = &m->data[m->length];

	/*
	 * Displays know ASCII: a letter beyond it becomes one '?'. Of encoding 0 even
	 * decoders differ: canboat reads UTF-16, canboatjs UTF-8.
	 */
	for (; *text && length < TEXT_MAX; text++)
		if (((uint8_t) *text & 0xC0) != 0x80)
			head[HEAD + length++] =
				g_ascii_isprint(*text) ? (uint8_t) *text : (uint8_t) '?';
	head[0] = (uint8_t) (HEAD + length);
	head[1] = 1;
	m->length = (uint8_t) (m->length + HEAD + length);
}

static void begin(struct n2k_message *m, uint32_t pgn, uint8_t priority, bool is_fast)
{
	memset(m, 0, sizeof(*m));
	m->pgn = pgn;
	m->priority = priority;
	m->destination = N2K_BROADCAST;
	m->is_fast = is_fast;
}

/* ---- messages --------------------------------------------------------------------- */

static void build_heartbeat(struct n2k_message *m, const struct n2k_facts *facts)
{
	/* canboat and the NMEA2000 library agree that the interval counts 10 ms */
	enum { INTERVAL_10MS = 6000, NO_SECOND_CONTROLLER = 3 };

	begin(m, N2K_HEARTBEAT, 7, false);
	put(m, INTERVAL_10MS, 2);
	put(m, facts->heartbeat, 1);
	/* controller 1 error active (we could not send otherwise); equipment 1 = fault */
	put(m, (uint64_t) NO_SECOND_CONTROLLER << 2 | (uint64_t) facts->is_faulty << 4 | 0xC0, 1);
	put(m, 0xFFFFFFFF, 4);
}

static void build_product(struct n2k_message *m, const struct n2k_facts *facts)
{
	enum { DATABASE = 2100, NOT_CERTIFIED = 0xFF, LOAD = 1 /* 50 mA */ };

	begin(m, N2K_PRODUCT, 6, true);
	put(m, DATABASE, 2);
	put(m, (uint64_t) facts->options->product_code, 2);
	put_text(m, facts->options->manufacturer, 32);
	put_text(m, facts->firmware, 32);
	put_text(m, facts->hardware, 32);
	put_text(m, facts->serial, 32);
	put(m, NOT_CERTIFIED, 1);
	put(m, LOAD, 1);
}

static void build_configuration(struct n2k_message *m, const struct n2k_facts *facts)
{
	begin(m, N2K_CONFIGURATION, 6, true);
	put_variable_text(m, facts->installation);
	put_variable_text(m, "");
	put_variable_text(m, "Energus Power Solutions; sent by dbus-tinybms " VERSION);
}

void n2k_build_pgn_list(struct n2k_message *m, bool is_received)
{
	static const uint32_t sent[] = {
		N2K_ACKNOWLEDGE, N2K_ADDRESS_CLAIM,  N2K_PGN_LIST,
		N2K_HEARTBEAT,	 N2K_PRODUCT,	     N2K_CONFIGURATION,
		N2K_DC_STATUS,	 N2K_BATTERY_STATUS, N2K_BATTERY_CONFIGURATION,
	};
	static const uint32_t received[] = { N2K_REQUEST, N2K_ADDRESS_CLAIM };
	const uint32_t *list = is_received ? received : sent;
	const size_t count = is_received ? G_N_ELEMENTS(received) : G_N_ELEMENTS(sent);

	begin(m, N2K_PGN_LIST, 6, true);
	put(m, is_received, 1);
	for (size_t i = 0; i < count; i++)
		put(m, list[i], 3);
}

void n2k_build_refusal(struct n2k_message *m, uint32_t pgn, uint8_t destination)
{
	enum { REFUSED = 1 };

	begin(m, N2K_ACKNOWLEDGE, 6, false);
	m->destination = destination;
	put(m, REFUSED, 1);
	put(m, 0xFFFFFFFF, 4);
	put(m, pgn, 3);
}

static void build_measured(struct n2k_message *m, const struct n2k_layout *layout,
			   const struct n2k_facts *facts)
{
	begin(m, layout->pgn, layout->priority, layout->is_fast);
	m->length = layout->length;
	memcpy(m->data, layout->base, sizeof(layout->base));
	can_put_fields(m->data, layout->fields, layout->field_count, facts->values, false);
}

void n2k_build(struct n2k_message *m, enum n2k_pgn pgn, const struct n2k_facts *facts)
{
	switch (pgn) {
	case N2K_ADDRESS_CLAIM:
		begin(m, N2K_ADDRESS_CLAIM, 6, false);
		put(m, facts->name, 8);
		return;
	case N2K_HEARTBEAT:
		build_heartbeat(m, facts);
		return;
	case N2K_PRODUCT:
		build_product(m, facts);
		return;
	case N2K_CONFIGURATION:
		build_configuration(m, facts);
		return;
	case N2K_PGN_LIST:
		n2k_build_pgn_list(m, false);
		return;
	case N2K_DC_STATUS:
	case N2K_BATTERY_STATUS:
	case N2K_BATTERY_CONFIGURATION:
		build_measured(m, n2k_layout_find(pgn), facts);
		return;
	case N2K_ACKNOWLEDGE:
	case N2K_REQUEST:
		break;
	}
	g_assert_not_reached();
}
