/* SPDX-License-Identifier: MIT */
/*
 * answer - from one request to the bytes of its answer
 *
 * Source: Communication Protocols rev. D, chapter 1. What it leaves open: unknown
 * commands and unfit members are refused with error 0; a set with one bad member
 * writes nothing; reads far outside the map give 0.
 *
 * Pure.
 */
#pragma once

#include "sim/device.h"
#include "sim/request.h"

enum {
	ANSWER_MAX = 1280, /**< 255 registers of 09 with addresses are 1020, in 17 packets */
	ANSWER_ERROR_COMMAND = 0,
	ANSWER_ERROR_CRC = 1,
};

struct answer {
	uint8_t bytes[ANSWER_MAX];
	size_t count; /**< 0: silence */
	bool is_refusal;
	bool has_written; /**< registers 300 to 399, accepted */
};

/** Answer a whole request. */
void answer_request(struct device *d, const struct request_join *request, struct answer *out);

/** AA 00 COMMAND ERROR */
void answer_refuse(struct answer *out, uint8_t command, uint8_t error);

/** AA 01 COMMAND */
void answer_acknowledge(struct answer *out, uint8_t command);

/** A frame with this payload. */
void answer_frame(struct answer *out, uint8_t command, const uint8_t *payload, size_t count);

/* ---- one dialect each; false: refuse with error 0 --------------------------------- */

bool answer_modbus(struct device *d, const struct request_join *request, struct answer *out);
bool answer_native(struct device *d, const struct request_join *request, struct answer *out);

/* ---- native commands on registers (answer_registers.c) ---------------------------- */

bool answer_read_block(const struct device *d, const struct request_join *r, struct answer *out);
bool answer_read_list(const struct device *d, const struct request_join *r, struct answer *out);
bool answer_write_block(struct device *d, const struct request_join *r, struct answer *out);
bool answer_write_list(struct device *d, const struct request_join *r, struct answer *out);
bool answer_settings(const struct device *d, const struct request_join *r, struct answer *out);
