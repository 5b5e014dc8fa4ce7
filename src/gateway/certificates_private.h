/* SPDX-License-Identifier: MIT */
/* certificates_private - what the files of certificates share */
#pragma once

#include "gateway/certificates.h"
#include "log.h"

enum { CERTIFICATES_MAX = 3 }; /* uses */

/* One use of a certificate. */
struct use {
	const char *name;
	enum certificate_kind kind;
	const char *key, *key_of_key; /* of the configuration; without one: NULL */
	const char *without;	      /* what comes of it when it is not valid */
	bool is_taken_at_start;
};

/* What tells one file from another at the same place. */
struct stamp {
	gint64 changed_ns;
	gint64 size;
	guint64 inode;
};

/* Of a certificate and its key. */
struct stamps {
	struct stamp file, key;
};

struct entry {
	const struct use *use;
	const char *path, *key_path; /* (borrowed) */
	struct certificate certificate;
	bool is_known; /* @certificate is in force */
	char *trouble; /* (nullable) none is in force: why */
	char *refused; /* (nullable) a new one cannot be used: why */
	struct stamps in_force, seen, judged;
	struct log_topic topic;
};

struct certificates {
	struct entry entries[CERTIFICATES_MAX];
	size_t count;
	void (*restart)(void *user);
	void *user;
	bool is_ending;
};

enum certificate_verdict certificates_verdict_of(const struct entry *e, gint64 now_s);

/** To the log, if it is something new. */
void certificates_say(struct entry *e, gint64 now_s);
