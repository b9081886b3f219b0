/* SPDX-License-Identifier: Apache-2.0 */
/** Profiles by name: how much a scan asks. What each asks and how long it takes: scan/profile.h. */
#ifndef DSS_MODEL_PROFILE_H
#define DSS_MODEL_PROFILE_H

#include "base/str.h"

enum profile_number {
	PROFILE_STANDARD, /**< all that is built and needs no consent */
	PROFILE_DNS,
	PROFILE_MAIL,
	PROFILE_QUICK,
	PROFILE_PASSIVE,
	PROFILE_DEEP,
	PROFILE_COUNT
};

/** By number; ends with NULL. */
extern const char *const profile_words[];
/** Empty for a number that is none. */
struct str profile_word(int number);
/** enum profile_number, or -1: there is no such profile. */
int profile_number(struct str word) MUST_USE;

#endif
