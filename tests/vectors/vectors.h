/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Vectors: the text files beside the families of checks. A file holds cases; a case holds facts and the
 * verdicts that they must give.
 *
 *	never  CHECK VERDICT REASON	this check cannot reach that verdict (pass, fail)
 *	case   NAME
 *	like   NAME			take the facts of an earlier case of the file; later lines replace
 *	domain NAME			default example.com
 *	at     2026-11-22T12:00:00Z	the scan's time; this is the default
 *	active				with consent to active questions
 *	selector NAME			a DKIM selector given by the user
 *	expect issuers|name_servers WORDS, mail_provider TEXT, record NAME TYPE [DATA]	by the owner
 *	KIND …				a fact (grammar: facts/text.h)
 *	before KIND …			a fact of the scan before
 *	rest   KIND [TYPE DATA|!FAILURE]	what every question of the kind gets that no fact answers; of
 *				records only those of the type asked for
 *	want   CHECK VERDICT [SUBJECT]	for fail: with this subject among the findings
 *
 * A case fails when a wanted verdict is another, and when a check of the families under test fails that no
 * line wants to fail. A question that nothing answers is a gap, and named when the case fails.
 */
#ifndef DSS_TESTS_VECTORS_H
#define DSS_TESTS_VECTORS_H

#include "checks/evaluation.h"

enum { CASE_FACTS = 400, CASE_WANTS = 80, FILE_CASES = 400, FILE_FAMILIES = 16 };

struct want {
	const struct check *check;
	enum verdict verdict;
	struct str subject;
	unsigned line;
};

struct vector_case {
	struct str name;
	unsigned line;
	struct scan_request request;
	struct str selectors[8];
	const struct fact *before[16];
	struct fact *facts;
	struct str *keys; /**< of the facts' questions */
	size_t fact_count;
	struct fact *rests;
	size_t rest_count;
	struct want *wants;
	size_t want_count;
};

struct vector_file {
	const char *path;
	struct vector_case *cases;
	size_t case_count;
	struct want *nevers;
	size_t never_count;
	const struct family *families[FILE_FAMILIES]; /**< under test */
	size_t family_count;
	unsigned line; /**< where reading is */
};

int vector_file_read(struct arena *a, const char *path, struct str text, struct vector_file *ret,
		     struct err *err) MUST_USE;

/** One fact replaced by another for a run. */
struct replacement {
	struct str key; /**< of the question */
	const struct fact *fact;
};

struct run {
	struct arena arena;
	struct evaluation evaluation;
	struct verdicts verdicts;
	const struct fact **facts; /**< read, in program order */
	size_t fact_count;
	struct buf missing; /**< questions that nothing answered, one a line */
};

/** Families with a check among the file's wants. */
bool vector_file_has(const void *file, const struct check *check);
/** seed 0: everything is there at once; else facts come one by one in an order made from seed. */
void run_case(struct run *run, const struct vector_file *file, const struct vector_case *vc,
	      const struct replacement *replacement, uint64_t seed);
void run_release(struct run *run);
enum verdict run_verdict(const struct run *run, const struct check *check);
bool run_has_finding(const struct run *run, const struct check *check, struct str subject);

/** Masking, mutation, shuffling; returns how many rules were broken, each printed. */
unsigned prove_case(const struct vector_file *file, const struct vector_case *vc,
		    const struct run *original);

#endif
