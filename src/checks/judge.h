/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a family of checks sees. A family is one file: a table of checks and one pure function,
 *written as if every fact were there. Reading a fact is asking for it.
 *
 * Readers, generated from facts/kinds.h for each kind K:
 *	ask_K(j, …)	the answer, or NULL: not here yet, or a gap. The read noted which. Never
 *take NULL as "absent": return, or go on with what does not need it.
 *	try_K(j, …)	the fact, also when the asked party failed (fact_is_answer tells); NULL: not
 *here yet, or a failure of ours, which is always a gap. want_K(j, …)	start the question without
 *reading it, so that a chain does not wait link by link. derive_D(j, …)	a derived fact
 *(checks/derived.h): computed once a scan, whoever reads it. NULL as ask_. Gaps met while deriving
 *count as gaps of the reader, even when a value is given.
 *	before_K(j, …)	what the scan before had as answer, or NULL: without one there is nothing to compare,
 *and the check does not apply.
 *
 * Settling, with CHECK an index of the family's table and subject a stable name (host, record name;
 * never a rotating address or a serial; empty for the domain itself):
 *	pass(j, CHECK, subject)		a check must say pass
 *	fail(j, CHECK, subject, "…", …)	a finding: what is wrong, with the values seen
 *	fail_as(j, CHECK, severity, subject, "…", …)
 *	expect(j, CHECK, subject, condition, "…", …)	pass or fail
 *	unknown(j, CHECK, "…")		cannot be known by nature (no selector found)
 *	about(j, CHECK, …)		gaps from here on touch only these; about_all(j) ends it
 *	cite(j, fact or answer)		the next findings show this as evidence; otherwise the
 *answer read last. What else they rest on is noted by the reads: what was read of the domain itself,
 *and for the same subject
 *
 * Verdict of a check: any fail: fail; else touched by a gap: unknown; else any pass: pass; else
 * not-applicable. A run in which something was not here yet counts for nothing: the judge runs
 *again.
 *
 * A judge must (1) never take NULL as "absent"; (2) have no statics, clock, randomness or pointer
 *order; (3) do the work for one item in a function of its own, so that all items are asked at once;
 *(4) bound every loop over foreign data; (5) say pass; (6) after a gap go on asking, but not fail
 *from state that depends on the order of a walk. The vector runner proves it for every family.
 */
#ifndef DSS_CHECKS_JUDGE_H
#define DSS_CHECKS_JUDGE_H

#include "facts/fact.h"
#include "model/check.h"
#include "model/expectations.h"

struct judge;

struct family {
	const char *name; /**< common prefix of its ids, "mail.smtp" */
	const struct check *checks;
	size_t check_count; /**< at most 64 */
	void (*judge)(struct judge *j);
};

#define FAMILY(family_name, check_table, judge_function)                                           \
	{                                                                                          \
		.name = (family_name), .checks = (check_table),                                    \
		.check_count = ARRAY_COUNT(check_table), .judge = (judge_function)                 \
	}

/** What a scan is asked to do that is not the network's. Outlives the scan. */
struct scan_request {
	struct str domain;                /**< our form of the name */
	int64_t at_us;                    /**< the scan's time, UTC */
	bool is_active;                   /**< consent to active questions (†) */
	bool wants_proof;                 /**< the record of model/proof.h, as a fact */
	const struct str *dkim_selectors; /**< given by the user, besides those of data/ */
	size_t dkim_selector_count;
	const struct fact *const
		*before; /**< what the scan before saw; judges read it by before_K */
	size_t before_count;
	struct expectations expected; /**< by the domain's owner */
};

enum {
	JUDGE_QUESTIONS = 400, /**< budget of one job, in program order */
	EVIDENCE_FACTS = 16    /**< that a finding names at most */
};

/** Facts that were read, each once, as long as there is room. */
struct evidence {
	const struct fact *facts[EVIDENCE_FACTS];
	size_t count;
};

struct evaluation;
struct job;
struct gap;

struct judge {
	/* For judges to read: */
	struct str domain; /**< the scanned domain; of a derived fact, the name it is derived for */
	const struct scan_request *request;
	int64_t at_us;       /**< the scan's time */
	struct arena *arena; /**< for names and texts; lives as long as the findings */
	/* The rest belongs to evaluation.c. */
	struct evaluation *evaluation;
	struct job *job;
	uint64_t run, about_mask;
	const void *cited; /* a fact, or the answer of one */
	/* What a finding rests on: what was read of the domain itself, and since the last word about
	 * another subject. */
	struct evidence of_domain, since;
	size_t since_settled; /* of `since`: read before the last word */
	char subject[64];     /* that it was about: its beginning */
	size_t subject_len;
	bool has_settled;
	struct gap *gaps, *gaps_last;
	unsigned question_count;
	bool is_pending;
};

/* What the generated readers call. */
const void *judge_ask(struct judge *j, const struct question *question);
const struct fact *judge_try(struct judge *j, const struct question *question);
void judge_want(struct judge *j, const struct question *question);
/** Of the scan before: its answer, or NULL: it did not ask, or had none. Never a gap: what was is over. */
const void *judge_before(const struct judge *j, const struct question *question);
void give_up(struct judge *j, const struct fact *fact);

#define JUDGE_UNPAREN(...) __VA_ARGS__
#define X(kind_name, number, answer_type, parameters, ...)                                         \
	__attribute__((unused)) static inline const struct answer_type *ask_##kind_name parameters \
	{                                                                                          \
		return judge_ask(j, &(struct question){ .kind = KIND_##kind_name,                  \
							.kind_name = __VA_ARGS__ });               \
	}                                                                                          \
	__attribute__((unused)) static inline const struct fact *try_##kind_name parameters        \
	{                                                                                          \
		return judge_try(j, &(struct question){ .kind = KIND_##kind_name,                  \
							.kind_name = __VA_ARGS__ });               \
	}                                                                                          \
	__attribute__((unused)) static inline void want_##kind_name parameters                     \
	{                                                                                          \
		judge_want(j, &(struct question){ .kind = KIND_##kind_name,                        \
						  .kind_name = __VA_ARGS__ });                     \
	}                                                                                          \
	__attribute__((                                                                            \
		unused)) static inline const struct answer_type *before_##kind_name parameters     \
	{                                                                                          \
		return judge_before(j, &(struct question){ .kind = KIND_##kind_name,               \
							   .kind_name = __VA_ARGS__ });            \
	}
FACT_KINDS(X)
#undef X

void pass(struct judge *j, unsigned check, struct str subject);
void fail(struct judge *j, unsigned check, struct str subject, const char *format, ...)
	PRINTF(4, 5);
void fail_as(struct judge *j, unsigned check, enum severity severity, struct str subject,
	     const char *format, ...) PRINTF(5, 6);
void expect(struct judge *j, unsigned check, struct str subject, bool condition, const char *format,
	    ...) PRINTF(5, 6);
void unknown(struct judge *j, unsigned check, const char *reason);
/** How a reason begins that names the APIs whose key is missing: reports say it once, for all checks. */
#define NO_KEY_REASON "no key for "

void judge_about(struct judge *j, const unsigned char *checks, size_t count);
#define about(j, ...)                                                                              \
	judge_about((j), (const unsigned char[]){ __VA_ARGS__ },                                   \
		    sizeof((const unsigned char[]){ __VA_ARGS__ }))
void about_all(struct judge *j);
/** Gaps from here on touch nothing: for what a derived fact can do without. */
void about_none(struct judge *j);
/** evidence: a fact from try_K, or an answer from ask_K; of this scan. */
void cite(struct judge *j, const void *evidence);

#endif
