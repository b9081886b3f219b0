/* SPDX-License-Identifier: Apache-2.0 */
/** Fields that are text: bounded, UTF-8, without controls. Each adds what is wrong to *problem. */
#ifndef DSS_APP_TEXT_H
#define DSS_APP_TEXT_H

#include "app/app.h"

enum text_kind {
	TEXT_LINE, /**< no control characters */
	TEXT_LINES /**< line feeds and tabs besides */
};

/** Without blanks at both ends; a view into text. "too-long", "utf-8", "control". */
int text_read(struct str text, size_t max_bytes, enum text_kind kind, struct str pointer,
	      struct str *ret, struct problem *problem) MUST_USE;
/** A tag in its stored form (app/domain.h). "tag". */
int tag_read(struct arena *a, struct str text, struct str pointer, struct str *ret,
	     struct problem *problem) MUST_USE;
/** One of the words (NULL-terminated) by number. "enum", with the nearest word. */
int word_read(struct str text, const char *const *words, struct str pointer, int *ret,
	      struct problem *problem) MUST_USE;
/** A short name for one of our objects: a letter or digit, then also - _ . and single blanks, or any
 * letters that are not ASCII. "name". */
int label_read(struct str text, size_t max_bytes, struct str pointer, struct str *ret,
	       struct problem *problem) MUST_USE;
/** A member of an object that is text. */
struct text_member {
	const char *key;
	struct str text;
};
struct json;
/** Those that are not empty, into an object that is open. */
void text_members_put(struct json *w, const struct text_member *members, size_t count);
/** One that mail can be sent to: atoms and dots, one @, a host name with a dot; ASCII, 254 octets at most
 * (RFC 5321 section 4.1.2, without quoting). */
bool address_looks_good(struct str address);

#endif
