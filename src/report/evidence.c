/* SPDX-License-Identifier: Apache-2.0 */
/* How does a fact look in one line? */
#include "base/clock.h"
#include "base/terminal.h"
#include "report/parts.h"

enum { DAY_BYTES = 10 };

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

/* label: with its blank; empty: another of what was named before. */
static void word_put(struct buf *out, const char *label, struct str text)
{
	if (!text.len)
		return;
	buf_printf(out, "%s%s", out->len ? ", " : "", label);
	buf_put_str(out, text);
}

static void day_put(struct buf *out, const char *label, int64_t at_us)
{
	char at[TIME_TEXT_BYTES];

	if (at_us)
		word_put(out, label, str_first(str_of(clock_text(at_us, at)), DAY_BYTES));
}

/* "registered 2010-01-01, expires 2027-01-01, registrar Registrar Ltd, status client hold, …" */
static void registration_put(struct buf *out, const struct registration *r)
{
	if (!r->is_found) {
		buf_put_lit(out, "no such object");
		return;
	}
	day_put(out, "registered ", r->created_us);
	day_put(out, "expires ", r->expires_us);
	word_put(out, "registrar ", r->registrar);
	for (size_t i = 0; i < r->status_count; i++)
		word_put(out, i ? "" : "status ", r->status[i]);
	for (size_t i = 0; i < r->name_server_count; i++)
		word_put(out, i ? "" : "name servers ", r->name_servers[i]);
}

/* "port 6379, service redis; port 27017, service mongod": the rows that a definition made of it. */
static void rows_put(struct buf *out, const struct external_answer *answer, size_t bytes)
{
	size_t i;

	if (!answer->row_count)
		buf_put_lit(out, "nothing");
	for (i = 0; i < answer->row_count && out->len < bytes; i++) {
		const struct extract_row *row = &answer->rows[i];
		bool is_first = true;

		for (size_t k = 0; k < row->value_count; k++) {
			if (!row->values[k].value.len)
				continue;
			buf_printf(out, "%s%.*s %.*s",
				   !is_first ? ", "
				   : i       ? "; "
					     : "",
				   STR(row->values[k].name), STR(row->values[k].value));
			is_first = false;
		}
	}
	if (i < answer->row_count)
		buf_printf(out, "; %zu more", answer->row_count - i);
}

static void http_put(struct buf *out, const struct http_answer *answer)
{
	buf_printf(out, "status %u", answer->status);
	word_put(out, "to ", answer->location);
	word_put(out, "type ", answer->media_type);
	buf_printf(out, ", %u octets", answer->body_bytes);
}

/* What answers of other kinds than DNS say, in words that are still to be encoded. */
static void answer_put(struct buf *out, const struct fact *fact, size_t bytes)
{
	switch (fact->question.kind) {
	case KIND_rdap:
		registration_put(out, fact->rdap);
		break;
	case KIND_whois:
		registration_put(out, fact->whois);
		break;
	case KIND_tool:
		rows_put(out, fact->tool, bytes);
		break;
	case KIND_api:
		rows_put(out, fact->api, bytes);
		break;
	case KIND_http:
		http_put(out, fact->http);
		break;
	default:
		break;
	}
}

static void put_answer(struct buf *out, const struct fact *fact, size_t bytes)
{
	struct buf text;

	buf_init(&text, NULL);
	answer_put(&text, fact, bytes);
	if (text.len) {
		buf_put_lit(out, ": ");
		terminal_put(out, str_first(buf_str(&text), bytes));
		if (text.len > bytes)
			buf_put_lit(out, "...");
	}
	buf_release(&text);
}

struct str evidence_source(struct arena *a, const struct fact *fact)
{
	char from[ADDRESS_TEXT_BYTES];

	if (address_is_set(&fact->from))
		return str_copy(a, str_of(address_text(&fact->from, from)));
	if (fact->question.kind == KIND_tool)
		return foreign_text(a, fact_is_answer(fact) && fact->tool->version.len
					       ? fact->tool->version
					       : fact->question.tool.name);
	if (fact->question.kind == KIND_api)
		return str_printf(a, "the API %.*s", STR(foreign_text(a, fact->question.api.name)));
	return STR_LIT("the resolver");
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
	} else if (fact->answer) {
		put_answer(out, fact, bytes);
	}
}
