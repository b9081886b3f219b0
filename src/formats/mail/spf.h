/* SPDX-License-Identifier: Apache-2.0 */
/**
 * One SPF record (RFC 7208 sections 4.5, 4.6, 5, 6 and 12): picked among TXT records and parsed
 * term by term. Views point into the TXT text, which must outlive the record. Pure.
 *
 * A record that does not parse is an error as a whole for receivers (section 4.6: permerror), and
 * so it is here; err names the term and its offset. What parses but is unwise (terms behind "all",
 * "ptr") is in the struct for checks to judge.
 */
#ifndef DSS_FORMATS_MAIL_SPF_H
#define DSS_FORMATS_MAIL_SPF_H

#include "formats/dns/message.h"

enum spf_kind {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
	SPF_REDIRECT, /**< modifiers from here on */
	SPF_EXP,
	SPF_OTHER_MODIFIER /**< unknown name: to be ignored (section 6) */
};

enum {
	SPF_LOOKUPS = 10, /**< terms that cost DNS lookups (section 4.6.4) */
	SPF_VOIDS = 2,    /**< lookups without an answer (section 4.6.4) */
	SPF_NAMES = 10,   /**< MX and PTR names (section 4.6.4) */
	SPF_RECORD_BYTES = 65535,
	SPF_TERMS = 4096 /**< ours: what a record may hold */
};

struct spf_term {
	uint8_t kind;       /**< enum spf_kind */
	char qualifier;     /**< '+', '-', '~', '?'; 0 for modifiers */
	bool has_qualifier; /**< it was written, not implied */
	bool has_macros;    /**< its domain-spec holds a macro that expands (not %%, %_, %-) */
	bool needs_sender;  /**< one of its macros depends on the sender or the client: not %{d} */
	struct str text;    /**< the term as written */
	size_t offset;      /**< of the term in the record */
	struct str domain;  /**< domain-spec as written; empty: the current domain */
	struct str name;    /**< of a modifier */
	struct network network;   /**< SPF_IP4, SPF_IP6; host bits are cleared */
	bool has_host_bits;       /**< the network was written with host bits set */
	uint8_t prefix4, prefix6; /**< SPF_A, SPF_MX: 32 and 128 unless given */
};

struct spf_record {
	struct str text;
	const struct spf_term *terms; /**< in record order */
	size_t count;
	char all;            /**< qualifier of the first "all": '+' '-' '~' '?', 0 when absent */
	unsigned lookups;    /**< terms that receivers may have to look up, this record alone */
	unsigned dead_terms; /**< mechanisms behind "all": never tested (section 5.1) */
	const struct spf_term *redirect; /**< NULL when absent; ignored by receivers beside "all" */
	const struct spf_term *exp;
	bool has_ptr;
	bool has_unknown_modifier;
	bool has_duplicate; /**< two mechanisms are equal, letter case aside */
};

/**
 * Pick and parse the one SPF record among a domain's TXT records.
 *
 * @a    owns ret->terms
 * @txt  the answer to (domain, TXT)
 * Returns 0; -ENOMSG: no record; -EEXIST: more than one (section 4.5); -EBADMSG: a broken term,
 * which err names with its offset (1 is the record's first octet).
 */
int spf_select(struct arena *a, const struct dns_answer *txt, struct spf_record *ret,
	       struct err *err) MUST_USE;

/** Is this TXT text an SPF record (section 4.5: "v=spf1", then a space or the end)? */
bool spf_is_record(struct str text);

/** Parse one record; text starts with "v=spf1". 0 or -EBADMSG. */
int spf_parse(struct arena *a, struct str text, struct spf_record *ret, struct err *err) MUST_USE;

/** Does the term cost one of the ten lookups (section 4.6.4)? */
bool spf_term_costs_lookup(const struct spf_term *term);

#endif
