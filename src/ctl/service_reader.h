/* SPDX-License-Identifier: MIT */
/*
 * service_reader - ask a running service by its second name
 *
 * Where several batteries run, one is chosen by what its owner knows of it: the
 * last part of its second name, its port, its serial number or its device
 * instance, or the name that its owner gave it.
 *
 * I/O: D-Bus.
 */
#pragma once

#include <cjson/cJSON.h>
#include <glib.h>

#include "ctl/bus_reader.h"

struct service_reader;

/** What every command that asks a service takes. */
struct service_options {
	char *bus;     /**< (nullable) D-Bus address */
	char *battery; /**< (nullable) which one */
	char *port;    /**< (nullable) no service: straight to the BMS on this port */
	bool takes_port;
	gboolean json;
};

/**
 * NULL: no bus, no service, or more than one and none was chosen, or a port that a
 * service is on; @error is a sentence.
 */
struct service_reader *service_reader_open(const struct service_options *options,
					   GError **error) G_GNUC_WARN_UNUSED_RESULT;
void service_reader_free(struct service_reader *s);

/** The answer of @method, the caller's to delete; NULL with @error, a sentence. */
cJSON *service_reader_ask(struct service_reader *s, const char *method, const double *numbers,
			  size_t count, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Likewise for a method that takes texts and may wait for the BMS. */
cJSON *service_reader_tell(struct service_reader *s, const char *method, const char *const *texts,
			   size_t count, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** The bus that it is on; NULL: it is a port. */
struct bus_reader *service_reader_bus(struct service_reader *s);
