/* SPDX-License-Identifier: Apache-2.0 */
/* How are questions over HTTP saved and shown? */
#include "facts/http.h"

#include "base/desc.h"

static const char *const flag_words[] = { "body", "brief" };
static const char *const fault_words[TLS_FAULT_COUNT] = {
#define X(name, word) [TLS_BIT_##name] = word,
	TLS_FAULTS(X)
#undef X
};

const char *tls_fault_word(unsigned bit)
{
	return bit < TLS_FAULT_COUNT ? fault_words[bit] : NULL;
}

static void put_words(struct buf *out, uint64_t value, const char *const *words, size_t count,
		      const char *between)
{
	size_t start = out->len;

	for (size_t bit = 0; bit < count; bit++) {
		if (!(value >> bit & 1))
			continue;
		if (out->len > start)
			buf_put_str(out, str_of(between));
		buf_put_str(out, str_of(words[bit]));
	}
}

static void put_flags(struct buf *out, uint64_t value)
{
	put_words(out, value, flag_words, ARRAY_COUNT(flag_words), " ");
}

static void put_faults(struct buf *out, uint64_t value)
{
	put_words(out, value, fault_words, TLS_FAULT_COUNT, " ");
}

struct str tls_faults_text(struct arena *a, uint32_t faults)
{
	struct buf out;

	buf_init(&out, a);
	put_words(&out, faults, fault_words, TLS_FAULT_COUNT, ", ");
	return buf_str(&out);
}

static const struct desc_field question_fields[] = {
	DESC_FIELD(1, DESC_STR, struct http_question, url),
	DESC_FIELD(2, DESC_ADDRESS, struct http_question, server, .flags = DESC_OPTIONAL),
	DESC_FIELD(3, DESC_UINT, struct http_question, flags, .flags = DESC_OPTIONAL,
		   .words = put_flags),
};
const struct desc http_question_desc = DESC(http_question, question_fields);

static const struct desc_field header_fields[] = {
	DESC_FIELD(1, DESC_STR, struct web_header, name),
	DESC_FIELD(2, DESC_STR, struct web_header, value),
};
const struct desc web_header_desc = DESC(web_header, header_fields);

static const struct desc_field tls_fields[] = {
	DESC_FIELD(1, DESC_STR, struct tls_summary, version),
	DESC_FIELD(2, DESC_UINT, struct tls_summary, faults, .flags = DESC_OPTIONAL,
		   .words = put_faults),
	DESC_FIELD(3, DESC_STR, struct tls_summary, subject),
	DESC_FIELD(4, DESC_STR, struct tls_summary, issuer),
	DESC_NAMED(5, DESC_TIME, struct tls_summary, not_before_us, "not_before"),
	DESC_NAMED(6, DESC_TIME, struct tls_summary, not_after_us, "not_after"),
	DESC_ARRAY(7, DESC_STR, struct tls_summary, names, name_count, .flags = DESC_OPTIONAL),
	DESC_FIELD(8, DESC_BYTES, struct tls_summary, sha256),
};
const struct desc tls_summary_desc = DESC(tls_summary, tls_fields);

static const struct desc_field answer_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct http_answer, status),
	DESC_FIELD(2, DESC_STR, struct http_answer, media_type),
	DESC_FIELD(3, DESC_STR, struct http_answer, location),
	DESC_ARRAY(4, DESC_STRUCT, struct http_answer, headers, header_count,
		   .of = &web_header_desc, .flags = DESC_OPTIONAL),
	DESC_FIELD(5, DESC_UINT, struct http_answer, body_bytes),
	DESC_NAMED(6, DESC_BOOL, struct http_answer, is_cut, "cut", .flags = DESC_OPTIONAL),
	DESC_FIELD(7, DESC_STR, struct http_answer, body),
	DESC_FIELD(8, DESC_STRUCT, struct http_answer, tls, .of = &tls_summary_desc),
};
const struct desc http_answer_desc = DESC(http_answer, answer_fields);

struct str http_header(const struct http_answer *answer, const char *name)
{
	for (size_t i = 0; i < answer->header_count; i++)
		if (str_eq(answer->headers[i].name, str_of(name)))
			return answer->headers[i].value;
	return STR_NONE;
}
