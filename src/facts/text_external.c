/* SPDX-License-Identifier: Apache-2.0 */
/* Which question to a tool or an API, and which answer, does a line of text state? */
#include "facts/text.h"

static const char *const severities[] = { "info", "low", "medium", "high", "critical" };

int tool_question_read(struct fact_text *text, struct fact *fact)
{
	TRY(fact_word_take(text, "the tool's name", &fact->question.tool.name));
	return fact_word_take(text, "its subject", &fact->question.tool.subject);
}

int api_question_read(struct fact_text *text, struct fact *fact)
{
	TRY(fact_word_take(text, "the API's name", &fact->question.api.name));
	return fact_word_take(text, "its subject", &fact->question.api.subject);
}

int external_question_read(struct fact_text *text, struct fact *fact)
{
	fact->question.external.is_tools = fact_word_skip(text, STR_LIT("tools"));
	if (!fact->question.external.is_tools && !fact_word_skip(text, STR_LIT("apis")))
		return err_set(text->err, ERR_SYNTAX, "external tools, or external apis");
	return 0;
}

static int unknown_word(struct fact_text *text)
{
	return err_set(text->err, ERR_SYNTAX, "\"%.*s\": what is this?", STR(fact_word_peek(text)));
}

/* Any "name=value": the name is whatever stands before the first '='. */
static int pair_take(struct fact_text *text, struct str *ret_name, struct str *ret_value)
{
	struct str word = fact_word_peek(text);
	ptrdiff_t equals = str_find_char(word, '=');
	int taken;

	if (equals <= 0)
		return 0;
	*ret_name = str_first(word, (size_t)equals);
	taken = fact_option_take(text, *ret_name, ret_value);
	if (taken > 0)
		*ret_value = fact_text_unescape(text->arena, *ret_value);
	return taken;
}

static int row_read(struct fact_text *text, struct external_answer *answer)
{
	struct extract_row *row;

	if (answer->row_count % 64 == 0) {
		struct extract_row *rows =
			arena_array(text->arena, answer->row_count + 64, sizeof *rows);

		if (answer->row_count)
			memcpy(rows, answer->rows, answer->row_count * sizeof *rows);
		answer->rows = rows;
	}
	row = &answer->rows[answer->row_count++];
	row->values = arena_array(text->arena, EXTRACT_FIELDS, sizeof *row->values);
	for (;;) {
		struct extract_value value;
		int taken = pair_take(text, &value.name, &value.value);

		if (taken <= 0)
			return taken;
		if (row->value_count == EXTRACT_FIELDS)
			return err_set(text->err, ERR_LIMIT, "a row of more than %d values",
				       EXTRACT_FIELDS);
		row->values[row->value_count++] = value;
	}
}

/* finding CHECK SEVERITY [subject=…] [text=…] */
static int finding_read(struct fact_text *text, struct external_answer *answer)
{
	struct external_finding finding = { 0 };
	struct str word, name, value;
	int taken;

	TRY(fact_word_take(text, "a check", &finding.check));
	TRY(fact_word_take(text, "a severity", &word));
	while (finding.severity < ARRAY_COUNT(severities) &&
	       !str_eq(word, str_of(severities[finding.severity])))
		finding.severity++;
	if (finding.severity == ARRAY_COUNT(severities))
		return err_set(text->err, ERR_SYNTAX, "\"%.*s\": no severity", STR(word));
	while ((taken = pair_take(text, &name, &value)) > 0) {
		if (str_eq(name, STR_LIT("subject")))
			finding.subject = value;
		else if (str_eq(name, STR_LIT("text")))
			finding.text = value;
		else
			return err_set(text->err, ERR_SYNTAX, "a finding has no %.*s=", STR(name));
	}
	TRY(taken);
	if (!answer->findings)
		answer->findings =
			arena_array(text->arena, EXTERNAL_FINDINGS, sizeof *answer->findings);
	if (answer->finding_count == EXTERNAL_FINDINGS)
		return err_set(text->err, ERR_LIMIT, "more than %d findings", EXTERNAL_FINDINGS);
	answer->findings[answer->finding_count++] = finding;
	return 0;
}

int external_answer_read(struct fact_text *text, struct fact *fact)
{
	struct external_answer *answer;

	if (!fact_is_answer(fact))
		return 0;
	answer = ARENA_NEW(text->arena, struct external_answer);
	while (fact_word_peek(text).len) {
		int taken;

		if (fact_word_skip(text, STR_LIT("cut"))) {
			answer->is_cut = true;
		} else if (fact_word_skip(text, STR_LIT("row"))) {
			TRY(row_read(text, answer));
		} else if (fact_word_skip(text, STR_LIT("finding"))) {
			TRY(finding_read(text, answer));
		} else {
			taken = fact_option_take(text, STR_LIT("version"), &answer->version);
			if (taken <= 0)
				return taken < 0 ? taken : unknown_word(text);
		}
	}
	fact->answer = answer;
	return 0;
}

static int entry_read(struct fact_text *text, struct external_entry *entry)
{
	struct str name, value, check;
	int taken;

	TRY(fact_word_take(text, "a name", &entry->name));
	TRY(fact_word_take(text, "what it is asked about", &entry->subject));
	entry->is_active = fact_word_skip(text, STR_LIT("active"));
	while ((taken = pair_take(text, &name, &value)) > 0) {
		if (str_eq(name, STR_LIT("lacks"))) {
			entry->lacks = value;
			continue;
		}
		if (!str_eq(name, STR_LIT("checks")))
			return unknown_word(text);
		entry->checks = arena_array(text->arena, value.len + 1, sizeof *entry->checks);
		while (str_split(&value, ',', &check))
			entry->checks[entry->check_count++] = check;
	}
	return taken;
}

int external_list_read(struct fact_text *text, struct fact *fact)
{
	struct external_list *list;

	if (!fact_is_answer(fact))
		return 0;
	list = ARENA_NEW(text->arena, struct external_list);
	list->entries = arena_array(text->arena, text->rest.len / 2 + 1, sizeof *list->entries);
	while (fact_word_peek(text).len)
		TRY(entry_read(text, &list->entries[list->entry_count++]));
	fact->answer = list;
	return 0;
}
