/* SPDX-License-Identifier: Apache-2.0 */
/** JSON Lines: the object of json.h and a newline. */
#ifndef DSS_REPORT_JSONL_H
#define DSS_REPORT_JSONL_H

#include "report/report.h"

void report_jsonl(struct buf *out, const struct report_input *input);
void report_jsonl_reject(struct buf *out, struct str input, uint64_t line, struct str why);

#endif
