/* SPDX-License-Identifier: Apache-2.0 */
/* What is stored of a scan that has ended? */
#include "app/policy.h"
#include "base/clock.h"
#include "checks/score.h"
#include "facts/volatile.h"
#include "formats/names/psl.h"
#include "formats/web/url.h"
#include "model/profile.h"
#include "model/proof.h"
#include "roles/worker/parts.h"

enum { EVIDENCE_BYTES = 8192 /* of the facts of one finding */, EXPIRIES = 64 };

static const enum scan_status statuses[] = { [SCAN_DONE] = SCAN_IS_DONE,
					     [SCAN_INCOMPLETE] = SCAN_IS_INCOMPLETE,
					     [SCAN_FAILED] = SCAN_IS_FAILED,
					     [SCAN_CANCELLED] = SCAN_IS_CANCELLED };

/* ---- facts ---- */

static void facts_store(struct held *held, struct scan_outcome *outcome)
{
	struct pool_scan *scan = &held->scan;
	struct str *facts = arena_array(&scan->arena, scan->fact_count, sizeof *facts);
	struct buf blob;

	for (size_t i = 0; i < scan->fact_count; i++) {
		struct buf bytes;

		buf_init(&bytes, &scan->arena);
		fact_encode_stable(&bytes, scan->facts[i]);
		facts[i] = buf_str(&bytes);
	}
	buf_init(&blob, &scan->arena);
	facts_encode_volatile(&blob, scan->facts, scan->fact_count);
	outcome->facts = facts;
	outcome->fact_count = scan->fact_count;
	outcome->volatile_blob = buf_str(&blob);
}

/* ---- findings ---- */

static const struct fact *fact_of(const struct pool_scan *scan, struct str key)
{
	struct arena scratch = { 0 };
	const struct fact *found = NULL;
	struct buf bytes;

	buf_init(&bytes, &scratch);
	for (size_t i = 0; i < scan->fact_count && !found; i++) {
		bytes.len = 0;
		question_key(&bytes, &scan->facts[i]->question);
		if (str_eq(buf_str(&bytes), key))
			found = scan->facts[i];
	}
	arena_release(&scratch);
	return found;
}

static void put_question(struct arena *a, struct json *w, const struct fact *fact)
{
	struct buf text;

	buf_init(&text, a);
	question_text(&text, &fact->question);
	json_str(w, buf_str(&text));
}

/* All questions, and of the facts as many as there is room for. */
static void put_facts(struct arena *a, struct json *w, const struct fact *const *facts,
		      size_t count)
{
	size_t room = EVIDENCE_BYTES;

	json_key(w, "rests_on");
	json_array(w);
	for (size_t i = 0; i < count; i++)
		put_question(a, w, facts[i]);
	json_end(w);
	json_key(w, "facts");
	json_array(w);
	for (size_t i = 0; i < count; i++) {
		struct json one;
		struct buf text;

		buf_init(&text, a);
		json_init(&one, &text);
		fact_json(&one, facts[i]);
		if (text.len > room)
			continue;
		json_raw(w, buf_str(&text));
		room -= text.len;
	}
	json_end(w);
}

static struct str evidence_of(struct arena *a, const struct pool_scan *scan,
			      const struct judged_finding *finding)
{
	const struct fact **facts = arena_array(a, finding->evidence_count, sizeof *facts);
	size_t count = 0;
	struct json w;
	struct buf out;

	for (size_t i = 0; i < finding->evidence_count; i++)
		if ((facts[count] = fact_of(scan, finding->evidence[i])))
			count++;
	if (!count)
		return STR_NONE;
	buf_init(&out, a);
	json_init(&w, &out);
	json_object(&w);
	put_facts(a, &w, facts, count);
	json_end(&w);
	return buf_str(&out);
}

/* Checks of tools and APIs do not apply in profiles that do not ask these: that settles nothing. */
static bool is_outside(int profile, struct str check)
{
	static const struct {
		const char *prefix;
		unsigned profiles;
	} rows[] = {
		{ "tool.", 1u << PROFILE_DEEP },
		{ "sub.", 1u << PROFILE_DEEP | 1u << PROFILE_PASSIVE },
		{ "rep.", 1u << PROFILE_DEEP | 1u << PROFILE_PASSIVE },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (str_starts(check, str_of(rows[i].prefix)))
			return !(rows[i].profiles >> profile & 1);
	return false;
}

/* What a check said closes what is not found any more, unless it could not see all. */
static bool settles(int profile, const struct judged_check *check)
{
	if (check->verdict == VERDICT_NOT_APPLICABLE && is_outside(profile, check->id))
		return false;
	return check->verdict == VERDICT_PASS || check->verdict == VERDICT_NOT_APPLICABLE ||
	       (check->verdict == VERDICT_FAIL && !check->has_gap);
}

static void acceptance_store(struct arena *a, const struct judged_acceptance *acceptance,
			     struct outcome_finding *finding)
{
	finding->accepted_by = acceptance->by;
	finding->until = acceptance->until_us;
	finding->reason = acceptance->owner.len
				  ? str_printf(a, "%.*s (%.*s)", STR(acceptance->reason),
					       STR(acceptance->owner))
				  : acceptance->reason;
}

/* What a policy switches off is no check of this domain. */
static void known_store(struct held *held, struct scan_outcome *outcome)
{
	const struct worker *worker = held->worker;
	struct str *known = arena_array(&held->scan.arena, worker->check_count, sizeof *known);

	for (size_t i = 0; i < worker->check_count; i++)
		if (!policy_is_off(&held->policy, held->row.name, worker->check_ids[i]))
			known[outcome->known_count++] = worker->check_ids[i];
	outcome->known = known;
}

static void findings_store(struct held *held, struct scan_outcome *outcome)
{
	struct pool_scan *scan = &held->scan;
	const struct judgement *judgement = &scan->judgement;
	struct str *settled = arena_array(&scan->arena, judgement->check_count, sizeof *settled);
	struct outcome_finding *findings =
		arena_array(&scan->arena, judgement->finding_count, sizeof *findings);

	for (size_t i = 0; i < judgement->check_count; i++) {
		const struct judged_check *check = &judgement->checks[i];

		outcome->gaps += check->verdict == VERDICT_UNKNOWN;
		if (settles(held->row.profile, check))
			settled[outcome->settled_count++] = check->id;
	}
	for (size_t i = 0; i < judgement->finding_count; i++) {
		const struct judged_finding *finding = &judgement->findings[i];

		findings[i] = (struct outcome_finding){
			.check_id = finding->check,
			.subject = finding->subject,
			.text = finding->text,
			.evidence = evidence_of(&scan->arena, scan, finding),
			.severity = (enum severity)finding->severity,
		};
		if (finding->is_accepted && str_starts(finding->acceptance.by, STR_LIT(POLICY_BY)))
			acceptance_store(&scan->arena, &finding->acceptance, &findings[i]);
	}
	outcome->settled = settled;
	known_store(held, outcome);
	outcome->findings = findings;
	outcome->finding_count = judgement->finding_count;
}

static int by_text(const void *one, const void *other)
{
	return str_cmp(*(const struct str *)one, *(const struct str *)other);
}

size_t outcome_known(struct arena *a, struct str **ret)
{
	size_t count = 0;
	struct str *ids;

	for (size_t i = 0; families[i]; i++)
		count += families[i]->check_count;
	ids = *ret = arena_array(a, count, sizeof *ids);
	for (size_t i = 0; families[i]; i++)
		for (size_t k = 0; k < families[i]->check_count; k++)
			*ids++ = str_of(families[i]->checks[k].id);
	qsort(*ret, count, sizeof **ret, by_text);
	return count;
}

/* ---- score ---- */

static int grade_number(struct str word)
{
	for (int grade = GRADE_A_PLUS; grade > GRADE_NONE; grade--)
		if (str_eq(word, str_of(grade_word((enum grade)grade))))
			return grade;
	return GRADE_NONE;
}

static void score_store(const struct judgement *judgement, struct scan_outcome *outcome)
{
	const struct judged_score *score = &judgement->score;

	outcome->grade = grade_number(score->grade);
	outcome->score = score->has_score ? (int)score->value : -1;
	outcome->algorithm = score->algorithm;
	for (size_t i = 0; i < score->area_count && i < SCAN_AREAS; i++)
		outcome->areas[i] = (struct area_points){
			.applies = score->areas[i].applies,
			.is_incomplete = score->areas[i].is_incomplete,
			.points = (uint16_t)score->areas[i].points,
			.max = (uint16_t)score->areas[i].points_max,
		};
}

/* ---- what expires ---- */

/* RFC 4034 section 3.1.5: serial arithmetic, around the time of the scan. */
static int64_t time_of_serial(uint32_t serial, int64_t now_us)
{
	int64_t now = now_us / 1000000;

	return (now + (int32_t)(serial - (uint32_t)now)) * 1000000;
}

static void expiry_put(struct held *held, struct scan_outcome *outcome, struct expiry_row *rows,
		       const struct dns_rr *rr)
{
	struct arena *a = &held->scan.arena;
	struct str subject = str_printf(a, "%.*s %.*s", STR(rr->owner),
					STR(dns_type_text(a, rr->rrsig.type_covered)));
	int64_t at = time_of_serial(rr->rrsig.expiration, held->started_us);

	for (size_t i = 0; i < outcome->expiry_count; i++)
		if (str_eq(rows[i].subject, subject)) {
			rows[i].at = MIN(rows[i].at, at);
			return;
		}
	if (outcome->expiry_count < EXPIRIES)
		rows[outcome->expiry_count++] =
			(struct expiry_row){ .kind = EXPIRY_RRSIG, .subject = subject, .at = at };
}

static void date_put(struct scan_outcome *outcome, struct expiry_row *rows, enum expiry_kind kind,
		     struct str subject, int64_t at)
{
	for (size_t i = 0; i < outcome->expiry_count; i++)
		if (rows[i].kind == kind && str_eq(rows[i].subject, subject)) {
			rows[i].at = MIN(rows[i].at, at);
			return;
		}
	if (at && outcome->expiry_count < EXPIRIES)
		rows[outcome->expiry_count++] =
			(struct expiry_row){ .kind = kind, .subject = subject, .at = at };
}

/* The registry's date, by RDAP rather than by WHOIS, else the owner's. */
static void registration_put(struct held *held, struct scan_outcome *outcome,
			     struct expiry_row *rows)
{
	struct pool_scan *scan = &held->scan;
	struct str domain = registrable_domain(held->row.name);
	int64_t at = 0;

	for (size_t i = 0; i < scan->fact_count; i++) {
		const struct fact *fact = scan->facts[i];
		bool is_rdap = fact->question.kind == KIND_rdap;
		const struct registration *registration;

		if ((!is_rdap && fact->question.kind != KIND_whois) || !fact_is_answer(fact) ||
		    !str_eq(is_rdap ? fact->question.rdap.name : fact->question.whois.name,
			    domain) ||
		    (is_rdap && fact->question.rdap.flags))
			continue;
		registration = is_rdap ? fact->rdap : fact->whois;
		if (registration->expires_us && (is_rdap || !at))
			at = registration->expires_us;
	}
	date_put(outcome, rows, EXPIRY_REGISTRATION, domain,
		 at ? at : held->expectations.registration_us);
}

/* Of the hosts below the domain that were asked over HTTPS. */
static void certificate_put(struct held *held, struct scan_outcome *outcome,
			    struct expiry_row *rows, const struct fact *fact)
{
	struct web_url url;

	if (fact->http->tls.not_after_us &&
	    web_url_parse(&held->scan.arena, fact->question.http.url, &url, NULL) == 0 &&
	    dns_name_is_under(url.host, held->row.name))
		date_put(outcome, rows, EXPIRY_CERTIFICATE, url.host, fact->http->tls.not_after_us);
}

/* Of the signatures that the resolver sees: of the domain itself and what is below it. */
static void expiries_store(struct held *held, struct scan_outcome *outcome)
{
	struct pool_scan *scan = &held->scan;
	struct expiry_row *rows = arena_array(&scan->arena, EXPIRIES, sizeof *rows);

	for (size_t i = 0; i < scan->fact_count; i++) {
		const struct fact *fact = scan->facts[i];

		if (fact->question.kind == KIND_http && fact_is_answer(fact))
			certificate_put(held, outcome, rows, fact);
		if (fact->question.kind != KIND_dns || !fact_is_answer(fact))
			continue;
		for (size_t k = 0; k < fact->dns->other_count; k++) {
			const struct dns_rr *rr = &fact->dns->other[k];

			if (rr->type == DNS_RRSIG && !rr->is_malformed &&
			    dns_name_is_under(rr->owner, held->row.name))
				expiry_put(held, outcome, rows, rr);
		}
	}
	registration_put(held, outcome, rows);
	outcome->expiries = rows;
}

/* ---- proof of control ---- */

/* Only an answer tells: what could not be asked leaves the proof as it is. */
static void proof_store(struct held *held, struct scan_outcome *outcome)
{
	struct pool_scan *scan = &held->scan;
	struct str *texts,
		name = dns_name_child(&scan->arena, STR_LIT(PROOF_LABEL), held->row.name);

	for (size_t i = 0; held->wants_proof && i < scan->fact_count; i++) {
		const struct fact *fact = scan->facts[i];

		if (fact->question.kind != KIND_dns || fact->question.dns.type != DNS_TXT ||
		    !fact_is_answer(fact) || !str_eq(fact->question.dns.name, name))
			continue;
		texts = arena_array(&scan->arena, MIN(fact->dns->count, (size_t)PROOF_TEXTS),
				    sizeof *texts);
		for (size_t k = 0; k < fact->dns->count && k < PROOF_TEXTS; k++)
			if (!fact->dns->rr[k].is_malformed)
				texts[outcome->proof_count++] = fact->dns->rr[k].txt.text;
		outcome->proofs = texts;
		outcome->has_proof = true;
		return;
	}
}

/* ---- */

static struct scan_outcome outcome_of(const struct held *held, enum scan_status status,
				      int64_t now_us)
{
	return (struct scan_outcome){ .scan = held->id,
				      .token = held->row.token,
				      .status = status,
				      .started_at = held->started_us,
				      .ended_at = now_us,
				      .score = -1 };
}

void outcome_make(struct held *held, int64_t now_us)
{
	struct pool_scan *scan = &held->scan;
	struct scan_outcome *outcome = &held->outcome;

	*outcome = outcome_of(held, statuses[scan->state], now_us);
	outcome->error = scan->error;
	if (scan->state != SCAN_DONE && scan->state != SCAN_INCOMPLETE)
		return;
	outcome->verdicts = scan->verdicts;
	score_store(&scan->judgement, outcome);
	facts_store(held, outcome);
	findings_store(held, outcome);
	expiries_store(held, outcome);
	proof_store(held, outcome);
}

void outcome_fail(struct held *held, enum scan_status status, int64_t now_us, struct str error)
{
	held->outcome = outcome_of(held, status, now_us);
	held->outcome.error = str_copy(&held->scan.arena, error);
	held->scan.error = held->outcome.error;
	held->scan.state = status == SCAN_IS_CANCELLED ? SCAN_CANCELLED : SCAN_FAILED;
}
