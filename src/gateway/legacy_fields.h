/* SPDX-License-Identifier: MIT */
/*
 * legacy_fields - what the documents of both bridges are put together with
 *
 * Pure.
 */
#pragma once

#include <cjson/cJSON.h>
#include <stddef.h>

enum { LEGACY_CELLS = 16 };

/** Borrowed; NULL: there is none. */
const cJSON *legacy_get(const cJSON *object, const char *key);
/** The number at "limits.cvl_v", NAN: there is none. */
double legacy_at(const cJSON *document, const char *path);

/** @key gets what stands at @path times @factor. */
struct legacy_row {
	const char *key, *path;
	double factor, step;
};

void legacy_add_rows(cJSON *object, const cJSON *document, const struct legacy_row *rows,
		     size_t count);

#define LEGACY_ADD_ROWS(object, document, rows)                                                    \
	legacy_add_rows(object, document, rows, G_N_ELEMENTS(rows))

/** Bit 0: the first cell. */
double legacy_balancing_bits(const cJSON *document);
