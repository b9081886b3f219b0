/* SPDX-License-Identifier: Apache-2.0 */
/* How does a scan of a test end, and what is there after it? */
#include "tests/contract/scan_world.h"

#include "facts/fact.h"
#include "model/grade.h"
#include "store/event.h"
#include "store/finding.h"

static int begin_world(struct store_tx *tx, void *context, struct err *err)
{
	struct world *w = context;

	w->domain = rows_domain(tx, NAME);
	return 0;
}

void world_open(struct world *w)
{
	memset(w, 0, sizeof *w);
	rows_open(&w->rows);
	app_init(&w->app, w->rows.store);
	rows_write(&w->rows, begin_world, w, 0);
}

void world_close(struct world *w)
{
	rows_close(&w->rows);
}

static int queue_scan(struct store_tx *tx, void *context, struct err *err)
{
	struct world *w = context;
	struct scan_row row = { .workspace = WORKSPACE_DEFAULT,
				.domain = w->domain,
				.batch = w->batch,
				.recheck = w->recheck,
				.profile = w->profile };

	w->worker = rows_worker(tx);
	TRY(scan_insert(tx, &row, err));
	w->last = row;
	return 0;
}

struct scan_taking world_taking(struct world *w, const char *recheck)
{
	struct scan_taking taking = { 0 };

	w->recheck = str_of(recheck);
	rows_write(&w->rows, queue_scan, w, 0);
	taking.scan = w->last.id;
	CHECK_INT(app_scan_take(&w->app, &w->rows.a, w->worker, &taking, 1, &w->rows.err), 0);
	CHECK_INT(taking.code, 0);
	return taking;
}

struct scan_row world_take(struct world *w, const char *recheck)
{
	return world_taking(w, recheck).row;
}

static size_t ids_read(const char *const *texts, struct str *ret)
{
	size_t count = 0;

	for (; count < IDS && texts[count]; count++)
		ret[count] = str_of(texts[count]);
	return count;
}

static size_t findings_read(const char *const *lines, struct outcome_finding *ret)
{
	size_t count = 0;

	for (; count < LINES && lines[count]; count++) {
		struct str rest = str_of(lines[count]), severity;

		CHECK(str_word(&rest, &ret[count].check_id));
		CHECK(str_word(&rest, &ret[count].subject));
		if (str_eq(ret[count].subject, STR_LIT("-")))
			ret[count].subject = STR_LIT("");
		CHECK(str_word(&rest, &severity));
		CHECK_INT(severity_parse(severity, &ret[count].severity), 0);
		ret[count].text = str_trim(rest);
	}
	return count;
}

static size_t facts_read(struct arena *a, const char *const *lines, struct str *ret)
{
	size_t count = 0;

	for (; count < LINES && lines[count]; count++) {
		struct fact fact;
		struct buf out;
		struct err err = { 0 };

		if (fact_parse(a, str_of(lines[count]), &fact, &err) < 0)
			fail_msg("%s: %s", lines[count], err.text);
		buf_init(&out, a);
		fact_encode_stable(&out, &fact);
		ret[count] = buf_str(&out);
	}
	return count;
}

int world_look(struct store_tx *tx, void *context, struct err *err)
{
	struct world *w = context;
	struct change_filter filter = { .workspace = WORKSPACE_DEFAULT };
	struct page page = { .limit = ROWS_MAX };
	struct str next;

	store_keep(tx, &w->rows.a);
	TRY(finding_of_domain(tx, w->domain, &w->findings, &w->finding_count, err));
	TRY(event_after(tx, 0, w->seen_event, ROWS_MAX, &w->events, &w->event_count, err));
	TRY(change_list(tx, &filter, &page, &w->changes, &w->change_count, &next, err));
	TRY(scan_get(tx, w->last.id, &w->last, err));
	return domain_get(tx, w->domain, &w->row, err);
}

void world_end(struct world *w, const struct step *step, const struct scan_row *scan)
{
	struct outcome_finding findings[LINES] = { 0 };
	struct str settled[IDS], known[IDS], facts[LINES];
	struct scan_outcome outcome = {
		.scan = scan->id,
		.token = scan->token,
		.status = step->status ? step->status : SCAN_IS_DONE,
		.started_at = w->rows.now_us,
		.ended_at = w->rows.now_us + SECOND_US,
		.grade = step->grade ? step->grade : GRADE_A,
		.score = 90,
		.algorithm = STR_LIT("2026.1"),
		.findings = findings,
		.finding_count = findings_read(step->findings, findings),
		.settled = settled,
		.settled_count = ids_read(step->settled, settled),
		.facts = facts,
		.fact_count = facts_read(&w->rows.a, step->facts, facts),
		.known = step->known[0] ? known : NULL,
		.known_count = ids_read(step->known, known),
	};

	for (size_t i = 0; step->accepted && i < outcome.finding_count; i++) {
		findings[i].accepted_by = str_of(step->accepted);
		findings[i].reason = STR_LIT("it moves (m)");
		findings[i].until = step->until ? w->rows.now_us + step->until : 0;
	}
	if (app_scan_end(&w->app, &outcome, 1, &w->stored, &w->rows.err) < 0)
		fail_msg("app_scan_end: %s", w->rows.err.text);
	rows_read(&w->rows, world_look, w, 0);
}

void world_scan(struct world *w, const struct step *step)
{
	struct scan_row row = world_take(w, step->recheck ? step->recheck : "");

	w->rows.now_us += DAY_US;
	rows_read(&w->rows, world_look, w, 0);
	if (w->event_count)
		w->seen_event = w->events[w->event_count - 1].sequence;
	w->rows.now_us -= DAY_US - SECOND_US;
	world_end(w, step, &row);
}

const struct finding_row *world_finding(const struct world *w, const char *check)
{
	for (size_t i = 0; i < w->finding_count; i++)
		if (str_eq(w->findings[i].check_id, str_of(check)))
			return &w->findings[i];
	fail_msg("no finding of %s", check);
	return NULL;
}

void world_told(const struct world *w, const char *expected)
{
	struct arena a = { 0 };
	struct buf words;

	buf_init(&words, &a);
	for (size_t i = 0; i < w->event_count; i++) {
		buf_put_str(&words, str_of(i ? " " : ""));
		buf_put_str(&words, str_of(event_word(w->events[i].type)));
		if (i)
			CHECK(w->events[i].sequence > w->events[i - 1].sequence);
	}
	CHECK_STR(buf_str(&words), expected);
	arena_release(&a);
}
