/* SPDX-License-Identifier: Apache-2.0 */
/** MTA-STS (RFC 8461): records (section 3.1), TXT at _mta-sts.domain, and policies (section 3.2), at
 * https://mta-sts.domain/.well-known/mta-sts.txt. Pure. */
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

enum {
	MTA_STS_POLICY_BYTES = 64 << 10, /**< section 3.3: what senders may stop at */
	MTA_STS_MX = 100,
	MTA_STS_MAX_AGE_S = 31557600 /**< section 3.2: about a year */
};

enum mta_sts_mode { MTA_STS_NONE, MTA_STS_TESTING, MTA_STS_ENFORCE };

struct mta_sts_policy {
	uint8_t mode;   /**< enum mta_sts_mode */
	struct str *mx; /**< patterns: "mail.example.com", "*.example.net"; lower case */
	size_t mx_count;
	uint32_t max_age_s;
};

/** 0; -EBADMSG: err says which line senders stumble over, or what is missing. Of a field that may stand
 * once the first counts; unknown fields are extensions. Lines end with LF or CR LF. */
int mta_sts_policy_parse(struct arena *a, struct str text, struct mta_sts_policy *ret,
			 struct err *err) MUST_USE;
/** Does a pattern of the policy cover the host (section 4.1)? A "*" is one whole label. */
bool mta_sts_covers(const struct mta_sts_policy *policy, struct str host);
/** "none" …, static. */
const char *mta_sts_mode_text(enum mta_sts_mode mode);

#endif
