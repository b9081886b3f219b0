/* SPDX-License-Identifier: Apache-2.0 */
/* Scans: ask for one, watch it, stop it. */
#include "app/scan.h"

#include "base/clock.h"
#include "checks/families.h"
#include "model/profile.h"
#include "roles/api/accept.h"
#include "roles/api/idempotent.h"
#include "roles/api/listing.h"
#include "roles/api/scan_view.h"
#include "roles/api/wire.h"

enum { WAIT_MOST_S = 60 };

static int scan_answer(struct request *r, unsigned status, const struct scan_row *row)
{
	struct scan_view view = scan_view_of(&r->arena, row);
	struct json w;

	if (row->algorithm.len)
		answer_header(r, "Dss-Algorithm", str_cstring(&r->arena, row->algorithm));
	w = answer_json(r, status);

	desc_json(&w, &scan_desc, &view);
	return 0;
}

/* ---- ask for one ---- */

struct add_scan {
	struct str name, recheck;
	int profile, priority;
	bool active, fresh;
};

static const struct field add_fields[] = {
	FIELD_BODY(FIELD_TEXT, struct add_scan, name, "the domain, as people type it", .least = 1,
		   .most = 300, .flags = FIELD_REQUIRED, .example = "example.com"),
	FIELD_BODY(FIELD_CHOICE, struct add_scan, profile,
		   "how much it asks; not given: the domain's, else the server's",
		   .words = profile_words),
	FIELD_BODY(FIELD_CHOICE, struct add_scan, priority, "which queue it goes through",
		   .words = scan_priority_words, .fallback = "high"),
	FIELD_BODY(FIELD_WORD, struct add_scan, recheck,
		   "only this check, or those that begin so, past the caches",
		   .example = "mail.spf"),
	FIELD_BODY(FIELD_BOOL, struct add_scan, active,
		   "active checks too: needs proof of control"),
	FIELD_BODY(FIELD_BOOL, struct add_scan, fresh, "past the caches"),
	FIELD_END,
};

/* Called while a client waits with Prefer: wait. */
static int scan_look(struct request *r)
{
	struct str id = *(const struct str *)r->again_state;
	struct scan_row row;
	bool is_final;

	TRY_APP(r, app_scan_get(r->app, &r->actor, &r->arena, id, &row, &r->problem));
	is_final = scan_status_is_final(row.status);
	if (!is_final && clock_monotonic_us() < r->again_us)
		return 0;
	return scan_answer(r, is_final || r->method == METHOD_GET ? 200 : 202, &row);
}

static void wait_begin(struct request *r, struct str id)
{
	unsigned seconds = MIN(prefer_wait(request_header(r, "Prefer")), (unsigned)WAIT_MOST_S);
	struct str *state = ARENA_NEW(&r->arena, struct str);

	if (!seconds)
		return;
	*state = id;
	r->again = scan_look;
	r->again_state = state;
	r->again_us = r->begun_us + (int64_t)seconds * 1000000;
	answer_header(r, "Preference-Applied", str_printf(&r->arena, "wait=%u", seconds).data);
}

/* The layer app does not know checks: a word that names none would give an empty scan. */
static bool names_checks(struct str prefix)
{
	for (const struct family *const *family = families; *family; family++)
		for (size_t i = 0; i < (*family)->check_count; i++) {
			struct str id = str_of((*family)->checks[i].id);

			if (str_starts(id, prefix) &&
			    (id.len == prefix.len || id.data[prefix.len] == '.'))
				return true;
		}
	return false;
}

static void keep_answer(void *request, struct arena *a, const void *made, bool is_new,
			struct idempotency_row *ret)
{
	struct scan_view view = scan_view_of(a, made);
	struct buf out;
	struct json w;

	buf_init(&out, a);
	json_init(&w, &out);
	desc_json(&w, &scan_desc, &view);
	ret->status = is_new ? 202 : 200;
	ret->response = buf_str(&out);
	ret->location =
		wire_location(a, "scans", wire_id(a, "scn", ((const struct scan_row *)made)->id));
}

static int add_answer(struct request *r)
{
	const struct add_scan *in = r->input.values;
	struct scan_input input = {
		.name = in->name,
		.profile = input_given(&r->input, "profile") ? str_of(profile_words[in->profile])
							     : STR_NONE,
		.priority = str_of(scan_priority_words[in->priority]),
		.recheck = in->recheck,
		.is_active = in->active,
		.is_fresh = in->fresh || in->recheck.len,
	};
	struct scan_row row;
	struct str id;
	int code;

	if (in->recheck.len && !names_checks(in->recheck)) {
		complain(&r->complaints, PLACE_BODY, STR_LIT("/recheck"), "unknown",
			 "no check is called so or begins so");
		return answer_complaints(r);
	}
	idempotent_begin(r, keep_answer);
	code = app_scan_start(r->app, &r->actor, &r->arena, &input, &row, &r->problem);
	if (code == -EINPROGRESS)
		return idempotent_replay(r);
	TRY_APP(r, code);
	id = wire_id(&r->arena, "scn", row.id);
	answer_location(r, "scans", wire_id(&r->arena, "scn", row.id));
	answer_header(r, "Retry-After", "2");
	wait_begin(r, id);
	return scan_answer(r, code ? 200 : 202, &row);
}

const struct operation operation_scans_add = {
	.handle = add_answer,
	.fields = add_fields,
	.input_size = sizeof(struct add_scan),
	.shape = &scan_desc,
	.flags = OPERATION_IDEMPOTENT | OPERATION_WAIT,
	.codes = { 200, 409, 422, 429 },
	.help = "202 follows the commit: from then on the scan ends exactly once. 200: one of this "
		"domain "
		"is under way already, or with Prefer: wait=SECONDS it has ended. A name that is "
		"no "
		"domain yet is added.",
};

/* ---- look at them ---- */

static const char *const status_words[] = { "open",   "queued",     "running",   "done",
					    "failed", "incomplete", "cancelled", NULL };

struct list_scans {
	struct listing_input page;
	struct str domain, batch;
	int state;
};

static const struct field list_fields[] = {
	LISTING_FIELDS(struct list_scans),
	FIELD_QUERY(FIELD_NAME, struct list_scans, domain, "of this domain"),
	FIELD_QUERY(FIELD_WORD, struct list_scans, batch, "of this batch", .most = 40),
	FIELD_QUERY(FIELD_CHOICE, struct list_scans, state, "in this state; open: not yet ended",
		    .words = status_words),
	FIELD_END,
};

static int scans_page(struct request *r, struct listing *list)
{
	const struct list_scans *in = r->input.values;
	struct scan_choice choice = {
		.domain = in->domain,
		.batch = in->batch,
		.status = input_given(&r->input, "state") ? str_of(status_words[in->state])
							  : STR_NONE,
	};
	struct page page = listing_page(list);
	struct scan_row *rows;

	TRY_APP(r, app_scan_list(r->app, &r->actor, list->arena, &choice, &page, &rows,
				 &list->count, &list->next, &r->problem));
	LISTING_SHOW(list, scan_view_of, rows);
	return 0;
}

const struct operation operation_scans_list = {
	.page = scans_page,
	.fields = list_fields,
	.input_size = sizeof(struct list_scans),
	.shape = &scan_desc,
	.flags = OPERATION_LIST,
	.help = "Newest first.",
};

struct name_scan {
	struct str id;
};

static const struct field name_fields[] = {
	FIELD_PATH(FIELD_WORD, struct name_scan, id, "its id", .least = 1, .most = 64,
		   .example = "scn_01h455vb4pex5vsknk084sn02q"),
	FIELD_END,
};

static int get_answer(struct request *r)
{
	const struct name_scan *in = r->input.values;
	struct scan_row row;

	TRY_APP(r, app_scan_get(r->app, &r->actor, &r->arena, in->id, &row, &r->problem));
	if (!scan_status_is_final(row.status)) {
		answer_header(r, "Retry-After", "2");
		wait_begin(r, in->id);
	}
	return scan_answer(r, 200, &row);
}

const struct operation operation_scans_get = {
	.handle = get_answer,
	.fields = name_fields,
	.input_size = sizeof(struct name_scan),
	.shape = &scan_desc,
	.flags = OPERATION_WAIT,
	.codes = { 404 },
	.help = "queued, running, then one of done, incomplete, failed, cancelled, for ever.",
};

static int cancel_answer(struct request *r)
{
	const struct name_scan *in = r->input.values;
	struct scan_row row;

	TRY_APP(r, app_scan_cancel(r->app, &r->actor, &r->arena, in->id, &row, &r->problem));
	return scan_answer(r, 202, &row);
}

const struct operation operation_scans_cancel = {
	.handle = cancel_answer,
	.fields = name_fields,
	.input_size = sizeof(struct name_scan),
	.shape = &scan_desc,
	.codes = { 404, 409 },
	.help = "A queued one has ended with the answer; a running one is asked to stop.",
};
