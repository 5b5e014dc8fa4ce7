/* SPDX-License-Identifier: MIT */
/* NMEA 2000 messages in words. */
#include "can/n2k_message.h"

#include <string.h>

#include "can/n2k_private.h"

static uint64_t get(const struct n2k_message *m, unsigned at, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t) m->data[at + i] << 8 * i;
	return value;
}

static unsigned bits(uint64_t value, unsigned first, unsigned width)
{
	return (unsigned) (value >> first & ((1u << width) - 1));
}

static void describe_claim(const struct n2k_message *m, GString *words)
{
	const uint64_t name = get(m, 0, 8);

	g_string_append_printf(words,
			       "# unique number %u\n# manufacturer code %u\n# device instance %u\n"
			       "# device function %u (170 battery)\n"
			       "# device class %u (35 electrical generation)\n"
			       "# industry %u (4 marine)\n# takes any address: %s\n",
			       bits(name, 0, 21), bits(name, 21, 11), bits(name, 32, 8),
			       bits(name, 40, 8), bits(name, 49, 7), bits(name, 60, 3),
			       name >> 63 ? "yes" : "no");
}

static void describe_text(const struct n2k_message *m, unsigned at, const char *name,
			  GString *words)
{
	g_string_append_printf(words, "# %s \"", name);
	for (unsigned i = at; i < at + 32 && m->data[i] != 0xFF; i++)
		g_string_append_c(words, (char) m->data[i]);
	g_string_append(words, "\"\n");
}

static void describe_product(const struct n2k_message *m, GString *words)
{
	g_string_append_printf(words, "# NMEA 2000 version %.3f\n# product code %u\n",
			       (double) get(m, 0, 2) / 1000, (unsigned) get(m, 2, 2));
	describe_text(m, 4, "model", words);
	describe_text(m, 36, "software version", words);
	describe_text(m, 68, "hardware version", words);
	describe_text(m, 100, "serial number", words);
	g_string_append_printf(words, "# certification unavailable\n# load %u mA\n",
			       50u * m->data[133]);
}

static void describe_heartbeat(const struct n2k_message *m, GString *words)
{
	const bool is_faulty = m->data[3] >> 4 & 3;

	g_string_append_printf(words, "# interval %.0f s\n# sequence %u\n# equipment %s\n",
			       (double) get(m, 0, 2) / 100, m->data[2],
			       is_faulty ? "at fault" : "operational");
}

void n2k_describe(const struct n2k_message *m, GString *words)
{
	const struct n2k_layout *layout = n2k_layout_find(m->pgn);

	g_string_append_printf(words, "# PGN %u, source %u\n", m->pgn, m->source);
	if (layout)
		can_describe_fields(m->data, m->length, layout->fields, layout->field_count, false,
				    words);
	else if (m->pgn == N2K_ADDRESS_CLAIM)
		describe_claim(m, words);
	else if (m->pgn == N2K_PRODUCT)
		describe_product(m, words);
	else if (m->pgn == N2K_HEARTBEAT)
		describe_heartbeat(m, words);
}
