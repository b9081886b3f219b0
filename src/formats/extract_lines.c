/* SPDX-License-Identifier: Apache-2.0 */
/* Which rows are in lines of text, and in CSV (RFC 4180)? */
#include "formats/extract_parts.h"

#include "formats/pattern.h"

int extract_text(struct extracting *e, struct str bytes)
{
	int groups[EXTRACT_FIELDS] = { 0 };
	uint64_t budget = EXTRACT_BUDGET;
	const struct pattern *pattern;
	struct str line;

	TRY(pattern_read(e->work, e->rules->rows, &pattern, e->err));
	for (size_t i = 0; i < e->rules->field_count; i++) {
		groups[i] = pattern_group(pattern, e->rules->fields[i].from);
		if (groups[i] < 0)
			return err_set(e->err, ERR_SYNTAX, "the pattern lacks a group");
	}
	while (extract_line(&bytes, &line)) {
		struct str values[EXTRACT_FIELDS];
		struct pattern_match match;
		int found = pattern_find(pattern, line, &budget, &match);

		if (found < 0)
			return err_set(e->err, found, "the pattern takes too long over this text");
		for (size_t i = 0; i < e->rules->field_count; i++)
			values[i] =
				found && match.has[groups[i]] ? match.group[groups[i]] : STR_NONE;
		if (found && !extract_row_add(e, values))
			break;
	}
	return 0;
}

struct csv {
	struct str rest;
	struct arena *work;
};

/* One field; its end is a comma (true), or the end of the line. */
static bool field_take(struct csv *csv, struct str *ret)
{
	struct str *rest = &csv->rest;
	size_t len = 0;
	struct buf out;

	if (!rest->len || rest->data[0] != '"') {
		while (len < rest->len && rest->data[len] != ',' && rest->data[len] != '\n')
			len++;
		*ret = str_first(*rest, len);
		if (ret->len && ret->data[ret->len - 1] == '\r')
			ret->len--;
	} else {
		buf_init(&out, csv->work);
		for (len = 1; len < rest->len; len++) {
			if (rest->data[len] == '"' &&
			    (++len == rest->len || rest->data[len] != '"'))
				break;
			buf_put_char(&out, rest->data[len]);
		}
		*ret = out.len ? buf_str(&out) : STR_LIT("");
		while (len < rest->len && rest->data[len] != ',' && rest->data[len] != '\n')
			len++;
	}
	*rest = str_from(*rest, len);
	if (!rest->len)
		return false;
	len = rest->data[0] == ',';
	*rest = str_from(*rest, 1);
	return len;
}

static size_t record_take(struct csv *csv, struct str *fields)
{
	size_t count = 0;
	struct str field;
	bool is_more;

	do {
		is_more = field_take(csv, &field);
		if (count < EXTRACT_COLUMNS)
			fields[count++] = field;
	} while (is_more);
	return count;
}

static size_t column_of(struct str from, const struct str *names, size_t count)
{
	uint64_t number;

	for (size_t i = 0; i < count; i++)
		if (str_eq(names[i], from))
			return i;
	if (str_to_uint(from, EXTRACT_COLUMNS, &number) == 0 && number)
		return number - 1;
	return EXTRACT_COLUMNS;
}

int extract_csv(struct extracting *e, struct str bytes)
{
	struct csv csv = { bytes, e->work };
	struct str *fields = arena_array(e->work, EXTRACT_COLUMNS, sizeof *fields);
	size_t columns[EXTRACT_FIELDS] = { 0 }, count = record_take(&csv, fields);
	bool has_any = false;

	for (size_t i = 0; i < e->rules->field_count; i++) {
		columns[i] = column_of(e->rules->fields[i].from, fields, count);
		has_any = has_any || columns[i] < count;
	}
	if (bytes.len && !has_any)
		return err_set(e->err, ERR_SYNTAX, "CSV: its first line names none of the columns");
	while (csv.rest.len) {
		struct str values[EXTRACT_FIELDS];

		count = record_take(&csv, fields);
		for (size_t i = 0; i < e->rules->field_count; i++)
			values[i] = columns[i] < count ? fields[columns[i]] : STR_NONE;
		if ((count > 1 || fields[0].len) && !extract_row_add(e, values))
			break;
	}
	return 0;
}
