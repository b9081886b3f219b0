/* SPDX-License-Identifier: Apache-2.0 */
/** The JSON object of one report, without a newline: the formats json and jsonl share it. */
#ifndef DSS_REPORT_JSON_H
#define DSS_REPORT_JSON_H

#include "base/clock.h"
#include "report/report.h"

void report_json(struct buf *out, const struct report_input *input);
/** {"input":…,"line":…,"state":"rejected","error":…} */
void report_json_reject(struct buf *out, struct str input, uint64_t line, struct str why);

#endif
