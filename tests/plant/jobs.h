/* SPDX-License-Identifier: MIT */
/*
 * jobs - runs of the plant spread over all cores
 *
 * Each worker is a process; the results lie in memory that they share.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "plant/figures.h"
#include "plant/law.h"
#include "plant/scenario.h"

struct job {
	const struct law *law;
	const struct scenario *scenario;
	unsigned seed;
	bool is_done;
	struct figures figures;
};

/** @count jobs, all zero, in memory that processes share. Never NULL: exits without memory. */
struct job *jobs_new(size_t count);
void jobs_free(struct job *jobs, size_t count);

/**
 * Run them all in @workers processes (0 = one for each core), with progress on
 * stderr if @is_loud. False if a worker died: some job is not done then.
 */
bool jobs_run(struct job *jobs, size_t count, unsigned workers, bool is_loud);
