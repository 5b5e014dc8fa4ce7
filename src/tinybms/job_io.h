/* SPDX-License-Identifier: MIT */
/*
 * job_io - a job's transactions on a serial port
 *
 * I/O.
 */
#pragma once

#include "clock.h"
#include "tinybms/job.h"
#include "tinybms/port.h"

/** One transaction. false: the port has gone; the job goes on when there is another. */
bool job_turn(struct job *job, struct port *port, const struct clock *clock,
	      GError **error) G_GNUC_WARN_UNUSED_RESULT;
