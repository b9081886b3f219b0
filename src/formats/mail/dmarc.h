/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DMARC records (RFC 9989 sections 4.7, 4.8 and 4.10): picked among the TXT records of
 * _dmarc.domain and read as receivers do, who ignore what they do not understand and keep the rest.
 * What they ignore is listed in problems. Views point into the TXT text. Pure.
 */
#ifndef DSS_FORMATS_MAIL_DMARC_H
#define DSS_FORMATS_MAIL_DMARC_H

#include "formats/dns/message.h"
#include "formats/mail/tags.h"
#include "formats/mail/uri.h"

enum dmarc_policy { DMARC_ABSENT, DMARC_NONE, DMARC_QUARANTINE, DMARC_REJECT };

struct dmarc_problem {
	struct str tag;  /**< name, or the text that is no tag */
	struct str text; /**< what is wrong */
	size_t offset;   /**< in the record, 0 is the first octet */
};

struct dmarc_record {
	struct str text;
	struct tag_list tags;
	/** As published; DMARC_ABSENT when missing or not valid. */
	uint8_t p, sp, np;
	/**
	 * Section 4.10.1: without a valid p (or with a broken sp or np) receivers act as on p=none when
	 * rua holds a valid URI (is_defaulted), and do nothing at all otherwise (is_ignored).
	 */
	bool is_defaulted, is_ignored;
	bool is_testing;      /**< t=y: receivers apply the next weaker policy */
	char psd;             /**< 'y', 'n', 'u' (the default) */
	char adkim, aspf;     /**< 'r' (the default) or 's' */
	bool fo_any;          /**< fo has 1 */
	bool fo_dkim, fo_spf; /**< fo has d, s */
	struct mail_uri *rua, *ruf;
	size_t rua_count, ruf_count;
	unsigned rua_valid, ruf_valid; /**< without a problem */
	bool has_rua, has_ruf;
	bool has_pct, has_rf, has_ri; /**< of RFC 7489, removed (section 9.3) */
	uint8_t pct;                  /**< 100 when absent or not valid */
	const struct dmarc_problem *problems;
	size_t problem_count;
};

/**
 * The record among TXT records: those that do not start with v=DMARC1 are ignored. 0; -ENOMSG:
 * none, err may name one that nearly is; -EEXIST: several, which are all discarded (section 4.10).
 */
int dmarc_select(struct arena *a, const struct dns_answer *txt, struct dmarc_record *ret,
		 struct err *err) MUST_USE;
/** Does the text start with v=DMARC1, the way receivers look for it? */
bool dmarc_is_record(struct str text);
/** Read one record that dmarc_is_record; never fails. */
void dmarc_read(struct arena *a, struct str text, struct dmarc_record *ret);
/** "none" …, static; "" for DMARC_ABSENT. */
const char *dmarc_policy_text(enum dmarc_policy policy);

#endif
