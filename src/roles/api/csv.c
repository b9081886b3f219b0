/* SPDX-License-Identifier: Apache-2.0 */
/* How is a struct a row of a table? */
#include "roles/api/csv.h"

#include "base/clock.h"
#include "base/csv.h"

enum { NAME_BYTES = 128 };

static void put_heads(struct buf *out, const struct desc *desc, struct str prefix, bool *is_first)
{
	char name[NAME_BYTES];

	for (size_t i = 0; i < desc->field_count; i++) {
		const struct desc_field *field = &desc->fields[i];
		bool is_nested = field->type == DESC_STRUCT && !field->is_array;

		if (field->flags & DESC_HIDDEN)
			continue;
		snprintf(name, sizeof name, "%.*s%s%s", STR(prefix), field->name,
			 is_nested ? "." : "");
		if (is_nested) {
			put_heads(out, field->of, str_of(name), is_first);
			continue;
		}
		if (!*is_first)
			buf_put_char(out, ',');
		*is_first = false;
		buf_put_str(out, str_of(name));
	}
}

void csv_put_head(struct buf *out, const struct desc *desc)
{
	bool is_first = true;

	put_heads(out, desc, STR_LIT(""), &is_first);
	buf_put_lit(out, "\r\n");
}

/* The value as JSON has it, without the quotes that a plain string has there. */
static void put_value(struct buf *out, const struct desc_field *field, const void *at)
{
	char time[TIME_TEXT_BYTES];
	struct json w;
	size_t start = out->len;

	if (field->type == DESC_TIME) {
		buf_put_str(out, str_of(clock_text(*(const int64_t *)at, time)));
	} else if (field->type == DESC_BOOL) {
		buf_put_str(out, *(const bool *)at ? STR_LIT("true") : STR_LIT("false"));
	} else if (field->type == DESC_STRUCT) {
		json_init(&w, out);
		desc_json(&w, field->of, at);
	} else if (field->type == DESC_CUSTOM) {
		json_init(&w, out);
		field->custom->json(&w, at);
		if (out->len >= start + 2 && out->data[start] == '"') {
			memmove(out->data + start, out->data + start + 1, out->len - start - 2);
			out->len -= 2;
		}
	} else {
		desc_value_text(out, field, at);
	}
}

static bool is_none(const struct desc_field *field, const void *at)
{
	if (field->type == DESC_TIME || field->type == DESC_INT)
		return !*(const int64_t *)at;
	return field->type == DESC_CUSTOM && field->custom->is_none && field->custom->is_none(at);
}

static void put_cells(struct buf *out, const struct desc *desc, const void *value, bool *is_first)
{
	for (size_t i = 0; i < desc->field_count; i++) {
		const struct desc_field *field = &desc->fields[i];
		const char *at = (const char *)value + field->offset, *items;
		struct buf text = { 0 };
		size_t count = 1;

		if (field->flags & DESC_HIDDEN)
			continue;
		if (field->type == DESC_STRUCT && !field->is_array) {
			put_cells(out, field->of, at, is_first);
			continue;
		}
		if (!*is_first)
			buf_put_char(out, ',');
		*is_first = false;
		if (field->is_array) {
			count = *(const size_t *)((const char *)value + field->count_offset);
			memcpy(&items, at, sizeof items);
			at = items;
		} else if (is_none(field, at)) {
			continue;
		}
		for (size_t k = 0; k < count; k++) {
			if (k)
				buf_put_char(&text, ' ');
			put_value(&text, field, at + k * field->size);
		}
		csv_put_cell(out, buf_str(&text));
		buf_release(&text);
	}
}

void csv_put_row(struct buf *out, const struct desc *desc, const void *value)
{
	bool is_first = true;

	put_cells(out, desc, value, &is_first);
	buf_put_lit(out, "\r\n");
}
