/* SPDX-License-Identifier: Apache-2.0 */
/** What the registry says of a domain (RFC 9083, RFC 3912): by RDAP, else by WHOIS. */
#ifndef DSS_CHECKS_DERIVED_REGISTRATION_OF_H
#define DSS_CHECKS_DERIVED_REGISTRATION_OF_H

#include "checks/derived.h"

struct registration_of {
	const struct registration *registration; /**< NULL: the registry has a server for neither */
	bool is_by_whois;
};

#endif
