/* SPDX-License-Identifier: Apache-2.0 */
/** What a person sets about a channel: checked, and written as JSON. For the files of app/. */
#ifndef DSS_APP_CHANNEL_FIELDS_H
#define DSS_APP_CHANNEL_FIELDS_H

#include "app/channel.h"

/** Puts what is given into *row and *secrets, checked. *ret_made: a signing secret that was made here.
 * Wrong fields are added to *problem; then -EINVAL. */
int channel_fields_read(struct arena *a, const struct channel_input *input, int64_t now_us,
			struct channel_row *row, struct channel_secrets *secrets,
			struct str *ret_made, struct problem *problem) MUST_USE;
/** The row as the audit trail keeps it. */
struct str channel_json(struct arena *a, const struct channel_row *row);

#endif
