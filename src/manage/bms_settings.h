/* SPDX-License-Identifier: MIT */
/*
 * bms_settings - the BMS's settings as they are known, and all changes to them
 *
 * Changes are done one after the other: each is checked against what the one
 * before has left, written as a set, and journalled. Everything that changes
 * the BMS goes through here, whoever asks. Where the line is lost, all that wait
 * are refused: what is asked of one BMS is not done to the next.
 *
 * I/O: the journal's file; the BMS by way of the caller.
 */
#pragma once

#include "battery/battery.h"
#include "manage/change_journal.h"
#include "tinybms/acquisition.h"
#include "tinybms/setting_check.h"

struct bms_settings;

/** Give @job to the acquisition. false: there is no line to the BMS just now. */
typedef bool (*bms_submit_fn)(const struct job *job, acquisition_job_func fn, void *fn_user,
			      void *user);

/** Who asks, and where; for the journal. */
struct bms_origin {
	const char *who;  /**< the program */
	const char *path; /**< the object's path, or the method */
	const char *by;	  /**< (nullable) for whom, see asked_by.h */
};

/** @sentence says why not, or what was done. */
typedef void (*bms_answer_fn)(bool is_done, const char *sentence, void *user);

/** Values or ranges may have changed. */
typedef void (*bms_watch_fn)(void *user);

struct bms_settings *bms_settings_new(const char *journal_path, bms_submit_fn submit, void *user);
/** After the acquisition has stopped: it answers what is under way. */
void bms_settings_free(struct bms_settings *s);

/** Newly read from the BMS. Asks for the device's ranges too. */
void bms_settings_take(struct bms_settings *s, const struct settings_words *words);
/** What the BMS is. Another serial number: nothing known of the old one counts. */
void bms_settings_set_device(struct bms_settings *s, const struct battery *b);

/** NULL until they have been read. */
const struct settings_words *bms_settings_words(const struct bms_settings *s);
const struct job_ranges *bms_settings_ranges(const struct bms_settings *s);
const struct battery_identity *bms_settings_device(const struct bms_settings *s);
struct change_journal *bms_settings_journal(const struct bms_settings *s);

/** May it be written as things are? As bms_settings_write() judges. */
bool bms_settings_check(const struct bms_settings *s, const struct setting_set *set,
			GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** @fn is called once; at once if @set is refused unsent and nothing else is under way. */
void bms_settings_write(struct bms_settings *s, const struct setting_set *set,
			const struct bms_origin *origin, bms_answer_fn fn, void *user);
void bms_settings_reset(struct bms_settings *s, enum frame_reset what,
			const struct bms_origin *origin, bms_answer_fn fn, void *user);

/** What is under way goes on; no answer goes to @user any more. */
void bms_settings_forget(struct bms_settings *s, const void *user);

void bms_settings_watch(struct bms_settings *s, bms_watch_fn fn, void *user);
void bms_settings_unwatch(struct bms_settings *s, const void *user);

/** "events", "statistics", "bms". */
const char *bms_reset_name(enum frame_reset what);
