/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The report for people: grade and areas, caps, what costs points with evidence and remedy, and
 * what could not be known, which is never hidden.
 */
#ifndef DSS_REPORT_TEXT_H
#define DSS_REPORT_TEXT_H

#include "report/report.h"

void report_text(struct buf *out, const struct report_input *input);

/**
 * A fact in one line for people: "example.com MX 10 a.example.com., 20 b.example.com.",
 * "example.com DS: none", "example.com NS: timeout". At most `bytes` of foreign data; encoded for
 * terminals.
 */
void evidence_put(struct buf *out, const struct fact *fact, size_t bytes);

#endif
