/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The DMARC tree walk (RFC 9989 section 4.10): the record that receivers apply to a name, and the
 * organisational domain. At most eight queries, whatever the length of the name.
 */
#ifndef DSS_CHECKS_DERIVED_DMARC_WALK_H
#define DSS_CHECKS_DERIVED_DMARC_WALK_H

#include "checks/derived.h"
#include "formats/mail/dmarc.h"

enum { DMARC_WALK_QUERIES = 8 };

struct dmarc_step {
	struct str domain;            /**< asked at _dmarc.domain */
	struct str name;              /**< "_dmarc.example.com" */
	bool is_known;                /**< the answer is here; otherwise a gap was noted */
	bool has_record, has_several; /**< several are all discarded */
	const struct dns_answer *answer;
	struct dmarc_record record; /**< with has_record */
};

struct dmarc_walk {
	struct dmarc_step steps[DMARC_WALK_QUERIES]; /**< the name itself first, then upwards */
	size_t count;
	/** The step whose record is applied to mail from the name; NULL: none was found. */
	const struct dmarc_step *applied;
	struct str organization; /**< organisational domain, section 4.10.2 */
	/** What receivers are asked to do with failing mail from the name itself (sp where it is inherited),
	 * before t=y weakens it; DMARC_ABSENT without a record. */
	enum dmarc_policy policy;
	bool is_partial; /**< a step is not known: applied may be another */
};

/** What the record asks for after t=y: reject becomes quarantine, quarantine none (section 4.7). */
enum dmarc_policy dmarc_policy_enforced(const struct dmarc_walk *walk);

#endif
