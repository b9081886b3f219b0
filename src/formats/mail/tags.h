/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Lists of name=value tags between semicolons, as DKIM keys (RFC 6376 section 3.2), DMARC (RFC 9989
 * section 4.7), BIMI, TLS-RPT (RFC 8460 section 3) and MTA-STS (RFC 8461 section 3.1) records have
 * them. Reading never fails: what does not follow the grammar is kept with its problem, since the
 * standards differ in what a receiver does then. Views point into the text.
 */
#ifndef DSS_FORMATS_MAIL_TAGS_H
#define DSS_FORMATS_MAIL_TAGS_H

#include "base/err.h"
#include "formats/dns/message.h"

enum { TAGS_MAX = 128 };

enum tag_problem {
	TAG_OK,
	TAG_EMPTY,     /**< nothing between two semicolons */
	TAG_NO_EQUALS, /**< no "=" */
	TAG_BAD_NAME,  /**< a name is a letter, then letters, digits and underscores */
	TAG_BAD_VALUE, /**< a control or an octet above 126 in the value */
	TAG_DUPLICATE, /**< the name came before: RFC 6376 section 3.2 forbids it */
	TAG_TOO_MANY   /**< more than TAGS_MAX: the rest was not read */
};

struct tag {
	struct str name, value; /**< without the blanks around them */
	size_t offset;          /**< of the name in the text, 0 is the first octet */
	bool has_blanks;        /**< beside "=" */
	uint8_t problem;        /**< enum tag_problem */
};

struct tag_list {
	const struct tag *tags; /**< in order; an empty last one is not listed */
	size_t count;
	const struct tag *first_problem; /**< NULL when all follow the grammar */
};

void tags_read(struct arena *a, struct str text, struct tag_list *ret);
/** The first tag with this name (any letter case) and without a problem, or NULL. */
const struct tag *tags_find(const struct tag_list *list, struct str name);
/** "\"x\" at offset 12: came before", for err; returns -EBADMSG. */
int tag_error(const struct tag *tag, struct err *err);
const char *tag_problem_text(enum tag_problem problem);
/** Copy without blanks: base64 and lists may be folded. */
struct str str_without_blanks(struct arena *a, struct str s);

/**
 * Does the first tag say this version ("v" and, letter case counts, e.g. "DMARC1"; blanks may stand
 * around "=")? What follows it is the end or a semicolon.
 */
bool tags_have_version(struct str text, struct str version);
/** The one TXT record of this version; -ENOMSG: none has it; -EEXIST: several have. */
int tags_select(const struct dns_answer *txt, const char *version, struct str *ret,
		struct err *err) MUST_USE;

#endif
