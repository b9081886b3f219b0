/* SPDX-License-Identifier: Apache-2.0 */
/** What a person sets about a schedule: checked, and written as JSON. For the files of app/. */
#ifndef DSS_APP_SCHEDULE_FIELDS_H
#define DSS_APP_SCHEDULE_FIELDS_H

#include "app/schedule.h"

/** Puts what is given into *row, checked. Wrong fields are added to *problem; then -EINVAL. */
int schedule_fields_read(struct arena *a, const struct schedule_input *input,
			 struct schedule_row *row, struct problem *problem) MUST_USE;
/** The plan of a row whose fields are good; -EINVAL with *problem: its zone is not here, or no tick
 * ever fires. */
int schedule_plan(struct arena *a, const struct schedule_row *row, struct plan *ret,
		  struct problem *problem) MUST_USE;
/** Does the input say something about the times of a row? */
bool schedule_times_differ(const struct schedule_row *before, const struct schedule_row *after);
/** The row as the audit trail keeps it. */
struct str schedule_json(struct arena *a, const struct schedule_row *row);

#endif
