/* SPDX-License-Identifier: Apache-2.0 */
/* Do domains come back as they were written, and do their lists show each of them once, in order? */
#include "tests/contract/rows.h"

#include "store/domain.h"
#include "store/workspace.h"

static struct domain_row fresh(const char *name)
{
	return (struct domain_row){ .workspace = WORKSPACE_DEFAULT,
				    .name = str_of(name),
				    .profile = DOMAIN_NO_PROFILE };
}

static int keeps_fields(struct store_tx *tx, void *context, struct err *err)
{
	struct str tags[] = { STR_INIT("web"), STR_INIT("corp"), STR_INIT("web") };
	struct domain_row row = fresh("example.com"), got;

	row.owner = STR_LIT("it@example.com");
	row.notes = STR_LIT("two\nlines");
	row.profile = 2;
	row.expectations = STR_LIT("{\"ports\":[443]}");
	row.tags = tags;
	row.tag_count = 3;
	TRY(domain_insert(tx, &row, err));
	CHECK(row.no > 0 && row.version == 1 && row.created_at == tx->now_us);
	TRY(domain_find(tx, WORKSPACE_DEFAULT, STR_LIT("example.com"), &got, err));
	CHECK(uuid_eq(got.id, row.id) && got.no == row.no && got.version == 1);
	CHECK_STR(got.owner, "it@example.com");
	CHECK_STR(got.notes, "two\nlines");
	CHECK_STR(got.expectations, "{\"ports\":[443]}");
	CHECK(got.profile == 2 && got.score == -1 && !got.grade && !got.deleted_at);
	CHECK_INT(got.tag_count, 2);
	CHECK_STR(got.tags[0], "corp");
	CHECK_STR(got.tags[1], "web");
	TRY(domain_get(tx, row.no, &got, err));
	CHECK_STR(got.name, "example.com");
	TRY(domain_by_id(tx, WORKSPACE_DEFAULT, row.id, &got, err));
	CHECK_STR(got.name, "example.com");
	row = fresh("example.com");
	CHECK_INT(domain_insert(tx, &row, err), -EEXIST);
	return 0;
}

TEST(a_domain_comes_back_as_it_was_written)
{
	rows_run(keeps_fields);
}

static int misses_rows(struct store_tx *tx, void *context, struct err *err)
{
	int64_t other = rows_workspace(tx, "other");
	struct domain_row row = fresh("example.com"), got;

	TRY(domain_insert(tx, &row, err));
	CHECK_INT(domain_find(tx, other, STR_LIT("example.com"), &got, err), -ENOENT);
	CHECK_INT(domain_by_id(tx, other, row.id, &got, err), -ENOENT);
	CHECK_INT(domain_find(tx, WORKSPACE_DEFAULT, STR_LIT("example.org"), &got, err), -ENOENT);
	CHECK(strstr(err->text, "example.org"));
	CHECK_INT(domain_get(tx, row.no + 1, &got, err), -ENOENT);
	CHECK_INT(domain_delete(tx, row.no + 1, false, err), -ENOENT);
	CHECK_INT(domain_delete(tx, row.no + 1, true, err), -ENOENT);
	row.workspace = other; /* the same name is another domain there */
	return domain_insert(tx, &row, err);
}

TEST(a_domain_that_is_not_there_is_not_found)
{
	rows_run(misses_rows);
}

static int updates(struct store_tx *tx, void *context, struct err *err)
{
	struct str tags[] = { STR_INIT("b"), STR_INIT("a") };
	struct domain_row row = fresh("example.com"), stale, got;

	TRY(domain_insert(tx, &row, err));
	stale = row;
	row.owner = STR_LIT("ops");
	row.tags = tags;
	row.tag_count = 2;
	row.proof_token = STR_LIT("token");
	row.proven_at = 5;
	TRY(domain_update(tx, &row, err));
	CHECK_INT(row.version, 2);
	stale.owner = STR_LIT("late");
	CHECK_INT(domain_update(tx, &stale, err), -ESTALE);
	TRY(domain_get(tx, row.no, &got, err));
	CHECK_STR(got.owner, "ops");
	CHECK_STR(got.tags[0], "a");
	CHECK_STR(got.proof_token, "token");
	CHECK(got.version == 2 && got.proven_at == 5 && got.tag_count == 2);
	row.grade = 5;
	row.score = 77;
	row.scanned_at = 9;
	row.open[SEVERITY_HIGH] = 3;
	row.expires_at = 11;
	TRY(domain_summarise(tx, &row, err));
	TRY(domain_get(tx, row.no, &got, err));
	CHECK(got.version == 2 && got.grade == 5 && got.score == 77 && got.scanned_at == 9);
	CHECK(got.open[SEVERITY_HIGH] == 3 && got.expires_at == 11 && !got.open[SEVERITY_LOW]);
	return 0;
}

TEST(an_update_of_an_old_version_is_refused)
{
	rows_run(updates);
}

static int deletes(struct store_tx *tx, void *context, struct err *err)
{
	struct str tags[] = { STR_INIT("corp") };
	struct domain_row row = fresh("example.com"), again = fresh("example.com"), got;
	struct tag_count *counts;
	size_t count;

	row.tags = tags;
	row.tag_count = 1;
	row.owner = STR_LIT("before");
	TRY(domain_insert(tx, &row, err));
	TRY(domain_delete(tx, row.no, false, err));
	CHECK_INT(domain_find(tx, WORKSPACE_DEFAULT, row.name, &got, err), -ENOENT);
	CHECK_INT(domain_delete(tx, row.no, false, err), -ENOENT);
	CHECK_INT(domain_update(tx, &row, err), -ESTALE);
	TRY(domain_find_deleted(tx, WORKSPACE_DEFAULT, row.name, &got, err));
	CHECK(got.deleted_at == tx->now_us);
	TRY(domain_tags(tx, WORKSPACE_DEFAULT, 10, &counts, &count, err));
	CHECK_INT(count, 0);
	again.owner = STR_LIT("after");
	TRY(domain_insert(tx, &again, err)); /* the same row, with its history */
	CHECK(again.no == row.no && uuid_eq(again.id, row.id) && again.version > row.version);
	CHECK_STR(again.owner, "after");
	CHECK(!again.deleted_at && !again.tag_count);
	CHECK_INT(domain_find_deleted(tx, WORKSPACE_DEFAULT, row.name, &got, err), -ENOENT);
	TRY(domain_delete(tx, row.no, true, err));
	CHECK_INT(domain_get(tx, row.no, &got, err), -ENOENT);
	again = fresh("example.com");
	TRY(domain_insert(tx, &again, err)); /* a number is never given again */
	CHECK(again.no > row.no && !uuid_eq(again.id, row.id));
	return 0;
}

TEST(a_deleted_domain_is_brought_back_and_a_purged_one_is_not)
{
	rows_run(deletes);
}

/* ---- lists ---- */

enum { PLANTED = 60 };

static const char *const owners[] = { NULL, "it", "web" };

/* Rows in which every column that is ordered or asked for has repeats and gaps. */
static void plant(struct store_tx *tx, int from, int to, int64_t workspace)
{
	for (int i = from; i < to; i++) {
		struct str tags[] = { STR_INIT("even"), STR_INIT("third") };
		char name[40];
		struct domain_row row;

		snprintf(name, sizeof name, "%c%d.%s", "xmca"[i % 4], i * 7919 % 101,
			 i % 5 ? "example.com" : "a_b.example");
		row = fresh(name);
		row.workspace = workspace;
		row.owner = str_of(owners[i % 3]);
		row.tags = i % 2 ? tags + 1 : tags;
		row.tag_count = (i % 2 == 0) + (i % 3 == 0 || i % 2 == 0);
		if (i % 2 && i % 3)
			row.tag_count = 0;
		CHECK_INT(domain_insert(tx, &row, NULL), 0);
		row.grade = i % 8;
		row.scanned_at = i % 4 ? ROWS_START - (i % 6) * DAY_US : 0;
		row.expires_at = i % 5 ? ROWS_START + (i % 7) * DAY_US : 0;
		row.open[i % 5] = i;
		CHECK_INT(domain_summarise(tx, &row, NULL), 0);
	}
}

struct question {
	const char *says;
	struct domain_filter filter;
};

#define TEXT(literal)                                                                              \
	{                                                                                          \
		("" literal), sizeof(literal) - 1                                                  \
	}

static const struct question questions[] = {
	{ "all", { 0 } },
	{ "part of the name", { .contains = TEXT("c1") } },
	{ "below a name", { .name_glob = TEXT("*.a_b.example") } },
	{ "star inside", { .name_glob = TEXT("m*1.example.com") } },
	{ "one name", { .name_glob = TEXT("x0.a_b.example") } },
	{ "tag", { .tag = TEXT("even") } },
	{ "no such tag", { .tag = TEXT("none") } },
	{ "owner", { .owner = TEXT("web") } },
	{ "grade", { .grade = 3 } },
	{ "tag and owner and grade", { .tag = TEXT("third"), .owner = TEXT("it"), .grade = 4 } },
	{ "expires soon", { .expires_before = ROWS_START + 3 * DAY_US } },
	{ "scanned long ago", { .scanned_before = ROWS_START - 2 * DAY_US } },
	{ "changed since", { .changed_since = ROWS_START - DAY_US } },
};

static bool glob_matches(struct str glob, struct str name)
{
	ptrdiff_t star = str_find_char(glob, '*');

	if (star < 0)
		return str_eq(glob, name);
	return name.len + 1 >= glob.len && str_starts(name, str_first(glob, (size_t)star)) &&
	       str_ends(name, str_from(glob, (size_t)star + 1));
}

static bool matches(const struct domain_filter *f, const struct domain_row *row)
{
	bool has_tag = !f->tag.len;

	for (size_t i = 0; i < row->tag_count; i++)
		has_tag |= str_eq(row->tags[i], f->tag);
	return has_tag && (!f->contains.len || str_find(row->name, f->contains) >= 0) &&
	       (!f->name_glob.len || glob_matches(f->name_glob, row->name)) &&
	       (!f->owner.len || str_eq(f->owner, row->owner)) &&
	       (!f->grade || f->grade == row->grade) &&
	       (!f->expires_before || (row->expires_at && row->expires_at < f->expires_before)) &&
	       (!f->scanned_before || row->scanned_at < f->scanned_before) &&
	       (!f->changed_since || MAX(row->updated_at, row->scanned_at) >= f->changed_since);
}

static int64_t key_of(const struct domain_row *row, enum domain_order order)
{
	switch (order) {
	case DOMAIN_BY_GRADE:
		return row->grade;
	case DOMAIN_BY_SCANNED:
		return row->scanned_at;
	case DOMAIN_BY_EXPIRY:
		return row->expires_at ? row->expires_at : INT64_MAX;
	default:
		return 0;
	}
}

static const struct domain_filter *sorting;

static int row_order(const void *a, const void *b)
{
	const struct domain_row *x = a, *y = b;
	int64_t kx = key_of(x, sorting->order), ky = key_of(y, sorting->order);
	int order = kx < ky ? -1 : kx > ky ? 1 : str_cmp(x->name, y->name);

	return sorting->is_descending ? -order : order;
}

/* What the list must be, by other means: every row by its number, kept and sorted here. */
static size_t expected(struct store_tx *tx, const struct domain_filter *filter, int64_t newest,
		       struct domain_row *ret)
{
	size_t count = 0;

	for (int64_t no = 1; no <= newest; no++) {
		CHECK_INT(domain_get(tx, no, &ret[count], NULL), 0);
		if (!ret[count].deleted_at && ret[count].workspace == WORKSPACE_DEFAULT &&
		    matches(filter, &ret[count]))
			count++;
	}
	sorting = filter;
	qsort(ret, count, sizeof *ret, row_order);
	return count;
}

static void check_pages(struct store_tx *tx, const struct domain_filter *filter, unsigned limit,
			const struct domain_row *want, size_t want_count)
{
	struct page page = { .limit = limit };
	size_t seen = 0;

	do {
		struct domain_row *rows = NULL;
		size_t count = 0;

		CHECK_INT(domain_list(tx, filter, &page, &rows, &count, &page.after, NULL), 0);
		CHECK(count == limit || !page.after.len);
		for (size_t i = 0; i < count; i++) {
			CHECK(seen < want_count);
			CHECK(str_eq(rows[i].name, want[seen].name));
			CHECK_INT(rows[i].tag_count, want[seen].tag_count);
			seen++;
		}
	} while (page.after.len);
	CHECK_INT(seen, want_count);
}

static int lists_in_order(struct store_tx *tx, void *context, struct err *err)
{
	static struct domain_row want[PLANTED + 8];
	int64_t other = rows_workspace(tx, "other");

	plant(tx, 0, PLANTED, WORKSPACE_DEFAULT);
	plant(tx, 0, 5, other);
	CHECK_INT(domain_delete(tx, 7, false, NULL), 0);
	for (size_t i = 0; i < ARRAY_COUNT(questions); i++) {
		for (int way = 0; way < 8; way++) {
			struct domain_filter filter = questions[i].filter;
			size_t count;

			filter.workspace = WORKSPACE_DEFAULT;
			filter.order = (enum domain_order)(way / 2);
			filter.is_descending = way % 2;
			test_row("%s, order %d, %s", questions[i].says, filter.order,
				 filter.is_descending ? "down" : "up");
			count = expected(tx, &filter, PLANTED + 5, want);
			CHECK(count || i == 6);
			for (unsigned limit = 1; limit <= PLANTED; limit += 6)
				check_pages(tx, &filter, limit, want, count);
		}
	}
	return 0;
}

TEST(lists_hold_what_the_filter_asks_for_in_every_order)
{
	rows_run(lists_in_order);
}

static int lists_while_growing(struct store_tx *tx, void *context, struct err *err)
{
	static struct domain_row want[PLANTED / 2];

	plant(tx, 0, PLANTED / 2, WORKSPACE_DEFAULT);
	for (int way = 0; way < 8; way++) {
		struct domain_filter filter = { .workspace = WORKSPACE_DEFAULT,
						.order = (enum domain_order)(way / 2),
						.is_descending = way % 2 };
		struct page page = { .limit = 3 };
		size_t old = expected(tx, &filter, PLANTED / 2, want), seen = 0;
		struct domain_row last = { 0 };
		int next = PLANTED / 2, first = next;

		do { /* rows come in between the pages, before and after where the reader stands */
			struct domain_row *rows;
			size_t count;

			CHECK_INT(domain_list(tx, &filter, &page, &rows, &count, &page.after, err),
				  0);
			for (size_t i = 0; i < count; i++) {
				sorting = &filter;
				CHECK(!last.name.len || row_order(&last, &rows[i]) < 0);
				last = rows[i];
				seen += rows[i].no <= PLANTED / 2;
			}
			if (next < PLANTED) {
				plant(tx, next, next + 2, WORKSPACE_DEFAULT);
				next += 2;
			}
		} while (page.after.len);
		CHECK_INT(seen, old);
		for (int no = first; no < next; no++) { /* as it was, for the next order */
			struct domain_filter all = { .workspace = WORKSPACE_DEFAULT };
			struct domain_row *rows;
			size_t count;

			CHECK_INT(domain_walk(tx, &all, PLANTED / 2, 1, &rows, &count, err), 0);
			CHECK_INT(count, 1);
			CHECK_INT(domain_delete(tx, rows[0].no, true, err), 0);
		}
	}
	return 0;
}

TEST(pages_repeat_and_miss_nothing_while_rows_are_inserted)
{
	rows_run(lists_while_growing);
}

static int refuses_cursors(struct store_tx *tx, void *context, struct err *err)
{
	static const struct {
		const char *says;
		struct str after;
		enum domain_order order;
	} rows[] = {
		{ "short", TEXT("\0\0\0"), DOMAIN_BY_NAME },
		{ "of another order", TEXT("\0\0\0\0\0\0\0\0\0a.example"), DOMAIN_BY_GRADE },
		{ "a control", TEXT("\0\0\0\0\0\0\0\0\0a\n"), DOMAIN_BY_NAME },
		{ "not ASCII", TEXT("\0\0\0\0\0\0\0\0\0\xff"), DOMAIN_BY_NAME },
		{ "a NUL", TEXT("\0\0\0\0\0\0\0\0\0a\0b"), DOMAIN_BY_NAME },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct domain_filter filter = { .workspace = WORKSPACE_DEFAULT,
						.order = rows[i].order };
		struct page page = { .after = rows[i].after, .limit = 10 };
		struct domain_row *ret;
		struct str next;
		size_t count;

		test_row("%s", rows[i].says);
		CHECK_INT(domain_list(tx, &filter, &page, &ret, &count, &next, err), -EINVAL);
	}
	return 0;
}

TEST(a_cursor_that_no_list_gave_is_refused)
{
	rows_run(refuses_cursors);
}

/* Beyond some thousands of a tag the order is walked: the other way to the same rows. */
static int lists_many_of_a_tag(struct store_tx *tx, void *context, struct err *err)
{
	enum { MANY = 5200 };
	struct domain_filter filter = { .workspace = WORKSPACE_DEFAULT,
					.tag = STR_LIT("many"),
					.owner = STR_LIT("it"),
					.order = DOMAIN_BY_SCANNED };
	struct page page = { .limit = 1000 };
	struct str tags[] = { STR_INIT("many") };
	size_t seen = 0;

	for (int i = 0; i < MANY; i++) {
		struct domain_row row;
		char name[32];

		snprintf(name, sizeof name, "d%d.example", i * 7919 % MANY);
		row = fresh(name);
		row.owner = str_of(i % 2 ? "it" : NULL);
		row.tags = tags;
		row.tag_count = 1;
		TRY(domain_insert(tx, &row, err));
	}
	do {
		struct domain_row *rows;
		size_t count;

		TRY(domain_list(tx, &filter, &page, &rows, &count, &page.after, err));
		for (size_t i = 1; i < count; i++)
			CHECK(str_cmp(rows[i - 1].name, rows[i].name) < 0);
		seen += count;
	} while (page.after.len);
	CHECK_INT(seen, MANY / 2);
	filter.owner = STR_NONE;
	filter.tag = STR_NONE;
	for (int64_t no = 0, walked = 0; walked < MANY;) {
		struct domain_row *rows;
		size_t count;

		TRY(domain_walk(tx, &filter, no, 999, &rows, &count, err));
		CHECK(count > 0 && rows[0].no > no);
		no = rows[count - 1].no;
		walked += (int64_t)count;
		CHECK(walked <= MANY);
	}
	return 0;
}

TEST(a_tag_of_many_domains_is_listed_too)
{
	rows_run(lists_many_of_a_tag);
}

static int walks(struct store_tx *tx, void *context, struct err *err)
{
	struct domain_filter filter = { .workspace = WORKSPACE_DEFAULT, .tag = STR_LIT("even") };
	struct domain_row *rows;
	size_t count, all = 0;
	int64_t no = 0;

	plant(tx, 0, PLANTED, WORKSPACE_DEFAULT);
	do {
		TRY(domain_walk(tx, &filter, no, 7, &rows, &count, err));
		for (size_t i = 0; i < count; i++) {
			CHECK(rows[i].no > no && rows[i].name.len && !uuid_is_nil(rows[i].id));
			no = rows[i].no;
		}
		all += count;
	} while (count == 7);
	CHECK_INT(all, PLANTED / 2);
	return 0;
}

TEST(a_walk_passes_each_domain_of_a_tag_once)
{
	rows_run(walks);
}

static int counts(struct store_tx *tx, void *context, struct err *err)
{
	struct portfolio_stats stats;
	struct tag_count *tags;
	size_t count;

	plant(tx, 0, PLANTED, WORKSPACE_DEFAULT);
	plant(tx, 0, 9, rows_workspace(tx, "other"));
	TRY(domain_stats(tx, WORKSPACE_DEFAULT, &stats, err));
	CHECK_INT(stats.domains, PLANTED);
	CHECK_INT(stats.scanned, PLANTED - PLANTED / 4);
	CHECK_INT(stats.by_grade[3], 8);
	CHECK_INT(stats.by_grade[0] + stats.by_grade[7], 8 + 7);
	CHECK_INT(stats.open[0], (0 + 55) * 12 / 2);
	CHECK_INT(stats.expiring_30d, PLANTED - PLANTED / 5);
	TRY(domain_tags(tx, WORKSPACE_DEFAULT, 10, &tags, &count, err));
	CHECK_INT(count, 2);
	CHECK_STR(tags[0].tag, "third");
	CHECK_INT(tags[1].domains, PLANTED / 2);
	return 0;
}

TEST(a_portfolio_is_counted_without_other_workspaces)
{
	rows_run(counts);
}

/* ---- a part of names that few have ---- */

enum { MANY = DOMAIN_NAMES_A_PAGE + 500 };

static int add_many(struct store_tx *tx, void *context, struct err *err)
{
	for (int i = 0; i < MANY; i++) {
		struct arena_mark mark = arena_mark(tx->a);
		bool is_wanted = i == 3 || i == MANY - 3;
		struct domain_row row = { .workspace = WORKSPACE_DEFAULT,
					  .name = str_printf(tx->a, "d%06d%s.example", i,
							     is_wanted ? "wanted" : ""),
					  .profile = DOMAIN_NO_PROFILE };

		TRY(domain_insert(tx, &row, err));
		arena_rewind(tx->a, mark);
	}
	return 0;
}

static int find_few(struct store_tx *tx, void *context, struct err *err)
{
	struct domain_filter filter = { .workspace = WORKSPACE_DEFAULT,
					.contains = STR_LIT("wanted"),
					.is_descending = *(bool *)context };
	struct page page = { .limit = 10 };
	size_t pages = 0, found = 0;

	do {
		struct domain_row *rows;
		size_t count;

		TRY(domain_list(tx, &filter, &page, &rows, &count, &page.after, err));
		CHECK_INT(count, 1); /* each half has one, and neither page looked at all */
		found += count;
		pages++;
	} while (page.after.len);
	CHECK(pages == 2 && found == 2);
	filter.contains = STR_LIT("nowhere");
	page.after = STR_NONE;
	for (pages = 0; pages == 0 || page.after.len; pages++) {
		struct domain_row *rows;
		size_t count;

		TRY(domain_list(tx, &filter, &page, &rows, &count, &page.after, err));
		CHECK_INT(count, 0);
	}
	CHECK_INT(pages, 2);
	return 0;
}

TEST(a_page_of_a_part_of_names_looks_at_so_many_and_the_next_goes_on)
{
	struct rows rows;

	rows_open(&rows);
	rows_write(&rows, add_many, NULL, 0);
	for (int i = 0; i < 2; i++)
		rows_read(&rows, find_few, &(bool){ i == 1 }, 0);
	rows_close(&rows);
}
