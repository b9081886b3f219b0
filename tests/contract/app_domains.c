/* SPDX-License-Identifier: Apache-2.0 */
/* Are domains what somebody said of them, and does everybody hear about it? */
#include "tests/contract/desk.h"

#include "app/audit.h"
#include "app/domain.h"
#include "app/event.h"
#include "app/idempotency.h"
#include "app/scan.h"
#include "app/workspace.h"

static int add(struct desk *d, struct domain_input input, struct domain_row *ret)
{
	return app_domain_add(&d->app, &d->admin, d->a, &input, ret, desk_fresh(d));
}

static int update(struct desk *d, const char *name, int64_t version, struct domain_input input,
		  struct domain_row *ret)
{
	return app_domain_update(&d->app, &d->admin, d->a, str_of(name), version, &input, ret,
				 desk_fresh(d));
}

static int get(struct desk *d, const char *name, struct domain_row *ret)
{
	return app_domain_get(&d->app, &d->admin, d->a, str_of(name), ret, desk_fresh(d));
}

/* The newest audit row, before and after, as one text. */
static struct str newest_audit(struct desk *d)
{
	struct page page = { .limit = 1 };
	struct audit_row *rows;
	struct str next;
	size_t count;

	DESK_CHECK(d,
		   app_audit_list(&d->app, &d->admin, d->a, &page, &rows, &count, &next,
				  desk_fresh(d)),
		   0);
	return str_printf(d->a, "%.*s %.*s %.*s -> %.*s", STR(rows[0].action), STR(rows[0].subject),
			  STR(rows[0].before), STR(rows[0].after));
}

static struct str newest_event(struct desk *d)
{
	struct event_row *rows;
	struct json w;
	struct buf out;
	int64_t newest;
	size_t count;

	DESK_CHECK(d, app_event_newest(&d->app, &d->admin, &newest, desk_fresh(d)), 0);
	DESK_CHECK(d,
		   app_event_after(&d->app, &d->admin, d->a, newest - 1, 10, &rows, &count,
				   desk_fresh(d)),
		   0);
	CHECK_INT(count, 1);
	buf_init(&out, d->a);
	json_init(&w, &out);
	event_json(&w, &rows[0]);
	return buf_str(&out);
}

TEST(a_domain_is_added_updated_and_deleted_with_its_trail)
{
	struct str tags[] = { STR_INIT("Corp"), STR_INIT("web"), STR_INIT("corp") };
	struct domain_input input = { .name = STR_LIT(" B\xc3\xbc"
						      "cher.Example. "),
				      .has_owner = true,
				      .owner = STR_LIT(" it@example.com "),
				      .has_tags = true,
				      .tags = tags,
				      .tag_count = 3 };
	struct domain_input patch = { .has_owner = true, .has_profile = true };
	struct domain_row row, got;
	struct desk d;
	int64_t before, after;

	desk_open(&d);
	DESK_CHECK(&d, add(&d, input, &row), 0);
	CHECK_STR(row.name, "xn--bcher-kva.example");
	CHECK_STR(row.owner, "it@example.com");
	CHECK_INT(row.tag_count, 2);
	CHECK_STR(newest_audit(&d),
		  "domain.create xn--bcher-kva.example  -> "
		  "{\"name\":\"xn--bcher-kva.example\",\"owner\":\"it@example.com\","
		  "\"tags\":[\"corp\",\"web\"],\"is_proven\":false}");
	DESK_CHECK(&d, add(&d, input, &got), -EEXIST);
	DESK_CHECK(&d,
		   get(&d,
		       "b\xc3\xbc"
		       "cher.example",
		       &got),
		   0);
	CHECK(uuid_eq(got.id, row.id));
	patch.profile = STR_LIT("mail");
	DESK_CHECK(&d, update(&d, "xn--bcher-kva.example", 2, patch, &got), -ESTALE);
	CHECK_INT(d.problem.version, 1);
	DESK_CHECK(&d, update(&d, "xn--bcher-kva.example", 1, patch, &got), 0);
	CHECK(got.version == 2 && !got.owner.len && got.profile == 2 && got.tag_count == 2);
	DESK_CHECK(&d, app_event_newest(&d.app, &d.admin, &before, desk_fresh(&d)), 0);
	DESK_CHECK(&d, update(&d, "xn--bcher-kva.example", 0, patch, &got), 0);
	DESK_CHECK(&d, app_event_newest(&d.app, &d.admin, &after, desk_fresh(&d)), 0);
	CHECK(got.version == 2 && before == after); /* it says nothing new */
	DESK_CHECK(&d, app_domain_delete(&d.app, &d.admin, row.name, 1, false, desk_fresh(&d)),
		   -ESTALE);
	DESK_CHECK(&d, app_domain_delete(&d.app, &d.admin, row.name, 2, false, desk_fresh(&d)), 0);
	CHECK(str_find(newest_event(&d), STR_LIT("\"type\":\"dev.dss.domain.deleted.v1\"")) > 0);
	DESK_CHECK(&d, get(&d, "xn--bcher-kva.example", &got), -ENOENT);
	DESK_CHECK(&d, add(&d, input, &got), 0); /* back, with its history */
	CHECK(uuid_eq(got.id, row.id) && got.version > 2);
	desk_close(&d);
}

TEST(a_list_asks_for_names_and_tags_in_any_case)
{
	static const struct domain_filter filters[] = {
		{ .contains = STR_INIT("EXAMPLE") },
		{ .name_glob = STR_INIT("*.Com") },
		{ .tag = STR_INIT("Corp") },
	};
	struct str tag = STR_LIT("corp"), next;
	struct domain_input input = {
		.name = STR_LIT("example.com"), .has_tags = true, .tags = &tag, .tag_count = 1
	};
	struct page page = { .limit = 10 };
	struct domain_row row, *rows;
	struct desk d;
	size_t count;

	desk_open(&d);
	DESK_CHECK(&d, add(&d, input, &row), 0);
#define LIST(filter)                                                                               \
	app_domain_list(&d.app, &d.admin, d.a, filter, &page, &rows, &count, &next, desk_fresh(&d))
	for (size_t i = 0; i < ARRAY_COUNT(filters); i++) {
		DESK_CHECK(&d, LIST(&filters[i]), 0);
		CHECK_INT(count, 1);
	}
	page.after = STR_LIT("forged");
	DESK_CHECK(&d, LIST(&filters[0]), -EINVAL);
	CHECK_STR(desk_error(&d, 0), "/cursor cursor");
	page = (struct page){ .limit = 1001 };
	DESK_CHECK(&d, LIST(&filters[0]), -EINVAL);
	CHECK_STR(desk_error(&d, 0), "/limit range");
#undef LIST
	desk_close(&d);
}

TEST(a_purge_takes_what_is_deleted_too_and_waits_for_open_scans)
{
	struct domain_input input = { .name = STR_LIT("example.com") };
	struct scan_input scan = { .name = STR_LIT("example.com") };
	struct workspace_row workspace;
	struct domain_row row;
	struct scan_row open;
	struct desk d;

	desk_open(&d);
	DESK_CHECK(&d, add(&d, input, &row), 0);
	DESK_CHECK(&d, app_scan_start(&d.app, &d.admin, d.a, &scan, &open, desk_fresh(&d)), 0);
	DESK_CHECK(&d, app_domain_delete(&d.app, &d.admin, row.name, 0, true, desk_fresh(&d)),
		   -EALREADY);
	DESK_CHECK(&d,
		   app_scan_cancel(&d.app, &d.admin, d.a, id_text(d.a, "scn", open.id), &open,
				   desk_fresh(&d)),
		   0);
	DESK_CHECK(&d, app_domain_delete(&d.app, &d.admin, row.name, 0, false, desk_fresh(&d)), 0);
	DESK_CHECK(&d, app_domain_delete(&d.app, &d.admin, row.name, 0, true, desk_fresh(&d)), 0);
	CHECK_STR(desk_audited(&d), "domain.purge");
	CHECK(str_find(newest_event(&d), STR_LIT("\"name\":\"example.com\",\"is_purged\":true")) >
	      0);
	DESK_CHECK(&d, app_domain_delete(&d.app, &d.admin, row.name, 0, true, desk_fresh(&d)),
		   -ENOENT);
	DESK_CHECK(&d,
		   app_scan_get(&d.app, &d.admin, d.a, id_text(d.a, "scn", open.id), &open,
				desk_fresh(&d)),
		   -ENOENT);
	DESK_CHECK(&d,
		   app_workspace_get(&d.app, &d.admin, d.a, STR_NONE, &workspace, desk_fresh(&d)),
		   0);
	CHECK_INT(workspace.domains, 0); /* counted down once, not twice */
	desk_close(&d);
}

static struct str repeated(struct arena *a, char c, size_t count)
{
	char *text = arena_alloc(a, count);

	memset(text, c, count);
	return str_bytes(text, count);
}

TEST(what_is_wrong_with_a_domain_is_said_field_by_field)
{
	static const struct {
		struct domain_input input;
		const char *errors[3];
	} rows[] = {
		{ { .name = STR_INIT("") }, { "/name domain.syntax" } },
		{ { .name = STR_INIT("exa mple.com") }, { "/name domain.syntax" } },
		{ { .name = STR_INIT("192.0.2.0/24") }, { "/name domain.address" } },
		{ { .name = STR_INIT("*.com") }, { "/name domain.public-suffix" } },
		{ { .name = STR_INIT("info@co.uk") }, { "/name domain.public-suffix" } },
		{ { .has_owner = true, .owner = STR_INIT("a\x1b[31m") }, { "/owner control" } },
		{ { .has_owner = true, .owner = STR_INIT("a\xff") }, { "/owner utf-8" } },
		{ { .has_notes = true, .notes = STR_INIT("a\0b") }, { "/notes control" } },
		{ { .has_profile = true, .profile = STR_INIT("stndard") }, { "/profile enum" } },
		{ { .has_expectations = true, .expectations = STR_INIT("{") },
		  { "/expectations json" } },
		{ { .has_expectations = true, .expectations = STR_INIT("[1]") },
		  { "/expectations type" } },
		{ { .has_expectations = true,
		    .expectations = STR_INIT("{\"ports\":[443,0,70000],\"color\":1}") },
		  { "/expectations/color unknown-field", "/expectations/ports/1 type",
		    "/expectations/ports/2 type" } },
		{ { .has_expectations = true,
		    .expectations = STR_INIT("{\"issuers\":[\"a b\",7],\"mail_provider\":{}}") },
		  { "/expectations/issuers/0 domain.syntax", "/expectations/issuers/1 type",
		    "/expectations/mail_provider type" } },
		{ { .has_expectations = true,
		    .expectations = STR_INIT("{\"ports\":[1],\"ports\":[2]}") },
		  { "/expectations json" } },
	};
	struct str tags[DOMAIN_TAGS + 1];
	struct domain_input input;
	struct domain_row row;
	struct desk d;

	desk_open(&d);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		input = rows[i].input;
		if (!input.name.data)
			input.name = STR_LIT("example.com");
		test_row("%s", rows[i].errors[0]);
		DESK_CHECK(&d, add(&d, input, &row), -EINVAL);
		for (size_t k = 0; k < ARRAY_COUNT(rows[i].errors); k++)
			CHECK_STR(desk_error(&d, k),
				  rows[i].errors[k] ? rows[i].errors[k] : "none");
	}
	CHECK(strstr(d.problem.err.text, "/expectations: line 1 column"));
	for (size_t i = 0; i < ARRAY_COUNT(tags); i++)
		tags[i] = str_printf(d.a, "t%zu", i);
	tags[1] = STR_LIT("a b");
	tags[3] = repeated(d.a, 'a', TAG_BYTES + 1);
	tags[5] = STR_NONE;
	input = (struct domain_input){ .name = STR_LIT("example.com"),
				       .has_tags = true,
				       .tags = tags,
				       .tag_count = DOMAIN_TAGS };
	DESK_CHECK(&d, add(&d, input, &row), -EINVAL);
	CHECK_STR(desk_error(&d, 0), "/tags/1 tag");
	CHECK_STR(desk_error(&d, 1), "/tags/3 too-long");
	CHECK_STR(desk_error(&d, 2), "/tags/5 tag");
	input.tag_count++;
	input.has_notes = true;
	input.notes = repeated(d.a, 'a', NOTES_BYTES + 1);
	DESK_CHECK(&d, add(&d, input, &row), -EINVAL);
	CHECK_STR(desk_error(&d, 0), "/tags too-many");
	CHECK_STR(desk_error(&d, 1), "/notes too-long");
	desk_close(&d);
}

TEST(expectations_are_kept_in_one_form)
{
	struct domain_input input = { .name = STR_LIT("example.com"),
				      .has_expectations = true,
				      .expectations = STR_LIT(
					      "{ \"ports\": [25, 443], \"mail_provider\": null,\n"
					      "\"issuers\": [\"LetsEncrypt.org.\"] }") };
	struct domain_row row;
	struct desk d;

	desk_open(&d);
	DESK_CHECK(&d, add(&d, input, &row), 0);
	CHECK_STR(row.expectations, "{\"issuers\":[\"letsencrypt.org\"],\"ports\":[25,443]}");
	input.expectations = STR_LIT("{}");
	DESK_CHECK(&d, update(&d, "example.com", 0, input, &row), 0);
	CHECK_INT(row.expectations.len, 0);
	desk_close(&d);
}

TEST(control_is_proven_by_the_text_and_lost_with_it)
{
	struct domain_input input = { .name = STR_LIT("example.com") };
	struct str texts[] = { STR_INIT("v=spf1 -all"), STR_NONE };
	struct domain_proof proof, again;
	struct domain_row row;
	bool is_proven = true;
	struct desk d;

	desk_open(&d);
	DESK_CHECK(&d, add(&d, input, &row), 0);
	DESK_CHECK(
		&d,
		app_domain_prove(&d.app, &d.admin, row.name, texts, 1, &is_proven, desk_fresh(&d)),
		-EALREADY); /* nothing was asked for */
	DESK_CHECK(&d, app_domain_proof(&d.app, &d.admin, d.a, row.name, &proof, desk_fresh(&d)),
		   0);
	CHECK_STR(proof.record, "_dss-challenge.example.com");
	CHECK(str_starts(proof.text, STR_LIT("dss-proof=")) && proof.text.len > 40 &&
	      !proof.proven_at);
	DESK_CHECK(&d, app_domain_proof(&d.app, &d.admin, d.a, row.name, &again, desk_fresh(&d)),
		   0);
	CHECK(str_eq(proof.text, again.text));
	CHECK(str_find(newest_audit(&d), str_from(proof.text, 10)) < 0); /* it is a secret */
	DESK_CHECK(
		&d,
		app_domain_prove(&d.app, &d.admin, row.name, texts, 1, &is_proven, desk_fresh(&d)),
		0);
	CHECK(!is_proven);
	texts[1] = proof.text;
	DESK_CHECK(
		&d,
		app_domain_prove(&d.app, &d.admin, row.name, texts, 2, &is_proven, desk_fresh(&d)),
		0);
	CHECK(is_proven);
	DESK_CHECK(&d, get(&d, "example.com", &row), 0);
	CHECK_INT(row.proven_at, d.rows.now_us);
	DESK_CHECK(
		&d,
		app_domain_prove(&d.app, &d.admin, row.name, texts, 1, &is_proven, desk_fresh(&d)),
		0);
	CHECK(!is_proven);
	DESK_CHECK(&d, get(&d, "example.com", &row), 0);
	CHECK(!row.proven_at);
	desk_close(&d);
}

TEST(a_name_is_checked_without_being_stored)
{
	static const struct {
		const char *typed, *name, *suffix, *registrable;
		bool is_suffix;
	} rows[] = {
		{ "www.Example.co.uk", "www.example.co.uk", "co.uk", "example.co.uk", false },
		{ "co.uk", "co.uk", "co.uk", "", true },
		{ "https://example.com/", "example.com", "com", "example.com", false },
	};
	struct name_verdict verdict;
	struct domain_row row;
	struct desk d;

	desk_open(&d);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		test_row("%s", rows[i].typed);
		DESK_CHECK(&d,
			   app_name_check(&d.app, &d.admin, d.a, str_of(rows[i].typed), true,
					  &verdict, desk_fresh(&d)),
			   0);
		CHECK(verdict.is_valid && verdict.is_suffix == rows[i].is_suffix);
		CHECK_STR(verdict.name, rows[i].name);
		CHECK_STR(verdict.suffix, rows[i].suffix);
		CHECK_STR(verdict.registrable, rows[i].registrable);
		CHECK(!verdict.is_there);
	}
	CHECK(verdict.note.len > 0);
	DESK_CHECK(&d,
		   app_name_check(&d.app, &d.admin, d.a, STR_LIT("a..b"), true, &verdict,
				  desk_fresh(&d)),
		   0);
	CHECK(!verdict.is_valid);
	CHECK_STR(verdict.error.code, "domain.syntax");
	DESK_CHECK(&d, get(&d, "example.com", &row), -ENOENT);
	desk_close(&d);
}

/* ---- events ---- */

TEST(an_event_is_cloudevents_json)
{
	struct domain_input input = { .name = STR_LIT("example.com") };
	struct actor traced;
	struct domain_row row;
	struct desk d;
	char id[ID_TEXT_BYTES];
	struct str want;

	desk_open(&d);
	traced = d.admin;
	traced.trace = STR_LIT("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
	d.rows.now_us += 1;
	DESK_CHECK(&d, app_domain_add(&d.app, &traced, d.a, &input, &row, desk_fresh(&d)), 0);
	want = str_printf(d.a,
			  "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"/dss\","
			  "\"type\":\"dev.dss.domain.created.v1\",\"subject\":\"example.com\","
			  "\"time\":\"2026-09-21T14:13:20.000001Z\",\"sequence\":\"1\","
			  "\"traceparent\":\"%.*s\",\"datacontenttype\":\"application/json\","
			  "\"data\":{\"domain\":\"%.*s\"}}",
			  id_format(id, "evt", event_id(1, d.rows.now_us)), STR(traced.trace),
			  STR(id_text(d.a, "dom", row.id)));
	CHECK_STR(newest_event(&d), want.data);
	desk_close(&d);
}

static int expire_events(struct store_tx *tx, void *context, struct err *err)
{
	int64_t gone;

	return event_expire(tx, INT64_MAX, *(unsigned *)context, &gone, err);
}

TEST(a_reader_that_is_too_far_behind_is_told)
{
	struct domain_input input = { .name = STR_LIT("example.com") };
	struct event_row *rows;
	struct domain_row row;
	struct desk d;
	unsigned two = 2, rest = 100;
	size_t count;

	desk_open(&d);
	for (int i = 0; i < 4; i++) {
		input.name = str_printf(d.a, "d%d.example", i);
		DESK_CHECK(&d, add(&d, input, &row), 0);
	}
	rows_write(&d.rows, expire_events, &two, 0);
#define AFTER(sequence)                                                                            \
	app_event_after(&d.app, &d.admin, d.a, sequence, 10, &rows, &count, desk_fresh(&d))
	DESK_CHECK(&d, AFTER(1), -ERANGE);
	CHECK(strstr(d.problem.err.text, "events up to 2"));
	DESK_CHECK(&d, AFTER(2), 0);
	CHECK_INT(count, 2);
	DESK_CHECK(&d, AFTER(0), 0); /* from the oldest that there is */
	CHECK_INT(count, 2);
	rows_write(&d.rows, expire_events, &rest, 0);
	DESK_CHECK(&d, AFTER(3), -ERANGE);
	DESK_CHECK(&d, AFTER(4), 0);
	CHECK_INT(count, 0);
	DESK_CHECK(&d, AFTER(-1), -EINVAL);
#undef AFTER
	desk_close(&d);
}

/* ---- repeats ---- */

static void answer_made(void *context, struct arena *a, const void *made, bool is_new,
			struct idempotency_row *ret)
{
	ret->status = is_new ? 202 : 200;
	ret->response = STR_LIT("{\"a\":1}");
	ret->location = str_copy(a, STR_LIT("/scans/1"));
}

TEST(a_repeated_request_gets_the_first_answer)
{
	struct str key = STR_LIT("5b2f"), request = STR_LIT("POST /scans {}");
	const struct claim claim = { .key = key, .request = request, .answer = answer_made };
	const struct scan_input scan = { .name = STR_LIT("example.com") };
	struct idempotency_row row;
	struct scan_row made;
	struct actor other;
	struct desk d;

	desk_open(&d);
	other = d.roles[ROLE_OPERATOR];
#define FIND(who, with) app_idempotency_find(&d.app, who, d.a, key, with, &row, desk_fresh(&d))
	DESK_CHECK(&d, FIND(&d.admin, request), -ENOENT);
	d.admin.claim = &claim;
	DESK_CHECK(&d, app_scan_start(&d.app, &d.admin, d.a, &scan, &made, desk_fresh(&d)), 0);
	DESK_CHECK(&d, FIND(&d.admin, request), 0);
	CHECK_INT(row.status, 202);
	CHECK_STR(row.response, "{\"a\":1}");
	CHECK_STR(row.location, "/scans/1");
	/* Two at once: the second one finds the first one's row, and has done nothing. */
	DESK_CHECK(&d, app_scan_start(&d.app, &d.admin, d.a, &scan, &made, desk_fresh(&d)),
		   -EINPROGRESS);
	d.admin.claim = NULL;
	DESK_CHECK(&d, FIND(&d.admin, STR_LIT("POST /scans {\"x\":1}")), -EINVAL);
	CHECK_STR(desk_error(&d, 0), "/header/Idempotency-Key reused");
	DESK_CHECK(&d, FIND(&other, request), -ENOENT); /* somebody else's key of the same name */
	DESK_CHECK(&d, FIND(&d.stranger, request), -ENOENT);
	d.rows.now_us += d.app.idempotency_us;
	DESK_CHECK(&d, FIND(&d.admin, request), -ENOENT);
	key = STR_LIT("a\nb");
	DESK_CHECK(&d, FIND(&d.admin, request), -EINVAL);
#undef FIND
	desk_close(&d);
}

TEST(what_was_refused_keeps_no_key)
{
	struct str key = STR_LIT("5b2f"), request = STR_LIT("POST /scans {}");
	const struct claim claim = { .key = key, .request = request, .answer = answer_made };
	const struct scan_input scan = { .name = STR_LIT("example.com"), .is_active = true };
	struct idempotency_row row;
	struct scan_row made;
	struct desk d;

	desk_open(&d);
	d.admin.claim = &claim;
	DESK_CHECK(&d, app_scan_start(&d.app, &d.admin, d.a, &scan, &made, desk_fresh(&d)), -EPERM);
	DESK_CHECK(&d,
		   app_idempotency_find(&d.app, &d.admin, d.a, key, request, &row, desk_fresh(&d)),
		   -ENOENT);
	desk_close(&d);
}
