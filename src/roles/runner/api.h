/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Runs of APIs. Several wait at a time, for a provider's turn or its answer, and take none of the tools'
 * places. The request is the definition's, with percent-encoded values; the key stands where {key} does, and
 * is blotted out of what comes back. No redirect is followed.
 */
#ifndef DSS_ROLES_RUNNER_API_H
#define DSS_ROLES_RUNNER_API_H

#include "roles/runner/runner.h"

extern const struct executor api_executor;

/** Once, before rights are given up: certificates of authorities are read (empty: the system's). */
int apis_prepare(struct runner_role *role, struct str ca_file, struct err *err) MUST_USE;
/** At the runner's end, after its runs were cancelled. */
void apis_close(struct runner_role *role);

#endif
