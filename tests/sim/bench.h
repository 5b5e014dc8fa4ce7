/* SPDX-License-Identifier: MIT */
/* bench - a simulator on a table, in virtual time: bytes as hexadecimal text in and out */
#pragma once

#include "tests/support.h"

#include "sim/commands.h"
#include "sim/simulator.h"

enum { BENCH_HEX_MAX = 8192 };

struct bench {
	struct simulator s;
	gint64 now_us;
	char got[BENCH_HEX_MAX];  /**< bytes of the last answer, "AA 03 ..." */
	gint64 first_us, last_us; /**< when its first lot and last byte came, since the request */
};

/** A device as it left the factory, or from the capture. */
struct bench *bench_new(void);
struct bench *bench_new_captured(void);
void bench_free(struct bench *b);

/** @b, which does not fall asleep: a sleeping BMS does not refresh its registers. */
struct bench *bench_awake(struct bench *b);

/** Send; @return what comes back until the line has been quiet for 50 ms. */
const char *bench_ask(struct bench *b, const char *hex);
/** Only send. */
void bench_send(struct bench *b, const char *hex);
/** Let time pass; what comes meanwhile is in b->got. */
void bench_wait(struct bench *b, double s);
/** A command that must succeed; @return what it says after "ok ", until the next call. */
const char *bench_tell(struct bench *b, const char *command);
/** Its number. */
double bench_number(struct bench *b, const char *question);
unsigned bench_word(const struct bench *b, unsigned address);
/** The float in two registers. */
double bench_f32(const struct bench *b, unsigned address);
