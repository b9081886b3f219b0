/* SPDX-License-Identifier: Apache-2.0 */
/* How does text stand in a page? */
#include "base/html.h"

void html_put(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		switch (text.data[i]) {
		case '<':
			buf_put_lit(out, "&lt;");
			break;
		case '>':
			buf_put_lit(out, "&gt;");
			break;
		case '&':
			buf_put_lit(out, "&amp;");
			break;
		case '"':
			buf_put_lit(out, "&quot;");
			break;
		case '\'':
			buf_put_lit(out, "&#x27;");
			break;
		default:
			buf_put_char(out, text.data[i]);
		}
	}
}
