/* SPDX-License-Identifier: MIT */
/*
 * job_text - how a job ended, as a sentence
 *
 * Pure.
 */
#pragma once

#include "tinybms/job.h"

/** Of a job that has ended: what happened, and what became of what was sent. The caller's. */
char *job_text(const struct job *job);
