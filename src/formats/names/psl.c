/* SPDX-License-Identifier: Apache-2.0 */
/* Where does a domain stop being a registry's and start being a registrant's? publicsuffix.org. */
#include "formats/names/psl.h"

#include "formats/dns/name.h"
#include "psl_table.h"

enum { RULE = 1, WILDCARD = 2, EXCEPTION = 4, PRIVATE = 8 };

/** What the list says of a name: the longest rule wins, an exception over all. */
struct suffix {
	unsigned labels;
	bool is_private, is_listed;
};

/* Flags of the rule with exactly this name, 0 when there is none. */
static unsigned rule_find(struct str name)
{
	size_t low = 0, high = ARRAY_COUNT(rule_flags);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct str rule = { rule_names + rule_offsets[middle],
				    rule_offsets[middle + 1] - rule_offsets[middle] };
		int order = str_cmp(name, rule);

		if (!order)
			return rule_flags[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return 0;
}

static struct suffix suffix_find(struct str name)
{
	unsigned labels = dns_name_label_count(name);
	struct suffix suffix = { .labels = MIN(labels, 1u) };

	for (unsigned count = 1; count <= labels; count++) {
		unsigned flags = rule_find(dns_name_last_labels(name, count));
		struct suffix found = { .is_private = flags & PRIVATE, .is_listed = true };

		if (flags & EXCEPTION) {
			found.labels = count - 1;
			return found;
		}
		if ((flags & WILDCARD) && count < labels)
			found.labels = count + 1;
		else if (flags & RULE)
			found.labels = count;
		if (found.labels)
			suffix = found;
	}
	return suffix;
}

struct str public_suffix_of(struct str name)
{
	struct suffix suffix = suffix_find(name);

	return suffix.labels ? dns_name_last_labels(name, suffix.labels) : STR_NONE;
}

bool public_suffix_is(struct str name)
{
	return str_eq(public_suffix_of(name), name);
}

struct str registrable_domain(struct str name)
{
	struct suffix suffix = suffix_find(name);

	if (!suffix.labels || dns_name_label_count(name) <= suffix.labels)
		return STR_NONE;
	return dns_name_last_labels(name, suffix.labels + 1);
}

bool public_suffix_is_private(struct str name)
{
	return suffix_find(name).is_private;
}

bool public_suffix_is_listed(struct str name)
{
	return suffix_find(name).is_listed;
}
