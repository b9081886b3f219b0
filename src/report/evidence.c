/* SPDX-License-Identifier: Apache-2.0 */
/* How does a fact look in one line? */
#include "base/terminal.h"
#include "report/parts.h"

/* "10 a.example.com., 20 b.example.com.", or what came instead. */
static void records_put(struct buf *out, const struct dns_answer *answer, size_t bytes)
{
	size_t start = out->len;

	if (answer->rcode) {
		struct arena a = { 0 };

		buf_put_str(out, dns_rcode_text(&a, answer->rcode));
		arena_release(&a);
		return;
	}
	if (!answer->count)
		buf_put_lit(out, "none");
	for (size_t i = 0; i < answer->count; i++) {
		struct buf text;

		if (i)
			buf_put_lit(out, ", ");
		if (out->len - start >= bytes) {
			buf_printf(out, "... (%zu records)", answer->count);
			return;
		}
		buf_init(&text, NULL);
		dns_rdata_text(&text, &answer->rr[i]);
		terminal_put(out, str_first(buf_str(&text), bytes));
		if (text.len > bytes)
			buf_put_lit(out, "...");
		buf_release(&text);
	}
}

void evidence_put(struct buf *out, const struct fact *fact, size_t bytes)
{
	struct buf text;

	buf_init(&text, NULL);
	question_text(&text, &fact->question);
	terminal_put(out, str_first(buf_str(&text), bytes));
	buf_release(&text);
	if (!fact_is_answer(fact)) {
		buf_put_lit(out, ": ");
		buf_put_str(out, str_of(failure_word((enum failure)fact->failure)));
		if (fact->detail.len) {
			buf_put_lit(out, ", ");
			terminal_put(out, str_first(fact->detail, bytes));
		}
	} else if ((fact->question.kind == KIND_dns || fact->question.kind == KIND_dns_at) &&
		   fact->answer) {
		buf_put_lit(out, ": ");
		records_put(out, fact->answer, bytes);
	}
}
