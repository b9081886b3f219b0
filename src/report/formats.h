/* SPDX-License-Identifier: Apache-2.0 */
/** The renderings of the formats (report/report.h says what each is for): one file each. */
#ifndef DSS_REPORT_FORMATS_H
#define DSS_REPORT_FORMATS_H

#include "report/report.h"

void report_text(struct buf *out, const struct report_input *input);

/** One object without a newline. */
void report_json(struct buf *out, const struct report_input *input);
/** {"input":…,"line":…,"state":"rejected","error":…} */
void report_json_reject(struct buf *out, const struct report_place *place, struct str why);

void report_jsonl(struct buf *out, const struct report_input *input);
void report_jsonl_reject(struct buf *out, const struct report_place *place, struct str why);

void report_csv_begin(struct buf *out);
void report_csv(struct buf *out, const struct report_input *input);
void report_csv_reject(struct buf *out, const struct report_place *place, struct str why);

void report_markdown(struct buf *out, const struct report_input *input);
void report_markdown_reject(struct buf *out, const struct report_place *place, struct str why);

void report_html_begin(struct buf *out);
void report_html(struct buf *out, const struct report_input *input);
void report_html_reject(struct buf *out, const struct report_place *place, struct str why);

/** Results between commas; none for a domain without findings. */
void report_sarif_begin(struct buf *out);
void report_sarif(struct buf *out, const struct report_input *input);
void report_sarif_reject(struct buf *out, const struct report_place *place, struct str why);

/** Findings between commas; none for a domain without. */
void report_defectdojo(struct buf *out, const struct report_input *input);

#endif
