/* SPDX-License-Identifier: Apache-2.0 */
/** What a person sets about a rule: checked, and written as JSON. For the files of app/. */
#ifndef DSS_APP_RULE_FIELDS_H
#define DSS_APP_RULE_FIELDS_H

#include "app/rule.h"

/** A rule of which nothing was said yet. */
struct rule_row rule_blank(int64_t workspace);
/** Puts what is given into *row, checked, but the channels. Wrong fields are added to *problem; then
 * -EINVAL. */
int rule_fields_read(struct arena *a, const struct rule_input *input, struct rule_row *row,
		     struct problem *problem) MUST_USE;
/** The channels that are given, looked up. -EINVAL with *problem. */
int rule_channels_read(struct store_tx *tx, const struct rule_input *input, struct rule_row *row,
		       struct problem *problem, struct err *err) MUST_USE;
/** The row as the audit trail keeps it. */
struct str rule_json(struct arena *a, const struct rule_row *row);

#endif
