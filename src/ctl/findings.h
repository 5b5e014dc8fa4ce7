/* SPDX-License-Identifier: MIT */
/*
 * findings - what doctor found, each with what to do about it
 *
 * Pure apart from findings_print().
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

enum finding_level {
	FINDING_OK,
	FINDING_WARNING, /**< works, but not as well as it could */
	FINDING_ERROR,   /**< does not work */
};

struct findings;

struct findings *findings_new(void);
void findings_free(struct findings *f);
typedef struct findings findings_list;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(findings_list, findings_free)

/** @what is one word for programs ("port", "dvcc"); then a sentence that ends with the remedy. */
void findings_add(struct findings *f, enum finding_level level, const char *what,
		  const char *format, ...) G_GNUC_PRINTF(4, 5);

enum finding_level findings_worst(const struct findings *f);

/** On standard output: words that fit it, or one JSON document {"worst", "findings": [{"level",
 * "what", "text"}]}. */
void findings_print(const struct findings *f, bool as_json);
