/* SPDX-License-Identifier: Apache-2.0 */
/* What does a domain's SPF record come to, with all it includes? RFC 7208 section 4.6.4. */
#include "checks/derived.h"
#include "formats/mail/spf_tree.h"

/* Which lookups failed is in the tree; the gap says so to whoever needs all of it. */
static int lookup(void *context, struct str name, uint16_t type, const struct dns_answer **ret)
{
	struct judge *j = context;
	bool was_pending = j->is_pending;
	const struct dns_answer *answer;

	j->is_pending = false;
	answer = ask_dns(j, name, type);
	if (answer)
		*ret = answer;
	else if (j->is_pending)
		return -EAGAIN;
	j->is_pending |= was_pending;
	return answer ? 0 : -EIO;
}

const void *derived_spf_tree(struct judge *j)
{
	struct spf_tree *tree = ARENA_NEW(j->arena, struct spf_tree);
	const struct spf_dns dns = { .lookup = lookup, .ctx = j };

	spf_tree_walk(j->arena, j->domain, &dns, tree);
	return tree;
}
