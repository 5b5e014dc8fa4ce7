/* SPDX-License-Identifier: MIT */
/*
 * page - text that fits the terminal: broken between words, indented where it goes on
 *
 * Columns are those of letters; colours take none. Only page_open() asks the
 * terminal, all else is pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

enum {
	PAGE_WIDTH_MIN = 20,
	PAGE_WIDTH_MAX = 200,
	PAGE_WIDTH_USUAL = 80,	/**< where neither a terminal nor COLUMNS says */
	PAGE_UNBROKEN = 100000, /**< likewise, for lines that another program may read */
};

#define PAGE_BOLD   "\033[1m"
#define PAGE_RED    "\033[31m"
#define PAGE_YELLOW "\033[33m"
#define PAGE_GREEN  "\033[32m"

struct page {
	GString *out;
	unsigned width;	  /**< columns; no line is longer */
	bool has_colours; /**< escape sequences may be used */
	unsigned used;	  /**< columns of the present line */
};

/** Of the terminal on standard output, else as COLUMNS says, else @otherwise. */
unsigned page_columns(unsigned otherwise);

/** So wide. Colours on a terminal alone, and not where NO_COLOR is set. */
struct page page_open(unsigned otherwise);

/** Print and forget what is on it; page_close() frees it too. */
void page_print(struct page *p);
void page_close(struct page *p);

/** A word that stays whole, on the next line if it must; two blanks before it within a line. */
void page_put(struct page *p, const char *colour, const char *word);

/** Likewise "@before 3.30 @unit"; "--" for NAN. */
void page_put_number(struct page *p, const char *colour, const char *before, double value,
		     int decimals, const char *unit);

/** In the present line from column @column on, or one blank after what is there. */
void page_tab(struct page *p, unsigned column);

/**
 * Words, broken where they must be; lines that follow begin at column @indent. One
 * that is longer than a line is cut.
 */
void page_text(struct page *p, const char *colour, unsigned indent, const char *text);

/** The line ends, if one has begun. */
void page_end(struct page *p);
