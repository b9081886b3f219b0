/* SPDX-License-Identifier: Apache-2.0 */
/** The policy that --policy names. */
#ifndef DSS_CLI_POLICY_FILE_H
#define DSS_CLI_POLICY_FILE_H

#include "cli/command.h"
#include "model/policy.h"

/** Of --policy, in the call's arena; nothing when it was not given. Returns EXIT_DONE, or EXIT_USAGE when it
 * has said what is wrong, and where. */
int policy_file_read(const struct call *call, struct check_policy *ret);
/** The same of a file that is named otherwise, with the JSON of it: what the API takes. */
int policy_file_json(const struct call *call, struct str path, struct str *ret);
/** All of a file, at most `most` octets; "-" is standard input. */
int policy_bytes(const struct call *call, struct str path, size_t most, struct str *ret,
		 struct err *err) MUST_USE;

#endif
