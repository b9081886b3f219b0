/* SPDX-License-Identifier: Apache-2.0 */
/* How do documents stand in columns? */
#include "cli/table.h"

#include "base/terminal.h"

enum { GAP = 2, CELL_MOST = 60 };

/* 2026-11-22T19:40:02Z */
static struct str time_shown(struct arena *a, struct str text, bool has_time)
{
	struct buf out;

	if (text.len < 16 || text.data[10] != 'T')
		return text;
	buf_init(&out, a);
	buf_put_str(&out, str_first(text, 10));
	if (has_time)
		buf_printf(&out, " %.*s", 5, text.data + 11);
	return buf_str(&out);
}

static struct str sign_of(struct str word)
{
	return str_eq(word, STR_LIT("added"))     ? STR_LIT("+")
	       : str_eq(word, STR_LIT("removed")) ? STR_LIT("-")
	       : str_eq(word, STR_LIT("changed")) ? STR_LIT("~")
						  : word;
}

static struct str change_of(struct arena *a, const struct document *document)
{
	struct str before = document_text(a, document, "before");
	struct str after = document_text(a, document, "after");

	if (!before.len || !after.len)
		return before.len ? before : after;
	return str_printf(a, "%.*s → %.*s", STR(before), STR(after));
}

/* What a cell shows, encoded. */
static struct str cell_text(struct arena *a, const struct column *column,
			    const struct document *document)
{
	struct str text = document_text(a, document, column->path);
	struct buf out;

	if (column->kind == COLUMN_COUNT && !text.len)
		return STR_LIT("0");
	if (column->kind == COLUMN_CHANGE)
		text = change_of(a, document);
	if (column->kind == COLUMN_SIGN)
		text = sign_of(text);
	if (column->kind == COLUMN_TIME || column->kind == COLUMN_DATE)
		text = time_shown(a, text, column->kind == COLUMN_TIME);
	buf_init(&out, a);
	terminal_put(&out, text);
	return buf_str(&out);
}

/* At most so many columns of it; code points are not cut. */
static struct str cell_cut(struct arena *a, struct str text, size_t most)
{
	size_t columns = 0, at = 0;
	struct buf out;

	if (terminal_columns(text) <= most)
		return text;
	while (at < text.len && columns + 3 < most) {
		at++;
		while (at < text.len && ((unsigned char)text.data[at] & 0xc0) == 0x80)
			at++;
		columns++;
	}
	buf_init(&out, a);
	buf_put_str(&out, str_first(text, at));
	buf_put_lit(&out, "...");
	return buf_str(&out);
}

/* What stands between a cell and the next is put before the next: no line ends with blanks. */
struct line {
	struct buf *out;
	size_t gap;
};

static void cell_put(struct line *line, struct str text, size_t width, bool is_number)
{
	size_t columns = terminal_columns(text);
	size_t room = width > columns ? width - columns : 0;

	if (is_number)
		line->gap += room;
	if (text.len) {
		buf_printf(line->out, "%*s%.*s", (int)line->gap, "", STR(text));
		line->gap = 0;
	} else {
		line->gap += columns;
	}
	line->gap += (is_number ? 0 : room) + GAP;
}

static size_t width_of(const struct str *cells, size_t column, size_t column_count,
		       size_t row_count, const char *title)
{
	size_t width = 0;

	for (size_t row = 0; row < row_count; row++)
		width = MAX(width, terminal_columns(cells[row * column_count + column]));
	return title && width ? MAX(width, strlen(title)) : width;
}

/* Columns of no width are left out. */
static void row_put(struct buf *out, const struct column *columns, size_t column_count,
		    const size_t *widths, const struct str *cells)
{
	struct line line = { out, 0 };

	for (size_t i = 0; i < column_count; i++)
		if (widths[i])
			cell_put(&line, cells[i], widths[i],
				 columns[i].kind == COLUMN_NUMBER ||
					 columns[i].kind == COLUMN_COUNT);
	buf_put_char(out, '\n');
}

void table_put(struct buf *out, const struct column *columns, size_t column_count,
	       const struct document *rows, size_t row_count, unsigned flags, unsigned width)
{
	size_t widths[TABLE_COLUMNS] = { 0 }, used = 0, last = 0;
	struct str titles[TABLE_COLUMNS];
	struct arena a = { 0 };
	struct str *cells = arena_array(&a, row_count * column_count + 1, sizeof *cells);

	for (size_t row = 0, at = 0; row < row_count; row++)
		for (size_t i = 0; i < column_count; i++, at++) {
			cells[at] = cell_text(&a, &columns[i], &rows[row]);
			if (i + 1 < column_count)
				cells[at] = cell_cut(&a, cells[at], CELL_MOST);
		}
	for (size_t i = 0; i < column_count; i++) {
		titles[i] = str_of(columns[i].title);
		widths[i] = width_of(cells, i, column_count, row_count, columns[i].title);
		if (!widths[i] && !(flags & TABLE_DROPS_EMPTY))
			widths[i] = MAX(titles[i].len, (size_t)1);
		last = widths[i] ? i : last;
	}
	for (size_t i = 0; i < last; i++)
		used += widths[i] ? widths[i] + GAP : 0;
	if (flags & TABLE_TITLES)
		row_put(out, columns, column_count, widths, titles);
	for (size_t row = 0; row < row_count; row++) {
		struct str *its = cells + row * column_count;

		if (width > used + 10)
			its[last] = cell_cut(&a, its[last], width - used);
		row_put(out, columns, column_count, widths, its);
	}
	arena_release(&a);
}

void table_put_one(struct buf *out, const struct column *columns, size_t column_count,
		   const struct document *document)
{
	struct arena a = { 0 };
	size_t width = 0;

	for (size_t i = 0; i < column_count; i++)
		if (cell_text(&a, &columns[i], document).len)
			width = MAX(width, strlen(columns[i].title));
	for (size_t i = 0; i < column_count; i++) {
		struct str text = cell_text(&a, &columns[i], document);

		if (text.len)
			buf_printf(out, " %-*s  %.*s\n", (int)width, columns[i].title, STR(text));
	}
	arena_release(&a);
}
