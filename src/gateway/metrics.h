/* SPDX-License-Identifier: MIT */
/*
 * metrics - batteries' documents, and the gateway's certificates, as text for Prometheus
 *
 * OpenMetrics 1.0, or the older text format 0.0.4, in which counters are declared with
 * their _total. Labels: site, battery (its id); cell, sensor, alarm, interface (CAN)
 * where there are several of a kind; use, of the gateway's certificates. What is unknown, or too
 * old to act on, has no sample; of more than METRICS_BATTERIES_MAX batteries the rest is left out,
 * and of more than METRICS_CAN_OUTPUTS_MAX CAN outputs of a battery.
 *
 * Pure.
 */
#pragma once

#include <cjson/cJSON.h>
#include <glib.h>
#include <stdbool.h>

enum {
	METRICS_BATTERIES_MAX = 32,
	METRICS_CAN_OUTPUTS_MAX = 8, /**< as many as the battery's service has: can/can_config.h */
};

#define METRICS_OPENMETRICS_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"
#define METRICS_TEXT_TYPE	 "text/plain; version=0.0.4; charset=utf-8"

/** @accept: the request's header (nullable). OpenMetrics unless only text is accepted. */
bool metrics_is_openmetrics(const char *accept);

/**
 * @documents: battery_document_make(), @count of them. @site may be "". @certificates:
 * certificates_document(), NULL: none. (owned)
 */
GString *metrics_make(const cJSON *const *documents, size_t count, const char *site,
		      const cJSON *certificates, bool is_openmetrics);
