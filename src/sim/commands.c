/* SPDX-License-Identifier: MIT */
#include "sim/commands.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/commands_private.h"

static const struct command *const tables[] = { commands_battery, commands_bms, commands_line,
						commands_get };

bool command_fail(struct command_call *call, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_string_assign(call->answer, "error: ");
	g_string_append_vprintf(call->answer, format, arguments);
	va_end(arguments);
	return false;
}

static bool parse_number(const char *text, double *out)
{
	char *end;

	*out = g_ascii_strtod(text, &end);
	return end != text && *end == '\0' && isfinite(*out);
}

bool command_number(struct command_call *call, unsigned i, double min, double max, double *out)
{
	const char *text = call->word[i];

	if (!parse_number(text, out))
		return command_fail(call, "\"%s\" is no number", text);
	if (*out < min || *out > max)
		return command_fail(call, "%s is not within %g to %g", text, min, max);
	return true;
}

bool command_count(struct command_call *call, unsigned i, unsigned min, unsigned max,
		   unsigned fallback, unsigned *out)
{
	double value = fallback;

	if (i < call->words && !command_number(call, i, min, max, &value))
		return false;
	if (value != floor(value))
		return command_fail(call, "\"%s\" is no whole number", call->word[i]);
	*out = (unsigned) value;
	return true;
}

bool command_switch(struct command_call *call, unsigned i, bool *out)
{
	*out = !strcmp(call->word[i], "on");
	if (*out || !strcmp(call->word[i], "off"))
		return true;
	return command_fail(call, "\"%s\" is neither on nor off", call->word[i]);
}

/* How many of the words are the command's name; 0: it is another. */
static unsigned name_words(const struct command *c, char **word, unsigned words)
{
	g_auto(GStrv) name = g_strsplit(c->name, " ", -1);
	const unsigned count = g_strv_length(name);

	if (count > words)
		return 0;
	for (unsigned i = 0; i < count; i++)
		if (strcmp(name[i], word[i]))
			return 0;
	return count;
}

/* The longest name wins: "clear fault" before "clear". */
static const struct command *find(char **word, unsigned words, unsigned *used)
{
	const struct command *best = NULL;

	*used = 0;
	for (size_t t = 0; t < G_N_ELEMENTS(tables); t++)
		for (const struct command *c = tables[t]; c->name; c++) {
			const unsigned count = name_words(c, word, words);

			if (count > *used) {
				*used = count;
				best = c;
			}
		}
	return best;
}

static void append_usages(GString *answer)
{
	for (size_t t = 0; t < G_N_ELEMENTS(tables); t++)
		for (const struct command *c = tables[t]; c->name; c++)
			g_string_append_printf(answer, "%s%s%s; ", c->name, c->usage[0] ? " " : "",
					       c->usage);
	g_string_append(answer, "help");
}

static void run(struct command_call *call, const struct command *c)
{
	if (call->words < c->min || call->words > c->max) {
		command_fail(call, "usage: %s %s", c->name, c->usage);
		return;
	}
	if (!c->run(call))
		return;
	if (call->answer->len)
		g_string_prepend(call->answer, "ok ");
	else
		g_string_append(call->answer, "ok");
}

/* Words without the empty ones that double spaces make. */
static unsigned pack(char **word)
{
	unsigned count = 0;

	for (unsigned i = 0; word[i]; i++) {
		if (word[i][0])
			word[count++] = word[i];
		else
			g_free(word[i]);
	}
	word[count] = NULL;
	return count;
}

void commands_run(struct simulator *s, const char *line, GString *answer)
{
	g_auto(GStrv) word = g_strsplit_set(line, " \t\r", -1);
	const unsigned words = pack(word);
	unsigned used;
	const struct command *c = find(word, words, &used);
	struct command_call call = {
		.s = s,
		.word = word + used,
		.words = words - used,
		.answer = answer,
	};

	if (words == 1 && !strcmp(word[0], "help")) {
		g_string_append(answer, "ok ");
		append_usages(answer);
	} else if (c) {
		run(&call, c);
		device_refresh(&s->device);
	} else {
		command_fail(&call, "unknown command \"%s\"; commands: ", line);
		append_usages(answer);
	}
}
