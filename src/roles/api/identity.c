/* SPDX-License-Identifier: Apache-2.0 */
/* Which ids does a request have? */
#include "roles/api/identity.h"

static bool is_id(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!char_is_alpha(s.data[i]) && !char_is_digit(s.data[i]) &&
		    (!s.data[i] || !strchr("._-", s.data[i])))
			return false;
	return s.len > 0 && s.len <= REQUEST_ID_MOST;
}

void identity_begin(struct identity *identity, struct str sent_id, struct str sent_parent)
{
	struct trace trace;

	*identity = (struct identity){ .request_id = "" };
	if (trace_parse(str_trim(sent_parent), &trace) == 0)
		trace = trace_child(&trace);
	else
		trace = trace_new();
	trace_text(&trace, identity->parent);
	trace_id_text(&trace, identity->trace_id);
	if (is_id(sent_id))
		memcpy(identity->request_id, sent_id.data, sent_id.len);
	else
		memcpy(identity->request_id, identity->trace_id, TRACE_ID_TEXT_BYTES);
}
