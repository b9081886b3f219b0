/* SPDX-License-Identifier: Apache-2.0 */
/**
 * CAA properties (RFC 8659 section 4, RFC 8657, RFC 9495): what one record says, and whether its
 * tag and value follow the grammar. Climbing the tree is the caller's. Pure.
 */
#ifndef DSS_FORMATS_CAA_H
#define DSS_FORMATS_CAA_H

#include "formats/dns/rr.h"

enum caa_tag {
	CAA_UNKNOWN,
	CAA_ISSUE,
	CAA_ISSUEWILD,
	CAA_IODEF,
	CAA_ISSUEMAIL,    /**< RFC 9495 */
	CAA_CONTACTEMAIL, /**< CA/Browser Forum baseline requirements, appendix A.1 */
	CAA_CONTACTPHONE, /**< appendix A.2 */
	CAA_ISSUEVMC      /**< mark certificates: VMC requirements, section 4.2.2.1 */
};

enum { CAA_PARAMS = 16 };

struct caa_param {
	struct str name, value;
};

struct caa_property {
	uint8_t tag;         /**< enum caa_tag */
	struct str tag_text; /**< as written */
	bool is_critical;
	bool has_reserved_flags; /**< bits other than the critical one are set (section 4.1: ignored) */
	/** issue, issuewild, issuemail, issuevmc; lower case; empty: nobody may issue */
	struct str issuer;
	const struct caa_param *params;
	size_t param_count;
	struct str account_uri;        /**< accounturi= (RFC 8657 section 3); empty when absent */
	struct str validation_methods; /**< validationmethods= (section 4) */
	struct str contact;            /**< iodef URL, contactemail, contactphone */
	struct str contact_domain;     /**< of a mail address or https URL; may be empty */
};

/** 0; -EBADMSG: tag or value do not follow the grammar; err says where. With a broken value of an
 * issue property CAs refuse everyone (section 4.2). */
int caa_read(struct arena *a, const struct dns_rr *rr, struct caa_property *ret,
	     struct err *err) MUST_USE;
/** Does an unknown critical property stop issuance (section 4.5)? */
static inline bool caa_blocks(const struct caa_property *property)
{
	return property->is_critical && property->tag == CAA_UNKNOWN;
}

#endif
