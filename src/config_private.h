/* SPDX-License-Identifier: MIT */
/*
 * config_private - one value of the configuration, for those who bring it as text or JSON
 *
 * Pure. Each sets one key and checks it alone; an error names key, value and range.
 */
#pragma once

#include "config.h"

enum { CONFIG_SHOWN_MAX = 60 }; /* characters of a value that a message repeats */

static inline void *config_field(struct config *c, const struct config_key *key)
{
	return (char *) c + key->offset;
}

static inline const void *config_field_of(const struct config *c, const struct config_key *key)
{
	return (const char *) c + key->offset;
}

/** What somebody wrote, as it fits into a sentence: short, and in one line. */
char *config_quoted(const char *text);

void config_set_default(struct config *c, const struct config_key *key);

/** A number, a whole one or a bool, by the type of @key. */
bool config_set_number(struct config *c, const struct config_key *key, double value,
		       GError **error);
bool config_set_choice(struct config *c, const struct config_key *key, const char *text,
		       GError **error);
/** @text: "x:ratio x:ratio ...". */
bool config_set_curve(struct config *c, const struct config_key *key, const char *text,
		      GError **error);
bool config_set_string(struct config *c, const struct config_key *key, const char *text,
		       GError **error);
/** @text: any JSON. */
bool config_set_document(struct config *c, const struct config_key *key, const char *text,
			 GError **error);
