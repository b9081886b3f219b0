/* SPDX-License-Identifier: Apache-2.0 */
/* Which findings does a scan open, keep, open again and close? */
#include "app/ending.h"
#include "app/policy.h"
#include "base/json.h"
#include "store/finding.h"

static int by_check_and_subject(struct str left_check, struct str left_subject,
				struct str right_check, struct str right_subject)
{
	int order = str_cmp(left_check, right_check);

	return order ? order : str_cmp(left_subject, right_subject);
}

static int by_place(const void *a, const void *b)
{
	const struct outcome_finding *left = *(const struct outcome_finding *const *)a,
				     *right = *(const struct outcome_finding *const *)b;
	int order = by_check_and_subject(left->check_id, left->subject, right->check_id,
					 right->subject);

	if (order)
		return order;
	if (left->severity != right->severity)
		return left->severity > right->severity ? -1 : 1; /* the worst stands for all */
	return str_cmp(left->text, right->text);
}

/* What the scan found, in the store's order, one a check and subject. */
static const struct outcome_finding **order(struct ending *e, size_t *ret_count)
{
	const struct scan_outcome *outcome = e->outcome;
	const struct outcome_finding **found =
		arena_array(e->tx->a, outcome->finding_count + 1, sizeof(void *));
	size_t kept = 0;

	for (size_t i = 0; i < outcome->finding_count; i++)
		found[i] = &outcome->findings[i];
	qsort(found, outcome->finding_count, sizeof(void *), by_place);
	for (size_t i = 0; i < outcome->finding_count; i++)
		if (!kept ||
		    by_check_and_subject(found[kept - 1]->check_id, found[kept - 1]->subject,
					 found[i]->check_id, found[i]->subject))
			found[kept++] = found[i];
	*ret_count = kept;
	return found;
}

static bool has(const struct str *ids, size_t count, struct str id)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(ids[i], id))
			return true;
	return false;
}

static bool has_sorted(const struct str *ids, size_t count, struct str id)
{
	size_t low = 0;

	while (count) {
		size_t half = count / 2;
		int order = str_cmp(ids[low + half], id);

		if (!order)
			return true;
		if (order < 0) {
			low += half + 1;
			count -= half + 1;
		} else {
			count = half;
		}
	}
	return false;
}

static struct str finding_data(struct arena *a, const struct finding_row *row, bool is_baseline)
{
	struct buf out;
	struct json w;

	buf_init(&out, a);
	json_init(&w, &out);
	json_object(&w);
	json_key(&w, "check");
	json_str(&w, row->check_id);
	if (row->subject.len) {
		json_key(&w, "subject");
		json_str(&w, row->subject);
	}
	json_key(&w, "text");
	json_str(&w, row->text);
	if (is_baseline) { /* told, and no news: app/match.h */
		json_key(&w, "baseline");
		json_bool(&w, true);
	}
	json_end(&w);
	return buf_str(&out);
}

static int tell(struct ending *e, enum event_type type, const struct finding_row *row,
		struct err *err)
{
	return ending_event(e, type, row->id, (int)row->severity,
			    finding_data(e->tx->a, row, uuid_is_nil(e->domain.scan)), err);
}

/* Findings that are news of a sort of their own, besides: they wait for no digest. */
static const struct {
	const char *prefix;
	enum event_type type;
} alarms[] = {
	{ "takeover.", EVENT_TAKEOVER_SUSPECTED },
	{ "dns.ns.expired-domain", EVENT_TAKEOVER_SUSPECTED },
	{ "mail.mx.expired-domain", EVENT_TAKEOVER_SUSPECTED },
	{ "mail.spf.include-takeover", EVENT_TAKEOVER_SUSPECTED },
	{ "dnssec.chain.bogus", EVENT_DNSSEC_BROKEN },
	{ "dnssec.ds.orphan", EVENT_DNSSEC_BROKEN },
	{ "dnssec.rrsig.invalid", EVENT_DNSSEC_BROKEN },
	{ "dnssec.rrsig.expired", EVENT_DNSSEC_BROKEN },
};

/* It was not there before: after the baseline only. */
static int tell_open(struct ending *e, enum event_type type, const struct finding_row *row,
		     struct err *err)
{
	TRY(tell(e, type, row, err));
	if (uuid_is_nil(e->domain.scan) || row->status != FINDING_OPEN)
		return 0;
	for (size_t i = 0; i < ARRAY_COUNT(alarms); i++)
		if (str_starts(row->check_id, str_of(alarms[i].prefix)))
			return tell(e, alarms[i].type, row, err);
	return 0;
}

static void count_open(struct ending *e, const struct finding_row *row)
{
	if (row->status == FINDING_OPEN)
		e->domain.open[row->severity]++;
}

/* What the policy says of it now. */
static void decision_take(struct finding_row *row, const struct outcome_finding *found)
{
	bool is_accepted = found->accepted_by.len > 0;

	row->status = is_accepted ? FINDING_ACCEPTED : FINDING_OPEN;
	row->reason = found->reason;
	row->until = found->until;
	row->decided_by = found->accepted_by;
}

static bool is_closed(const struct finding_row *row)
{
	return row->status == FINDING_FIXED || row->status == FINDING_RETIRED;
}

/* Is it a policy's to say? What people have decided is theirs. */
static bool accepts_anew(const struct finding_row *row, const struct outcome_finding *found)
{
	if (row->status == FINDING_FALSE_POSITIVE ||
	    (row->status == FINDING_ACCEPTED && !policy_decided(row)))
		return false;
	return !str_eq(row->decided_by, found->accepted_by) ||
	       !str_eq(row->reason, found->reason) || row->until != found->until;
}

static int open_new(struct ending *e, const struct outcome_finding *found, struct err *err)
{
	struct finding_row row = {
		.workspace = e->scan.workspace,
		.domain = e->scan.domain,
		.check_id = found->check_id,
		.subject = found->subject,
		.severity = found->severity,
		.status = FINDING_OPEN,
		.text = found->text,
		.evidence = found->evidence,
		.first_seen = e->outcome->ended_at,
		.last_seen = e->outcome->ended_at,
		.opened_by = e->scan.id,
	};

	decision_take(&row, found);
	TRY(finding_insert_new(e->tx, &row, err));
	count_open(e, &row);
	if (row.status == FINDING_ACCEPTED)
		return tell(e, EVENT_FINDING_ACCEPTED, &row, err);
	e->stored->opened++;
	return tell_open(e, EVENT_FINDING_OPENED, &row, err);
}

static bool says_the_same(const struct finding_row *row, const struct outcome_finding *found)
{
	return row->severity == found->severity && str_eq(row->text, found->text) &&
	       str_eq(row->evidence, found->evidence);
}

/* seen: ids of those of which there is nothing new. */
static int see_again(struct ending *e, struct finding_row *row, const struct outcome_finding *found,
		     struct buf *seen, struct err *err)
{
	bool was_closed = is_closed(row), was_accepted = policy_decided(row),
	     is_over = was_accepted && row->until && row->until <= e->outcome->ended_at;

	if (!was_closed && !accepts_anew(row, found) && says_the_same(row, found)) {
		count_open(e, row);
		buf_put(seen, &row->id, sizeof row->id);
		return 0;
	}
	row->severity = found->severity;
	row->text = found->text;
	row->evidence = found->evidence;
	row->last_seen = e->outcome->ended_at;
	if (was_closed || accepts_anew(row, found))
		decision_take(row, found);
	if (was_closed) {
		row->opened_by = e->scan.id;
		row->closed_by = UUID_NIL;
		row->closed_at = 0;
		e->stored->opened += row->status == FINDING_OPEN;
	}
	count_open(e, row);
	TRY(finding_update_read(e->tx, row, err));
	if (!was_accepted && policy_decided(row))
		return tell(e, EVENT_FINDING_ACCEPTED, row, err);
	if (was_accepted && row->status == FINDING_OPEN)
		return tell(e, is_over ? EVENT_ACCEPTANCE_EXPIRED : EVENT_FINDING_REOPENED, row,
			    err);
	return was_closed ? tell_open(e, EVENT_FINDING_REOPENED, row, err) : 0;
}

/* What is not there any more: only a check that looked for it and settled may say so. Decisions of
 * people outlive it, in case it comes back. */
static int miss(struct ending *e, struct finding_row *row, struct err *err)
{
	const struct scan_outcome *outcome = e->outcome;
	bool is_retired = outcome->known &&
			  !has_sorted(outcome->known, outcome->known_count, row->check_id),
	     is_fixed = (row->status == FINDING_OPEN || policy_decided(row)) &&
			has(outcome->settled, outcome->settled_count, row->check_id);

	if (is_closed(row) || (!is_retired && !is_fixed)) {
		count_open(e, row);
		return 0;
	}
	if (policy_decided(row)) {
		row->reason = row->decided_by = STR_NONE;
		row->until = 0;
	}
	row->status = is_retired ? FINDING_RETIRED : FINDING_FIXED;
	row->closed_at = outcome->ended_at;
	row->closed_by = e->scan.id;
	e->stored->closed++;
	TRY(finding_update_read(e->tx, row, err));
	return tell(e, is_retired ? EVENT_FINDING_RETIRED : EVENT_FINDING_FIXED, row, err);
}

int ending_findings(struct ending *e, struct err *err)
{
	const struct outcome_finding **found;
	struct finding_row *stored;
	size_t found_count, stored_count, i = 0, k = 0;
	struct buf seen;

	found = order(e, &found_count);
	TRY(finding_of_domain(e->tx, e->scan.domain, &stored, &stored_count, err));
	finding_forget(e->tx, e->scan.domain); /* as of now */
	buf_init(&seen, e->tx->a);
	memset(e->domain.open, 0, sizeof e->domain.open);
	while (i < found_count || k < stored_count) {
		int place = i == found_count ? 1
			    : k == stored_count
				    ? -1
				    : by_check_and_subject(found[i]->check_id, found[i]->subject,
							   stored[k].check_id, stored[k].subject);

		if (place < 0)
			TRY(open_new(e, found[i++], err));
		else if (place > 0)
			TRY(miss(e, &stored[k++], err));
		else
			TRY(see_again(e, &stored[k++], found[i++], &seen, err));
	}
	return finding_seen(e->tx, (const struct uuid *)seen.data, seen.len / sizeof(struct uuid),
			    e->outcome->ended_at, err);
}
