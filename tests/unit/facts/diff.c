/* SPDX-License-Identifier: Apache-2.0 */
/* Is a change told, and what is none passed over? */
#include "facts/diff.h"

#include "tests/test.h"

/* Lines of a row are facts; changes are "word field before > after", one a line. */
static const struct {
	const char *name, *before[2], *after[2], *changes;
} rows[] = {
	{ "order and TTL are none",
	  { "dns a. MX ttl=300 10 x. 20 y." },
	  { "dns a. MX ttl=5 20 y. 10 x." },
	  "" },
	{ "a record more, a record less",
	  { "dns a. MX 10 x. 20 y." },
	  { "dns a. MX 20 y. 30 z." },
	  "removed records a MX 10 x. > \nadded records  > a MX 30 z.\n" },
	{ "a name that is gone",
	  { "dns a. A 192.0.2.1" },
	  { "dns a. A !nxdomain" },
	  "changed rcode NOERROR > NXDOMAIN\nremoved records a A 192.0.2.1 > \n" },
	{ "theirs is told",
	  { "dns a. A 192.0.2.1" },
	  { "dns a. A !servfail" },
	  "changed failure none > servfail\n" },
	{ "ours is not", { "dns a. A 192.0.2.1" }, { "dns a. A !budget" }, "" },
	{ "asked on one side only", { "dns a. A 192.0.2.1" }, { "dns b. A 192.0.2.1" }, "" },
	{ "signed again",
	  { "dns a. A 192.0.2.1 | other a. RRSIG A 13 1 300 20261222000000 20261122000000 1 a. "
	    "AAAA" },
	  { "dns a. A 192.0.2.1 | other a. RRSIG A 13 1 300 20270122000000 20261222000000 1 a. "
	    "AAAB" },
	  "" },
	{ "no longer validated",
	  { "dns a. A secure 192.0.2.1" },
	  { "dns a. A 192.0.2.1" },
	  "changed secure yes > no\n" },
	{ "a serial beside no answer",
	  { "dns a. A !nxdomain authority a. SOA m. r. 1 2 3 4 5" },
	  { "dns a. A !nxdomain authority a. SOA m. r. 2 2 3 4 5" },
	  "" },
	{ "a transfer opens, facts in another order",
	  { "axfr 192.0.2.1 a. rcode=REFUSED", "dns a. NS x." },
	  { "dns a. NS y.", "axfr 192.0.2.1 a. records=7" },
	  "removed records a NS x. > \nadded records  > a NS y.\n"
	  "changed rcode REFUSED > NOERROR\nchanged transferred no > yes\n"
	  "changed record_count 0 > 7\n" },
};

static size_t facts_of(struct arena *a, const char *const lines[2], const struct fact *ret[2])
{
	size_t count = 0;

	for (; count < 2 && lines[count]; count++) {
		struct fact *fact = ARENA_NEW(a, struct fact);

		CHECK_INT(fact_parse(a, str_of(lines[count]), fact, NULL), 0);
		ret[count] = fact;
	}
	return count;
}

TEST(changes_are_told_and_noise_is_not)
{
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const struct fact *before[2], *after[2];
		struct arena a = { 0 };
		size_t before_count, after_count;
		struct changes changes;
		struct buf text;

		test_row("%s", rows[i].name);
		before_count = facts_of(&a, rows[i].before, before);
		after_count = facts_of(&a, rows[i].after, after);
		changes = facts_diff(&a, before, before_count, after, after_count);
		buf_init(&text, &a);
		for (size_t k = 0; k < changes.count; k++)
			buf_printf(&text, "%s %s %.*s > %.*s\n",
				   change_word(changes.change[k].kind), changes.change[k].field,
				   STR(changes.change[k].before), STR(changes.change[k].after));
		CHECK_STR(buf_str(&text), rows[i].changes);
		arena_release(&a);
	}
}
