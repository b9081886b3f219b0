/* SPDX-License-Identifier: Apache-2.0 */
/** The zone that holds a name, and its parent zone (RFC 1034 section 4.2). */
#ifndef DSS_CHECKS_DERIVED_ZONE_H
#define DSS_CHECKS_DERIVED_ZONE_H

#include "checks/derived.h"

struct zone {
	struct str apex;   /**< "example.com" for "www.example.com" */
	struct str parent; /**< apex of the parent zone; no data for the root */
	bool is_apex;      /**< the name itself is the apex */
	bool is_missing;   /**< the name does not exist (NXDOMAIN); parent is not looked for then */
	/** FAILURE_NONE; else what the resolver said of the name's SOA (SERVFAIL, bogus, time-out): then
	 * apex is the name below the nearest ancestor that answers. */
	enum failure failure;
};

#endif
