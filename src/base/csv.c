/* SPDX-License-Identifier: Apache-2.0 */
/* How does text stand in a cell? */
#include "base/csv.h"

void csv_put_cell(struct buf *out, struct str text)
{
	bool is_formula = text.len && strchr("=+-@\t\r", text.data[0]) && text.data[0];
	bool is_quoted = is_formula;

	for (size_t i = 0; i < text.len && !is_quoted; i++)
		is_quoted = text.data[i] == ',' || text.data[i] == '"' || text.data[i] == '\n' ||
			    text.data[i] == '\r' || text.data[i] == ';' || !text.data[i];
	if (!is_quoted) {
		buf_put_str(out, text);
		return;
	}
	buf_put_char(out, '"');
	if (is_formula)
		buf_put_char(out, '\'');
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '"')
			buf_put_char(out, '"');
		buf_put_char(out, text.data[i] ? text.data[i] : ' ');
	}
	buf_put_char(out, '"');
}
