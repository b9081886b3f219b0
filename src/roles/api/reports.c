/* SPDX-License-Identifier: Apache-2.0 */
/* What a domain's scan found, in the formats of reports: of one domain, or of all that fit. */
#include "app/domain.h"
#include "app/history.h"
#include "app/scan.h"
#include "checks/judging.h"
#include "model/profile.h"
#include "report/report.h"
#include "roles/api/domain_view.h"
#include "roles/api/listing.h"
#include "roles/api/wire.h"
#include "settings/setting.h"

enum { DOMAINS_AT_ONCE = 100, PART_BYTES = 32 << 10 };

/* What Accept chooses from; "format" chooses from all. In the order in which we like to give them. */
static const struct {
	const char *media, *format;
} kinds[] = {
	{ "application/json", "json" },
	{ "text/html", "html" },
	{ "text/markdown", "md" },
	{ "text/csv", "csv" },
	{ "application/sarif+json", "sarif" },
	{ "application/x-ndjson", "jsonl" },
	{ "text/plain", "text" },
};

static const char *const media[] = { "application/json",
				     "text/html",
				     "text/markdown",
				     "text/csv",
				     "application/sarif+json",
				     "application/x-ndjson",
				     "text/plain",
				     NULL };

struct one_report {
	struct str name, scan;
	int format;
};

static const struct field one_fields[] = {
	FIELD_PATH(FIELD_NAME, struct one_report, name, "the domain", .example = "example.com"),
	FIELD_QUERY(FIELD_WORD, struct one_report, scan,
		    "of this scan; not given: the last that judged", .most = 40),
	FIELD_QUERY(FIELD_CHOICE, struct one_report, format, "whatever Accept says",
		    .words = settings_formats),
	FIELD_END,
};

struct many_reports {
	DOMAIN_CHOICE_MEMBERS
	int format;
};

static const struct field many_fields[] = {
	DOMAIN_CHOICE_FIELDS(struct many_reports),
	FIELD_QUERY(FIELD_CHOICE, struct many_reports, format, "whatever Accept says",
		    .words = settings_formats),
	FIELD_END,
};

/* The format that is wanted; r->content_type becomes its media type. */
static const struct report_format *format_choose(struct request *r, int format)
{
	const char *name = input_given(&r->input, "format") ? settings_formats[format] : NULL;

	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
		if (!name && str_eq(str_of(r->content_type), str_of(kinds[i].media)))
			name = kinds[i].format;
		if (name && strcmp(name, kinds[i].format) == 0)
			r->content_type = kinds[i].media;
	}
	if (name && strcmp(name, "defectdojo") == 0)
		r->content_type = "application/json";
	r->has_own_style = strcmp(r->content_type, "text/html") == 0;
	return report_format_find(str_of(name));
}

static const char *content_type(struct request *r)
{
	return str_starts(str_of(r->content_type), STR_LIT("text/"))
		       ? str_printf(&r->arena, "%s; charset=utf-8", r->content_type).data
		       : r->content_type;
}

/* A scan that did not end well has nothing but its error. */
static void report_put(struct buf *out, struct arena *a, const struct report_format *format,
		       const struct observations *seen, const struct judgement *judgement)
{
	const struct scan_row *scan = &seen->scan;
	bool is_judged = scan->verdicts != 0;
	struct scan_request request = { .domain = scan->name,
					.at_us = scan->started_at ? scan->started_at
								  : scan->created_at,
					.is_active = scan->flags & SCAN_IS_ACTIVE_FLAG };
	struct verdicts verdicts;
	struct score score;
	struct report_input input = { .request = &request,
				      .profile = profile_word(scan->profile),
				      .elapsed_us = scan->ended_at && scan->started_at
							    ? scan->ended_at - scan->started_at
							    : 0,
				      .verdicts = &verdicts,
				      .score = &score,
				      .limits = judgement->limits,
				      .limit_count = judgement->limit_count };

	judgement_verdicts(a, judgement, seen->fact, seen->count, &verdicts);
	score_compute(a, &verdicts, &score);
	if (!is_judged)
		input.error = scan->error.len ? scan->error : STR_LIT("it judged nothing");
	format->render(out, &input);
}

/* The report of one scan, appended to out; *ret says which it is. Negative: of the layer app. */
static int scan_report(struct request *r, struct arena *a, const struct report_format *format,
		       struct str id, struct buf *out, struct scan_row *ret)
{
	struct judgement judgement = { 0 };
	struct observations seen;
	struct str verdicts;

	TRY(app_scan_verdicts(r->app, &r->actor, a, id, ret, &verdicts, &r->problem));
	if (verdicts.len && verdicts_decode(a, verdicts, &judgement) < 0)
		return err_set(&r->problem.err, ERR_CORRUPT, "the scan's verdicts cannot be read");
	TRY(app_observations(r->app, &r->actor, a, id, &seen, &r->problem));
	report_put(out, a, format, &seen, &judgement);
	return 0;
}

static int one_answer(struct request *r)
{
	const struct one_report *in = r->input.values;
	const struct report_format *format = format_choose(r, in->format);
	struct domain_row domain;
	struct scan_row scan;
	struct buf report;
	struct str id;

	TRY_APP(r, app_domain_get(r->app, &r->actor, &r->arena, in->name, &domain, &r->problem));
	id = in->scan.len ? in->scan : wire_id(&r->arena, "scn", domain.scan);
	if (!id.len)
		return answer_problem(r, PROBLEM_TOO_EARLY, "%.*s was not scanned yet",
				      STR(in->name));
	buf_init(&report, &r->arena);
	TRY_APP(r, scan_report(r, &r->arena, format, id, &report, &scan));
	if (!str_eq(scan.name, domain.name))
		return answer_problem(r, PROBLEM_NOT_FOUND, "no such scan of %.*s", STR(in->name));
	if (!scan_status_is_final(scan.status))
		return answer_problem(r, PROBLEM_TOO_EARLY, "the scan has not ended yet");
	report_lead(&r->out, format, true);
	buf_put_str(&r->out, buf_str(&report));
	buf_put_str(&r->out, str_of(format->suffix));
	return answer_text(r, 200, content_type(r));
}

const struct operation operation_domains_report = {
	.handle = one_answer,
	.fields = one_fields,
	.input_size = sizeof(struct one_report),
	.more_media = media,
	.codes = { 404, 425 },
	.help = "The page of text/html is one file that needs no other.",
};

/* Reports that are made as they are sent: a page of domains, then one after the other. */
struct run {
	struct arena arena, page_arena;
	const struct report_format *format;
	struct domain_filter filter;
	struct domain_row *rows;
	size_t count, at;
	struct str next; /* in page_arena */
	bool has_begun, has_reported, is_last;
};

static void run_close(struct request *r)
{
	struct run *run = r->stream.state;

	arena_release(&run->arena);
	arena_release(&run->page_arena);
}

static int page_next(struct request *r, struct run *run)
{
	struct page page = { .after = str_copy(&run->arena, run->next), .limit = DOMAINS_AT_ONCE };

	arena_rewind(&run->page_arena, (struct arena_mark){ 0 });
	TRY(app_domain_list(r->app, &r->actor, &run->page_arena, &run->filter, &page, &run->rows,
			    &run->count, &run->next, &r->problem));
	run->at = 0;
	run->is_last = !run->next.len;
	run->has_begun = true;
	return 0;
}

/* A domain that was not scanned is left out; one whose scan went away meanwhile, too. */
static int domain_report(struct request *r, struct run *run, const struct domain_row *row,
			 struct buf *out)
{
	struct str id = wire_id(&run->arena, "scn", row->scan);
	struct scan_row scan;
	struct buf report;
	int code;

	if (!id.len)
		return 0;
	buf_init(&report, &run->arena);
	code = scan_report(r, &run->arena, run->format, id, &report, &scan);
	if (code < 0)
		return code == -ENOENT ? 0 : code;
	if (!report.len)
		return 0;
	report_lead(out, run->format, !run->has_reported);
	buf_put_str(out, buf_str(&report));
	run->has_reported = true;
	return 0;
}

static int run_next(struct request *r, struct buf *out)
{
	struct run *run = r->stream.state;
	size_t start = out->len;

	while (out->len - start < PART_BYTES) {
		if (run->at == run->count) {
			if (run->has_begun && run->is_last)
				break;
			TRY(page_next(r, run));
			continue;
		}
		TRY(domain_report(r, run, &run->rows[run->at++], out));
		arena_rewind(&run->arena, (struct arena_mark){ 0 });
	}
	if (run->at < run->count || !run->is_last)
		return STREAM_MORE;
	if (!run->has_reported)
		report_lead(out, run->format, true);
	buf_put_str(out, str_of(run->format->suffix));
	return STREAM_END;
}

static int many_answer(struct request *r)
{
	const struct many_reports *in = r->input.values;
	struct run *run = ARENA_NEW(&r->arena, struct run);
	int code;

	*run = (struct run){ .format = format_choose(r, in->format),
			     .filter = { .contains = in->q,
					 .name_glob = in->glob,
					 .tag = in->tag,
					 .owner = in->owner,
					 .grade = in->grade } };
	r->stream = (struct stream){ .close = run_close, .state = run };
	r->out.len = 0;
	code = run_next(r, &r->out); /* so that a problem may still be the answer */
	if (code < 0) {
		r->out.len = 0;
		return answer_app(r, code);
	}
	r->is_at_end = code == STREAM_END;
	return answer_stream(r, content_type(r),
			     (struct stream){ .next = run_next, .close = run_close, .state = run });
}

const struct operation operation_reports = {
	.handle = many_answer,
	.fields = many_fields,
	.input_size = sizeof(struct many_reports),
	.more_media = media,
	.help = "Of each domain's last scan, in the order of their names; domains that were never "
		"scanned are left out.",
};
