/* SPDX-License-Identifier: MIT */
/*
 * config_keys - the parts of the configuration table, each beside its owner
 *
 * Pure data.
 */
#pragma once

#include <stddef.h>

#include "config.h"

/** Rows of the service itself: port, identity, polling. */
const struct config_key *config_service_keys(size_t *count);

/** Rows of the charge controller and its alarms; source of their numbers is config_charge.c. */
const struct config_key *config_charge_keys(size_t *count);
