/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The routes, one line each. A new one: its line here, and its operation (operation_NAME) in the file
 * of its resource. The order is that of the reference; a literal path stands before one that has a
 * parameter in its place.
 */
#ifndef DSS_ROLES_API_ROUTES_H
#define DSS_ROLES_API_ROUTES_H

#include "roles/api/route.h"

/* X(NAME, METHOD, "path", ACCESS, success, "summary") */
#define ROUTES(X)                                                                                  \
	X(checks_list, GET, API_BASE "/checks", ACCESS_PUBLIC, 200, "What is checked")             \
	X(checks_get, GET, API_BASE "/checks/{id}", ACCESS_PUBLIC, 200,                            \
	  "One check: what passes, why, how to mend it")                                           \
	X(healthz, GET, "/healthz", ACCESS_PUBLIC, 200, "Does the process answer?")                \
	X(readyz, GET, "/readyz", ACCESS_PUBLIC, 200, "Can it do its work?")                       \
	X(metrics, GET, "/metrics", ACCESS_PUBLIC, 200, "Counters for Prometheus")                 \
	X(openapi, GET, "/openapi.json", ACCESS_PUBLIC, 200, "This API as OpenAPI 3.1")            \
	X(docs, GET, "/docs", ACCESS_PUBLIC, 200, "This API as a page to read")                    \
	X(docs_style, GET, "/docs/style.css", ACCESS_PUBLIC, 200, "How that page looks")

#define X(NAME, ...) extern const struct operation operation_##NAME;
ROUTES(X)
#undef X

#endif
