/* SPDX-License-Identifier: Apache-2.0 */
/* What are the profiles called? */
#include "model/profile.h"

#include <stddef.h>

const char *const profile_words[] = {
	[PROFILE_STANDARD] = "standard", [PROFILE_DNS] = "dns",         [PROFILE_MAIL] = "mail",
	[PROFILE_QUICK] = "quick",       [PROFILE_PASSIVE] = "passive", [PROFILE_DEEP] = "deep",
	[PROFILE_COUNT] = NULL,
};

struct str profile_word(int number)
{
	return str_of(number >= 0 && number < PROFILE_COUNT ? profile_words[number] : NULL);
}

int profile_number(struct str word)
{
	for (int number = 0; number < PROFILE_COUNT; number++)
		if (str_eq(word, str_of(profile_words[number])))
			return number;
	return -1;
}
