/* SPDX-License-Identifier: Apache-2.0 */
/** BIMI assertion records (draft-brand-indicators-for-message-identification section 4.2): TXT at
 * selector._bimi.domain. Pure. */
#ifndef DSS_FORMATS_MAIL_BIMI_H
#define DSS_FORMATS_MAIL_BIMI_H

#include "formats/dns/message.h"

struct bimi_record {
	struct str text;
	struct str logo;       /**< l=: https URL of an SVG; may be empty */
	struct str evidence;   /**< a=: https URL of a mark certificate; may be empty */
	struct str preference; /**< avp=: "brand" (the default) or "personal" */
	bool has_evidence_tag;
	bool is_declined; /**< l= and a= are empty: the domain shows no mark */
};

/** 0; -ENOMSG: no record starts with v=BIMI1; -EEXIST: several; -EBADMSG: err says what is broken.
 */
int bimi_select(struct arena *a, const struct dns_answer *txt, struct bimi_record *ret,
		struct err *err) MUST_USE;
int bimi_parse(struct arena *a, struct str text, struct bimi_record *ret, struct err *err) MUST_USE;

#endif
