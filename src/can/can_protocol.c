/* SPDX-License-Identifier: MIT */
#include "can/can_protocol.h"

#include <string.h>

#include "can/families.h"

/* Bit rates, gaps and ranges: the documents that the family_*.c files name. */
#define BMS_RATE	.bit_rate = 500000
#define PYLON_OPTIONS	"manufacturer soc_cap soc_clamp zero_as_100ma force_charge_1 force_charge_2"
#define VICTRON_OPTIONS "manufacturer soc_cap"
#define SMA_RULES                                                                                  \
	.has_unknown_codes = true, .holds_alarms = true, .min_gap_ms = 200,                        \
	.cvl_range = { 41, 63 }, .dvl_range = { 41, 48 }

/* clang-format off */
static const struct can_protocol protocols[] = {
	{ CAN_VICTRON, "victron", BMS_RATE, .frames = victron_frames,
	  .inverters = "Victron GX, CAN-bus BMS profile",
	  .option_names = VICTRON_OPTIONS " no_keep_alive", .expects_keep_alive = true,
	  .manufacturer = "TinyBMS s516" },
	{ CAN_PYLONTECH, "pylontech", BMS_RATE, .frames = pylontech_frames,
	  .inverters = "Pylontech LV 1.2: Deye \"Lithium 00\", Growatt L52, MidNite, many others",
	  .option_names = PYLON_OPTIONS, .manufacturer = "PYLON" },
	{ CAN_PYLONTECH_EXT, "pylontech-ext", BMS_RATE, .frames = pylontech_ext_frames,
	  .inverters = "Pylontech extended: Solis, Studer, SRNE, Schneider XW Pro",
	  .option_names = PYLON_OPTIONS, .manufacturer = "PYLON" },
	/* Deye lets 0x305 pause every two hours and around midnight */
	{ CAN_DEYE, "deye", BMS_RATE, .frames = pylontech_frames,
	  .inverters = "Deye, Sunsynk",
	  .option_names = PYLON_OPTIONS, .manufacturer = "PYLON" },
	{ CAN_SOL_ARK, "sol-ark", BMS_RATE, .frames = sol_ark_frames,
	  .inverters = "Sol-Ark V1.3",
	  .option_names = PYLON_OPTIONS " fine_voltage invert_current no_keep_alive",
	  .expects_keep_alive = true,
	  .manufacturer = "PYLON" },
	{ CAN_LUXPOWER, "luxpower", BMS_RATE, .frames = luxpower_frames,
	  .inverters = "LuxPower, EG4 \"Lithium 6\"",
	  .option_names = PYLON_OPTIONS " no_keep_alive", .expects_keep_alive = true,
	  .manufacturer = "PYLON" },
	{ CAN_SMA, "sma", BMS_RATE, .frames = sma_frames,
	  .inverters = "SMA Sunny Island",
	  .option_names = VICTRON_OPTIONS " no_keep_alive", SMA_RULES,
	  .expects_keep_alive = true, .manufacturer = "TinyBMS" },
	{ CAN_MG, "mg", BMS_RATE, .frames = mg_frames,
	  .inverters = "MG Master LV, and inverters that read it",
	  .option_names = VICTRON_OPTIONS, .has_unknown_codes = true, .holds_alarms = true,
	  .min_gap_ms = 200, .manufacturer = "MG-BMS" },
	{ CAN_BYD, "byd", BMS_RATE, .frames = byd_frames,
	  .inverters = "BYD Battery-Box Premium LV: Victron, SMA, GoodWe",
	  .option_names = VICTRON_OPTIONS, .manufacturer = "BYD" },
	{ CAN_GOODWE, "goodwe", BMS_RATE, .frames = pylontech_ext_frames,
	  .inverters = "GoodWe LV",
	  .option_names = PYLON_OPTIONS " sma_set", .manufacturer = "GOODWE" },
	/* it asks once a second; one that asks a thousand times is answered ten times */
	{ CAN_GROWATT, "growatt", BMS_RATE, .frames = growatt_frames, .big_endian = true,
	  .inverters = "Growatt LV V1.04 (answers its 0x301)",
	  .option_names = "manufacturer soc_cap force_charge_1 force_charge_2 zero_as_100ma "
			  "no_keep_alive",
	  .is_solicited = true, .min_gap_ms = 100, .expects_keep_alive = true, .manufacturer = "TinyBMS" },
	{ CAN_SCHNEIDER, "schneider", BMS_RATE, .frames = schneider_frames, .big_endian = true,
	  .inverters = "Schneider XW, 29-bit",
	  .option_names = "soc_cap force_charge_1 invert_current no_keep_alive",
	  .expects_keep_alive = true, .manufacturer = "TinyBMS" },
	{ CAN_SOFAR, "sofar", BMS_RATE, .frames = pylontech_frames,
	  .inverters = "Sofar LV",
	  .option_names = PYLON_OPTIONS, .manufacturer = "PYLON",
	  .zero_as_100ma = true, .soc_cap_pct = 99 },
	{ CAN_NMEA2000, "nmea2000", .bit_rate = 250000,
	  .inverters = "VE.Can and NMEA 2000 displays: no limits, information only",
	  .option_names = "instance manufacturer_code product_code address",
	  .manufacturer = "TinyBMS s516" },
};
/* clang-format on */

G_STATIC_ASSERT(G_N_ELEMENTS(protocols) == CAN_FAMILY_COUNT);

const struct can_protocol *can_protocol_find(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(protocols); i++)
		if (!strcmp(protocols[i].name, name))
			return &protocols[i];
	return NULL;
}

const struct can_protocol *can_protocol_get(enum can_family family)
{
	return &protocols[family];
}

static const struct can_protocol sol_ark_fine = {
	CAN_SOL_ARK,
	"sol-ark",
	BMS_RATE,
	.frames = sol_ark_fine_frames,
	.expects_keep_alive = true,
	.manufacturer = "PYLON",
};

/* GoodWe's own document has SMA's set, with versions of its own in 0x35F. */
static const struct can_protocol goodwe_sma = {
	CAN_GOODWE, "goodwe",
	BMS_RATE,   .frames = goodwe_sma_frames,
	SMA_RULES,  .manufacturer = "GOODWE",
};

const struct can_protocol *can_protocol_variant(const struct can_protocol *p,
						const struct can_options *options)
{
	if (p->family == CAN_GOODWE && options->sma_set)
		return &goodwe_sma;
	if (p->family == CAN_SOL_ARK && options->fine_voltage)
		return &sol_ark_fine;
	return p;
}

void can_protocol_defaults(const struct can_protocol *p, struct can_options *options)
{
	*options = (struct can_options){
		.zero_as_100ma = p->zero_as_100ma,
		.spacing_ms = 5,
		.soc_cap_pct = p->soc_cap_pct > 0.0 ? p->soc_cap_pct : 100.0,
		/* 2046: no maker's; product codes are the maker's own; 0x50 as MG's batteries */
		.manufacturer_code = 2046,
		.product_code = 516,
		.preferred_address = 0x50,
	};
	g_strlcpy(options->manufacturer, p->manufacturer, sizeof(options->manufacturer));
}

size_t can_protocol_encode(const struct can_protocol *p, const struct can_values *values,
			   uint32_t mask, struct can_frame *frames)
{
	const struct can_layout *const *next = p->frames;
	size_t count = 0;

	for (; next && *next; next++, mask >>= 1)
		if (mask & 1 && can_layout_is_present(*next, values))
			can_layout_encode(*next, values, p->big_endian, &frames[count++]);
	return count;
}

static bool obeys(const struct can_range *range, double value_v)
{
	const double step_v = 0.1; /* of the field */

	return !(range->max_v > 0.0) ||
	       (value_v >= range->min_v && value_v < range->max_v + step_v);
}

const char *can_protocol_objection(const struct can_protocol *p, const struct can_values *values)
{
	const bool obeys_cvl = obeys(&p->cvl_range, values->number[CAN_CVL_V]);
	const bool obeys_dvl = obeys(&p->dvl_range, values->number[CAN_DVL_V]);

	if (!obeys_cvl)
		return "the inverter ignores a charge voltage limit outside 41 to 63 V";
	return obeys_dvl ? "" : "the inverter ignores a discharge voltage limit outside 41 to 48 V";
}

const struct can_layout *can_protocol_layout(const struct can_protocol *p, canid_t id)
{
	for (unsigned i = 0; p->frames && p->frames[i]; i++)
		if (p->frames[i]->id == id)
			return p->frames[i];
	return NULL;
}
