/* SPDX-License-Identifier: Apache-2.0 */
/* Which routes are there? */
#include "roles/api/routes.h"

#include "roles/api/api.h"

const struct route routes[] = {
#define X(NAME, METHOD, path_, access_, success_, summary_)                                        \
	{ .name = #NAME,                                                                           \
	  .method = METHOD_##METHOD,                                                               \
	  .path = (path_),                                                                         \
	  .access = access_,                                                                       \
	  .success = (success_),                                                                   \
	  .summary = (summary_),                                                                   \
	  .operation = &operation_##NAME },
	ROUTES(X)
#undef X
		{ .name = NULL },
};
