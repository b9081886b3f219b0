/* SPDX-License-Identifier: Apache-2.0 */
/* Can these rules be followed? */
#include "formats/extract_parts.h"

#include "formats/pattern.h"

static bool is_document(const struct extract_rules *rules)
{
	return rules->format <= EXTRACT_XML;
}

/* RFC 6901 section 3, and "~key" at the end. */
static int pointer_check(const char *what, struct str pointer, bool may_name, struct err *err)
{
	struct str rest = pointer;

	if (str_ends(rest, STR_LIT("~key")) && may_name)
		rest.len -= 4;
	if (rest.len && rest.data[0] != '/')
		return err_set(err, ERR_SYNTAX, "%s: a pointer begins with /: \"%.*s\"", what,
			       STR(str_first(pointer, 60)));
	for (size_t i = 0, tokens = 0; i < rest.len; i++) {
		if (rest.data[i] == '/' && ++tokens > 32)
			return err_set(err, ERR_LIMIT, "%s: a pointer of more than 32 names", what);
		if (rest.data[i] == '~' &&
		    (i + 1 == rest.len || (rest.data[i + 1] != '0' && rest.data[i + 1] != '1')))
			return err_set(err, ERR_SYNTAX,
				       "%s: ~ stands for itself as ~0, for / as ~1", what);
	}
	return 0;
}

static int field_check(const struct extract_rules *rules, const struct extract_field *field,
		       const struct pattern *pattern, struct err *err)
{
	struct str column = field->from;
	char what[80];

	snprintf(what, sizeof what, "field %.*s", STR(str_first(field->name, 60)));
	if (!field->name.len)
		return err_set(err, ERR_SYNTAX, "a field without a name");
	if (is_document(rules))
		return pointer_check(what, field->from, true, err);
	if (!column.len)
		return err_set(err, ERR_SYNTAX, "%s: from which %s?", what,
			       pattern ? "group" : "column");
	if (pattern && pattern_group(pattern, column) < 0)
		return err_set(err, ERR_SYNTAX, "%s: the pattern has no group \"%.*s\"", what,
			       STR(str_first(column, 60)));
	return 0;
}

static int condition_check(const struct extract_rules *rules, const struct extract_condition *c,
			   struct arena *work, struct err *err)
{
	const struct pattern *pattern;
	bool is_known = false;

	for (size_t i = 0; i < rules->field_count; i++)
		is_known = is_known || str_eq(rules->fields[i].name, c->field);
	if (!is_known)
		return err_set(err, ERR_SYNTAX, "where: there is no field \"%.*s\"",
			       STR(str_first(c->field, 60)));
	return c->test == EXTRACT_MATCHES ? pattern_read(work, c->value, &pattern, err) : 0;
}

static int rules_check(const struct extract_rules *rules, struct arena *work, struct err *err)
{
	const struct pattern *pattern = NULL;
	unsigned splits = 0;

	if (!rules->field_count || rules->field_count > EXTRACT_FIELDS)
		return err_set(err, ERR_LIMIT, "1 to %d fields", EXTRACT_FIELDS);
	if (is_document(rules)) {
		TRY(pointer_check("rows", rules->rows, false, err));
		TRY(pointer_check("next", rules->next, true, err));
		TRY(pointer_check("error", rules->error, true, err));
	} else if (rules->next.len || rules->error.len) {
		return err_set(err, ERR_SYNTAX, "%s has no pointers: no next, no error",
			       extract_format_words[rules->format]);
	}
	if (rules->format == EXTRACT_TEXT)
		TRY(pattern_read(work, rules->rows, &pattern, err));
	if (rules->format == EXTRACT_CSV && rules->rows.len)
		return err_set(err, ERR_SYNTAX, "rows of csv are its lines");
	for (size_t i = 0; i < rules->field_count; i++) {
		TRY(field_check(rules, &rules->fields[i], pattern, err));
		splits += rules->fields[i].split.len > 0;
		for (size_t k = 0; k < i; k++)
			if (str_eq(rules->fields[k].name, rules->fields[i].name))
				return err_set(err, ERR_SYNTAX, "field %.*s stands twice",
					       STR(str_first(rules->fields[i].name, 60)));
	}
	if (splits > 1)
		return err_set(err, ERR_SYNTAX, "only one field can be split");
	for (size_t i = 0; i < rules->where_count; i++)
		TRY(condition_check(rules, &rules->where[i], work, err));
	return 0;
}

int extract_check(const struct extract_rules *rules, struct err *err)
{
	struct arena work = { 0 };
	int code = rules->format > EXTRACT_TEXT ? ERR_SYNTAX : rules_check(rules, &work, err);

	arena_release(&work);
	return code;
}
