/* SPDX-License-Identifier: Apache-2.0 */
/* Does the engine keep its promises to judges: gaps, budgets, closing, cycles, findings? */
#include "checks/slot.h"
#include "tests/test.h"

#undef fail /* cmocka's; here it is the judges' */

/* ---- derived facts and families of this test ---- */

struct partial {
	size_t count;
};

static const void *count_two(struct judge *j)
{
	struct partial *ret = ARENA_NEW(j->arena, struct partial);

	ret->count += ask_dns(j, STR_LIT("one.example"), DNS_A) != NULL;
	ret->count += ask_dns(j, STR_LIT("two.example"), DNS_A) != NULL;
	return ret;
}

const void *derived_partial(struct judge *j)
{
	return count_two(j);
}

const void *derived_lenient(struct judge *j)
{
	about_none(j);
	return count_two(j);
}

const void *derived_absent(struct judge *j)
{
	return ask_dns(j, STR_LIT("one.example"), DNS_A);
}

const void *derived_cycle_a(struct judge *j)
{
	return derive_cycle_b(j, j->domain);
}

const void *derived_cycle_b(struct judge *j)
{
	return derive_cycle_a(j, j->domain);
}

const void *derived_ladder(struct judge *j)
{
	return derive_ladder(j, dns_name_child(j->arena, STR_LIT("x"), j->domain));
}

#define CHECKS(prefix)                                                                             \
	{                                                                                          \
		{ .id = prefix ".a", .severity = SEVERITY_LOW },                                   \
			{ .id = prefix ".b", .severity = SEVERITY_HIGH },                          \
			{ .id = prefix ".c", .severity = SEVERITY_INFO },                          \
	}
enum { A, B, C };

static const struct check verdict_checks[] = CHECKS("own.verdicts");

/* A fails or passes by the answer, B sees the failure itself, C is not applicable. */
static void judge_verdicts(struct judge *j)
{
	const struct dns_answer *answer;
	const struct fact *fact;

	about(j, A);
	answer = ask_dns(j, STR_LIT("one.example"), DNS_A);
	if (answer)
		expect(j, A, STR_NONE, answer->count > 0, "no address");
	about(j, B);
	fact = try_dns(j, STR_LIT("two.example"), DNS_A);
	if (fact)
		expect(j, B, STR_LIT("two.example"), fact_is_answer(fact), "%s",
		       failure_word((enum failure)fact->failure));
}
const struct family family_own_verdicts = FAMILY("own.verdicts", verdict_checks, judge_verdicts);

static const struct check rests_checks[] = CHECKS("own.rests");

/* Each host's word rests on its own facts, on what it shares with others, and on the domain's. */
static void judge_rests_host(struct judge *j, struct str host)
{
	if (ask_dns(j, STR_LIT("shared.example"), DNS_A) && ask_dns(j, host, DNS_A) &&
	    ask_dns(j, host, DNS_AAAA))
		fail(j, A, host, "it is there");
}

static void judge_rests(struct judge *j)
{
	(void)derive_partial(j, j->domain);
	(void)ask_dns(j, j->domain, DNS_MX);
	judge_rests_host(j, STR_LIT("h1.example"));
	judge_rests_host(j, STR_LIT("h2.example"));
}
const struct family family_own_rests = FAMILY("own.rests", rests_checks, judge_rests);

static const struct check about_checks[] = CHECKS("own.about");

static void judge_about_gaps(struct judge *j)
{
	pass(j, A, STR_NONE);
	pass(j, B, STR_NONE);
	about(j, A);
	(void)ask_dns(j, STR_LIT("one.example"), DNS_A);
	about_none(j);
	(void)ask_dns(j, STR_LIT("two.example"), DNS_A);
	about_all(j);
	unknown(j, C, "nobody can tell");
}
const struct family family_own_about = FAMILY("own.about", about_checks, judge_about_gaps);

/* No value, and all that it met was about nothing. */
const void *derived_silent(struct judge *j)
{
	about_none(j);
	return ask_dns(j, STR_LIT("one.example"), DNS_A);
}

static const struct check derived_checks[] = CHECKS("own.derived");

static void judge_derived(struct judge *j)
{
	const struct partial *partial, *lenient;

	about(j, A);
	partial = derive_partial(j, j->domain);
	about(j, B);
	lenient = (const struct partial *)derive_lenient(j, j->domain);
	about(j, C);
	if (derive_absent(j, j->domain))
		pass(j, C, STR_NONE);
	if (partial)
		expect(j, A, STR_NONE, partial->count, "none");
	if (lenient)
		expect(j, B, STR_NONE, lenient->count, "none");
}
const struct family family_own_derived = FAMILY("own.derived", derived_checks, judge_derived);

static const struct check silent_checks[] = CHECKS("own.silent");

static void judge_silent(struct judge *j)
{
	if (derive_silent(j, j->domain))
		pass(j, A, STR_NONE);
}
const struct family family_own_silent = FAMILY("own.silent", silent_checks, judge_silent);

static const struct check cycle_checks[] = CHECKS("own.cycle");

static void judge_cycle(struct judge *j)
{
	about(j, A);
	if (derive_cycle_a(j, j->domain))
		pass(j, A, STR_NONE);
	pass(j, B, STR_NONE);
}
const struct family family_own_cycle = FAMILY("own.cycle", cycle_checks, judge_cycle);

static const struct check ladder_checks[] = CHECKS("own.ladder");

static void judge_ladder(struct judge *j)
{
	if (derive_ladder(j, j->domain))
		pass(j, A, STR_NONE);
}
const struct family family_own_ladder = FAMILY("own.ladder", ladder_checks, judge_ladder);

enum { TOO_MANY = JUDGE_QUESTIONS + 50 };

static const struct check budget_checks[] = CHECKS("own.budget");

static struct str numbered(struct arena *a, unsigned n)
{
	return str_printf(a, "n%u.example", n);
}

/* A: within the budget. B: beyond it. C: the first again, which costs nothing. */
static void judge_budget(struct judge *j)
{
	for (unsigned i = 0; i < TOO_MANY; i++) {
		if (i < JUDGE_QUESTIONS)
			about(j, A);
		else
			about(j, B);
		if (ask_dns(j, numbered(j->arena, i), DNS_A))
			pass(j, i < JUDGE_QUESTIONS ? A : B, STR_NONE);
	}
	about(j, C);
	if (ask_dns(j, numbered(j->arena, 0), DNS_A))
		pass(j, C, STR_NONE);
}
const struct family family_own_budget = FAMILY("own.budget", budget_checks, judge_budget);

enum { SUBJECTS = 300, MOST_FINDINGS = 100 };

static const struct check subject_checks[] = CHECKS("own.subjects");

static void judge_subjects(struct judge *j)
{
	for (unsigned i = 0; i < SUBJECTS; i++)
		fail(j, A, numbered(j->arena, i), "the %u. subject", i);
	for (unsigned i = 0; i < 3; i++)
		fail(j, B, STR_LIT("same"), "the %u. time", i);
	fail_as(j, C, SEVERITY_CRITICAL, STR_NONE, "%600s", "long");
}
const struct family family_own_subjects = FAMILY("own.subjects", subject_checks, judge_subjects);

/* ---- running them ---- */

struct trial {
	struct arena a;
	struct scan_request request;
	struct evaluation e;
	struct verdicts verdicts;
};

static bool is_of(const void *family_pointer, const struct check *check)
{
	const struct family *family = family_pointer;

	return check >= family->checks && check < family->checks + family->check_count;
}

static void trial_begin(struct trial *t, const struct family *family)
{
	*t = (struct trial){ .request = { .domain = STR_LIT("example.com") } };
	evaluation_init(&t->e, &t->request, (struct selection){ is_of, family });
	evaluation_settle(&t->e);
}

static struct fact *made(struct trial *t, const char *line)
{
	struct fact *fact = ARENA_NEW(&t->a, struct fact);
	struct err err = { 0 };

	CHECK(fact_parse(&t->a, str_of(line), fact, &err) == 0);
	return fact;
}

static bool put(struct trial *t, const char *line)
{
	bool is_taken = evaluation_add(&t->e, made(t, line));

	evaluation_settle(&t->e);
	return is_taken;
}

static void trial_end(struct trial *t)
{
	CHECK(evaluation_is_done(&t->e));
	evaluation_verdicts(&t->e, &t->a, &t->verdicts);
	CHECK_INT(t->verdicts.result_count, 3);
}

static void trial_release(struct trial *t)
{
	evaluation_release(&t->e);
	arena_release(&t->a);
}

/* "pfun": the verdicts of the three checks in letters. */
static void check_letters(const struct trial *t, const char *letters)
{
	static const char of[] = { [VERDICT_NOT_APPLICABLE] = 'n',
				   [VERDICT_PASS] = 'p',
				   [VERDICT_FAIL] = 'f',
				   [VERDICT_UNKNOWN] = 'u' };
	char got[4] = { 0 };

	for (size_t i = 0; i < 3; i++)
		got[i] = of[t->verdicts.results[i].verdict];
	CHECK_STR(str_of(got), letters);
}

TEST(verdicts_follow_answers_and_failures)
{
	static const struct {
		const char *one, *two, *letters;
	} rows[] = {
		{ "dns one.example A 45.0.0.1", "dns two.example A 45.0.0.1", "ppn" },
		{ "dns one.example A", "dns two.example A !timeout", "ffn" },
		{ "dns one.example A !servfail", "dns two.example A !nxdomain", "upn" },
		{ "dns one.example A !vantage", "dns two.example A !vantage", "uun" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		for (unsigned order = 0; order < 2; order++) {
			struct trial t;

			test_row("%s in order %u", rows[i].letters, order);
			trial_begin(&t, &family_own_verdicts);
			CHECK(put(&t, order ? rows[i].two : rows[i].one));
			CHECK(!evaluation_is_done(&t.e));
			CHECK(put(&t, order ? rows[i].one : rows[i].two));
			trial_end(&t);
			check_letters(&t, rows[i].letters);
			trial_release(&t);
		}
}

TEST(each_question_is_handed_out_once_in_program_order)
{
	struct trial t;
	const struct question *question;

	trial_begin(&t, &family_own_verdicts);
	question = evaluation_next_question(&t.e);
	CHECK(question && str_eq(question->dns.name, STR_LIT("one.example")));
	question = evaluation_next_question(&t.e);
	CHECK(question && str_eq(question->dns.name, STR_LIT("two.example")));
	CHECK(!evaluation_next_question(&t.e));
	CHECK(put(&t, "dns one.example A 45.0.0.1"));
	CHECK(!put(&t, "dns one.example A")); /* what was read first stays */
	CHECK(put(&t, "dns two.example A 45.0.0.1"));
	CHECK(!evaluation_next_question(&t.e));
	trial_end(&t);
	check_letters(&t, "ppn");
	trial_release(&t);
}

TEST(a_fact_that_nobody_asked_for_is_kept_but_is_no_evidence)
{
	struct trial t;
	const struct fact **facts;

	trial_begin(&t, &family_own_verdicts);
	CHECK(put(&t, "dns other.example A 45.0.0.1"));
	CHECK(put(&t, "dns one.example A 45.0.0.1"));
	CHECK(put(&t, "dns two.example A 45.0.0.1"));
	trial_end(&t);
	CHECK_INT(evaluation_facts(&t.e, &t.a, &facts), 2);
	CHECK(str_eq(facts[0]->question.dns.name, STR_LIT("one.example")));
	trial_release(&t);
}

static void check_rests_on(const struct finding *finding, const char *const *questions)
{
	size_t count = 0;

	for (; questions[count]; count++) {
		struct arena a = { 0 };
		struct buf text;

		CHECK(count < finding->rests_on_count);
		buf_init(&text, &a);
		question_text(&text, &finding->rests_on[count]->question);
		CHECK_STR(buf_str(&text), questions[count]);
		arena_release(&a);
	}
	CHECK_INT(finding->rests_on_count, count);
	CHECK(finding->evidence == finding->rests_on[0]);
}

TEST(a_finding_names_the_facts_that_it_rests_on)
{
	static const char *const lines[] = {
		"dns h2.example AAAA",       "dns h1.example AAAA",
		"dns example.com MX",        "dns two.example A 45.0.0.1",
		"dns h1.example A 45.0.0.1", "dns one.example A 45.0.0.1",
		"dns h2.example A 45.0.0.1", "dns shared.example A 45.0.0.1",
	};
	struct trial t;

	trial_begin(&t, &family_own_rests);
	for (size_t i = 0; i < ARRAY_COUNT(lines); i++) /* in whatever order they come */
		CHECK(put(&t, lines[i]));
	trial_end(&t);
	CHECK_INT(t.verdicts.finding_count, 2);
	check_rests_on(&t.verdicts.findings[0],
		       (const char *const[]){ "dns h1.example AAAA", "dns shared.example A",
					      "dns h1.example A", "dns one.example A",
					      "dns two.example A", "dns example.com MX", NULL });
	check_rests_on(&t.verdicts.findings[1],
		       (const char *const[]){ "dns h2.example AAAA", "dns shared.example A",
					      "dns h2.example A", "dns one.example A",
					      "dns two.example A", "dns example.com MX", NULL });
	trial_release(&t);
}

TEST(a_gap_touches_only_what_it_is_about)
{
	struct trial t;

	trial_begin(&t, &family_own_about);
	put(&t, "dns one.example A !timeout");
	put(&t, "dns two.example A !timeout");
	trial_end(&t);
	check_letters(&t, "upu");
	CHECK_INT(t.verdicts.results[A].failure, FAILURE_TIMEOUT);
	CHECK(t.verdicts.results[A].is_incomplete && t.verdicts.is_incomplete);
	CHECK_STR(t.verdicts.results[A].reason, "timeout: dns one.example A");
	CHECK_INT(t.verdicts.results[C].failure, FAILURE_NONE);
	CHECK_STR(t.verdicts.results[C].reason, "nobody can tell");
	CHECK(!t.verdicts.results[C].is_incomplete);
	trial_release(&t);
}

TEST(what_this_machine_cannot_see_leaves_no_scan_incomplete)
{
	struct trial t;

	trial_begin(&t, &family_own_about);
	put(&t, "dns one.example A !vantage");
	put(&t, "dns two.example A !timeout");
	trial_end(&t);
	check_letters(&t, "upu");
	CHECK(!t.verdicts.is_incomplete);
	trial_release(&t);
}

TEST(gaps_of_derived_facts_pass_to_their_readers)
{
	struct trial t;

	trial_begin(&t, &family_own_derived);
	put(&t, "dns one.example A !timeout");
	put(&t, "dns two.example A 45.0.0.1");
	trial_end(&t);
	/* A: partial; B: the gap was about nothing; C: no value. */
	check_letters(&t, "upu");
	CHECK_INT(t.verdicts.results[C].failure, FAILURE_TIMEOUT);
	trial_release(&t);

	trial_begin(&t, &family_own_derived);
	put(&t, "dns two.example A 45.0.0.1");
	put(&t, "dns one.example A 45.0.0.1");
	trial_end(&t);
	check_letters(&t, "ppp");
	trial_release(&t);
}

TEST(no_value_is_a_gap_even_if_its_maker_notes_none)
{
	struct trial t;

	trial_begin(&t, &family_own_silent);
	put(&t, "dns one.example A !timeout");
	trial_end(&t);
	check_letters(&t, "uuu");
	trial_release(&t);
}

TEST(closing_settles_what_is_missing_as_a_gap)
{
	struct trial t;

	trial_begin(&t, &family_own_verdicts);
	put(&t, "dns one.example A 45.0.0.1");
	CHECK(!evaluation_is_done(&t.e));
	evaluation_close(&t.e, FAILURE_DEADLINE);
	evaluation_settle(&t.e);
	trial_end(&t);
	check_letters(&t, "pun");
	CHECK_INT(t.verdicts.results[B].failure, FAILURE_DEADLINE);
	CHECK(t.verdicts.is_incomplete);
	trial_release(&t);

	trial_begin(&t, &family_own_derived);
	put(&t, "dns two.example A 45.0.0.1");
	evaluation_close(&t.e, FAILURE_DEADLINE);
	evaluation_settle(&t.e);
	trial_end(&t);
	check_letters(&t, "upu");
	trial_release(&t);
}

TEST(derived_facts_that_wait_for_one_another_are_cut)
{
	struct trial t;

	trial_begin(&t, &family_own_cycle);
	CHECK(!evaluation_next_question(&t.e));
	CHECK(!evaluation_is_done(&t.e));
	evaluation_close(&t.e, FAILURE_DEADLINE);
	evaluation_settle(&t.e);
	trial_end(&t);
	check_letters(&t, "upn");
	CHECK_INT(t.verdicts.results[A].failure, FAILURE_BUDGET);
	trial_release(&t);
}

TEST(derived_facts_nest_to_a_limit)
{
	struct trial t;

	trial_begin(&t, &family_own_ladder);
	trial_end(&t);
	check_letters(&t, "uuu");
	CHECK_INT(t.verdicts.results[A].failure, FAILURE_BUDGET);
	trial_release(&t);
}

static void check_budget(bool is_backwards)
{
	struct trial t;
	const struct fact **facts;
	unsigned handed_out = 0;

	trial_begin(&t, &family_own_budget);
	while (evaluation_next_question(&t.e))
		handed_out++;
	for (unsigned i = 0; i < JUDGE_QUESTIONS; i++) {
		unsigned n = is_backwards ? JUDGE_QUESTIONS - 1 - i : i;
		struct str line = str_printf(&t.a, "dns n%u.example A 45.0.0.1", n);

		CHECK(evaluation_add(&t.e, made(&t, line.data)));
	}
	evaluation_settle(&t.e);
	trial_end(&t);
	CHECK(handed_out >= JUDGE_QUESTIONS);
	check_letters(&t, "pup");
	CHECK_INT(t.verdicts.results[B].failure, FAILURE_BUDGET);
	CHECK(t.verdicts.is_incomplete);
	CHECK_INT(evaluation_facts(&t.e, &t.a, &facts), JUDGE_QUESTIONS);
	CHECK(str_eq(facts[0]->question.dns.name, STR_LIT("n0.example")));
	trial_release(&t);
}

TEST(a_budget_is_counted_in_program_order)
{
	check_budget(false);
	check_budget(true);
}

TEST(a_finding_is_made_once_a_subject_and_findings_are_bounded)
{
	struct trial t;
	size_t of_a = 0, of_b = 0;

	trial_begin(&t, &family_own_subjects);
	trial_end(&t);
	check_letters(&t, "fff");
	for (size_t i = 0; i < t.verdicts.finding_count; i++) {
		of_a += t.verdicts.findings[i].check == &subject_checks[A];
		of_b += t.verdicts.findings[i].check == &subject_checks[B];
	}
	CHECK_INT(of_a, MOST_FINDINGS);
	CHECK_INT(of_b, 1);
	CHECK_STR(t.verdicts.findings[0].text, "the 0. subject");
	CHECK_STR(t.verdicts.findings[MOST_FINDINGS].text, "the 0. time");
	CHECK_INT(t.verdicts.findings[MOST_FINDINGS + 1].severity, SEVERITY_CRITICAL);
	CHECK_INT(t.verdicts.findings[MOST_FINDINGS + 1].text.len, 599);
	trial_release(&t);
}

TEST(a_family_that_is_not_selected_is_not_run)
{
	static const struct family none = { .checks = NULL };
	struct trial t;

	trial_begin(&t, &none);
	CHECK(evaluation_is_done(&t.e));
	CHECK(!evaluation_next_question(&t.e));
	evaluation_verdicts(&t.e, &t.a, &t.verdicts);
	CHECK_INT(t.verdicts.result_count, 0);
	trial_release(&t);
}

static bool is_check_b(const void *context, const struct check *check)
{
	return check == context;
}

TEST(of_a_selected_family_only_selected_checks_speak)
{
	struct scan_request request = { .domain = STR_LIT("example.com") };
	struct arena a = { 0 };
	struct verdicts verdicts;
	struct evaluation e;

	evaluation_init(&e, &request, (struct selection){ is_check_b, &subject_checks[B] });
	evaluation_settle(&e);
	evaluation_verdicts(&e, &a, &verdicts);
	CHECK_INT(verdicts.result_count, 1);
	CHECK_INT(verdicts.finding_count, 1);
	CHECK(verdicts.findings[0].check == &subject_checks[B]);
	evaluation_release(&e);
	arena_release(&a);
}
