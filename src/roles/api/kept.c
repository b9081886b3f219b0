/* SPDX-License-Identifier: Apache-2.0 */
/* Was this counted a moment ago? */
#include "roles/api/kept.h"

#include "base/clock.h"
#include "roles/api/server.h"

void kept_answers_init(struct kept_answers *kept)
{
	pthread_mutex_init(&kept->lock, NULL);
}

void kept_answers_release(struct kept_answers *kept)
{
	for (size_t i = 0; i < KEPT_ENTRIES; i++)
		memory_free((void *)(uintptr_t)kept->entries[i].body.data);
	pthread_mutex_destroy(&kept->lock);
}

static struct kept_answer *entry_of(struct request *r, int variant)
{
	uint64_t place = (uint64_t)r->actor.workspace * 31 + (uint64_t)variant * 7 +
			 ((uintptr_t)r->route >> 4);

	return &r->api->kept.entries[place % KEPT_ENTRIES];
}

static bool find(struct request *r, int variant, int64_t now_us, struct str *ret)
{
	const struct kept_answer *entry = entry_of(r, variant);
	bool is_there;

	pthread_mutex_lock(&r->api->kept.lock);
	is_there = entry->until_us > now_us && entry->route == r->route &&
		   entry->workspace == r->actor.workspace && entry->variant == variant;
	if (is_there)
		*ret = str_copy(&r->arena, entry->body);
	pthread_mutex_unlock(&r->api->kept.lock);
	return is_there;
}

static void keep(struct request *r, int variant, int64_t until_us)
{
	struct kept_answer *entry = entry_of(r, variant);
	struct str body = buf_str(&r->out);
	char *bytes;

	if (body.len > KEPT_BYTES)
		return;
	bytes = memory_alloc(body.len);
	memcpy(bytes, body.data, body.len);
	pthread_mutex_lock(&r->api->kept.lock);
	memory_free((void *)(uintptr_t)entry->body.data);
	*entry = (struct kept_answer){
		r->route, r->actor.workspace, variant, until_us, { bytes, body.len }
	};
	pthread_mutex_unlock(&r->api->kept.lock);
}

int kept_answer(struct request *r, int variant, int (*make)(struct request *r))
{
	int64_t begun_us = clock_monotonic_us(), now_us;
	struct str body;

	if (find(r, variant, begun_us, &body)) {
		struct json w = answer_json(r, r->route->success);

		json_raw(&w, body);
		return 0;
	}
	TRY(make(r));
	now_us = clock_monotonic_us();
	if (r->status == r->route->success)
		keep(r, variant, now_us + (now_us - begun_us) * KEPT_COSTS);
	return 0;
}
