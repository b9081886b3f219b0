/* SPDX-License-Identifier: Apache-2.0 */
/** What the forms of a notice share: for the files notice*.c. */
#ifndef DSS_REPORT_NOTICE_PARTS_H
#define DSS_REPORT_NOTICE_PARTS_H

#include "report/notice.h"

/** One line of printable UTF-8 (base/terminal.h), at most `most` octets of the foreign text: a longer one is
 * cut and ends in "…". */
struct str notice_plain(struct arena *a, struct str foreign, size_t most);
/** "critical" … "info"; "" for none. */
const char *notice_severity(int severity);
/** "digest", "test", "heartbeat", or the type of its one event. */
struct str notice_type(const struct notice *notice);
/** "https://…" or "http://…" of printable ASCII without quotes, brackets and blanks: what may stand as a link;
 * else empty. */
struct str notice_link(struct str link);

/** Events that say the same of the same domain: one check, one severity, one fix. */
struct notice_group {
	const struct notice_event *first;
	const struct notice_event **events;
	size_t count;
};
struct notice_domain {
	struct str name; /**< empty: events of no domain */
	int worst;
	struct notice_group *groups; /**< worst first */
	size_t group_count;
	size_t event_count;
};
/** By domain, those with the worst events first, then in the order of names. */
struct notice_domain *notice_by_domain(struct arena *a, const struct notice *notice,
				       size_t *ret_count);

#endif
