/* SPDX-License-Identifier: MIT */
/*
 * history_methods - History, Events and Records of the second name
 *
 * History(): {"serial", "history": the keys of history_text.c}
 * Events(since): {"events": [{"n", "t", "serial", "id", "life", "guess", "level",
 *  "text", "remedy"}, ...], "more"}: those with a number above since, oldest first;
 *  with "more" there are further ones
 * Records(from, to, step): {"columns": "t,silent,...", "rows": ["...", ...], "more"}:
 *  recorded snapshots as the table that --limits --csv replays; s since 1970, step
 *  in s; of the last day each 10 s, before that each 5 minutes
 *
 * I/O: D-Bus, the keeper's files.
 */
#pragma once

#include "history/keeper.h"
#include "manage/manage_service.h"

/** @keeper outlives @service. */
void history_methods_add(struct manage_service *service, struct keeper *keeper);
