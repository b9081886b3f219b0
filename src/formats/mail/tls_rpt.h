/* SPDX-License-Identifier: Apache-2.0 */
/** TLS reporting records (RFC 8460 section 3): TXT at _smtp._tls.domain. Pure. */
#ifndef DSS_FORMATS_MAIL_TLS_RPT_H
#define DSS_FORMATS_MAIL_TLS_RPT_H

#include "formats/dns/message.h"
#include "formats/mail/uri.h"

struct tls_rpt_record {
	struct str text;
	struct mail_uri *rua; /**< each with its problem, if any */
	size_t rua_count;
	unsigned rua_valid;
};

/**
 * The record among TXT records; those that do not start with "v=TLSRPTv1;" do not count. 0; -ENOMSG:
 * none; -EEXIST: several, which senders treat as none; -EBADMSG: err says what is broken.
 */
int tls_rpt_select(struct arena *a, const struct dns_answer *txt, struct tls_rpt_record *ret,
		   struct err *err) MUST_USE;
int tls_rpt_parse(struct arena *a, struct str text, struct tls_rpt_record *ret,
		  struct err *err) MUST_USE;

#endif
