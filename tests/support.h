/* SPDX-License-Identifier: MIT */
/*
 * support - what every test needs; the only file that includes cmocka
 */
#pragma once

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/** |got - want| <= tolerance; NAN equals NAN only. */
#define assert_near(got, want, tolerance)                                                          \
	do {                                                                                       \
		const double got_ = (got), want_ = (want);                                         \
		if (isnan(want_) ? !isnan(got_) : !(fabs(got_ - want_) <= (tolerance)))            \
			fail_msg("%s is %.9g, want %.9g", #got, got_, want_);                      \
	} while (0)

#define assert_contains(text, part)                                                                \
	do {                                                                                       \
		const char *text_ = (text);                                                        \
		if (!text_ || !strstr(text_, (part)))                                              \
			fail_msg("\"%s\" does not contain \"%s\"", text_ ? text_ : "(null)",       \
				 (part));                                                          \
	} while (0)
