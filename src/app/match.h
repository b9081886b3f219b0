/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Does a rule want an event, and how soon? Pure, but for the domain, which is looked up when a selector
 * asks for it.
 *
 * Patterns are "noun.verb" with stars for any run of characters, several with blanks between:
 * "finding.* *.expiring". What is routine (scan.*, batch.*, schedule.fired) is wanted only by a pattern
 * that names its noun: "*" is all news. What a domain's first scan found is its baseline and never
 * wanted. An event without a severity has that of its sort (match_severity). A condition that cannot be
 * read is taken as met, and said: a broken filter tells too much, not too little.
 */
#ifndef DSS_APP_MATCH_H
#define DSS_APP_MATCH_H

#include "store/domain.h"
#include "store/event.h"
#include "store/rule.h"

enum { MATCH_PATTERNS_BYTES = 1024 };

/** What rules have that name no events: news, and no routine. */
#define MATCH_EVENTS "*"
/** What waits for no digest unless a rule says otherwise. A grade that fell by two letters does not
 * either. */
#define MATCH_IMMEDIATE                                                                            \
	"takeover.* nameserver.changed registration.lock_removed registration.expired "            \
	"certificate.expired certificate.unexpected dnssec.broken delivery.disabled"

/** ERR_LIMIT, ERR_SYNTAX: err names the column. A pattern that no event of today fits is one of those:
 * it is misspelt. */
int match_patterns_check(struct str patterns, struct err *err) MUST_USE;
/** Is a type, such as "finding.opened", among the patterns? */
bool match_patterns(struct str patterns, struct str type);
/** Its own severity, or what its sort is worth. */
enum severity match_severity(const struct event_row *event);
/** The check that an event names; empty: none. A view of event->data. */
struct str match_check(const struct event_row *event);
/** Is it of a domain's first scan? */
bool match_is_baseline(const struct event_row *event);

enum match_answer { MATCH_NO, MATCH_DIGEST, MATCH_NOW };

/**
 * All but the selector.
 */
enum match_answer match_event(const struct rule_row *rule, const struct event_row *event);
/** Is the domain one of the rule's? NULL: the event has none, which only "all" means. *ret_is_broken:
 * the selector cannot be read, and so it is. */
bool match_domain(struct arena *a, const struct rule_row *rule, const struct domain_row *domain,
		  bool *ret_is_broken);

#endif
