/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Templates of URLs, header values and bodies: "{word}" stands for a value, "{{" for "{". In URLs each value is
 * one component: all but the unreserved characters (RFC 3986 section 2.3) is percent-encoded, so that no value
 * can add a path, a query or a host; and "[part]" is left out when a word in it is empty. Pure.
 */
#ifndef DSS_FORMATS_WEB_TEMPLATE_H
#define DSS_FORMATS_WEB_TEMPLATE_H

#include "base/err.h"
#include "base/str.h"

enum template_form {
	TEMPLATE_URL,    /**< percent-encoded, with [parts] */
	TEMPLATE_HEADER, /**< as it is; controls are refused */
	TEMPLATE_JSON    /**< as the inside of a JSON string */
};

struct template_word {
	const char *name;
	struct str value; /**< empty: not given */
};

/** 0; ERR_SYNTAX: a control in a header's value, or a word that is not among words. */
int template_fill(struct buf *out, struct str text, enum template_form form,
		  const struct template_word *words, size_t count) MUST_USE;

#endif
