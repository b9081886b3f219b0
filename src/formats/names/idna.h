/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Internationalised names (UTS 46, nontransitional processing; RFC 5891 to 5893): to A-labels and
 * to U-labels. Text is UTF-8 with dots between labels; dots of other scripts become dots. Tables
 * are of the Unicode version of data/unicode.txt.
 */
#ifndef DSS_FORMATS_NAMES_IDNA_H
#define DSS_FORMATS_NAMES_IDNA_H

#include "base/err.h"
#include "base/str.h"

/** UTS 46 section 4, the flags of processing. */
enum idna_flag {
	IDNA_CHECK_HYPHENS = 1,  /**< no hyphens at both third and fourth place, or at the ends */
	IDNA_CHECK_BIDI = 2,     /**< RFC 5893 section 2 */
	IDNA_CHECK_JOINERS = 4,  /**< RFC 5892 appendix A.1, A.2 */
	IDNA_USE_STD3 = 8,       /**< of ASCII, letters, digits and hyphens only */
	IDNA_VERIFY_LENGTH = 16, /**< labels of 1 to 63 octets, a name of 1 to 253 */
	/** What people type and zones hold: "_dmarc" and "a--b" are names, and length is checked when
	 * the name is brought into our form. */
	IDNA_NAMES = IDNA_CHECK_BIDI | IDNA_CHECK_JOINERS,
	IDNA_STRICT = 31
};

enum { IDNA_TEXT_BYTES = 8192 };

/** The name with every label as A-label or ASCII; lower case. 0; ERR_SYNTAX: err says which
 * character or label is wrong and why; ERR_LIMIT: longer than IDNA_TEXT_BYTES. */
int idna_to_ascii(struct arena *a, struct str text, unsigned flags, struct str *ret,
		  struct err *err) MUST_USE;
/** The name with A-labels decoded, for showing to people; the same errors. IDNA_VERIFY_LENGTH does
 * not count here. */
int idna_to_unicode(struct arena *a, struct str text, unsigned flags, struct str *ret,
		    struct err *err) MUST_USE;
/** For display: the U-label form, or name itself when it has no valid one or has no A-labels. */
struct str idna_display(struct arena *a, struct str name);

#endif
