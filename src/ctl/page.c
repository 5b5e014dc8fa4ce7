/* SPDX-License-Identifier: MIT */
#include "ctl/page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char PLAIN[] = "\033[0m";

unsigned page_columns(unsigned otherwise)
{
	const char *wanted = g_getenv("COLUMNS");
	struct winsize size;
	long width = 0;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		width = size.ws_col;
	if (width <= 0 && wanted)
		width = strtol(wanted, NULL, 10);
	if (width <= 0)
		return otherwise;
	return (unsigned) CLAMP(width, PAGE_WIDTH_MIN, PAGE_WIDTH_MAX);
}

struct page page_open(unsigned otherwise)
{
	return (struct page){
		.out = g_string_new(NULL),
		.width = page_columns(otherwise),
		.has_colours = isatty(STDOUT_FILENO) && !g_getenv("NO_COLOR"),
	};
}

void page_print(struct page *p)
{
	page_end(p);
	fputs(p->out->str, stdout);
	fflush(stdout);
	g_string_truncate(p->out, 0);
}

void page_close(struct page *p)
{
	page_print(p);
	g_string_free(p->out, TRUE);
}

void page_end(struct page *p)
{
	if (p->used)
		g_string_append_c(p->out, '\n');
	p->used = 0;
}

static unsigned columns_of(const char *text)
{
	return (unsigned) g_utf8_strlen(text, -1);
}

static void append(struct page *p, const char *colour, const char *word)
{
	if (colour && p->has_colours)
		g_string_append_printf(p->out, "%s%s%s", colour, word, PLAIN);
	else
		g_string_append(p->out, word);
	p->used += columns_of(word);
}

static void append_blanks(struct page *p, unsigned count)
{
	for (; count; count--, p->used++)
		g_string_append_c(p->out, ' ');
}

void page_put(struct page *p, const char *colour, const char *word)
{
	g_autofree char *fitting = g_utf8_substring(word, 0, MIN(columns_of(word), p->width));

	if (p->used && p->used + 2 + columns_of(fitting) > p->width)
		page_end(p);
	else if (p->used)
		append_blanks(p, 2);
	append(p, colour, fitting);
}

void page_put_number(struct page *p, const char *colour, const char *before, double value,
		     int decimals, const char *unit)
{
	g_autofree char *word =
		isnan(value) ? g_strdup_printf("%s-- %s", before, unit)
			     : g_strdup_printf("%s%.*f %s", before, decimals, value, unit);

	page_put(p, colour, g_strchomp(word));
}

void page_tab(struct page *p, unsigned column)
{
	append_blanks(p, p->used < column ? column - p->used : p->used ? 1 : 0);
}

static void break_line(struct page *p, unsigned indent)
{
	g_string_append_c(p->out, '\n');
	p->used = 0;
	append_blanks(p, indent);
}

/* In the pieces that fit. */
static void append_long(struct page *p, const char *colour, unsigned indent, const char *word)
{
	while (p->used + columns_of(word) > p->width) {
		const unsigned room = p->width - p->used;
		g_autofree char *piece = g_utf8_substring(word, 0, room);

		append(p, colour, piece);
		word = g_utf8_offset_to_pointer(word, room);
		break_line(p, indent);
	}
	append(p, colour, word);
}

void page_text(struct page *p, const char *colour, unsigned indent, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	bool is_first = true;

	indent = MIN(indent, p->width / 2);

	for (int i = 0; words[i]; i++) {
		const unsigned gap = is_first ? 0 : 1, length = columns_of(words[i]);

		if (p->used > indent && p->used + gap + length > p->width)
			break_line(p, indent);
		else
			append_blanks(p, gap);
		append_long(p, colour, indent, words[i]);
		is_first = false;
	}
}
