/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Domain names as people type and paste them: any case, U-labels, a trailing dot, blanks around it,
 * a URL, a mail address, a wildcard. Pure.
 */
#ifndef DSS_FORMATS_NAMES_INPUT_H
#define DSS_FORMATS_NAMES_INPUT_H

#include "base/err.h"
#include "base/str.h"

enum { NAME_INPUT_BYTES = 2048 };

/** What was more than a name. */
enum name_input_kind {
	NAME_INPUT_PLAIN,
	NAME_INPUT_URL,      /**< with a scheme, a path, or a port */
	NAME_INPUT_MAIL,     /**< a mail address: its domain was taken */
	NAME_INPUT_WILDCARD, /**< "*.example.com": the name below the star was taken */
	NAME_INPUT_UNICODE   /**< nothing more, but U-labels */
};

struct name_input {
	struct str name; /**< in the form of formats/dns/name.h; never the root */
	uint8_t kind;    /**< enum name_input_kind; the first that applies */
	struct str note; /**< for people: "https://EXAMPLE.com/x taken as example.com"; empty when
			    only case, blanks or a trailing dot were dropped */
};

/**
 * @typed  any bytes
 * 0; ERR_SYNTAX: err says what is wrong, at which column (1 is the first character) and what to do;
 * -ENOTSUP: an IP address or network, not a name. Underscores and single labels are names.
 */
int name_input_read(struct arena *a, struct str typed, struct name_input *ret,
		    struct err *err) MUST_USE;

#endif
