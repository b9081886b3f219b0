/* SPDX-License-Identifier: Apache-2.0 */
/** Requests with an Idempotency-Key: the answer to the first is given again to its repeats. */
#ifndef DSS_ROLES_API_IDEMPOTENT_H
#define DSS_ROLES_API_IDEMPOTENT_H

#include "roles/api/request.h"

/** Answers when the key was used before: as then, or 422 when it was for another request. */
int idempotent_replay(struct request *r);
/** Keeps the answer, when it is a success and there is a key. */
int idempotent_keep(struct request *r);

#endif
