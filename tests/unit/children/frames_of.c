/* SPDX-License-Identifier: Apache-2.0 */
/* What does an honest scanner send? */
#include "tests/unit/children/frames_of.h"

#include "checks/families.h"

static const struct desc *const descs[] = {
	[SCANNER_READY] = &scanner_ready_desc,       [SCANNER_RESULT] = &scanner_result_desc,
	[SCANNER_ANSWERS] = &scanner_answers_desc,   [SCANNER_FACTS] = &scan_facts_desc,
	[SCANNER_PROGRESS] = &scanner_progress_desc, [SCANNER_LOG] = &scanner_log_desc,
	[SCANNER_FATAL] = &scanner_fatal_desc,       [SCANNER_VERDICTS] = &scanner_verdicts_desc,
};

struct frame frame_of(struct arena *a, enum scanner_frame type, const void *body)
{
	struct frame frame = { .type = (uint8_t)type, .version = SCANNER_PROTOCOL, .scan_id = 1 };
	struct buf bytes;

	buf_init(&bytes, a);
	desc_encode(&bytes, descs[type], body);
	frame.body = buf_str(&bytes);
	return frame;
}

static void add_findings(struct arena *a, struct judgement *judgement, struct str id,
			 size_t subjects)
{
	for (size_t i = 0; i < subjects; i++) {
		struct judged_finding *finding = &judgement->findings[judgement->finding_count++];

		*finding = (struct judged_finding){ .check = id,
						    .severity = SEVERITY_MEDIUM,
						    .subject = str_printf(a, "host%zu.example", i),
						    .text = STR_LIT("what is wrong here") };
	}
}

struct judgement judgement_of(struct arena *a, size_t failed, size_t subjects, size_t unknown_from)
{
	struct judgement judgement = { 0 };
	size_t count = 0;

	for (size_t i = 0; families[i]; i++)
		count += families[i]->check_count;
	judgement.checks = arena_array(a, count, sizeof *judgement.checks);
	judgement.findings = arena_array(a, failed * subjects, sizeof *judgement.findings);
	for (size_t i = 0; families[i]; i++)
		for (size_t k = 0; k < families[i]->check_count; k++) {
			size_t at = judgement.check_count++;
			struct judged_check *check = &judgement.checks[at];

			check->id = str_of(families[i]->checks[k].id);
			check->verdict = VERDICT_PASS;
			if (at < failed && subjects) {
				check->verdict = VERDICT_FAIL;
				add_findings(a, &judgement, check->id, subjects);
			} else if (at >= unknown_from) {
				*check = (struct judged_check){ .id = check->id,
								.verdict = VERDICT_UNKNOWN,
								.is_incomplete = true,
								.has_gap = true,
								.failure = FAILURE_TIMEOUT,
								.reason = STR_LIT("timeout") };
				judgement.is_incomplete = true;
			}
		}
	return judgement;
}
