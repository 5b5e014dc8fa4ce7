/* SPDX-License-Identifier: MIT */
/*
 * status_text - the answer of Status for people: words that fit the terminal, cells as bars
 *
 * Pure.
 */
#pragma once

#include <cjson/cJSON.h>

#include "ctl/page.h"

/** Put the lines of @status on @p. */
void status_text(struct page *p, const cJSON *status);
