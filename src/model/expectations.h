/* SPDX-License-Identifier: Apache-2.0 */
/** What the owner of a domain expects to be seen of it: plain data, which the checks expect.* judge. */
#ifndef DSS_MODEL_EXPECTATIONS_H
#define DSS_MODEL_EXPECTATIONS_H

#include "base/desc.h"

enum {
	EXPECTED_ITEMS = 100, /**< of each list */
	EXPECTED_RECORD_BYTES = 1024
};

/** What is empty is not expected of: nothing is judged by it. */
struct expectations {
	struct str *issuers; /**< of certificates, as CAA names them: "letsencrypt.org" */
	size_t issuer_count;
	struct str *name_servers; /**< hosts, or domains that they stand in */
	size_t name_server_count;
	struct str
		mail_provider; /**< a domain that the mail hosts stand in; "none": takes no mail */
	struct str *records;   /**< that must be there (formats/dns/wanted.h) */
	size_t record_count;
	struct str
		*ports; /**< that may answer, of those that tools try: "443", as tools write it */
	size_t port_count;
	/** When the registration ends, where the registry gives no date; 0: not said. */
	int64_t registration_us;
};

extern const struct desc expectations_desc;

bool expectations_are_empty(const struct expectations *expected);
/** What `more` expects besides, in the lists that *expected leaves empty. */
void expectations_fill(struct expectations *expected, const struct expectations *more);

#endif
