/* SPDX-License-Identifier: Apache-2.0 */
/** Rules for one label of an internationalised name (UTS 46 section 4.1, RFC 5892 appendix A, RFC
 * 5893). Used by idna.c only. */
#ifndef DSS_FORMATS_NAMES_LABEL_H
#define DSS_FORMATS_NAMES_LABEL_H

#include "formats/names/unicode.h"

struct label {
	const uint32_t *at;
	size_t len;
	bool was_encoded; /**< it came as "xn--…": it must be in the form that mapping gives */
};

/** What is wrong with the label, by the validity criteria and flags of enum idna_flag; NULL when
 * nothing is. *ret_point is the character meant, or 0. is_bidi: the name has right-to-left
 * characters somewhere. */
const char *label_problem(struct arena *a, const struct label *label, unsigned flags, bool is_bidi,
			  uint32_t *ret_point);
/** Does it hold characters written from right to left? */
bool label_is_bidi(const struct label *label);

#endif
