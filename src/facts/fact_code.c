/* SPDX-License-Identifier: Apache-2.0 */
/* How are facts saved, loaded and shown? */
#include "facts/fact.h"

#include "base/clock.h"
#include "base/desc.h"

/* Question and answer are described by the fact's kind: their coders see the whole fact. */
static void question_encode(struct buf *out, const void *value, unsigned skip)
{
	question_key(out, &((const struct fact *)value)->question);
}

static int question_decode(struct arena *a, struct str bytes, void *ret_value)
{
	return question_from_key(a, bytes, &((struct fact *)ret_value)->question);
}

static void answer_encode(struct buf *out, const void *value, unsigned skip)
{
	const struct fact *fact = value;
	const struct fact_kind *kind = fact_kind_of(fact->question.kind);

	if (!kind)
		return;
	if (skip & DESC_VOLATILE)
		desc_encode_stable(out, kind->answer, fact->answer);
	else
		desc_encode(out, kind->answer, fact->answer);
}

static int answer_decode(struct arena *a, struct str bytes, void *ret_value)
{
	struct fact *fact = ret_value;
	const struct fact_kind *kind = fact_kind_of(fact->question.kind);
	void *answer;

	if (!kind) /* the question stands before the answer */
		return ERR_SYNTAX;
	answer = arena_zalloc(a, kind->answer->size);
	TRY(desc_decode(a, kind->answer, bytes, answer));
	fact->answer = answer;
	return 0;
}

static bool answer_is_none(const void *value)
{
	return !((const struct fact *)value)->answer;
}

static int answer_walk(void *value, desc_visit *visit, void *context)
{
	struct fact *fact = value;
	const struct fact_kind *kind = fact_kind_of(fact->question.kind);

	return kind ? desc_volatile_walk(kind->answer, (void *)(uintptr_t)fact->answer, visit,
					 context)
		    : 0;
}

static const struct desc_custom question_custom = { .encode = question_encode,
						    .decode = question_decode };
static const struct desc_custom answer_custom = { .encode = answer_encode,
						  .decode = answer_decode,
						  .is_none = answer_is_none,
						  .walk = answer_walk };

static const struct desc_field fact_fields[] = {
	{ .number = 1, .type = DESC_CUSTOM, .name = "question", .custom = &question_custom },
	DESC_FIELD(2, DESC_UINT, struct fact, failure),
	DESC_FIELD(3, DESC_TIME, struct fact, seen_us, .flags = DESC_VOLATILE),
	DESC_FIELD(4, DESC_ADDRESS, struct fact, from, .flags = DESC_VOLATILE),
	DESC_FIELD(5, DESC_STR, struct fact, detail),
	{ .number = 6, .type = DESC_CUSTOM, .name = "answer", .custom = &answer_custom },
};
static const struct desc fact_desc = DESC(fact, fact_fields);

void fact_encode(struct buf *out, const struct fact *fact)
{
	desc_encode(out, &fact_desc, fact);
}

/* The question comes first: its number and wire type, its length, its key, which begins with the kind. */
uint8_t fact_encoded_kind(struct str bytes)
{
	uint64_t tag, len;

	if (varint_take(&bytes, &tag) < 0 || tag != (1 << 2 | 1) || varint_take(&bytes, &len) < 0 ||
	    !len || !bytes.len)
		return 0;
	return (uint8_t)bytes.data[0];
}

void fact_encode_stable(struct buf *out, const struct fact *fact)
{
	desc_encode_stable(out, &fact_desc, fact);
}

int fact_volatile_walk(struct fact *fact, desc_visit *visit, void *context)
{
	return desc_volatile_walk(&fact_desc, fact, visit, context);
}

/* Readers take the records of an answer for what was asked: the type says which fields are there. */
static bool has_types_asked(const struct fact *fact)
{
	const struct dns_answer *answer = fact->answer;
	uint16_t type;

	if (!answer || (fact->question.kind != KIND_dns && fact->question.kind != KIND_dns_at))
		return true;
	type = fact->question.kind == KIND_dns ? fact->question.dns.type
					       : fact->question.dns_at.type;
	for (size_t i = 0; i < answer->count; i++)
		if (answer->rr[i].type != type && type != DNS_ANY)
			return false;
	for (size_t i = 0; i < answer->chain_count; i++)
		if (answer->chain[i].type != DNS_CNAME && answer->chain[i].type != DNS_DNAME)
			return false;
	return true;
}

int fact_decode(struct arena *a, struct str bytes, struct fact *ret)
{
	struct fact fact = { 0 };

	TRY(desc_decode(a, &fact_desc, bytes, &fact));
	/* An answer without value, or a question without kind, was not written by fact_encode. */
	if (!fact.question.kind || (fact_is_answer(&fact) && !fact.answer) ||
	    !has_types_asked(&fact))
		return ERR_SYNTAX;
	*ret = fact;
	return 0;
}

static void json_question(struct json *w, const struct question *question,
			  const struct fact_kind *kind)
{
	json_key(w, "question");
	json_object(w);
	json_key(w, "kind");
	json_text(w, kind->name);
	desc_json_fields(w, kind->question, (const char *)question + kind->question_offset);
	json_end(w);
}

static void json_failure(struct json *w, const struct fact *fact)
{
	static const char *const ends[] = { "answer", "theirs", "ours" };

	json_key(w, "failure");
	json_text(w, failure_word((enum failure)fact->failure));
	json_key(w, "end");
	json_text(w, ends[fact_end(fact)]);
	if (fact->detail.len) {
		json_key(w, "detail");
		json_str(w, fact->detail);
	}
}

void fact_json(struct json *w, const struct fact *fact)
{
	const struct fact_kind *kind = fact_kind_of(fact->question.kind);
	char text[MAX((int)ADDRESS_TEXT_BYTES, (int)TIME_TEXT_BYTES)];

	json_object(w);
	if (kind)
		json_question(w, &fact->question, kind);
	json_key(w, "seen");
	json_text(w, clock_text(fact->seen_us, text));
	if (address_is_set(&fact->from)) {
		json_key(w, "from");
		json_text(w, address_text(&fact->from, text));
	}
	if (!fact_is_answer(fact))
		json_failure(w, fact);
	if (kind && fact->answer)
		desc_json_fields(w, kind->answer, fact->answer);
	json_end(w);
}
