/* SPDX-License-Identifier: Apache-2.0 */
/** Who may call a route: a column of the table of routes. */
#ifndef DSS_ROLES_API_ACCESS_H
#define DSS_ROLES_API_ACCESS_H

#include "model/access.h"

struct access {
	bool is_public;   /**< without any identity */
	bool is_personal; /**< only for people with a session */
	uint32_t scope;   /**< enum scope; 0: any identity */
};

#define ACCESS_PUBLIC                                                                              \
	{                                                                                          \
		.is_public = true                                                                  \
	}
#define ACCESS_PERSONAL                                                                            \
	{                                                                                          \
		.is_personal = true                                                                \
	}
#define ACCESS_ANY                                                                                 \
	{                                                                                          \
		.scope = 0                                                                         \
	}
#define ACCESS(NAME)                                                                               \
	{                                                                                          \
		.scope = SCOPE_##NAME                                                              \
	}

#endif
