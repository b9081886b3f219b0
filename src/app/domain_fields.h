/* SPDX-License-Identifier: Apache-2.0 */
/** What a person sets about a domain: checked, compared, written as JSON. For the files of app/. */
#ifndef DSS_APP_DOMAIN_FIELDS_H
#define DSS_APP_DOMAIN_FIELDS_H

#include "app/domain.h"
#include "base/json.h"

/** What input gives, checked and in its stored form. */
struct domain_fields {
	bool has_tags, has_owner, has_notes, has_profile, has_expectations;
	struct str *tags; /**< sorted, each once */
	size_t tag_count;
	struct str owner, notes, expectations;
	int profile;
};

/** Everything but the name. Wrong fields are added to *problem; then -EINVAL. */
int domain_fields_read(struct arena *a, const struct domain_input *input, struct domain_fields *ret,
		       struct problem *problem) MUST_USE;
/** Puts what is given into *row; false: it says so already. */
bool domain_fields_apply(const struct domain_fields *fields, struct domain_row *row);
/** The row as the audit trail keeps it. */
struct str domain_json(struct arena *a, const struct domain_row *row);

#endif
