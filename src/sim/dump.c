/* SPDX-License-Identifier: MIT */
#include "sim/dump.h"

#include <stdlib.h>
#include <string.h>

G_DEFINE_QUARK(dump_error, dump_error)

static bool is_number_line(const char *line)
{
	return line[0] && line[0] != '#' && !g_str_has_prefix(line, "register,");
}

static bool parse_line(struct dump *dump, const char *line)
{
	char *end;

	if (!g_ascii_isdigit(line[0]))
		return false;
	const unsigned long address = strtoul(line, &end, 10);

	if (end[0] != ',' || !g_ascii_isdigit(end[1]) || address >= DUMP_WORDS)
		return false;
	const unsigned long value = strtoul(end + 1, &end, 10);

	if (end[0] || value > UINT16_MAX)
		return false;
	dump->word[address] = (uint16_t) value;
	dump->is_there[address] = true;
	return true;
}

bool dump_parse(struct dump *dump, const char *text, GError **error)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	memset(dump, 0, sizeof(*dump));
	for (unsigned i = 0; lines[i]; i++) {
		const char *line = g_strstrip(lines[i]);

		if (!is_number_line(line) || parse_line(dump, line))
			continue;
		g_set_error(error, DUMP_ERROR, DUMP_ERROR_FAILED,
			    "line %u: \"%s\" is not REGISTER,VALUE with registers 0 to %d and "
			    "values 0 to 65535",
			    i + 1, line, DUMP_WORDS - 1);
		return false;
	}
	return true;
}

bool dump_load(struct dump *dump, const char *path, GError **error)
{
	g_autofree char *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, error))
		return false;
	if (dump_parse(dump, text, error))
		return true;
	g_prefix_error(error, "%s: ", path);
	return false;
}
