/* SPDX-License-Identifier: Apache-2.0 */
/** A domain as answers show it. */
#ifndef DSS_ROLES_API_DOMAIN_VIEW_H
#define DSS_ROLES_API_DOMAIN_VIEW_H

#include "base/desc.h"
#include "store/domain.h"

/** Open findings by severity. */
struct open_view {
	uint64_t critical, high, medium, low, info;
};

struct domain_view {
	struct uuid id;
	struct str name, grade;
	int64_t score; /**< 0 to 100; -1: none */
	struct open_view open;
	struct str *tags;
	size_t tag_count;
	struct str owner, notes, profile;
	struct str expectations; /**< a JSON object */
	struct uuid scan;
	int64_t scanned_at, expires_at, proven_at, created_at, updated_at, version;
};

extern const struct desc domain_desc, open_desc;

struct domain_view domain_view_of(struct arena *a, const struct domain_row *row);
struct open_view open_view_of(const int64_t counts[SEVERITY_CRITICAL + 1]);

/** Which domains, for lists and reports of many: members of the input's struct S, and their fields. */
#define DOMAIN_CHOICE_MEMBERS                                                                      \
	struct str q, glob, tag, owner;                                                            \
	int grade;
#define DOMAIN_CHOICE_FIELDS(S)                                                                    \
	FIELD_QUERY(FIELD_TEXT, S, q, "a part of the name"),                                       \
		FIELD_QUERY(FIELD_WORD, S, glob, "names that fit; a star is anything",             \
			    .example = "*.example.com"),                                           \
		FIELD_QUERY(FIELD_TEXT, S, tag, "domains with this tag"),                          \
		FIELD_QUERY(FIELD_TEXT, S, owner, "domains of this owner", .most = 254),           \
		FIELD_QUERY(FIELD_CHOICE, S, grade, "domains with this grade; - is any",           \
			    .words = grade_words)

#endif
