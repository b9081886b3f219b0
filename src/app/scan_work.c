/* SPDX-License-Identifier: Apache-2.0 */
/* How does a worker come by a scan, and how does it lose one? */
#include "app/scan.h"
#include "app/policy.h"
#include "app/scan_finish.h"
#include "base/fault.h"
#include "bus/bus.h"
#include "store/batch.h"
#include "facts/compared.h"
#include "model/profile.h"
#include "store/event.h"
#include "store/fact.h"

enum { BEFORE_FACTS = 64 };

struct taking {
	struct arena *a;
	struct uuid worker;
	struct scan_taking *takings;
	size_t count;
};

/* Taken, but not to be run: it has ended now. */
static int end_taken(struct store_tx *tx, struct scan_row *row, struct err *err)
{
	if (row->attempt <= BUS_ATTEMPTS)
		return scan_give_up(tx, row, SCAN_IS_CANCELLED, STR_NONE, err);
	return scan_give_up(tx, row, SCAN_IS_FAILED,
			    str_printf(tx->a,
				       "given up: %d workers took it and none of them ended it",
				       row->attempt - 1),
			    err);
}

/* Who cancelled it died before all its scans were. */
static int is_of_cancelled_batch(struct store_tx *tx, const struct scan_row *row, bool *ret,
				 struct err *err)
{
	struct batch_row batch = { 0 };

	if (!uuid_is_nil(row->batch)) {
		TRY(batch_foresee(tx, row->batch, err)); /* mostly all are of one */
		TRY(batch_get(tx, row->batch, &batch, err));
	}
	*ret = batch.state == BATCH_CANCELLED;
	return 0;
}

static int take_one(struct store_tx *tx, struct uuid worker, struct scan_taking *taking,
		    struct err *err)
{
	int code = scan_take(tx, taking->scan, worker, &taking->row, err);
	bool is_cancelled;

	if (code == -EALREADY && FAULT_IS_OFF("take-once"))
		code = scan_get(tx, taking->scan, &taking->row, err);
	taking->code = code;
	if (code == -EALREADY || code == -ENOENT)
		return 0;
	TRY(code);
	TRY(is_of_cancelled_batch(tx, &taking->row, &is_cancelled, err));
	if (is_cancelled || taking->row.cancel_at || taking->row.attempt > BUS_ATTEMPTS) {
		taking->code = -EALREADY;
		return end_taken(tx, &taking->row, err);
	}
	if (!uuid_is_nil(taking->row.batch))
		return 0; /* a batch tells how far it is by its counts */
	return event_insert(tx,
			    &(struct event_row){ .workspace = taking->row.workspace,
						 .type = EVENT_SCAN_STARTED,
						 .domain = taking->row.domain,
						 .scan = taking->row.id,
						 .severity = -1 },
			    err);
}

/* What a profile asks beside name servers is compared with what was said before. */
static bool compares(int profile)
{
	return profile != PROFILE_DNS && profile != PROFILE_QUICK;
}

static bool has_policy(const struct str *stable, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (fact_encoded_kind(stable[i]) == KIND_http && fact_is_compared(stable[i]))
			return true;
	return false;
}

/* What is compared (facts/compared.h) stands at the end of a set; a policy's record does not, and few have one. */
static int before_read(struct store_tx *tx, const struct domain_row *domain,
		       struct scan_taking *taking, struct err *err)
{
	struct str *stable = NULL;
	size_t count = 0;

	taking->before = NULL;
	taking->before_count = 0;
	if (!domain->fact_set || !compares(taking->row.profile))
		return 0;
	TRY(fact_set_get_kinds(tx, domain->fact_set, COMPARED_KINDS_FROM, &stable, &count, err));
	if (has_policy(stable, count))
		TRY(fact_set_get(tx, domain->fact_set, &stable, &count, err));
	count = facts_compared(stable, count);
	taking->before = stable;
	taking->before_count = MIN(count, (size_t)BEFORE_FACTS);
	return 0;
}

/* Read once it is taken: what is decided meanwhile holds from the next scan on. */
static int policies_read(struct store_tx *tx, struct taking *taking, struct err *err)
{
	struct policy_shelf shelf = { 0 };

	for (size_t i = 0; i < taking->count; i++)
		if (!taking->takings[i].code) {
			TRY(domain_foresee(tx, taking->takings[i].row.domain, err));
			TRY(finding_foresee_decided(tx, taking->takings[i].row.domain, err));
		}
	for (size_t i = 0; i < taking->count; i++) {
		struct scan_taking *one = &taking->takings[i];
		struct domain_row domain;

		if (one->code)
			continue;
		TRY(domain_get(tx, one->row.domain, &domain, err));
		TRY(policy_of_domain(tx, &shelf, &domain, &one->policy, &one->expectations, err));
		TRY(before_read(tx, &domain, one, err));
		one->wants_proof = domain.proof_token.len && !one->row.recheck.len;
	}
	return 0;
}

static int foresee_all(struct store_tx *tx, const struct taking *taking, struct err *err)
{
	for (size_t i = 0; i < taking->count; i++)
		TRY(scan_foresee_take(tx, taking->takings[i].scan, taking->worker, err));
	return 0;
}

static int take_all(struct store_tx *tx, void *context, struct err *err)
{
	struct taking *taking = context;

	store_keep(tx, taking->a);
	TRY(foresee_all(tx, taking, err));
	for (size_t i = 0; i < taking->count; i++)
		TRY(take_one(tx, taking->worker, &taking->takings[i], err));
	return policies_read(tx, taking, err);
}

int app_scan_take(struct app *app, struct arena *a, struct uuid worker, struct scan_taking *takings,
		  size_t count, struct err *err)
{
	struct taking taking = { a, worker, takings, count };

	return store_write(app->store, take_all, &taking, err);
}

/* ---- how far it is ---- */

struct tellings {
	const struct scan_telling *tellings;
	size_t count;
};

static struct str progress_text(struct arena *a, const struct scan_telling *telling)
{
	return str_printf(a, "{\"asked\":%u,\"answered\":%u,\"judged\":%u,\"checks\":%u}",
			  telling->asked, telling->answered, telling->judged, telling->checks);
}

static int tell_one(struct store_tx *tx, const struct scan_telling *telling, struct err *err)
{
	struct event_row event = { .type = EVENT_SCAN_PROGRESS, .severity = -1 };
	struct scan_row row;
	int code = scan_get(tx, telling->scan, &row, err);

	if (code == -ENOENT)
		return 0;
	TRY(code);
	if (row.status != SCAN_IS_RUNNING || row.token != telling->token)
		return 0;
	event.data = progress_text(tx->a, telling);
	if (str_eq(event.data, row.progress))
		return 0;
	event.workspace = row.workspace;
	event.domain = row.domain;
	event.scan = row.id;
	if (row.progress_event)
		TRY(event_drop(tx, row.progress_event, err));
	TRY(event_insert(tx, &event, err));
	return scan_set_progress(tx, row.id, row.token, event.sequence, err);
}

static int tell_all(struct store_tx *tx, void *context, struct err *err)
{
	const struct tellings *tellings = context;

	for (size_t i = 0; i < tellings->count; i++)
		TRY(tell_one(tx, &tellings->tellings[i], err));
	return 0;
}

int app_scan_tell(struct app *app, const struct scan_telling *tellings, size_t count,
		  struct err *err)
{
	struct tellings all = { tellings, count };

	return store_write(app->store, tell_all, &all, err);
}

/* ---- how it is lost ---- */

struct asked {
	struct arena *a;
	struct uuid worker, *scan;
	size_t count;
};

static int cancel_asked(struct store_tx *tx, void *context, struct err *err)
{
	struct asked *asked = context;

	store_keep(tx, asked->a);
	return scan_cancel_asked(tx, asked->worker, &asked->scan, &asked->count, err);
}

int app_scan_cancel_asked(struct app *app, struct arena *a, struct uuid worker, struct uuid **ret,
			  size_t *ret_count, struct err *err)
{
	struct asked asked = { .a = a, .worker = worker };

	TRY(store_read(app->store, cancel_asked, &asked, err));
	*ret = asked.scan;
	*ret_count = asked.count;
	return 0;
}

struct holding {
	struct uuid scan;
	int64_t token;
	bool is_to_publish;
	int deaths;
};

static int release(struct store_tx *tx, void *context, struct err *err)
{
	struct holding *holding = context;

	return scan_release(tx, holding->scan, holding->token, holding->is_to_publish, err);
}

int app_scan_release(struct app *app, struct uuid scan, int64_t token, bool is_to_publish,
		     struct err *err)
{
	struct holding holding = { scan, token, is_to_publish, 0 };

	return store_write(app->store, release, &holding, err);
}

static int count_death(struct store_tx *tx, void *context, struct err *err)
{
	struct holding *holding = context;

	return scan_count_death(tx, holding->scan, holding->token, &holding->deaths, err);
}

int app_scan_count_death(struct app *app, struct uuid scan, int64_t token, int *ret_deaths,
			 struct err *err)
{
	struct holding holding = { .scan = scan, .token = token };

	TRY(store_write(app->store, count_death, &holding, err));
	*ret_deaths = holding.deaths;
	return 0;
}
