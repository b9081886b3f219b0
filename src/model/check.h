/* SPDX-License-Identifier: Apache-2.0 */
/** Checks, verdicts, severities, findings: types only. */
#ifndef DSS_MODEL_CHECK_H
#define DSS_MODEL_CHECK_H

#include "base/str.h"

enum severity { SEVERITY_INFO, SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH, SEVERITY_CRITICAL };

enum verdict { VERDICT_NOT_APPLICABLE, VERDICT_PASS, VERDICT_FAIL, VERDICT_UNKNOWN };

/** Where a check's points lie; the first words of its id. */
enum area { AREA_DNS, AREA_DNSSEC, AREA_MAIL, AREA_TLS, AREA_WEB, AREA_REGISTRATION, AREA_NONE };

/** How to mend it on one platform, ready to paste. */
struct fix {
	const char *platform, *text;
};

enum { CHECK_FIXES = 3 };

struct check {
	const char *id; /**< final once published */
	enum severity severity;
	const char *title;  /**< what is true when it passes */
	const char *source; /**< RFC and section */
	const char *why;    /**< what goes wrong otherwise */
	const char *how;    /**< what is asked and compared; NULL: the family's */
	bool is_active;     /**< asked only with consent */
	struct fix fix[CHECK_FIXES];
};

/** By value; end with NULL. */
extern const char *const severity_words[], *const verdict_words[];
const char *severity_word(enum severity severity);
int severity_parse(struct str word, enum severity *ret) MUST_USE;
const char *verdict_word(enum verdict verdict);
int verdict_parse(struct str word, enum verdict *ret) MUST_USE;
const char *area_word(enum area area);
/** Points of an area, in whole points of 100 (0 for AREA_NONE). */
unsigned area_points(enum area area);
/** "mail.spf.present" lies in AREA_MAIL; dns, sub, takeover, route in AREA_DNS; caa in AREA_TLS …
 */
enum area area_of(struct str check_id);

#endif
