/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What an owner says of checks: another severity, off, or that a finding is accepted for a while. Plain
 * data; docs/policies.md has the file that people write, app/policy_document.h reads it.
 *
 * Of severity and off the rule that names a check most exactly holds, among equals the last one. Any
 * acceptance that fits a finding and has not ended accepts it.
 */
#ifndef DSS_MODEL_POLICY_H
#define DSS_MODEL_POLICY_H

#include "model/check.h"
#include "model/expectations.h"

enum {
	POLICY_RULES = 2000,
	POLICY_NAMES = 1000, /**< domains or subjects of one rule */
	POLICY_TEXT_BYTES = 500
};

enum policy_action { POLICY_DEFAULT, POLICY_OFF, POLICY_SEVERITY, POLICY_ACCEPT };

struct policy_rule {
	struct str check; /**< an id, or the first words of some: "mail.spf" takes in all of SPF */
	uint8_t action;   /**< enum policy_action */
	uint8_t severity; /**< of POLICY_SEVERITY */
	struct str *domains; /**< names, or patterns with stars; none: all */
	size_t domain_count;
	/* of POLICY_ACCEPT: */
	struct str *subjects; /**< as domains; none: all */
	size_t subject_count;
	struct str reason, owner;
	struct str by;    /**< where it stands: a policy's name, or who decided; may be empty */
	int64_t until_us; /**< from then on it counts again; 0: never */
};

/** What is expected of some domains. */
struct policy_expectation {
	struct str *domains; /**< as those of a rule */
	size_t domain_count;
	struct expectations expected;
};

struct check_policy {
	struct policy_rule *rules;
	size_t rule_count;
	struct policy_expectation *expects;
	size_t expect_count;
};

extern const struct desc policy_desc;

/** Does the word name the check, or the first words of its id? */
bool policy_names(struct str word, struct str check_id);
/** Stars stand for any run of characters; case counts. */
bool policy_glob(struct str pattern, struct str text);

bool policy_is_off(const struct check_policy *policy, struct str domain, struct str check_id);
/** As the policy has it, else the one given. */
enum severity policy_severity(const struct check_policy *policy, struct str domain,
			      struct str check_id, enum severity severity);
/**
 * The rule that accepts the finding at that time, the one that does so longest; NULL: none.
 * *ret_lapsed: then the one that accepted it last; NULL: none ever did.
 */
const struct policy_rule *policy_acceptance(const struct check_policy *policy, struct str domain,
					    struct str check_id, struct str subject, int64_t at_us,
					    const struct policy_rule **ret_lapsed);
/** What is expected of the domain, in what *expected leaves empty. */
void policy_expectations(const struct check_policy *policy, struct str domain,
			 struct expectations *expected);

#endif
