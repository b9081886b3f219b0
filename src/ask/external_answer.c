/* SPDX-License-Identifier: Apache-2.0 */
/* What does a definition make of the rows of an answer? */
#include "ask/external_answer.h"

enum { TEXT_BYTES = 400 };

/* "{field}": its value; "{subject}": what was asked about. What is not there leaves nothing. */
static struct str fill(struct arena *a, struct str template, struct str subject,
		       const struct extract_row *row)
{
	struct buf out;

	buf_init(&out, a);
	for (size_t i = 0; i < template.len && out.len < TEXT_BYTES; i++) {
		char c = template.data[i];
		ptrdiff_t end;
		struct str word;

		if (i + 1 < template.len && template.data[i + 1] == c && (c == '{' || c == '}')) {
			buf_put_char(&out, c);
			i++;
			continue;
		}
		end = c == '{' ? str_find_char(str_from(template, i), '}') : -1;
		if (end < 0) {
			buf_put_char(&out, c);
			continue;
		}
		word = str_first(str_from(template, i + 1), (size_t)end - 1);
		buf_put_str(&out, str_first(str_eq(word, STR_LIT("subject"))
						    ? subject
						    : extract_value_of(row, word),
					    TEXT_BYTES));
		i += (size_t)end;
	}
	return str_first(buf_str(&out), TEXT_BYTES);
}

static bool has_same(const struct external_answer *answer, const struct external_finding *finding)
{
	for (size_t i = 0; i < answer->finding_count; i++)
		if (str_eq(answer->findings[i].check, finding->check) &&
		    str_eq(answer->findings[i].subject, finding->subject) &&
		    str_eq(answer->findings[i].text, finding->text))
			return true;
	return false;
}

static void findings_of_row(struct arena *a, const struct definition *definition,
			    struct str subject, const struct extract_row *row,
			    struct external_answer *answer)
{
	for (size_t i = 0; i < definition->finding_count; i++) {
		const struct definition_finding *rule = &definition->findings[i];
		struct external_finding finding = { .check = rule->check,
						    .severity = rule->severity };

		if (answer->finding_count == EXTERNAL_FINDINGS ||
		    !extract_row_meets(row, rule->when, rule->when_count))
			continue;
		finding.check = str_copy(a, rule->check);
		finding.subject = rule->subject.len ? fill(a, rule->subject, subject, row)
						    : str_copy(a, subject);
		finding.text = fill(a, rule->text, subject, row);
		if (!answer->findings)
			answer->findings =
				arena_array(a, EXTERNAL_FINDINGS, sizeof *answer->findings);
		if (!has_same(answer, &finding))
			answer->findings[answer->finding_count++] = finding;
	}
}

const struct external_answer *external_answer_make(struct arena *a,
						   const struct definition *definition,
						   struct str subject, struct str version,
						   struct extract_row *rows, size_t row_count)
{
	struct external_answer *answer = ARENA_NEW(a, struct external_answer);

	answer->version = str_copy(a, version.len ? version : definition->version);
	answer->rows = rows;
	answer->row_count =
		definition->extract.is_set ? extract_rows_order(a, rows, row_count) : row_count;
	for (size_t i = 0; i < answer->row_count; i++)
		findings_of_row(a, definition, subject, &rows[i], answer);
	return answer;
}

static bool has_profile(const struct definition *definition, struct str profile)
{
	for (size_t i = 0; i < definition->profile_count; i++)
		if (str_eq(definition->profiles[i], profile))
			return true;
	return false;
}

const struct fact *external_list_fact(struct arena *a, const struct definitions *definitions,
				      struct str profile, bool is_tools, int64_t at_us)
{
	struct external_list *list = ARENA_NEW(a, struct external_list);
	struct fact *fact = ARENA_NEW(a, struct fact);

	list->entries = arena_array(a, definitions->count, sizeof *list->entries);
	for (size_t i = 0; i < definitions->count; i++) {
		const struct definition *d = &definitions->list[i];

		if ((d->kind == DEFINITION_TOOL) != is_tools || d->is_off ||
		    !has_profile(d, profile))
			continue;
		list->entries[list->entry_count++] = (struct external_entry){
			.name = d->name,
			.subject = str_of(definition_subject_words[d->subject]),
			.checks = d->checks,
			.check_count = d->check_count,
			.is_active = d->is_active,
			.lacks = d->lacks_secret ? STR_LIT("its key") : STR_NONE,
		};
	}
	*fact = (struct fact){ .question = { .kind = KIND_external,
					     .external = { .is_tools = is_tools } },
			       .seen_us = at_us };
	fact->external = list;
	return fact;
}
