/* SPDX-License-Identifier: MIT */
/*
 * job - something to be done to the BMS that takes several transactions
 *
 * A set of settings is written one by one: what was there before is read, the
 * new value is sent, acknowledged and read back. If one of them fails, those
 * that were sent are written back, the last one first. Registers 323 and 328
 * read 0xFFFF once the BMS has taken them: SOH and SOC tell instead.
 *
 * A request without an answer is repeated: the BMS may have been asleep (rev. D
 * 1.3), or busy for up to a second after a write. A value is sent by the native
 * command 0D, and by Modbus 16 where that is refused or not heard.
 *
 * Source: Tiny BMS s516 Communication Protocols rev. D, chapters 1 and 3.
 * Pure: the caller makes the transactions and says what became of them.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tinybms/frame.h"
#include "tinybms/settings.h"

enum { JOB_WRITES_MAX = SETTINGS_COUNT };

static const gint64 JOB_PATIENCE_US = 10 * G_USEC_PER_SEC; /**< silence that a job bears */

/** The range that this very device accepts (command 1D), from register 300 on, raw. */
struct job_ranges {
	bool has_min, has_max, has_default;
	uint16_t min[SETTINGS_COUNT], max[SETTINGS_COUNT], fallback[SETTINGS_COUNT];
};

enum job_kind {
	JOB_WRITE,  /**< settings, as a set */
	JOB_RANGES, /**< read struct job_ranges */
	JOB_RESET,  /**< command 02 */
};

enum job_state {
	JOB_RUNNING,
	JOB_DONE,
	JOB_REFUSED,   /**< the BMS said no */
	JOB_NOT_TAKEN, /**< acknowledged, but another value is read back */
	JOB_SILENT,    /**< no answer for JOB_PATIENCE_US */
	JOB_ABANDONED, /**< the line was lost before the end: what was sent is unknown */
};

enum job_undoing {
	JOB_UNDO_NOTHING, /**< nothing was changed */
	JOB_UNDONE,	  /**< all is as it was, read back */
	JOB_UNDO_FAILED,  /**< some of it could not be written back: see job_write.is_changed */
};

struct job_write {
	uint16_t address;
	unsigned words;	 /**< 1 or 2 */
	uint32_t wanted; /**< raw */
	uint32_t before; /**< raw, once has_before */
	uint32_t found;	 /**< raw, what was last read back */
	bool has_before;
	bool is_changed; /**< sent, and not written back */
};

/** Plain data: copied by assignment. What stands above the empty line is for readers. */
struct job {
	enum job_kind kind;
	enum job_state state;
	enum job_undoing undoing;
	size_t failed; /**< index of the write that made it fail */
	size_t count;
	struct job_write write[JOB_WRITES_MAX];
	enum frame_reset reset;
	struct job_ranges ranges;

	int phase;
	enum job_state failure; /* what it was that is being undone */
	size_t at;		/* which write, or which option of 1D */
	unsigned sends, refusals;
	bool is_acknowledged;
	gint64 silent_us, sent_us; /* since when; 0: is not */
};

/** One transaction. */
enum job_action {
	JOB_READ_WORDS,	 /**< Modbus 3 */
	JOB_WRITE_WORDS, /**< Modbus 16 */
	JOB_COMMAND,	 /**< native */
};

enum { JOB_PAYLOAD_MAX = 16 };

struct job_step {
	enum job_action action;
	unsigned first, count; /**< registers */
	uint16_t words[2];     /**< to be written */
	enum frame_command command;
	uint8_t payload[JOB_PAYLOAD_MAX];
	size_t payload_count;
};

void job_init_write(struct job *job);
/** @raw of a setting with two words: both. false: there are too many. */
bool job_add(struct job *job, const struct setting *setting, uint32_t raw);
void job_init_ranges(struct job *job);
void job_init_reset(struct job *job, enum frame_reset option);

/** What to do now; false when the job has ended. */
bool job_next(const struct job *job, struct job_step *out);

/**
 * It was answered. @words: the registers that were read, or the 16-bit values
 * of a native answer; NULL, 0 for an acknowledgement.
 */
void job_answered(struct job *job, const uint16_t *words, size_t count, gint64 now_us);
void job_refused(struct job *job, gint64 now_us);
/** No answer, or none that makes sense. */
void job_unanswered(struct job *job, gint64 now_us);
/** It could not be asked: no port, or a BMS that does not even answer the live read. */
void job_postponed(struct job *job, gint64 now_us);
/** There will be no line any more. A job that has ended stays as it is. */
void job_abandon(struct job *job);
