/* SPDX-License-Identifier: Apache-2.0 */
/* How often may this client ask? */
#include "roles/api/quota.h"

#include "roles/api/drafts.h"
#include "roles/api/server.h"
#include "roles/api/wire.h"
#include "store/workspace.h"

enum { REMEMBER_S = 10 };

struct reading {
	int64_t workspace;
	unsigned per_minute;
};

static int quota_read(struct store_tx *tx, void *context, struct err *err)
{
	struct reading *reading = context;
	struct workspace_row row;

	TRY(workspace_get(tx, reading->workspace, &row, err));
	reading->per_minute =
		(unsigned)MIN(row.quotas.max_requests_per_minute, (int64_t)UINT32_MAX);
	return 0;
}

/* The workspace's quota, asked of the store every few seconds; what cannot be read limits nobody. */
static unsigned quota_of(struct api *api, int64_t workspace, int64_t now_us)
{
	struct quota_entry *entry = &api->quotas.entries[(uint64_t)workspace % QUOTA_ENTRIES];
	struct reading reading = { .workspace = workspace };
	struct err err;
	bool is_known;

	pthread_mutex_lock(&api->quotas.lock);
	is_known =
		entry->workspace == workspace && now_us - entry->read_us < REMEMBER_S * 1000000ll;
	reading.per_minute = entry->per_minute;
	pthread_mutex_unlock(&api->quotas.lock);
	if (is_known)
		return reading.per_minute;
	if (store_read(api->store, quota_read, &reading, &err) < 0)
		reading.per_minute = 0;
	pthread_mutex_lock(&api->quotas.lock);
	*entry = (struct quota_entry){ workspace, now_us, reading.per_minute };
	pthread_mutex_unlock(&api->quotas.lock);
	return reading.per_minute;
}

/* The server's own limit, or the workspace's when that is what stops the request. */
static int answer_limit(struct request *r, struct rate_limit limit, struct rate_state state)
{
	struct arena *a = &r->arena;

	answer_header(r, DRAFT_RATELIMIT,
		      str_printf(a, DRAFT_RATELIMIT_FORMAT, state.left, state.reset_s).data);
	answer_header(r, DRAFT_RATELIMIT_POLICY,
		      str_printf(a, DRAFT_RATELIMIT_POLICY_FORMAT, limit.burst,
				 MAX(limit.burst * limit.seconds / limit.quota, 1u))
			      .data);
	if (state.is_allowed)
		return 0;
	answer_header(r, "Retry-After", str_printf(a, "%u", state.reset_s).data);
	return answer_problem(r, PROBLEM_RATE, "at most %u requests in %u s, %u at once",
			      limit.quota, limit.seconds, limit.burst);
}

static int quota_check(struct request *r, struct str who)
{
	unsigned per_minute = quota_of(r->api, r->actor.workspace, r->begun_us);
	struct rate_limit limit = { per_minute, 60, per_minute };
	struct rate_state state;

	if (!per_minute)
		return 0;
	state = rate_take(&r->api->rates, str_printf(&r->arena, "quota %.*s", STR(who)), limit,
			  r->begun_us);
	return state.is_allowed ? 0 : answer_limit(r, limit, state);
}

int limits_check(struct request *r)
{
	const struct api_options *options = &r->api->options;
	struct rate_limit limit = { options->rate, 1, options->burst };
	struct str who = r->address;

	if (!str_starts(r->path, STR_LIT(API_BASE "/")))
		return 0; /* probes and scrapers are the operator's own */
	if (r->has_actor)
		who = wire_id(&r->arena, r->has_session ? "usr" : "key", r->actor.id);
	if (r->has_actor && r->api->store)
		TRY(quota_check(r, who));
	if (!options->rate || r->status)
		return 0;
	return answer_limit(r, limit, rate_take(&r->api->rates, who, limit, r->begun_us));
}
