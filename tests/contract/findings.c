/* SPDX-License-Identifier: Apache-2.0 */
/* Do findings and what scans leave besides come back, and do their lists show each once, in order? */
#include "store/finding.h"
#include "store/history.h"
#include "tests/contract/scan_rows.h"

static struct finding_row fresh(int64_t domain, const char *check, const char *subject)
{
	return (struct finding_row){ .workspace = WORKSPACE_DEFAULT,
				     .domain = domain,
				     .check_id = str_of(check),
				     .subject = str_of(subject),
				     .severity = SEVERITY_MEDIUM,
				     .text = STR_LIT("it is so"),
				     .first_seen = 1,
				     .last_seen = 2 };
}

static int keeps_fields(struct store_tx *tx, void *context, struct err *err)
{
	int64_t domain = rows_domain(tx, "example.com");
	struct finding_row row = fresh(domain, "mail.spf.present", ""), stale, got;

	row.evidence = STR_LIT("[1]");
	row.opened_by = uuid_new(1);
	TRY(finding_insert(tx, &row, err));
	CHECK_INT(finding_insert(tx, &row, err), -EEXIST);
	TRY(finding_get(tx, 1, row.id, &got, err));
	CHECK_STR(got.name, "example.com");
	CHECK_STR(got.check_id, "mail.spf.present");
	CHECK_STR(got.evidence, "[1]");
	CHECK(got.status == FINDING_OPEN && got.version == 1 &&
	      uuid_eq(got.opened_by, row.opened_by));
	CHECK_INT(finding_get(tx, 2, row.id, &got, err), -ENOENT);
	TRY(finding_seen(tx, &row.id, 1, 77, err));
	stale = got;
	got.status = FINDING_ACCEPTED;
	got.reason = STR_LIT("known");
	got.until = 99;
	got.decided_by = STR_LIT("usr_x");
	got.last_seen = 78;
	TRY(finding_update(tx, &got, err));
	CHECK_INT(got.version, 2);
	CHECK_INT(finding_update(tx, &stale, err), -ESTALE);
	TRY(finding_get(tx, 1, row.id, &got, err));
	CHECK(got.status == FINDING_ACCEPTED && got.until == 99 && got.last_seen == 78);
	CHECK_STR(got.reason, "known");
	CHECK_STR(got.decided_by, "usr_x");
	CHECK_INT(got.first_seen, 1);
	return 0;
}

TEST(a_finding_comes_back_as_it_was_written)
{
	rows_run(keeps_fields);
}

static int lapses(struct store_tx *tx, void *context, struct err *err)
{
	int64_t domain = rows_domain(tx, "example.com");
	struct finding_row row = fresh(domain, "x.a", ""), *over;
	size_t count;

	row.status = FINDING_ACCEPTED;
	row.until = 100;
	TRY(finding_insert(tx, &row, err));
	row.subject = STR_LIT("for ever");
	row.until = 0;
	TRY(finding_insert(tx, &row, err));
	TRY(finding_lapsed(tx, 99, 10, &over, &count, err));
	CHECK_INT(count, 0);
	TRY(finding_lapsed(tx, 100, 10, &over, &count, err));
	CHECK_INT(count, 1);
	CHECK_INT(over[0].until, 100);
	return 0;
}

TEST(an_acceptance_is_over_at_its_time)
{
	rows_run(lapses);
}

/* ---- lists ---- */

enum { DOMAINS = 12, CHECKS = 5 };

static const char *const check_ids[CHECKS] = { "dns.a", "mail.a", "mail.b", "mail.b.c", "web.a" };

/* Each domain has a finding of each check; some are fixed; every third domain is tagged. */
static int insert_many(struct store_tx *tx, void *context, struct err *err)
{
	struct str tag = STR_LIT("corp");

	for (int i = 0; i < DOMAINS; i++) {
		struct domain_row domain = { .workspace = WORKSPACE_DEFAULT,
					     .name = str_printf(tx->a, "d%d.example", i),
					     .profile = DOMAIN_NO_PROFILE,
					     .tags = &tag,
					     .tag_count = i % 3 ? 0 : 1 };

		TRY(domain_insert(tx, &domain, err));
		for (int k = 0; k < CHECKS; k++) {
			struct finding_row row = fresh(domain.no, check_ids[k], "");

			row.severity = (enum severity)((i + k) % 5);
			row.status = i % 4 ? FINDING_OPEN : FINDING_FIXED;
			TRY(finding_insert(tx, &row, err));
		}
	}
	return 0;
}

struct walk {
	struct finding_filter filter;
	size_t seen;
	bool inserts;
};

static bool fits(const struct finding_filter *filter, const struct finding_row *row)
{
	return (!filter->check_prefix.len || str_starts(row->check_id, filter->check_prefix)) &&
	       (filter->status < 0 || (int)row->status == filter->status) &&
	       (int)row->severity >= filter->min_severity &&
	       (!filter->domain || row->domain == filter->domain);
}

static int walk_list(struct store_tx *tx, void *context, struct err *err)
{
	struct walk *walk = context;
	struct page page = { .limit = 3 };
	struct finding_row last = { .severity = SEVERITY_CRITICAL };
	int pages = 0;

	memset(&last.id, 0xff, sizeof last.id);
	walk->seen = 0;
	do {
		struct finding_row *rows, more;
		size_t count;

		TRY(finding_list(tx, &walk->filter, &page, &rows, &count, &page.after, err));
		CHECK(count <= 3);
		for (size_t i = 0; i < count; i++) {
			CHECK(rows[i].severity < last.severity ||
			      (rows[i].severity == last.severity &&
			       uuid_cmp(rows[i].id, last.id) < 0));
			last = rows[i];
			CHECK(fits(&walk->filter, &last));
		}
		walk->seen += count;
		if (walk->inserts) { /* what is worse or newer stands before the place */
			more = fresh(1 + pages % DOMAINS, "mail.z", "");
			more.subject = str_printf(tx->a, "%d", pages);
			more.severity = SEVERITY_CRITICAL;
			TRY(finding_insert(tx, &more, err));
		}
		CHECK(++pages < 1000);
	} while (page.after.len);
	return 0;
}

TEST(findings_are_listed_once_worst_first_while_others_come)
{
	static const struct {
		const char *name;
		struct finding_filter filter;
		size_t seen;
	} table[] = {
		{ "all", { .status = -1 }, 60 },
		{ "open", { .status = FINDING_OPEN }, 45 },
		{ "accepted", { .status = FINDING_ACCEPTED }, 0 },
		{ "severe", { .status = -1, .min_severity = SEVERITY_HIGH }, 24 },
		{ "of a check", { .status = -1, .check_prefix = STR_INIT("mail.a") }, 12 },
		{ "of checks", { .status = -1, .check_prefix = STR_INIT("mail.") }, 36 },
		{ "of a check and what begins so",
		  { .status = FINDING_FIXED, .check_prefix = STR_INIT("mail.b") },
		  6 },
		{ "of a tag", { .status = -1, .tag = STR_INIT("corp") }, 20 },
		{ "of a tag and checks",
		  { .status = FINDING_OPEN,
		    .tag = STR_INIT("corp"),
		    .check_prefix = STR_INIT("mail.") },
		  9 },
		{ "of no tag", { .status = -1, .tag = STR_INIT("none") }, 0 },
		{ "of a domain", { .status = -1, .domain = 2 }, 5 },
		{ "of a domain and checks",
		  { .status = -1, .domain = 2, .check_prefix = STR_INIT("mail.b") },
		  2 },
		{ "of a fixed domain", { .status = FINDING_OPEN, .domain = 1 }, 0 },
	};
	struct rows rows;

	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		struct walk walk = { .filter = table[i].filter };

		test_row("%s", table[i].name);
		walk.filter.workspace = WORKSPACE_DEFAULT;
		rows_open(&rows);
		rows_write(&rows, insert_many, NULL, 0);
		rows_read(&rows, walk_list, &walk, 0);
		CHECK_INT(walk.seen, table[i].seen);
		walk.inserts = true;
		rows_write(&rows, walk_list, &walk, 0);
		CHECK_INT(walk.seen, table[i].seen);
		walk.inserts = false;
		walk.filter.workspace = 2;
		rows_write(&rows, walk_list, &walk, 0);
		CHECK_INT(walk.seen, 0);
		rows_close(&rows);
	}
}

static int groups(struct store_tx *tx, void *context, struct err *err)
{
	struct finding_filter filter = { .workspace = WORKSPACE_DEFAULT, .status = FINDING_OPEN };
	struct finding_row more = fresh(2, "dns.a", "ns1");
	struct finding_group *got;
	size_t count;

	TRY(insert_many(tx, NULL, err));
	TRY(finding_insert(tx, &more, err));
	TRY(finding_groups(tx, &filter, &got, &count, err));
	CHECK_INT(count, CHECKS);
	CHECK_STR(got[0].check_id, "dns.a"); /* all have a critical one: the most frequent first */
	CHECK(got[0].severity == SEVERITY_CRITICAL && got[0].findings == 10 && got[0].domains == 9);
	CHECK(got[1].findings == 9 && str_cmp(got[1].check_id, got[2].check_id) < 0);
	filter.status = FINDING_ACCEPTED;
	TRY(finding_groups(tx, &filter, &got, &count, err));
	CHECK_INT(count, 0);
	return 0;
}

TEST(groups_count_findings_and_domains)
{
	rows_run(groups);
}

/* ---- changes ---- */

static int changes(struct store_tx *tx, void *context, struct err *err)
{
	int64_t first = rows_domain(tx, "a.example"), second = rows_domain(tx, "b.example"), gone;
	struct change_filter filter = { .workspace = WORKSPACE_DEFAULT };
	struct page page = { .limit = 4 };
	int64_t last_at = INT64_MAX, last_no = 0;
	struct change_row *rows;
	size_t count, seen = 0;

	for (int i = 0; i < 20; i++) {
		struct change_row row = { .workspace = WORKSPACE_DEFAULT,
					  .domain = i % 4 ? first : second,
					  .at = 100 + i / 3,
					  .kind = 2,
					  .question = STR_LIT("dns a.example MX"),
					  .field = STR_LIT("records"),
					  .before = STR_LIT("x") };

		TRY(change_insert(tx, &row, err));
	}
	do {
		struct change_row newer = { .workspace = WORKSPACE_DEFAULT,
					    .domain = first,
					    .at = 900,
					    .question = STR_LIT("q"),
					    .field = STR_LIT("f") };

		TRY(change_list(tx, &filter, &page, &rows, &count, &page.after, err));
		for (size_t i = 0; i < count; i++, seen++) {
			CHECK(rows[i].at < last_at ||
			      (rows[i].at == last_at && rows[i].no < last_no));
			last_at = rows[i].at;
			last_no = rows[i].no;
			CHECK(rows[i].kind == 2 && !rows[i].after.len);
			CHECK_STR(rows[i].before, "x");
		}
		TRY(change_insert(tx, &newer, err));
	} while (page.after.len);
	CHECK_INT(seen, 20);
	page.limit = 100;
	filter.domain = second;
	TRY(change_list(tx, &filter, &page, &rows, &count, &page.after, err));
	CHECK_INT(count, 5);
	CHECK_STR(rows[0].name, "b.example");
	filter = (struct change_filter){ .workspace = WORKSPACE_DEFAULT, .from = 101, .to = 103 };
	TRY(change_list(tx, &filter, &page, &rows, &count, &page.after, err));
	CHECK_INT(count, 6);
	filter.workspace = 2;
	TRY(change_list(tx, &filter, &page, &rows, &count, &page.after, err));
	CHECK_INT(count, 0);
	TRY(change_expire(tx, 103, 100, &gone, err));
	CHECK_INT(gone, 9);
	return 0;
}

TEST(changes_are_listed_once_newest_first)
{
	rows_run(changes);
}

/* ---- expiries ---- */

static int expiries(struct store_tx *tx, void *context, struct err *err)
{
	struct expiry_row first[] = { { .kind = EXPIRY_RRSIG, .subject = STR_LIT("z"), .at = 50 },
				      { .kind = EXPIRY_KEY, .subject = STR_LIT(""), .at = 50 } },
			  second[] = { { .kind = EXPIRY_RRSIG,
					 .subject = STR_LIT("z"),
					 .at = 60 } },
			  *got;
	int64_t domains[6];
	struct page page = { .limit = 2 };
	size_t count, seen = 0;
	int64_t last = 0;

	for (int i = 0; i < 6; i++) {
		domains[i] =
			rows_domain(tx, str_cstring(tx->a, str_printf(tx->a, "d%d.example", i)));
		TRY(expiry_replace(tx, WORKSPACE_DEFAULT, domains[i], first, 2, err));
	}
	TRY(expiry_replace(tx, WORKSPACE_DEFAULT, domains[0], second, 1, err));
	TRY(expiry_of_domain(tx, domains[0], &got, &count, err));
	CHECK(count == 1 && got[0].at == 60 && got[0].kind == EXPIRY_RRSIG);
	do {
		TRY(expiry_list(tx, WORKSPACE_DEFAULT, 0, &page, &got, &count, &page.after, err));
		for (size_t i = 0; i < count; i++, seen++) {
			CHECK(got[i].at >= last);
			last = got[i].at;
		}
	} while (page.after.len);
	CHECK_INT(seen, 11);
	CHECK_STR(got[count - 1].name, "d0.example");
	page.limit = 100;
	TRY(expiry_list(tx, WORKSPACE_DEFAULT, 60, &page, &got, &count, &page.after, err));
	CHECK_INT(count, 10);
	TRY(expiry_list(tx, 2, 0, &page, &got, &count, &page.after, err));
	CHECK_INT(count, 0);
	TRY(expiry_replace(tx, WORKSPACE_DEFAULT, domains[0], NULL, 0, err));
	TRY(expiry_of_domain(tx, domains[0], &got, &count, err));
	CHECK_INT(count, 0);
	return 0;
}

TEST(expiries_are_replaced_and_listed_soonest_first)
{
	rows_run(expiries);
}

static int bad_places(struct store_tx *tx, void *context, struct err *err)
{
	struct finding_filter findings = { .workspace = 1, .status = -1 };
	struct change_filter filter = { .workspace = 1 };
	struct page page = { .limit = 3, .after = STR_LIT("short") };
	struct expiry_row *expiry;
	struct finding_row *found;
	struct change_row *change;
	struct str next;
	size_t count;

	CHECK_INT(finding_list(tx, &findings, &page, &found, &count, &next, err), -EINVAL);
	CHECK_INT(change_list(tx, &filter, &page, &change, &count, &next, err), -EINVAL);
	CHECK_INT(expiry_list(tx, 1, 0, &page, &expiry, &count, &next, err), -EINVAL);
	page.after = STR_LIT("seventeen octets.");
	CHECK_INT(change_list(tx, &filter, &page, &change, &count, &next, err), -EINVAL);
	return 0;
}

TEST(places_of_other_lists_are_refused)
{
	rows_run(bad_places);
}

/* ---- a tag and a check together ---- */

enum { TAGGED = 1100, EVERY = 3, PAGE = 50 };

static int add_tagged(struct store_tx *tx, void *context, struct err *err)
{
	for (int i = 0; i < TAGGED; i++) {
		struct arena_mark mark = arena_mark(tx->a);
		struct str tag = STR_LIT("corp");
		struct domain_row domain = { .workspace = WORKSPACE_DEFAULT,
					     .name = str_printf(tx->a, "t%d.example", i),
					     .profile = DOMAIN_NO_PROFILE,
					     .tags = &tag,
					     .tag_count = i % 2 ? 1 : 0 };
		struct finding_row row = {
			.workspace = WORKSPACE_DEFAULT,
			.check_id = i % EVERY ? STR_LIT("dns.other") : STR_LIT("mail.spf.limit"),
			.text = STR_LIT("x"),
			.severity = (enum severity)(i % 4),
		};

		TRY(domain_insert(tx, &domain, err));
		row.domain = domain.no;
		TRY(finding_insert(tx, &row, err));
		arena_rewind(tx->a, mark);
	}
	return 0;
}

/* So many that they are not read all. */
static int tag_all(struct store_tx *tx, void *context, struct err *err)
{
	for (int i = 0; i < TAGGED; i++) {
		struct str tag = STR_LIT("corp");
		struct domain_row row;

		TRY(domain_find(tx, WORKSPACE_DEFAULT, str_printf(tx->a, "t%d.example", i), &row,
				err));
		row.tags = &tag;
		row.tag_count = 1;
		TRY(domain_update(tx, &row, err));
	}
	return 0;
}

static int walk_tagged(struct store_tx *tx, void *context, struct err *err)
{
	struct finding_filter filter = { .workspace = WORKSPACE_DEFAULT,
					 .tag = STR_LIT("corp"),
					 .check_prefix = STR_LIT("mail."),
					 .status = *(int *)context };
	struct page page = { .limit = PAGE };
	size_t seen = 0;

	do {
		struct finding_row *rows;
		size_t count;

		TRY(finding_list(tx, &filter, &page, &rows, &count, &page.after, err));
		CHECK(count == PAGE || !page.after.len); /* only the last is not full */
		for (size_t i = 0; i < count; i++)
			CHECK(str_eq(rows[i].check_id, STR_LIT("mail.spf.limit")));
		seen += count;
	} while (page.after.len);
	*(int *)context = (int)seen;
	return 0;
}

TEST(pages_of_a_tag_and_a_check_are_full)
{
	struct rows rows;
	int any = -1, open = FINDING_OPEN;

	rows_open(&rows);
	rows_write(&rows, add_tagged, NULL, 0); /* 550 have the tag: few */
	rows_read(&rows, walk_tagged, &any, 0);
	CHECK_INT(any, TAGGED / (2 * EVERY));
	rows_close(&rows);
	rows_open(&rows);
	for (int i = 0; i < 2; i++)
		rows_write(&rows, i ? tag_all : add_tagged, NULL, 0);
	any = -1;
	rows_read(&rows, walk_tagged, &any, 0);
	rows_read(&rows, walk_tagged, &open, 0);
	CHECK_INT(any, (TAGGED + EVERY - 1) / EVERY);
	CHECK_INT(open, any);
	rows_close(&rows);
}

static int plans_reminders(struct store_tx *tx, void *context, struct err *err)
{
	static const struct {
		enum expiry_kind kind;
		int64_t lifetime_days, left_days; /* when it is asked */
		int64_t next_left_s;              /* what is left at the next one; -1: none */
	} cases[] = {
		{ EXPIRY_CERTIFICATE, 90, 60, 30 * 86400 },
		{ EXPIRY_CERTIFICATE, 0, 31, 30 * 86400 },
		{ EXPIRY_CERTIFICATE, 90, 30, 10 * 86400 },
		{ EXPIRY_CERTIFICATE, 90, 10, 3 * 86400 },
		{ EXPIRY_CERTIFICATE, 90, 3, 0 },
		{ EXPIRY_CERTIFICATE, 90, 0, -1 },
		{ EXPIRY_CERTIFICATE, 6, 5, 2 * 86400 },      /* of a short one a third, too */
		{ EXPIRY_CERTIFICATE, 398, 200, 30 * 86400 }, /* of a long one as of 90 days */
		{ EXPIRY_REGISTRATION, 365, 200, 2628000 },   /* a twelfth of a year */
		{ EXPIRY_REGISTRATION, 3650, 200, 2628000 },
		{ EXPIRY_REGISTRATION, 365, 2, 86400 },
		{ EXPIRY_RRSIG, 0, 10, 241920 },
		{ EXPIRY_KEY, 0, 10, -1 },
	};

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		int64_t at = tx->now_us + cases[i].left_days * DAY_US,
			got = expiry_reminder(cases[i].kind, at, cases[i].lifetime_days * DAY_US,
					      tx->now_us);

		test_row("%zu", i);
		CHECK_INT(got,
			  cases[i].next_left_s < 0 ? 0 : at - cases[i].next_left_s * SECOND_US);
	}
	return 0;
}

TEST(reminders_come_by_fractions_of_a_lifetime)
{
	rows_run(plans_reminders);
}

static int reminds(struct store_tx *tx, void *context, struct err *err)
{
	struct domain_row domain = { .workspace = WORKSPACE_DEFAULT, .name = STR_LIT("a.example") };
	struct expiry_row row = { .kind = EXPIRY_CERTIFICATE, .subject = STR_LIT("www:443") };
	struct expiry_due *due;
	size_t count;

	TRY(domain_insert(tx, &domain, err));
	row.at = tx->now_us + 20 * DAY_US; /* 10 days before is next: what is past is not told */
	TRY(expiry_replace(tx, WORKSPACE_DEFAULT, domain.no, &row, 1, err));
	tx->now_us += 9 * DAY_US;
	TRY(expiry_due(tx, 10, &due, &count, err));
	CHECK_INT(count, 0);
	tx->now_us += DAY_US;
	TRY(expiry_due(tx, 10, &due, &count, err));
	CHECK(count == 1 && due[0].is_planned && !due[0].is_deleted);
	CHECK_STR(due[0].row.subject, "www:443");
	TRY(expiry_remind(tx, &due[0].row, 0, err));
	TRY(expiry_due(tx, 10, &due, &count, err));
	CHECK_INT(count, 0);
	row.at = tx->now_us + 9 * DAY_US; /* another one, of nine days: a third is left in six */
	TRY(expiry_replace(tx, WORKSPACE_DEFAULT, domain.no, &row, 1, err));
	tx->now_us += 6 * DAY_US;
	TRY(expiry_due(tx, 10, &due, &count, err));
	CHECK_INT(count, 1);
	TRY(domain_delete(tx, domain.no, false, err));
	TRY(expiry_due(tx, 10, &due, &count, err));
	CHECK(count == 1 && due[0].is_deleted);
	return 0;
}

TEST(a_reminder_is_due_when_its_time_has_come)
{
	rows_run(reminds);
}
