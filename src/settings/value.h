/* SPDX-License-Identifier: Apache-2.0 */
/** Checking one value by its type. */
#ifndef DSS_SETTINGS_VALUE_H
#define DSS_SETTINGS_VALUE_H

#include "settings/setting.h"

/**
 * Add text to *value, by the row's type. Lists grow; others are replaced. err holds what is wrong
 * with the text, without saying where it came from.
 */
int setting_value_add(struct arena *a, const struct setting_row *row, struct str text,
		      struct setting_value *value, struct err *err) MUST_USE;

static inline bool setting_type_is_list(enum setting_type type)
{
	return type == TYPE_WORDS || type == TYPE_CHOICES || type == TYPE_RESOLVER ||
	       type == TYPE_NETWORK;
}

#endif
