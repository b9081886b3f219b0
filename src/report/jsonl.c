/* SPDX-License-Identifier: Apache-2.0 */
/* How does a run look as JSON Lines? One whole object a line, so that a cut costs one line. */
#include "report/formats.h"

void report_jsonl(struct buf *out, const struct report_input *input)
{
	report_json(out, input);
	buf_put_char(out, '\n');
}

void report_jsonl_reject(struct buf *out, const struct report_place *place, struct str why)
{
	report_json_reject(out, place, why);
	buf_put_char(out, '\n');
}
