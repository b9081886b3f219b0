/* SPDX-License-Identifier: Apache-2.0 */
/** Requests with an Idempotency-Key: the answer to the first is given again to its repeats. */
#ifndef DSS_ROLES_API_IDEMPOTENT_H
#define DSS_ROLES_API_IDEMPOTENT_H

#include "app/idempotency.h"
#include "roles/api/request.h"

/** Answers when the key was used before: as then, or 422 when it was for another request. */
int idempotent_replay(struct request *r);

/** The answer to keep: response and location in the arena (app/idempotency.h). */
typedef void idempotent_answer(void *request, struct arena *a, const void *made, bool is_new,
			       struct idempotency_row *ret);
/** Before the app does the work: its transaction keeps the key and the answer. */
void idempotent_begin(struct request *r, idempotent_answer *answer);

#endif
