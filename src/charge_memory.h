/* SPDX-License-Identifier: MIT */
/*
 * charge_memory - keeps the controller's record over restarts
 *
 * Written when the battery has become full or the owner asked for it, else when
 * the state changed, or the disk was full, and ten minutes have passed since the
 * last writing, and at the end: a disk of flash must last. A record that is
 * damaged is reported and charging starts in Bulk, which every state may be
 * replaced by.
 *
 * I/O: the record's file.
 */
#pragma once

#include "battery/control.h"

struct charge_memory;

/** The record lies in @folder. */
struct charge_memory *charge_memory_new(const char *folder);
void charge_memory_free(struct charge_memory *m);

/** The BMS @serial answers for the first time: give @control what is known of it. */
void charge_memory_recall(struct charge_memory *m, const char *serial, struct control *control);

/** A decision was taken at @now_us, monotonic. */
void charge_memory_watch(struct charge_memory *m, const struct control *control, gint64 now_us);

/** The service ends. */
void charge_memory_keep(struct charge_memory *m, const struct control *control);
