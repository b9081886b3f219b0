/* SPDX-License-Identifier: Apache-2.0 */
/** The ways in which a server can misbehave: one line each (documented in README.md). */
#ifndef INTERNET_FAULT_H
#define INTERNET_FAULT_H

#include "world.h"

enum fault_argument { NO_ARGUMENT, A_NUMBER, A_TEXT };

/* X(symbol, word, argument) */
#define FAULTS(X)                                                                                  \
	X(SILENT, "silent", NO_ARGUMENT)                                                           \
	X(DROP, "drop", A_NUMBER)                                                                  \
	X(NO_UDP, "no-udp", NO_ARGUMENT)                                                           \
	X(NO_TCP, "no-tcp", NO_ARGUMENT)                                                           \
	X(TIMEOUT, "timeout", NO_ARGUMENT)                                                         \
	X(SLOW, "slow", A_NUMBER)                                                                  \
	X(LAME, "lame", NO_ARGUMENT)                                                               \
	X(RCODE, "rcode", A_TEXT)                                                                  \
	X(NODATA, "nodata", NO_ARGUMENT)                                                           \
	X(TRUNCATE, "truncate", NO_ARGUMENT)                                                       \
	X(TRUNCATE_TCP, "truncate-tcp", NO_ARGUMENT)                                               \
	X(WRONG_ID, "wrong-id", NO_ARGUMENT)                                                       \
	X(WRONG_SOURCE, "wrong-source", A_TEXT)                                                    \
	X(WRONG_QUESTION, "wrong-question", NO_ARGUMENT)                                           \
	X(NO_QUESTION, "no-question", NO_ARGUMENT)                                                 \
	X(CASE_MANGLE, "case-mangle", NO_ARGUMENT)                                                 \
	X(NO_AA, "no-aa", NO_ARGUMENT)                                                             \
	X(NO_SOA, "no-soa", NO_ARGUMENT)                                                           \
	X(NO_GLUE, "no-glue", NO_ARGUMENT)                                                         \
	X(NO_DO, "no-do", NO_ARGUMENT)                                                             \
	X(NO_RRSIG, "no-rrsig", NO_ARGUMENT)                                                       \
	X(NO_DENIAL, "no-denial", NO_ARGUMENT)                                                     \
	X(RECURSION, "recursion", NO_ARGUMENT)                                                     \
	X(UPWARD_REFERRAL, "upward-referral", NO_ARGUMENT)                                         \
	X(REFERRAL_LOOP, "referral-loop", NO_ARGUMENT)                                             \
	X(AXFR, "axfr", NO_ARGUMENT)                                                               \
	X(ENT_NXDOMAIN, "ent-nxdomain", NO_ARGUMENT)                                               \
	X(NO_EDNS, "no-edns", NO_ARGUMENT)                                                         \
	X(EDNS_FORMERR, "edns-formerr", NO_ARGUMENT)                                               \
	X(EDNS_TIMEOUT, "edns-timeout", NO_ARGUMENT)                                               \
	X(EDNS_VERSION, "edns-version-ignored", NO_ARGUMENT)                                       \
	X(EDNS_OPTION_ECHO, "edns-option-echoed", NO_ARGUMENT)                                     \
	X(EDNS_FLAG_ECHO, "edns-flag-echoed", NO_ARGUMENT)                                         \
	X(EDNS_SIZE, "edns-size", A_NUMBER)                                                        \
	X(EDNS_OVERFLOW, "edns-overflow", NO_ARGUMENT)                                             \
	X(NO_COOKIES, "no-cookies", NO_ARGUMENT)                                                   \
	X(OPCODE_TIMEOUT, "opcode-timeout", NO_ARGUMENT)                                           \
	X(OPCODE_NOERROR, "opcode-noerror", NO_ARGUMENT)                                           \
	X(LYING, "lying", A_TEXT)                                                                  \
	X(LYING_GLUE, "lying-glue", A_TEXT)                                                        \
	X(TTL, "ttl", A_NUMBER)                                                                    \
	X(HUGE, "huge", A_NUMBER)                                                                  \
	X(GARBAGE, "garbage", NO_ARGUMENT)                                                         \
	X(SHORT, "short", A_NUMBER)                                                                \
	X(COMPRESSION_LOOP, "compression-loop", NO_ARGUMENT)                                       \
	X(COUNT_LIE, "count-lie", NO_ARGUMENT)                                                     \
	X(TCP_CLOSE, "tcp-close", NO_ARGUMENT)                                                     \
	X(TCP_SILENT, "tcp-silent", NO_ARGUMENT)                                                   \
	X(TCP_DRIP, "tcp-drip", A_NUMBER)                                                          \
	X(TCP_LENGTH_LIE, "tcp-length-lie", NO_ARGUMENT)

enum fault_number {
#define X(symbol, word, argument) FAULT_##symbol,
	FAULTS(X)
#undef X
		FAULT_COUNT
};

struct fault_kind {
	enum fault_number number;
	const char *word;
	enum fault_argument argument;
};

extern const struct fault_kind fault_kinds[FAULT_COUNT];

struct query;

/** The first fault of that kind that covers this query, or NULL. */
const struct fault *fault_for(const struct server *server, enum fault_number number,
			      const struct query *query);

/** Reads "KIND[=ARGUMENT] [zone=Z] [name=N] [type=T]" after `fault SERVER`. */
void fault_add(struct server *server, char **word, size_t count, const char *where);

#endif
