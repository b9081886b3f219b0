/* SPDX-License-Identifier: Apache-2.0 */
/** One value of a request, checked by its field and put where the field says. */
#ifndef DSS_ROLES_API_VALUE_H
#define DSS_ROLES_API_VALUE_H

#include "roles/api/field.h"
#include "roles/api/problem.h"

/** Where complaints about a value go. */
struct value_place {
	struct complaints *complaints;
	enum complaint_place place;
	struct str where;
};

/**
 * Check text by the field's type and write the value at `at`, which has the field's size. Text of
 * FIELD_TEXT, _LINES, _WORD and _NAME is a view into text or lies in the arena. FIELD_LIST and
 * FIELD_OBJECT are the caller's affair.
 * 0; ERR_SYNTAX: a complaint was made and nothing written.
 */
int value_from_text(struct arena *a, const struct field *field, struct str text,
		    const struct value_place *place, void *at) MUST_USE;
/** The same for numbers that were numbers already. */
int value_from_uint(const struct field *field, uint64_t number, const struct value_place *place,
		    void *at) MUST_USE;
/** Is it UTF-8 (RFC 3629) without NUL? */
bool text_is_utf8(struct str text);
/** Characters of UTF-8 text. */
size_t text_length(struct str text);
/**
 * Percent-decoding (RFC 3986 section 2.1) into the arena; plus signs become spaces when asked to.
 * ERR_SYNTAX: a broken escape, or what comes out is no UTF-8 or holds NUL.
 */
int text_decode(struct arena *a, struct str sent, bool is_form, struct str *ret) MUST_USE;

#endif
