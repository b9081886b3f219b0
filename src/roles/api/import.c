/* SPDX-License-Identifier: Apache-2.0 */
/* Many domains in one request: rows in, an outcome a row out, in constant memory. */
#include "app/import.h"

#include "formats/dns/zonefile.h"
#include "model/profile.h"
#include "roles/api/accept.h"
#include "roles/api/request.h"
#include "roles/api/value.h"

enum { ROWS_A_PART = 500, COLUMNS = 32, CELL_TAGS = DOMAIN_TAGS };

enum row_format { ROWS_NDJSON, ROWS_CSV, ROWS_TEXT, ROWS_ZONE };

static const char *const body_types[] = { "application/x-ndjson", "text/csv", "text/plain",
					  "text/dns" /* RFC 4027 */, NULL };
static const char *const columns[] = { "name", "tags", "owner", "notes", "profile", NULL };
enum column { COLUMN_NAME, COLUMN_TAGS, COLUMN_OWNER, COLUMN_NOTES, COLUMN_PROFILE, COLUMN_OTHER };

struct import_domains {
	int mode;
	bool dry_run;
	struct str *tag;
	size_t tag_count;
	struct str owner, origin;
};

static const struct field import_fields[] = {
	FIELD_QUERY(FIELD_CHOICE, struct import_domains, mode,
		    "add leaves what is there, upsert changes it, replace also removes the rest",
		    .words = import_mode_words, .fallback = "add"),
	FIELD_QUERY(FIELD_BOOL, struct import_domains, dry_run, "only say what would happen",
		    .fallback = "false"),
	FIELD_ARRAY(IN_QUERY, FIELD_TEXT, struct import_domains, tag, tag_count, 0,
		    "for rows that have no tags", .least = 1, .most = TAG_BYTES,
		    .items_most = DOMAIN_TAGS),
	FIELD_QUERY(FIELD_TEXT, struct import_domains, owner, "for rows that have no owner",
		    .most = OWNER_BYTES),
	FIELD_QUERY(FIELD_NAME, struct import_domains, origin,
		    "of a zone file: what its relative names stand below, until $ORIGIN says so",
		    .example = "example.com"),
	FIELD_END,
};

/* A row of NDJSON: what POST /domains takes. */
struct row_input {
	struct str name;
	struct str *tags;
	size_t tag_count;
	struct str owner, notes, expectations;
	int profile;
};

static const struct field row_fields[] = {
	FIELD_BODY(FIELD_TEXT, struct row_input, name, "the domain", .most = 2048,
		   .flags = FIELD_REQUIRED),
	FIELD_ARRAY(IN_BODY, FIELD_TEXT, struct row_input, tags, tag_count, 0, "labels", .least = 1,
		    .most = TAG_BYTES, .items_most = DOMAIN_TAGS),
	FIELD_BODY(FIELD_TEXT, struct row_input, owner, "who answers for it", .most = OWNER_BYTES),
	FIELD_BODY(FIELD_LINES, struct row_input, notes, "for people", .most = NOTES_BYTES),
	FIELD_BODY(FIELD_CHOICE, struct row_input, profile, "how much its scans ask",
		   .words = profile_words),
	FIELD_BODY(FIELD_JSON, struct row_input, expectations, "what is right for it",
		   .most = EXPECTATIONS_BYTES),
	FIELD_END,
};

struct importing {
	struct arena arena; /* of a part */
	struct import *import;
	enum row_format format;
	size_t column_count;
	enum column column[COLUMNS]; /* of CSV; COLUMN_NAME alone without a head */
	struct zonefile zone;        /* of a zone file: as far as it was read */
};

static void row_refuse(struct import_row *row, struct arena *a, struct str pointer,
		       const char *code, struct str detail)
{
	row->is_unreadable = true;
	row->error = (struct field_error){ str_copy(a, pointer), str_of(code), detail };
}

static void row_read_json(struct arena *a, struct str text, struct import_row *row)
{
	const struct row_input *in;
	struct complaints complaints;
	struct err err = { 0 };
	struct input input;

	complaints_init(&complaints, a);
	input_begin(a, row_fields, sizeof *in, &input);
	in = input.values;
	if (input_read_body(a, &input, text, &complaints, &err) < 0) {
		row_refuse(row, a, STR_LIT(""), "syntax", str_copy(a, str_of(err.text)));
		return;
	}
	input_end(a, &input, &complaints);
	if (complaints.first) {
		row_refuse(row, a, complaints.first->where, complaints.first->code,
			   complaints.first->detail);
		return;
	}
	row->input = (struct domain_input){
		.name = in->name,
		.has_tags = input_given(&input, "tags"),
		.has_owner = input_given(&input, "owner"),
		.has_notes = input_given(&input, "notes"),
		.has_profile = input_given(&input, "profile"),
		.has_expectations = input_given(&input, "expectations"),
		.tags = in->tags,
		.tag_count = in->tag_count,
		.owner = in->owner,
		.notes = in->notes,
		.profile = str_of(profile_words[in->profile]),
		.expectations = in->expectations,
	};
}

/* Tags of a cell stand between blanks, semicolons or commas. */
static void tags_read(struct arena *a, struct str cell, struct domain_input *input)
{
	struct str *tags = arena_array(a, CELL_TAGS + 1, sizeof *tags);
	size_t start = 0;

	input->has_tags = true;
	input->tags = tags;
	for (size_t i = 0; i <= cell.len; i++) {
		if (i < cell.len && !strchr(" ;,\t", cell.data[i]))
			continue;
		if (i > start && input->tag_count <= CELL_TAGS)
			tags[input->tag_count++] = str_first(str_from(cell, start), i - start);
		start = i + 1;
	}
}

/* An empty cell is a field that is not given. */
static void cell_put(struct arena *a, enum column column, struct str cell,
		     struct domain_input *input)
{
	if (!cell.len)
		return;
	switch (column) {
	case COLUMN_NAME:
		input->name = cell;
		break;
	case COLUMN_TAGS:
		tags_read(a, cell, input);
		break;
	case COLUMN_OWNER:
		input->has_owner = true;
		input->owner = cell;
		break;
	case COLUMN_NOTES:
		input->has_notes = true;
		input->notes = cell;
		break;
	case COLUMN_PROFILE:
		input->has_profile = true;
		input->profile = cell;
		break;
	case COLUMN_OTHER:
		break;
	}
}

static void row_read_csv(const struct importing *importing, struct arena *a, struct str text,
			 struct import_row *row)
{
	struct str cells[COLUMNS];
	size_t count = 0;
	int code = text_is_utf8(text) ? csv_cells(a, text, COLUMNS, cells, &count) : -EILSEQ;

	if (code < 0) {
		row_refuse(row, a, STR_LIT(""), "syntax",
			   code == -EILSEQ     ? STR_LIT("no UTF-8")
			   : code == ERR_LIMIT ? STR_LIT("too many cells")
					       : STR_LIT("a quote where none may be"));
		return;
	}
	if (count > importing->column_count) {
		row_refuse(row, a, STR_LIT(""), "columns",
			   str_printf(a, "%zu cells, but %zu columns", count,
				      importing->column_count));
		return;
	}
	for (size_t i = 0; i < count; i++)
		cell_put(a, importing->column[i], str_trim(cells[i]), &row->input);
	row->input.name = str_copy(a, row->input.name);
}

/* False: the line has no name that is not there yet. */
static bool row_read_zone(struct importing *importing, struct arena *a, struct str text,
			  struct import_row *row)
{
	struct err err = { 0 };
	struct str owner;
	int code = text_is_utf8(text) ? zonefile_owner(&importing->zone, text, &owner, &err)
				      : err_set(&err, ERR_SYNTAX, "no UTF-8");

	if (code < 0)
		row_refuse(row, a, STR_LIT(""), "syntax", str_copy(a, str_of(err.text)));
	else if (code > 0)
		row->input.name = str_copy(a, owner);
	return code != 0;
}

/* False: it is no row. */
static bool row_read(const struct request *r, struct importing *importing, struct arena *a,
		     struct str text, struct import_row *row)
{
	const struct import_domains *in = r->input.values;

	if (importing->format == ROWS_ZONE) {
		if (!row_read_zone(importing, a, text, row))
			return false;
	} else if (importing->format == ROWS_NDJSON) {
		row_read_json(a, text, row);
	} else if (importing->format == ROWS_CSV) {
		row_read_csv(importing, a, str_copy(a, text), row);
	} else if (text_is_utf8(text)) {
		row->input.name = str_copy(a, str_trim(text));
	} else {
		row_refuse(row, a, STR_LIT(""), "syntax", STR_LIT("no UTF-8"));
	}
	if (in->tag_count && !row->input.has_tags) {
		row->input.has_tags = true;
		row->input.tags = in->tag;
		row->input.tag_count = in->tag_count;
	}
	if (in->owner.len && !row->input.has_owner) {
		row->input.has_owner = true;
		row->input.owner = in->owner;
	}
	return true;
}

static bool is_skipped(const struct importing *importing, struct str text)
{
	text = str_trim(text);
	return !text.len || (importing->format == ROWS_TEXT && text.data[0] == '#');
}

/* Up to ROWS_A_PART rows; *ret_is_end: the file has no more. */
static size_t rows_take(struct request *r, struct importing *importing, struct import_row *rows,
			bool *ret_is_end)
{
	struct arena *a = &importing->arena;
	size_t count = 0, line;
	struct str text;
	int code;

	*ret_is_end = false;
	while (count < ROWS_A_PART) {
		code = spool_record(&r->spool, importing->format == ROWS_CSV, &text, &line);
		*ret_is_end = !code;
		if (!code)
			break;
		if (code > 0 && is_skipped(importing, text))
			continue;
		rows[count] = (struct import_row){ .line = line };
		if (code < 0)
			row_refuse(&rows[count], a, STR_LIT(""), "too-long",
				   STR_LIT("the row is longer than 64 KiB"));
		else if (!row_read(r, importing, a, text, &rows[count]))
			continue;
		count++;
	}
	return count;
}

static void outcome_put(struct buf *out, const struct import_row *row)
{
	struct json w;

	json_init(&w, out);
	json_object(&w);
	json_key(&w, "line");
	json_uint(&w, row->line);
	json_key(&w, "outcome");
	json_text(&w, import_outcome_words[row->outcome]);
	json_key(&w, "name");
	json_str(&w, row->name.len ? row->name : str_first(row->input.name, 300));
	if (row->note.len) {
		json_key(&w, "note");
		json_str(&w, row->note);
	}
	if (row->outcome == IMPORT_REJECTED) {
		json_key(&w, "pointer");
		json_str(&w, row->error.pointer);
		json_key(&w, "code");
		json_str(&w, row->error.code);
		json_key(&w, "detail");
		json_str(&w, row->error.detail);
	}
	json_end(&w);
	buf_put_char(out, '\n');
}

/* The last line: what it came to. */
static void summary_put(struct request *r, struct importing *importing, struct buf *out)
{
	size_t counts[IMPORT_OUTCOMES];
	int64_t removed = 0;
	struct json w;
	int code;

	for (int i = 0; i < IMPORT_OUTCOMES; i++)
		counts[i] = app_import_count(importing->import, (enum import_outcome)i);
	code = app_import_end(importing->import, &removed, &r->problem);
	importing->import = NULL;
	json_init(&w, out);
	json_object(&w);
	json_key(&w, "summary");
	json_object(&w);
	for (int i = 0; i < IMPORT_OUTCOMES; i++) {
		json_key(&w, import_outcome_words[i]);
		json_uint(&w, counts[i]);
	}
	json_key(&w, "removed");
	json_int(&w, removed);
	json_end(&w);
	if (code < 0) {
		json_key(&w, "detail");
		json_text(&w, r->problem.err.text);
	}
	json_end(&w);
	buf_put_char(out, '\n');
}

static int import_next(struct request *r, struct buf *out)
{
	struct importing *importing = r->stream.state;
	struct import_row *rows = arena_array(&importing->arena, ROWS_A_PART, sizeof *rows);
	bool is_end;
	size_t count = rows_take(r, importing, rows, &is_end);
	int code = 0;

	if (count)
		code = app_import_rows(importing->import, &importing->arena, rows, count,
				       &r->problem);
	if (code < 0) {
		r->err = r->problem.err;
		return code;
	}
	for (size_t i = 0; i < count; i++)
		outcome_put(out, &rows[i]);
	arena_rewind(&importing->arena, (struct arena_mark){ 0 });
	if (!is_end)
		return STREAM_MORE;
	summary_put(r, importing, out);
	return STREAM_END;
}

static void import_close(struct request *r)
{
	struct importing *importing = r->stream.state;

	app_import_abandon(importing->import);
	arena_release(&importing->arena);
}

static bool column_find(struct str cell, enum column *ret)
{
	for (int i = 0; columns[i]; i++)
		if (str_eq_nocase(str_trim(cell), str_of(columns[i]))) {
			*ret = (enum column)i;
			return true;
		}
	return false;
}

/* The first record names the columns; without a column "name" it is a row, whose first cell is one.
 * Unknown columns would be lost without a word: they are refused. */
static int head_read(struct request *r, struct importing *importing)
{
	struct str cells[COLUMNS], record;
	bool has_name = false;
	size_t count = 0, line;

	importing->column_count = 1;
	importing->column[0] = COLUMN_NAME;
	if (spool_record(&r->spool, true, &record, &line) <= 0)
		return 0;
	record = str_starts(record, STR_LIT("\xef\xbb\xbf")) ? str_from(record, 3) : record;
	if (csv_cells(&r->arena, str_copy(&r->arena, record), COLUMNS, cells, &count) < 0)
		return answer_problem(r, PROBLEM_MALFORMED, "the first row is no CSV");
	for (size_t i = 0; i < count; i++) {
		if (!column_find(cells[i], &importing->column[i])) {
			importing->column[i] = COLUMN_OTHER;
			complain(&r->complaints, PLACE_BODY, str_printf(&r->arena, "/0/%zu", i),
				 "unknown", "there is no column \"%.*s\"",
				 STR(str_first(str_trim(cells[i]), 60)));
		}
		has_name |= importing->column[i] == COLUMN_NAME;
	}
	if (has_name) {
		importing->column_count = count;
		return r->complaints.count ? answer_complaints(r) : 0;
	}
	complaints_init(&r->complaints, &r->arena);
	importing->column[0] = COLUMN_NAME;
	importing->column_count = 1;
	spool_rewind(&r->spool);
	return 0;
}

static int import_answer(struct request *r)
{
	struct importing *importing = ARENA_NEW(&r->arena, struct importing);
	const struct import_domains *in = r->input.values;
	struct str type = media_of(request_header(r, "Content-Type"));

	while (body_types[importing->format] &&
	       !str_eq_nocase(type, str_of(body_types[importing->format])))
		importing->format++;
	if (!body_types[importing->format])
		return answer_problem(r, PROBLEM_MEDIA_TYPE,
				      "wanted is application/x-ndjson, text/csv, text/dns or "
				      "text/plain");
	if (r->spool.fd < 0)
		return answer_problem(r, PROBLEM_MALFORMED, "there is no body");
	spool_rewind(&r->spool);
	if (importing->format == ROWS_CSV)
		TRY(head_read(r, importing));
	if (in->origin.len) {
		importing->zone.has_origin = true;
		importing->zone.origin_len = in->origin.len;
		memcpy(importing->zone.origin, in->origin.data, in->origin.len);
	}
	if (r->status)
		return 0;
	TRY_APP(r, app_import_begin(r->app, &r->actor, (enum import_mode)in->mode, in->dry_run,
				    &importing->import, &r->problem));
	return answer_stream(
		r, "application/x-ndjson",
		(struct stream){ .next = import_next, .close = import_close, .state = importing });
}

const struct operation operation_domains_import = {
	.handle = import_answer,
	.fields = import_fields,
	.input_size = sizeof(struct import_domains),
	.media = "application/x-ndjson",
	.flags = OPERATION_IMPORT,
	.codes = { 413, 415, 422 },
	.help = "NDJSON of what POST /domains takes, CSV with the columns name, tags, owner, "
		"notes, "
		"profile, text with a name a line, or a zone file (text/dns), whose owner names "
		"are the rows but for wildcards and names with \"_\"; up to 64 MiB. Each row gets "
		"a line: its "
		"number, "
		"outcome and name, and when it is rejected where and why; the last line is the "
		"sum. "
		"Rows are stored as they are answered, 500 at a time.",
};
