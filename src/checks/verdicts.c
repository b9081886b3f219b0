/* SPDX-License-Identifier: Apache-2.0 */
/* What came out of an evaluation, check by check? */
#include "checks/slot.h"

const struct family *const families[] = {
#define X(symbol) &family_##symbol,
	FAMILIES(X)
#undef X
		NULL
};

const struct check *check_find(struct str id, const struct family **ret_family)
{
	for (size_t i = 0; families[i]; i++)
		for (size_t k = 0; k < families[i]->check_count; k++)
			if (str_eq(str_of(families[i]->checks[k].id), id)) {
				if (ret_family)
					*ret_family = families[i];
				return &families[i]->checks[k];
			}
	return NULL;
}

const char *const *check_ids(struct arena *a)
{
	size_t count = 0;
	const char **ids;

	for (size_t i = 0; families[i]; i++)
		count += families[i]->check_count;
	ids = arena_array(a, count + 1, sizeof *ids);
	count = 0;
	for (size_t i = 0; families[i]; i++)
		for (size_t k = 0; k < families[i]->check_count; k++)
			ids[count++] = families[i]->checks[k].id;
	return ids;
}

/* These say that asking again, or longer, might have told; the others would not change by it. */
static const bool leaves_incomplete[FAILURE_COUNT] = {
	[FAILURE_TIMEOUT] = true, [FAILURE_REFUSED] = true,  [FAILURE_SERVFAIL] = true,
	[FAILURE_RESET] = true,   [FAILURE_GARBAGE] = true,  [FAILURE_RCODE] = true,
	[FAILURE_BUDGET] = true,  [FAILURE_DEADLINE] = true, [FAILURE_OUT_OF_REACH] = true,
};

/* A failure that a newer version stored is none of these. */
bool gap_leaves_incomplete(enum failure failure)
{
	return (unsigned)failure < FAILURE_COUNT && leaves_incomplete[failure];
}

static struct str gap_text(struct arena *a, const struct gap *gap)
{
	struct question question;
	struct buf text;

	if (gap->text)
		return str_copy(a, str_of(gap->text));
	buf_init(&text, a);
	buf_put_str(&text, str_of(failure_word(gap->failure)));
	if (gap->slot && gap->slot->key.data[0] &&
	    question_from_key(a, gap->slot->key, &question) == 0) {
		buf_put_lit(&text, ": ");
		question_text(&text, &question);
		if (gap->slot->fact && gap->slot->fact->detail.len) {
			buf_put_lit(&text, " (");
			buf_put_str(&text, str_first(gap->slot->fact->detail, 200));
			buf_put_lit(&text, ")");
		}
	}
	if (gap->failure == FAILURE_CONSENT)
		buf_put_lit(&text, "; active questions need --active, in the services proof of "
				   "control of the domain");
	return buf_str(&text);
}

static void add_result(struct arena *a, const struct check *check, const struct outcome *outcome,
		       struct verdicts *ret)
{
	struct check_result *result = &ret->results[ret->result_count++];

	*result = (struct check_result){ .check = check, .has_gap = outcome->gap != NULL };
	if (outcome->findings) {
		result->verdict = VERDICT_FAIL;
	} else if (outcome->gap) {
		result->verdict = VERDICT_UNKNOWN;
		result->reason = gap_text(a, outcome->gap);
		result->failure = outcome->gap->failure;
		result->is_incomplete = outcome->is_incomplete;
		ret->is_incomplete |= result->is_incomplete;
	} else if (outcome->has_passed) {
		result->verdict = VERDICT_PASS;
	}
	for (struct finding_link *link = outcome->findings; link; link = link->next)
		ret->findings[ret->finding_count++] = link->finding;
}

void evaluation_progress(const struct evaluation *e, size_t *ret_judged, size_t *ret_checks)
{
	*ret_judged = *ret_checks = 0;
	for (const struct job *job = evaluation_jobs(e); job; job = job->next) {
		size_t checks = 0;

		for (size_t i = 0; job->family && i < job->family->check_count; i++)
			checks += evaluation_selects(e, &job->family->checks[i]);
		*ret_checks += checks;
		*ret_judged += job->is_settled ? checks : 0;
	}
}

static size_t count_findings(const struct job *job)
{
	size_t count = 0;

	for (size_t i = 0; i < job->family->check_count; i++)
		for (struct finding_link *link = job->outcomes[i].findings; link; link = link->next)
			count++;
	return count;
}

void evaluation_verdicts(const struct evaluation *e, struct arena *a, struct verdicts *ret)
{
	size_t results = 0, findings = 0;

	for (struct job *job = e->jobs; job; job = job->next)
		if (job->family) {
			results += job->family->check_count;
			findings += count_findings(job);
		}
	*ret = (struct verdicts){
		.results = arena_array(a, results, sizeof *ret->results),
		.findings = arena_array(a, findings, sizeof *ret->findings),
	};
	for (struct job *job = e->jobs; job; job = job->next)
		for (size_t i = 0; job->family && i < job->family->check_count; i++)
			if (evaluation_selects(e, &job->family->checks[i]))
				add_result(a, &job->family->checks[i], &job->outcomes[i], ret);
}

void verdicts_apply_policy(struct verdicts *verdicts, const struct check_policy *policy,
			   const struct scan_request *request)
{
	for (size_t i = 0; policy->rule_count && i < verdicts->finding_count; i++) {
		struct finding *finding = &verdicts->findings[i];
		struct str id = str_of(finding->check->id);

		finding->severity = policy_severity(policy, request->domain, id, finding->severity);
		finding->accepted = policy_acceptance(policy, request->domain, id, finding->subject,
						      request->at_us, &finding->lapsed);
	}
}
