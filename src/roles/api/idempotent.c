/* SPDX-License-Identifier: Apache-2.0 */
/* Was this request answered before? */
#include "roles/api/idempotent.h"

#include "roles/api/drafts.h"

static struct str key_of(const struct request *r)
{
	if (!r->has_actor || !(r->route->operation->flags & OPERATION_IDEMPOTENT))
		return STR_NONE;
	return request_header(r, DRAFT_IDEMPOTENCY_KEY);
}

static struct str text_of(struct request *r)
{
	return str_printf(&r->arena, "%.*s %.*s\n%.*s", STR(r->method_word), STR(r->path),
			  STR(buf_str(&r->body)));
}

int idempotent_replay(struct request *r)
{
	struct str key = key_of(r);
	struct idempotency_row row;
	int code;

	if (!key.len)
		return 0;
	code = app_idempotency_find(r->app, &r->actor, &r->arena, key, text_of(r), &row,
				    &r->problem);
	if (code == -ENOENT)
		return 0;
	if (code == -EINVAL && !r->complaints.count) {
		complain(&r->complaints, PLACE_HEADER, STR_LIT(DRAFT_IDEMPOTENCY_KEY), "used", "%s",
			 r->problem.err.text);
		return answer_complaints(r);
	}
	if (code < 0)
		return answer_app(r, code);
	buf_put_str(&r->out, row.response);
	if (row.location.len)
		answer_header(r, "Location", str_cstring(&r->arena, row.location));
	answer_header(r, "Idempotency-Replayed", "true");
	return answer_text(r, (unsigned)row.status, "application/json");
}

void idempotent_begin(struct request *r, idempotent_answer *answer)
{
	struct str key = key_of(r);
	struct claim *claim;

	if (!key.len)
		return;
	claim = ARENA_NEW(&r->arena, struct claim);
	*claim =
		(struct claim){ .key = key, .request = text_of(r), .answer = answer, .context = r };
	r->actor.claim = claim;
}
