/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The kinds of question: one entry each. Everything that varies by kind is generated from this
 * table: the question union, saving and loading, the readers ask_/try_/want_ of checks/judge.h.
 *
 * A kind's two types stand in a file of its own: struct KIND_question (plain data, its descriptor
 * KIND_question_desc) and the answer (its descriptor KIND_answer type's). To add a kind: that file,
 * an asker under ask/, and one line here.
 *
 * X(kind, number, answer type, (parameters of the readers), initialiser of the question)
 * number is permanent: it is stored.
 */
#ifndef DSS_FACTS_KINDS_H
#define DSS_FACTS_KINDS_H

#include "facts/dns.h"
#include "facts/external.h"
#include "facts/http.h"
#include "facts/registry.h"

#define FACT_KINDS(X)                                                                              \
	X(dns, 1, dns_answer, (struct judge * j, struct str name, uint16_t type),                  \
	  { .name = name, .type = type })                                                          \
	X(dns_at, 2, dns_answer,                                                                   \
	  (struct judge * j, struct address server, struct str name, uint16_t type,                \
	   uint32_t flags),                                                                        \
	  { .server = server, .name = name, .type = type, .flags = flags })                        \
	X(axfr, 3, axfr_answer, (struct judge * j, struct address server, struct str zone),        \
	  { .server = server, .zone = zone })                                                      \
	X(http, 4, http_answer, (struct judge * j, struct str url, uint32_t flags),                \
	  { .url = url, .flags = flags })                                                          \
	X(rdap, 5, registration, (struct judge * j, struct str name, uint32_t flags),              \
	  { .name = name, .flags = flags })                                                        \
	X(whois, 6, registration, (struct judge * j, struct str name), { .name = name })           \
	X(tool, 7, external_answer, (struct judge * j, struct str name, struct str subject),       \
	  { .name = name, .subject = subject })                                                    \
	X(api, 8, external_answer, (struct judge * j, struct str name, struct str subject),        \
	  { .name = name, .subject = subject })                                                    \
	X(external, 9, external_list, (struct judge * j, bool is_tools), { .is_tools = is_tools })

#endif
