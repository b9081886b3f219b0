/* SPDX-License-Identifier: Apache-2.0 */
/** Who may call a route: a column of the table of routes. */
#ifndef DSS_ROLES_API_ACCESS_H
#define DSS_ROLES_API_ACCESS_H

#include "base/attr.h"

struct access {
	bool is_public; /**< without any identity */
};

#define ACCESS_PUBLIC                                                                              \
	{                                                                                          \
		.is_public = true                                                                  \
	}

#endif
