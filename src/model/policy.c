/* SPDX-License-Identifier: Apache-2.0 */
/* Which rule of a policy holds for a check and a finding? */
#include "model/policy.h"

static const char *const actions[] = { "default", "off", "severity", "accept", NULL };

/* Numbers are permanent. */
static const struct desc_field rule_fields[] = {
	DESC_FIELD(1, DESC_STR, struct policy_rule, check),
	DESC_FIELD(2, DESC_ENUM, struct policy_rule, action, .names = actions),
	DESC_FIELD(3, DESC_UINT, struct policy_rule, severity),
	DESC_ARRAY(4, DESC_STR, struct policy_rule, domains, domain_count),
	DESC_ARRAY(5, DESC_STR, struct policy_rule, subjects, subject_count),
	DESC_FIELD(6, DESC_STR, struct policy_rule, reason),
	DESC_FIELD(7, DESC_STR, struct policy_rule, owner),
	DESC_FIELD(8, DESC_STR, struct policy_rule, by),
	DESC_NAMED(9, DESC_TIME, struct policy_rule, until_us, "until"),
};
static const struct desc rule_desc = DESC(policy_rule, rule_fields);

static const struct desc_field expectation_fields[] = {
	DESC_ARRAY(1, DESC_STR, struct policy_expectation, domains, domain_count),
	DESC_FIELD(2, DESC_STRUCT, struct policy_expectation, expected, .of = &expectations_desc),
};
static const struct desc expectation_desc = DESC(policy_expectation, expectation_fields);

static const struct desc_field fields[] = {
	DESC_ARRAY(1, DESC_STRUCT, struct check_policy, rules, rule_count, .of = &rule_desc),
	DESC_ARRAY(2, DESC_STRUCT, struct check_policy, expects, expect_count,
		   .of = &expectation_desc),
};
const struct desc policy_desc = DESC(check_policy, fields);

bool policy_names(struct str word, struct str check_id)
{
	return word.len && str_starts(check_id, word) &&
	       (check_id.len == word.len || check_id.data[word.len] == '.');
}

/* After a mismatch only the last star is tried again: each of them takes as little as it can. */
bool policy_glob(struct str pattern, struct str text)
{
	size_t p = 0, t = 0, star = SIZE_MAX, mark = 0;

	while (t < text.len) {
		if (p < pattern.len && pattern.data[p] == '*') {
			star = p++;
			mark = t;
		} else if (p < pattern.len && pattern.data[p] == text.data[t]) {
			p++;
			t++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			t = ++mark;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.data[p] == '*')
		p++;
	return p == pattern.len;
}

static bool fits_any(const struct str *patterns, size_t count, struct str text)
{
	for (size_t i = 0; i < count; i++)
		if (policy_glob(patterns[i], text))
			return true;
	return !count;
}

/* The rule for the check's severity, or whether it takes part at all. */
static const struct policy_rule *setting_of(const struct check_policy *policy, struct str domain,
					    struct str check_id)
{
	const struct policy_rule *best = NULL;

	for (size_t i = 0; i < policy->rule_count; i++) {
		const struct policy_rule *rule = &policy->rules[i];

		if (rule->action != POLICY_ACCEPT && policy_names(rule->check, check_id) &&
		    fits_any(rule->domains, rule->domain_count, domain) &&
		    (!best || rule->check.len >= best->check.len))
			best = rule;
	}
	return best;
}

bool policy_is_off(const struct check_policy *policy, struct str domain, struct str check_id)
{
	const struct policy_rule *rule = setting_of(policy, domain, check_id);

	return rule && rule->action == POLICY_OFF;
}

enum severity policy_severity(const struct check_policy *policy, struct str domain,
			      struct str check_id, enum severity severity)
{
	const struct policy_rule *rule = setting_of(policy, domain, check_id);

	return rule && rule->action == POLICY_SEVERITY && rule->severity <= SEVERITY_CRITICAL
		       ? (enum severity)rule->severity
		       : severity;
}

static bool is_longer(const struct policy_rule *rule, const struct policy_rule *than)
{
	return !than || (than->until_us && (!rule->until_us || rule->until_us > than->until_us));
}

const struct policy_rule *policy_acceptance(const struct check_policy *policy, struct str domain,
					    struct str check_id, struct str subject, int64_t at_us,
					    const struct policy_rule **ret_lapsed)
{
	const struct policy_rule *accepting = NULL, *lapsed = NULL;

	for (size_t i = 0; i < policy->rule_count; i++) {
		const struct policy_rule *rule = &policy->rules[i];
		bool is_over = rule->until_us && rule->until_us <= at_us;
		const struct policy_rule **best = is_over ? &lapsed : &accepting;

		if (rule->action == POLICY_ACCEPT && policy_names(rule->check, check_id) &&
		    fits_any(rule->domains, rule->domain_count, domain) &&
		    fits_any(rule->subjects, rule->subject_count, subject.len ? subject : domain) &&
		    is_longer(rule, *best))
			*best = rule;
	}
	*ret_lapsed = accepting ? NULL : lapsed;
	return accepting;
}

void policy_expectations(const struct check_policy *policy, struct str domain,
			 struct expectations *expected)
{
	for (size_t i = 0; i < policy->expect_count; i++)
		if (fits_any(policy->expects[i].domains, policy->expects[i].domain_count, domain))
			expectations_fill(expected, &policy->expects[i].expected);
}
