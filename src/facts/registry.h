/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Questions to registries: by RDAP (rdap) and by WHOIS (whois). The answer has one shape
 * (formats/registry/registration.h). That the registry knows no such object is an answer, too.
 */
#ifndef DSS_FACTS_REGISTRY_H
#define DSS_FACTS_REGISTRY_H

#include "formats/registry/registration.h"

enum rdap_flag { RDAP_AS_NAMESERVER = 1 /**< the name is asked about as a name server */ };

struct rdap_question {
	struct str name; /**< a domain, an address, or "as64500" */
	uint32_t flags;  /**< enum rdap_flag */
};

struct whois_question {
	struct str name;
	struct str server; /**< host name; empty: the one that IANA names for the last label */
};

extern const struct desc rdap_question_desc, whois_question_desc, registration_desc;

#endif
