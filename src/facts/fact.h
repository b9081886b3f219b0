/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Questions and facts. A question is plain data; a fact is its answer, when and from where it was
 * seen, or why it could not be had. The facts of a scan are its evidence, all of it.
 */
#ifndef DSS_FACTS_FACT_H
#define DSS_FACTS_FACT_H

#include "facts/kinds.h"

enum kind {
	KIND_NONE = 0,
#define X(kind, number, ...) KIND_##kind = number,
	FACT_KINDS(X)
#undef X
};

struct question {
	uint8_t kind; /**< enum kind */
	union {
#define X(kind, ...) struct kind##_question kind;
		FACT_KINDS(X)
#undef X
	};
};

/** How a question ended. */
enum end {
	END_ANSWER, /**< the asked party answered: the value */
	END_THEIRS, /**< the asked party failed: content for try_, a gap for ask_ */
	END_OURS    /**< we could not or may not ask: always a gap, never cached */
};

/* X(NAME, "word", end). The numbers are stored: append only. */
#define FAILURES(X)                                                                                \
	X(NONE, "none", END_ANSWER)                                                                \
	X(TIMEOUT, "timeout", END_THEIRS)                                                          \
	X(REFUSED, "refused", END_THEIRS) /* connection refused, or rcode REFUSED of a resolver */ \
	X(SERVFAIL, "servfail", END_THEIRS)                                                        \
	X(BOGUS, "bogus", END_THEIRS) /* DNSSEC validation failed */                               \
	X(RESET, "reset", END_THEIRS)                                                              \
	X(GARBAGE, "garbage", END_THEIRS) /* not the protocol */                                   \
	X(RCODE, "rcode", END_THEIRS)     /* another rcode of a resolver */                        \
	X(POLICY, "policy", END_OURS)     /* the address policy denies it */                       \
	X(PROFILE, "profile", END_OURS)   /* the profile does not ask this kind */                 \
	X(CONSENT, "consent", END_OURS)   /* active question without consent */                    \
	X(BUDGET, "budget", END_OURS)                                                              \
	X(DEADLINE, "deadline", END_OURS)                                                          \
	X(NO_ROUTE, "no-route", END_OURS)                                                          \
	X(MISSING, "missing", END_OURS)           /* a tool, a key, a data file */                 \
	X(VANTAGE, "vantage", END_OURS)           /* this machine cannot ask this at all */        \
	X(OUT_OF_REACH, "out-of-reach", END_OURS) /* the resolver itself is gone */                \
	X(TLS, "tls", END_THEIRS)                 /* no handshake, or no valid certificate */      \
	X(NO_ADDRESS, "no-address", END_THEIRS)   /* the host has none */                          \
	X(NO_SERVER, "no-server", END_THEIRS)     /* the registry has no server of this kind */    \
	X(RATE_LIMITED, "rate-limited", END_OURS) /* the asked party lets us wait */               \
	X(BROKEN, "broken", END_OURS)             /* what we asked with: a tool crashed, lied */

enum failure {
#define X(name, word, end) FAILURE_##name,
	FAILURES(X)
#undef X
		FAILURE_COUNT
};

const char *failure_word(enum failure failure);
enum end failure_end(enum failure failure);
int failure_parse(struct str word, enum failure *ret) MUST_USE;

struct fact {
	struct question question;
	uint8_t failure;     /**< enum failure */
	int64_t seen_us;     /**< UTC, in whole tenths of a second; volatile */
	struct address from; /**< who answered, if one address did */
	struct str detail;   /**< for people: "SERVFAIL, extended error 7: signature expired" */
	/** The value. With END_THEIRS it may be what came with the failure, or NULL; with END_OURS
	 * NULL. */
	union {
		const void *answer;
#define X(kind, number, answer_type, ...) const struct answer_type *kind;
		FACT_KINDS(X)
#undef X
	};
};

static inline enum end fact_end(const struct fact *fact)
{
	return failure_end((enum failure)fact->failure);
}
static inline bool fact_is_answer(const struct fact *fact)
{
	return fact->failure == FAILURE_NONE;
}

struct fact_kind {
	const char *name;
	uint8_t number;
	const struct desc *question, *answer;
	size_t question_offset; /**< in struct question */
};

/** The row of a kind, or NULL when the number is not known. */
const struct fact_kind *fact_kind_of(uint8_t number);
const struct fact_kind *fact_kind_named(struct str name);

/** The argument that many questions of a kind differ in: its subject, else its first text; NULL: none. */
const struct desc_field *fact_kind_subject(const struct fact_kind *kind);

/** Canonical octets of a question: kind and encoded arguments. Equal questions give equal keys. */
void question_key(struct buf *out, const struct question *question);
int question_from_key(struct arena *a, struct str key, struct question *ret) MUST_USE;
/** For people: "dns example.com MX", "dns_at 192.0.2.1 example.com SOA tcp". */
void question_text(struct buf *out, const struct question *question);
/** A deep copy, in one arena. */
struct question question_copy(struct arena *a, const struct question *question);

/** Compact form of one fact. */
void fact_encode(struct buf *out, const struct fact *fact);
/** Bytes must outlive the fact. */
int fact_decode(struct arena *a, struct str bytes, struct fact *ret) MUST_USE;
/** Of what fact_encode or fact_encode_stable wrote: the question's kind, without reading the rest; 0: it is none.
 */
uint8_t fact_encoded_kind(struct str bytes);
/** What is compared and hashed: no volatile fields. */
void fact_encode_stable(struct buf *out, const struct fact *fact);
/** What fact_encode_stable leaves out (base/desc.h); facts/volatile.h keeps it. The answer, if there is
 * one, is written through: it must be the caller's own. */
int fact_volatile_walk(struct fact *fact, desc_visit *visit, void *context) MUST_USE;
/** One JSON object: {"question":{…},"seen":…,"from":…, answer fields or "failure":…}. */
void fact_json(struct json *w, const struct fact *fact);
/**
 * One fact in text, as vectors write it: "dns example.com MX 10 a.example.com." or
 * "dns example.com MX !timeout". The grammar is in facts/text.h.
 */
int fact_parse(struct arena *a, struct str line, struct fact *ret, struct err *err) MUST_USE;

#endif
