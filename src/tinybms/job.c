/* SPDX-License-Identifier: MIT */
#include "tinybms/job.h"

#include <math.h>
#include <string.h>

#include "tinybms/registers.h"

enum {
	SENDS_MAX = 4,			/* of one value, both dialects in turn */
	SETTLE_US = 2 * G_USEC_PER_SEC, /* until a value that was taken must be read back */
	SOH_REGISTER = 45,
	SOC_REGISTER = 46, /* and 47 */
	SET_SOH = 323,
	SET_SOC = 328,
	SOC_PER_STEP = 2000,   /* 0.000001 % against 0.002 % */
	LEVEL_TOLERANCE = 500, /* 1 % in steps of 0.002 %: current flows meanwhile */
	RANGE_OPTIONS = 3,     /* of 1D: 1 minimum, 2 maximum, 3 default */
	NATIVE_WORDS = 2,      /* bytes */
};

enum phase {
	PHASE_BEFORE, /* read what is there */
	PHASE_SEND,
	PHASE_CHECK,
	PHASE_UNDO_SEND,
	PHASE_UNDO_CHECK,
	PHASE_RANGES,
	PHASE_RESET,
};

static void init(struct job *job, enum job_kind kind, enum phase phase)
{
	memset(job, 0, sizeof(*job));
	job->kind = kind;
	job->phase = (int) phase;
}

void job_init_write(struct job *job)
{
	init(job, JOB_WRITE, PHASE_BEFORE);
}

void job_init_ranges(struct job *job)
{
	init(job, JOB_RANGES, PHASE_RANGES);
}

void job_init_reset(struct job *job, enum frame_reset option)
{
	init(job, JOB_RESET, PHASE_RESET);
	job->reset = option;
}

bool job_add(struct job *job, const struct setting *setting, uint32_t raw)
{
	if (job->count == JOB_WRITES_MAX)
		return false;
	job->write[job->count++] = (struct job_write){
		.address = setting->address,
		.words = setting->words,
		.wanted = raw,
	};
	return true;
}

/* ---- levels: 323 and 328 are seen in SOH and SOC ------------------------------------ */

static bool is_level(const struct job_write *w)
{
	return w->address == SET_SOH || w->address == SET_SOC;
}

/* Older firmware has no SOH: it reads 0. Then only the register itself can tell. */
static bool is_seen_in_live(const struct job_write *w)
{
	return w->address == SET_SOC || (w->address == SET_SOH && (!w->has_before || w->before));
}

static uint32_t value_of(const struct job_write *w, const uint16_t *words)
{
	const uint32_t wide = words[0] | (uint32_t) words[1] << 16;

	if (w->address == SET_SOC)
		return (wide + SOC_PER_STEP / 2) / SOC_PER_STEP;
	return w->words == 2 ? wide : words[0];
}

static bool is_as(const struct job_write *w, uint32_t wanted)
{
	if (!is_level(w))
		return w->found == wanted;
	if (!is_seen_in_live(w))
		return w->found == SETTING_TAKEN;
	return fabs((double) w->found - (double) wanted) <= LEVEL_TOLERANCE;
}

/* ---- what to do -------------------------------------------------------------------- */

static void read_step(const struct job_write *w, struct job_step *out)
{
	out->action = JOB_READ_WORDS;
	out->first = w->address;
	out->count = w->words;
	if (!is_level(w) || !is_seen_in_live(w))
		return;
	out->first = w->address == SET_SOC ? SOC_REGISTER : SOH_REGISTER;
	out->count = w->address == SET_SOC ? 2 : 1;
}

static void put_word(struct job_step *out, uint32_t word)
{
	out->payload[out->payload_count++] = (uint8_t) word;
	out->payload[out->payload_count++] = (uint8_t) (word >> 8);
}

static void send_step(const struct job *job, uint32_t raw, struct job_step *out)
{
	const struct job_write *w = &job->write[job->at];

	if (job->sends % 2) {
		out->action = JOB_WRITE_WORDS;
		out->first = w->address;
		out->count = w->words;
		out->words[0] = (uint16_t) raw;
		out->words[1] = (uint16_t) (raw >> 16);
		return;
	}
	out->action = JOB_COMMAND;
	out->command = FRAME_WRITE_LIST;
	out->payload[out->payload_count++] = (uint8_t) (w->words * 2 * NATIVE_WORDS);
	for (unsigned i = 0; i < w->words; i++) {
		put_word(out, w->address + i);
		put_word(out, raw >> 16 * i);
	}
}

bool job_next(const struct job *job, struct job_step *out)
{
	const struct job_write *w = &job->write[job->at < job->count ? job->at : 0];

	if (job->state != JOB_RUNNING)
		return false;
	memset(out, 0, sizeof(*out));
	switch ((enum phase) job->phase) {
	case PHASE_BEFORE:
	case PHASE_CHECK:
	case PHASE_UNDO_CHECK:
		read_step(w, out);
		break;
	case PHASE_SEND:
		send_step(job, w->wanted, out);
		break;
	case PHASE_UNDO_SEND:
		send_step(job, w->before, out);
		break;
	case PHASE_RANGES:
		out->action = JOB_COMMAND;
		out->command = FRAME_SETTINGS;
		out->payload[0] = (uint8_t) (job->at + 1);
		out->payload[2] = SETTINGS_COUNT;
		out->payload_count = 3;
		break;
	case PHASE_RESET:
		out->action = JOB_COMMAND;
		out->command = FRAME_RESET;
		out->payload[0] = (uint8_t) job->reset;
		out->payload_count = 1;
		break;
	}
	return true;
}

/* ---- from one write to the next ---------------------------------------------------- */

static void enter(struct job *job, enum phase phase)
{
	job->phase = (int) phase;
	job->sends = job->refusals = 0;
	job->is_acknowledged = false;
	job->silent_us = job->sent_us = 0;
}

/* An SOH that the BMS does not show cannot be given back. */
static bool can_undo(const struct job_write *w)
{
	return !is_level(w) || is_seen_in_live(w);
}

/* The last write before @from that the BMS may have taken; none: that was all. */
static void undo_from(struct job *job, size_t from)
{
	for (; from > 0; from--) {
		if (!job->write[from - 1].is_changed)
			continue;
		if (can_undo(&job->write[from - 1]))
			break;
		job->undoing = JOB_UNDO_FAILED;
	}
	if (from == 0) {
		job->state = job->failure;
		return;
	}
	job->at = from - 1;
	enter(job, PHASE_UNDO_SEND);
}

static void fail(struct job *job, enum job_state why)
{
	job->failure = why;
	job->failed = job->at;
	for (size_t i = 0; i < job->count; i++)
		if (job->write[i].is_changed)
			job->undoing = JOB_UNDONE;
	undo_from(job, job->count);
}

static void fail_undoing(struct job *job)
{
	job->undoing = JOB_UNDO_FAILED;
	undo_from(job, job->at);
}

static void stop_trying(struct job *job, enum job_state why)
{
	if (job->phase == PHASE_UNDO_SEND || job->phase == PHASE_UNDO_CHECK)
		fail_undoing(job);
	else
		fail(job, why);
}

/* To the next write that changes something. */
static void send_from(struct job *job, size_t from)
{
	while (from < job->count && !is_level(&job->write[from]) &&
	       job->write[from].before == job->write[from].wanted) {
		job->write[from].found = job->write[from].before;
		from++;
	}
	job->at = from;
	if (from == job->count)
		job->state = JOB_DONE;
	else
		enter(job, PHASE_SEND);
}

static void take_before(struct job *job, const uint16_t *words)
{
	struct job_write *w = &job->write[job->at];

	w->before = value_of(w, words);
	w->has_before = true;
	if (++job->at == job->count)
		send_from(job, 0);
}

/* The value is there, or not yet, or was never taken. */
static void take_check(struct job *job, const uint16_t *words, gint64 now_us)
{
	struct job_write *w = &job->write[job->at];
	const bool is_undoing = job->phase == PHASE_UNDO_CHECK;

	w->found = value_of(w, words);
	if (is_as(w, is_undoing ? w->before : w->wanted)) {
		w->is_changed = !is_undoing;
		if (is_undoing)
			undo_from(job, job->at);
		else
			send_from(job, job->at + 1);
	} else if (now_us - job->sent_us < SETTLE_US) {
		/* read again */
	} else if (!job->is_acknowledged && job->sends < SENDS_MAX) {
		job->phase = is_undoing ? PHASE_UNDO_SEND : PHASE_SEND;
	} else {
		stop_trying(job, job->is_acknowledged ? JOB_NOT_TAKEN : JOB_SILENT);
	}
}

static void check_next(struct job *job, gint64 now_us)
{
	job->phase = job->phase == PHASE_UNDO_SEND ? PHASE_UNDO_CHECK : PHASE_CHECK;
	job->write[job->at].is_changed = true; /* perhaps; written back if the set fails */
	job->sends++;
	job->sent_us = now_us;
}

/* ---- what became of it ------------------------------------------------------------- */

static void next_range(struct job *job)
{
	job->silent_us = 0;
	if (++job->at == RANGE_OPTIONS)
		job->state = JOB_DONE;
}

static void take_range(struct job *job, const uint16_t *words, size_t count)
{
	struct job_ranges *r = &job->ranges;
	uint16_t *const into[RANGE_OPTIONS] = { r->min, r->max, r->fallback };
	bool *const has[RANGE_OPTIONS] = { &r->has_min, &r->has_max, &r->has_default };

	*has[job->at] = count == SETTINGS_COUNT;
	if (count == SETTINGS_COUNT)
		memcpy(into[job->at], words, count * sizeof(*words));
	next_range(job);
}

void job_answered(struct job *job, const uint16_t *words, size_t count, gint64 now_us)
{
	uint16_t pair[2] = { 0 };

	if (count > 0 && job->phase != PHASE_RANGES)
		memcpy(pair, words, MIN(count, 2) * sizeof(*words));
	job->silent_us = 0;
	switch ((enum phase) job->phase) {
	case PHASE_BEFORE:
		take_before(job, pair);
		break;
	case PHASE_SEND:
	case PHASE_UNDO_SEND:
		job->is_acknowledged = true;
		check_next(job, now_us);
		break;
	case PHASE_CHECK:
	case PHASE_UNDO_CHECK:
		take_check(job, pair, now_us);
		break;
	case PHASE_RANGES:
		take_range(job, words, count);
		break;
	case PHASE_RESET:
		job->state = JOB_DONE;
		break;
	}
}

void job_refused(struct job *job, gint64 now_us)
{
	const bool is_sending = job->phase == PHASE_SEND || job->phase == PHASE_UNDO_SEND;

	job->silent_us = 0;
	if (job->phase == PHASE_RANGES) {
		next_range(job);
	} else if (is_sending && ++job->refusals == 1) {
		job->sends++; /* the other dialect */
	} else {
		stop_trying(job, JOB_REFUSED);
	}
}

void job_unanswered(struct job *job, gint64 now_us)
{
	const bool is_sending = job->phase == PHASE_SEND || job->phase == PHASE_UNDO_SEND;

	if (!job->silent_us)
		job->silent_us = now_us;
	if (now_us - job->silent_us >= JOB_PATIENCE_US) {
		job->silent_us = 0;
		stop_trying(job, JOB_SILENT);
	} else if (job->phase == PHASE_RESET && job->reset == FRAME_RESET_BMS) {
		/* it may have restarted; not to be done twice */
		job->state = JOB_SILENT;
	} else if (is_sending) {
		check_next(job, now_us);
	}
}

void job_abandon(struct job *job)
{
	if (job->state != JOB_RUNNING)
		return;
	job->state = JOB_ABANDONED;
	job->failed = job->at;
	job->undoing = JOB_UNDO_NOTHING;
	for (size_t i = 0; i < job->count; i++)
		if (job->write[i].is_changed)
			job->undoing = JOB_UNDO_FAILED;
}

void job_postponed(struct job *job, gint64 now_us)
{
	if (!job->silent_us)
		job->silent_us = now_us;
	if (now_us - job->silent_us >= JOB_PATIENCE_US)
		job_abandon(job);
}
