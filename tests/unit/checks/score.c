/* SPDX-License-Identifier: Apache-2.0 */
/* Do points, caps and grades follow the rules, and do deductions always add up? */
#include "checks/score.h"
#include "tests/test.h"

static const struct check checks[] = {
	{ .id = "dns.delegation.two-servers", .severity = SEVERITY_HIGH },
	{ .id = "dns.soa.serial", .severity = SEVERITY_LOW },
	{ .id = "dnssec.chain.valid", .severity = SEVERITY_CRITICAL },
	{ .id = "mail.spf.present", .severity = SEVERITY_MEDIUM },
	{ .id = "mail.spf.lookup-limit", .severity = SEVERITY_HIGH },
	{ .id = "mail.dmarc.policy-none", .severity = SEVERITY_MEDIUM },
	{ .id = "tls.cert.expiring", .severity = SEVERITY_MEDIUM },
	{ .id = "caa.present", .severity = SEVERITY_INFO },
	{ .id = "http.csp.present", .severity = SEVERITY_LOW },
	{ .id = "reg.lock", .severity = SEVERITY_MEDIUM },
	{ .id = "look.registered", .severity = SEVERITY_HIGH },
};

enum { CHECKS = ARRAY_COUNT(checks) };

/* One letter a check: p f n u, or i for unknown and incomplete, a for failed and accepted; each f and a has one
 * finding. */
static const struct policy_rule acceptance = { .action = POLICY_ACCEPT };

static struct score scored(struct arena *a, const char *letters)
{
	struct check_result results[CHECKS];
	struct finding findings[CHECKS];
	struct verdicts verdicts = { .results = results, .findings = findings };
	struct score score;

	for (size_t i = 0; i < CHECKS && letters[i]; i++) {
		char letter = letters[i];
		enum verdict verdict = letter == 'p'                    ? VERDICT_PASS
				       : letter == 'f' || letter == 'a' ? VERDICT_FAIL
				       : letter == 'n'                  ? VERDICT_NOT_APPLICABLE
									: VERDICT_UNKNOWN;

		if (letter == '.')
			continue;
		results[verdicts.result_count++] = (struct check_result){
			.check = &checks[i], .verdict = verdict, .is_incomplete = letter == 'i'
		};
		if (letter == 'f' || letter == 'a')
			findings[verdicts.finding_count++] =
				(struct finding){ .check = &checks[i],
						  .severity = checks[i].severity,
						  .accepted = letter == 'a' ? &acceptance : NULL };
		verdicts.is_incomplete |= letter == 'i';
	}
	score_compute(a, &verdicts, &score);
	return score;
}

TEST(points_and_grades_follow_the_rules)
{
	static const struct {
		const char *letters;
		unsigned value;
		const char *grade;
		size_t caps;
	} rows[] = {
		{ "apppapppppa", 100, "A+", 0 },
		{ "appaaaaaaaa", 100, "A+", 0 },
		{ "aaaaaaaaaaa", 0, "-", 0 },
		{ "ppppppppppp", 100, "A+", 0 },
		{ "nnnnnnnnnnn", 0, "-", 0 },
		{ "uuuuuuuuuuu", 0, "-", 0 },
		{ "p..........", 100, "A+", 0 },
		{ "fp.........", 60, "D", 1 },   /* 40 % of the one area */
		{ "ppfpppppppp", 85, "D", 1 },   /* critical: all 15 of DNSSEC, and the cap */
		{ "pppfpppppppp", 96, "A", 0 },  /* 3.75 of 25 */
		{ "ppppppfpppp", 97, "A", 1 },   /* 3 of 20: the medium finding forbids A+ */
		{ "pfpppppppppp", 99, "A+", 0 }, /* 0.75: nothing above low */
		{ "ppppfpppppp", 90, "B", 1 },   /* 10 of 25, high: at most B */
		{ "ppppppppppf", 100, "B", 1 },  /* no points in the area, but it caps */
		{ "pppppppfppp", 100, "A+", 0 }, /* info takes nothing */
		{ "fpfpppppppf", 79, "D", 2 },   /* critical before high */
		{ "p.fnnnnnnnn", 50, "D", 1 },
		{ "..f........", 0, "F", 1 },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct score score = scored(&a, rows[i].letters);

		test_row("%s", rows[i].letters);
		CHECK_INT(score.value, rows[i].value);
		CHECK_STR(str_of(grade_word(score.grade)), rows[i].grade);
		CHECK_INT(score.cap_count, rows[i].caps);
	}
	arena_release(&a);
}

TEST(a_clipped_deduction_shows_what_it_took)
{
	static const struct check mail[] = {
		{ .id = "mail.a", .severity = SEVERITY_MEDIUM },
		{ .id = "mail.b", .severity = SEVERITY_CRITICAL },
		{ .id = "mail.c", .severity = SEVERITY_HIGH },
	};
	struct check_result results[3];
	struct finding findings[4];
	struct verdicts verdicts = { results, 3, findings, 4, false };
	struct arena a = { 0 };
	struct score score;

	for (size_t i = 0; i < 3; i++) {
		results[i] = (struct check_result){ .check = &mail[i], .verdict = VERDICT_FAIL };
		findings[i] = (struct finding){ .check = &mail[i], .severity = mail[i].severity };
	}
	findings[3] = (struct finding){ .check = &mail[0], .severity = SEVERITY_LOW };
	score_compute(&a, &verdicts, &score);
	CHECK_INT(score.deduction_count, 3);
	CHECK(score.deductions[0].check == &mail[1] && score.deductions[0].taken == 2500);
	CHECK(score.deductions[1].check == &mail[2] && score.deductions[1].taken == 0);
	CHECK_INT(score.deductions[1].asked, 1000);
	CHECK(score.deductions[2].check == &mail[0] && score.deductions[2].asked == 375);
	CHECK_INT(score.deductions[2].finding_count, 2);
	CHECK(score.deductions[2].finding == &findings[0]);
	CHECK_INT(score.areas[AREA_MAIL].points, 0);
	arena_release(&a);
}

TEST(a_check_costs_once_by_its_worst_finding)
{
	struct check_result result = { .check = &checks[3], .verdict = VERDICT_FAIL };
	struct finding findings[] = {
		{ .check = &checks[3], .severity = SEVERITY_LOW },
		{ .check = &checks[3], .severity = SEVERITY_LOW },
	};
	struct verdicts verdicts = { &result, 1, findings, 2, false };
	struct arena a = { 0 };
	struct score score;

	score_compute(&a, &verdicts, &score);
	CHECK_INT(score.deductions[0].taken, 125); /* low, although the table says medium */
	CHECK_INT(score.value, 95);
	arena_release(&a);
}

TEST(incomplete_marks_its_area_and_the_whole)
{
	struct arena a = { 0 };
	struct score score = scored(&a, "piuuuuuuuuu");

	CHECK(score.is_incomplete && score.areas[AREA_DNS].is_incomplete);
	CHECK(!score.areas[AREA_MAIL].is_incomplete && !score.areas[AREA_MAIL].applies);
	CHECK_INT(score.value, 100);
	score = scored(&a, "pnnnnnnnnnn");
	CHECK(!score.is_incomplete && !score.areas[AREA_DNS].is_incomplete);
	arena_release(&a);
}

static void check_sums(const struct score *score)
{
	int points = 0, max = 0;

	for (int area = 0; area < AREA_COUNT; area++) {
		const struct area_score *of = &score->areas[area];
		int taken = 0;

		for (size_t i = 0; i < score->deduction_count; i++)
			if ((int)score->deductions[i].area == area) {
				CHECK(score->deductions[i].taken <= score->deductions[i].asked);
				CHECK(score->deductions[i].taken >= 0);
				taken += score->deductions[i].taken;
			}
		CHECK_INT(of->max - taken, of->points);
		CHECK(of->points >= 0);
		if (of->applies) {
			points += of->points;
			max += of->max;
		}
	}
	CHECK_INT(points, score->points);
	CHECK_INT(max, score->max);
	CHECK(score->value <= 100);
	CHECK(score->has_score == (score->grade != GRADE_NONE));
}

TEST(deductions_add_up_for_any_verdicts)
{
	uint64_t random = 20261122;

	for (unsigned round = 0; round < 20000; round++) {
		struct arena a = { 0 };
		struct score score;
		char letters[CHECKS + 1] = { 0 };

		for (size_t i = 0; i < CHECKS; i++) {
			random = random * 6364136223846793005u + 1442695040888963407u;
			letters[i] = "ppffffnui."[(random >> 33) % 10];
		}
		test_row("%s", letters);
		score = scored(&a, letters);
		check_sums(&score);
		arena_release(&a);
	}
}
