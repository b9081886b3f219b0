/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A policy as people write it (docs/policies.md): a file in YAML, or JSON.
 *
 *	checks:
 *	  mail.bimi: off
 *	  caa.present: high
 *	accept:
 *	  - check: mail.dmarc.policy-none
 *	    domains: [example.com, "*.example.com"]
 *	    subjects: [_dmarc.example.com]
 *	    reason: until the newsletter has moved
 *	    owner: mail@example.com
 *	    until: 2027-03-01
 *	expect:
 *	  - domains: [example.com]
 *	    issuers: [letsencrypt.org]
 *	    name_servers: [ns.example.net]
 *	    mail_provider: google
 *	    records: ["_dmarc TXT"]
 */
#ifndef DSS_APP_POLICY_DOCUMENT_H
#define DSS_APP_POLICY_DOCUMENT_H

#include "app/app.h"
#include "formats/yaml_tree.h"
#include "model/policy.h"

struct policy_reading {
	struct arena *a;
	struct str name;              /**< of the file, for messages; empty: a place is a pointer */
	const char *const *check_ids; /**< that there are; ends with NULL. NULL: any is one */
	struct str above; /**< what pointers begin with: where the text stands in a request */
	struct str by;    /**< of its acceptances: the policy's name; may be empty */
	struct problem *problem;
};

/** All errors are added to the problem, each with its pointer and, where the reading has a name, with name,
 * line and column in its text. 0 or -EINVAL. */
int policy_read(const struct policy_reading *reading, struct str text,
		struct check_policy *ret) MUST_USE;
/** The same of a part of a larger text: members other than those above are passed over when they are
 * among `others` (ends with NULL; NULL: none). */
int policy_read_value(const struct policy_reading *reading, const struct yaml_value *value,
		      const char *const *others, struct check_policy *ret) MUST_USE;
/** The policy in one form, as JSON: what policy_read gives the same of. */
struct str policy_text(struct arena *a, const struct check_policy *policy);

/** One error at a value; -EINVAL. */
int policy_bad(const struct policy_reading *reading, const struct yaml_value *value,
	       const char *code, const char *format, ...) PRINTF(4, 5);
/** A key that is none of the words, which end with NULL: says the nearest; -EINVAL. */
int policy_key_unknown(const struct policy_reading *reading, const struct yaml_value *value,
		       const char *const *words);

/** What is expected, of a map with issuers, name_servers, mail_provider and records; other members are
 * passed over. */
int expectations_read_value(const struct policy_reading *reading, const struct yaml_value *map,
			    struct expectations *ret) MUST_USE;

#endif
