/* SPDX-License-Identifier: MIT */
#include "can/can_manners.h"

#include <stdarg.h>

static const char *profile_name(int profile)
{
	static const char *const names[] = {
		"disabled", "VE.Can", "VE.Can and CAN-bus BMS", "CAN-bus BMS", "Oceanvolt",
		"up, no services, 250 kbit/s", "RV-C", "CAN-bus BMS HV",
		"up, no services, 500 kbit/s", "VE.Can and CANopen drive", "CANopen drive",
	};

	return profile >= 0 && (size_t) profile < G_N_ELEMENTS(names) ? names[profile] : "another one";
}

static G_GNUC_PRINTF(3, 4) void decide(struct can_judgement *j, enum can_verdict verdict,
				       const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_vsnprintf(j->why, sizeof(j->why), format, arguments);
	va_end(arguments);
	j->verdict = verdict;
}

/* The profile under which a guest has the port at its bit rate. */
static int free_profile(unsigned bit_rate)
{
	return bit_rate == 250000   ? CAN_PROFILE_FREE_250
	       : bit_rate == 500000 ? CAN_PROFILE_FREE_500
				    : CAN_PROFILE_DISABLED;
}

static bool is_free(const struct can_port_facts *f)
{
	return f->profile == CAN_PROFILE_DISABLED || f->profile == free_profile(f->bit_rate);
}

bool can_manners_may_take(const struct can_port_facts *f)
{
	return f->profile >= 0 && !is_free(f) && (f->is_usb || f->take_port);
}

static void ask(const struct can_port_facts *f, struct can_judgement *j)
{
	const int first = free_profile(f->bit_rate);
	const bool is_first =
		!f->was_refused && !f->is_fixed && first != CAN_PROFILE_DISABLED;

	if (f->was_refused_disabled) {
		decide(j, CAN_REFUSE,
		       "%s keeps the profile %d (%s) although another was asked for; set "
		       "/Settings/Canbus/%s/Profile to %d or 0",
		       f->interface, f->profile, profile_name(f->profile), f->interface, first);
		return;
	}
	j->profile = is_first ? first : CAN_PROFILE_DISABLED;
	decide(j, CAN_ASK, "%s has the profile %d (%s): asking for %d (%s)", f->interface,
	       f->profile, profile_name(f->profile), j->profile, profile_name(j->profile));
}

void can_manners_judge(const struct can_port_facts *f, struct can_judgement *j)
{
	*j = (struct can_judgement){ .verdict = CAN_USE, .profile = f->profile };
	if (f->profile < 0)
		decide(j, CAN_WAIT,
		       "waiting for the GX to say whose port %s is (/Settings/Canbus/%s/Profile)",
		       f->interface, f->interface);
	else if (!is_free(f) && !can_manners_may_take(f))
		decide(j, CAN_REFUSE,
		       "%s belongs to the GX, profile %d (%s): use a USB adapter, or set "
		       "\"take_port\": true if nothing else is on this port",
		       f->interface, f->profile, profile_name(f->profile));
	else if (!is_free(f) && f->has_neighbours)
		decide(j, CAN_REFUSE,
		       "VE.Can devices answer on %s: taken from the GX, they would vanish from the "
		       "system; use another port",
		       f->interface);
	else if (!is_free(f))
		ask(f, j);
	else if (f->service)
		decide(j, CAN_WAIT, "waiting for %s to leave %s", f->service, f->interface);
}
