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

#endif
