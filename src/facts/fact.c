/* SPDX-License-Identifier: Apache-2.0 */
/* Which kinds of question are there, and how do questions and failures become keys and words? */
#include "facts/fact.h"

#include "base/desc.h"

static const struct fact_kind kinds[] = {
#define X(kind, number, answer_type, ...)                                                          \
	{ #kind, number, &kind##_question_desc, &answer_type##_desc,                               \
	  offsetof(struct question, kind) },
	FACT_KINDS(X)
#undef X
};

static const struct {
	const char *word;
	enum end end;
} failures[FAILURE_COUNT] = {
#define X(name, word, end) [FAILURE_##name] = { word, end },
	FAILURES(X)
#undef X
};

const char *failure_word(enum failure failure)
{
	return (unsigned)failure < FAILURE_COUNT ? failures[failure].word : "unknown";
}

/* A failure that a newer version stored is never content: ours. */
enum end failure_end(enum failure failure)
{
	return (unsigned)failure < FAILURE_COUNT ? failures[failure].end : END_OURS;
}

int failure_parse(struct str word, enum failure *ret)
{
	for (unsigned i = 0; i < FAILURE_COUNT; i++)
		if (str_eq(word, str_of(failures[i].word))) {
			*ret = (enum failure)i;
			return 0;
		}
	return ERR_SYNTAX;
}

const struct fact_kind *fact_kind_of(uint8_t number)
{
	/* Numbers are permanent and mostly dense: the row is usually at its number. */
	if (number && number <= ARRAY_COUNT(kinds) && kinds[number - 1].number == number)
		return &kinds[number - 1];
	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
		if (kinds[i].number == number)
			return &kinds[i];
	return NULL;
}

const struct fact_kind *fact_kind_named(struct str name)
{
	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
		if (str_eq(name, str_of(kinds[i].name)))
			return &kinds[i];
	return NULL;
}

const struct desc_field *fact_kind_subject(const struct fact_kind *kind)
{
	const struct desc_field *first = NULL;

	for (size_t i = 0; i < kind->question->field_count; i++) {
		const struct desc_field *field = &kind->question->fields[i];

		if (field->type != DESC_STR || field->is_array)
			continue;
		if (!strcmp(field->name, "subject"))
			return field;
		first = first ? first : field;
	}
	return first;
}

static const void *arguments_of(const struct fact_kind *kind, const struct question *question)
{
	return (const char *)question + kind->question_offset;
}

void question_key(struct buf *out, const struct question *question)
{
	const struct fact_kind *kind = fact_kind_of(question->kind);

	buf_put_char(out, (char)question->kind);
	if (kind)
		desc_encode(out, kind->question, arguments_of(kind, question));
}

int question_from_key(struct arena *a, struct str key, struct question *ret)
{
	struct question question = { 0 };
	const struct fact_kind *kind;

	if (!key.len)
		return ERR_SYNTAX;
	question.kind = (uint8_t)key.data[0];
	kind = fact_kind_of(question.kind);
	if (!kind)
		return ERR_VERSION;
	TRY(desc_decode(a, kind->question, str_from(key, 1),
			(char *)&question + kind->question_offset));
	*ret = question;
	return 0;
}

void question_text(struct buf *out, const struct question *question)
{
	const struct fact_kind *kind = fact_kind_of(question->kind);

	buf_put_str(out, str_of(kind ? kind->name : "unknown"));
	for (size_t i = 0; kind && i < kind->question->field_count; i++) {
		const struct desc_field *field = &kind->question->fields[i];
		size_t start = out->len;

		buf_put_char(out, ' ');
		desc_value_text(out, field,
				(const char *)arguments_of(kind, question) + field->offset);
		if (out->len == start + 1) /* nothing to say: no flags */
			out->len = start;
	}
}

struct question question_copy(struct arena *a, const struct question *question)
{
	struct question copy = { .kind = question->kind };
	struct buf key;

	buf_init(&key, a);
	question_key(&key, question);
	/* What was just written by the same table is read by it. */
	if (question_from_key(a, buf_str(&key), &copy) < 0)
		copy = (struct question){ 0 };
	return copy;
}
