/* SPDX-License-Identifier: Apache-2.0 */
/** MTA-STS records (RFC 8461 section 3.1): TXT at _mta-sts.domain. Pure. */
#ifndef DSS_FORMATS_MAIL_MTA_STS_H
#define DSS_FORMATS_MAIL_MTA_STS_H

#include "formats/dns/message.h"

struct mta_sts_record {
	struct str text;
	struct str id; /**< 1 to 32 letters and digits; changes with the policy */
};

/**
 * The record among TXT records; those that do not start with "v=STSv1;" do not count. 0; -ENOMSG:
 * none; -EEXIST: several, which senders treat as none; -EBADMSG: err says what is broken.
 */
int mta_sts_select(struct arena *a, const struct dns_answer *txt, struct mta_sts_record *ret,
		   struct err *err) MUST_USE;
int mta_sts_parse(struct arena *a, struct str text, struct mta_sts_record *ret,
		  struct err *err) MUST_USE;

#endif
