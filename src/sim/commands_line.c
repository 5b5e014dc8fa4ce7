/* SPDX-License-Identifier: MIT */
/* Commands for the line: silence, refusals, noise, broadcast, unplugging. */
#include <string.h>

#include "sim/commands_private.h"

#define US_PER_S 1e6
#define LONG_S	 1e6

static const unsigned MANY = 1000000;

static bool silent(struct command_call *call)
{
	double s;

	if (!command_number(call, 0, 0.0, LONG_S, &s))
		return false;
	call->s->faults.silent_until_us = call->s->device.now_us + (gint64) (s * US_PER_S);
	uart_drop_output(&call->s->uart);
	return true;
}

static bool unplug(struct command_call *call)
{
	double s;

	if (!command_number(call, 0, 0.0, LONG_S, &s))
		return false;
	call->s->unplug_us = call->s->device.now_us + (gint64) (s * US_PER_S);
	return true;
}

static bool nack(struct command_call *call)
{
	struct line_faults *f = &call->s->faults;
	unsigned command, count, error;

	if (!command_count(call, 0, 0, UINT8_MAX, 0, &command) ||
	    !command_count(call, 1, 0, MANY, 1, &count) ||
	    !command_count(call, 2, 0, UINT8_MAX, 0, &error))
		return false;
	f->refuse[command] = count;
	f->refuse_error = (uint8_t) error;
	return true;
}

static bool noise(struct command_call *call)
{
	return command_number(call, 0, 0.0, 1.0, &call->s->faults.noise);
}

static bool seed(struct command_call *call)
{
	unsigned value;

	if (!command_count(call, 0, 0, UINT32_MAX, 0, &value))
		return false;
	line_faults_seed(&call->s->faults, value);
	return true;
}

static bool corrupt(struct command_call *call)
{
	return command_count(call, 0, 0, MANY, 1, &call->s->faults.corrupt);
}

static bool truncate_answers(struct command_call *call)
{
	return command_count(call, 0, 0, MANY, 1, &call->s->faults.truncate);
}

static bool foreign(struct command_call *call)
{
	return command_count(call, 0, 0, MANY, 1, &call->s->faults.foreign);
}

static bool stall(struct command_call *call)
{
	double s = 5.0;

	if (call->words && !command_number(call, 0, 0.0, LONG_S, &s))
		return false;
	call->s->faults.stall_s = s;
	return true;
}

static bool delay(struct command_call *call)
{
	return command_number(call, 0, 0.0, 60.0, &call->s->faults.delay_s);
}

static bool split(struct command_call *call)
{
	return command_number(call, 0, 0.0, 60.0, &call->s->faults.split_s);
}

static bool write_pause(struct command_call *call)
{
	return command_number(call, 0, 0.0, 60.0, &call->s->faults.write_pause_s);
}

static bool read_bytes(struct command_call *call, struct line_extra *out)
{
	*out = (struct line_extra){ .count = 0 };
	for (unsigned i = 0; i < call->words && out->count < LINE_EXTRA_MAX; i++) {
		char *end;
		const gint64 value = g_ascii_strtoll(call->word[i], &end, 16);

		if (*end || value < 0 || value > UINT8_MAX)
			return command_fail(call, "\"%s\" is no byte; write 00 to FF",
					    call->word[i]);
		out->bytes[out->count++] = (uint8_t) value;
	}
	return true;
}

static bool gap(struct command_call *call)
{
	double s;

	if (!command_number(call, 0, 0.0, 60.0, &s))
		return false;
	call->s->gap_us = (gint64) (s * US_PER_S);
	return true;
}

static bool before(struct command_call *call)
{
	return read_bytes(call, &call->s->faults.before);
}

static bool inside(struct command_call *call)
{
	return read_bytes(call, &call->s->faults.inside);
}

static bool inject(struct command_call *call)
{
	struct line_extra extra;

	if (!read_bytes(call, &extra))
		return false;
	uart_send(&call->s->uart, extra.bytes, extra.count, call->s->device.now_us);
	return true;
}

static bool broadcast(struct command_call *call)
{
	static const struct {
		const char *name;
		int time, protocol; /* registers 342 and 343; -1: as it is */
	} choices[] = {
		{ "off", 0, -1 },  { "on", 4, -1 }, { "ca", 4, 0 },
		{ "ascii", 4, 1 }, { "soc", 4, 2 }, { "fast", 1, -1 },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(choices); i++) {
		uint16_t *word = call->s->device.word;

		if (strcmp(choices[i].name, call->word[0]))
			continue;
		word[DEVICE_BROADCAST_TIME] = (uint16_t) choices[i].time;
		if (choices[i].protocol >= 0)
			word[DEVICE_BROADCAST_PROTOCOL] = (uint16_t) choices[i].protocol;
		return true;
	}
	return command_fail(call, "\"%s\" is none of on, off, fast, ca, ascii, soc", call->word[0]);
}

static bool calm(struct command_call *call)
{
	const guint32 random = call->s->faults.random;

	line_faults_init(&call->s->faults);
	line_faults_seed(&call->s->faults, random);
	return true;
}

/* clang-format off */
const struct command commands_line[] = {
	{ "silent", 1, 1, "S", silent },
	{ "unplug", 1, 1, "S", unplug },
	{ "nack", 1, 3, "COMMAND [COUNT [ERROR]]", nack },
	{ "noise", 1, 1, "PROBABILITY (of each byte sent)", noise },
	{ "seed", 1, 1, "NUMBER (of the noise)", seed },
	{ "corrupt", 0, 1, "[ANSWERS] (one bit of each)", corrupt },
	{ "truncate", 0, 1, "[ANSWERS] (half of each)", truncate_answers },
	{ "foreign", 0, 1, "[ANSWERS] (from another slave)", foreign },
	{ "stall", 0, 1, "[S] (the next answer stops in the middle, then silence)", stall },
	{ "delay", 1, 1, "S (before each answer)", delay },
	{ "split", 1, 1, "S (in the middle of each answer)", split },
	{ "write-pause", 1, 1, "S (silence after each accepted write)", write_pause },
	{ "gap", 1, 1, "S (a longer pause ends a request)", gap },
	{ "before", 1, LINE_EXTRA_MAX, "HEX ... (before the next answer)", before },
	{ "inside", 1, LINE_EXTRA_MAX, "HEX ... (inside the next answer)", inside },
	{ "inject", 1, LINE_EXTRA_MAX, "HEX ... (now)", inject },
	{ "broadcast", 1, 1, "on|off|fast|ca|ascii|soc", broadcast },
	{ "calm", 0, 0, "(ends all faults of the line)", calm },
	{ NULL, 0, 0, NULL, NULL },
};
/* clang-format on */
