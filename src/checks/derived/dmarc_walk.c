/* SPDX-License-Identifier: Apache-2.0 */
/* Which DMARC record applies to a name? RFC 9989 section 4.10. */
#include "checks/derived/dmarc_walk.h"

/* After the name itself come its last seven labels, or its parent, and then each parent (section
 * 4.10 steps 3 to 7). */
static size_t walk_names(struct str domain, struct str names[static DMARC_WALK_QUERIES])
{
	unsigned labels = dns_name_label_count(domain);
	size_t count = 0;

	if (labels)
		names[count++] = domain;
	for (labels = MIN(labels, (unsigned)DMARC_WALK_QUERIES); labels > 1; labels--)
		names[count++] = dns_name_last_labels(domain, labels - 1);
	return count;
}

static void read_step(struct judge *j, struct dmarc_step *step)
{
	int code;

	step->name = dns_name_child(j->arena, STR_LIT("_dmarc"), step->domain);
	step->answer = ask_dns(j, step->name, DNS_TXT);
	if (!step->answer)
		return;
	step->is_known = true;
	code = dmarc_select(j->arena, step->answer, &step->record, NULL);
	step->has_record = code == 0;
	step->has_several = code == -EEXIST;
}

/* Section 4.10.2: psd=n is the organisation itself, psd=y is one label above it, and otherwise it is the
 * record with the fewest labels. */
static struct str organization_of(const struct dmarc_walk *walk, struct str domain)
{
	struct str found = domain;

	for (size_t i = 0; i < walk->count; i++) {
		const struct dmarc_step *step = &walk->steps[i];

		if (!step->has_record)
			continue;
		if (step->record.psd == 'n')
			return step->domain;
		if (step->record.psd == 'y' && i > 0)
			return dns_name_last_labels(domain, dns_name_label_count(step->domain) + 1);
		found = step->domain;
	}
	return found;
}

static const struct dmarc_step *step_at(const struct dmarc_walk *walk, struct str domain)
{
	for (size_t i = 0; i < walk->count; i++)
		if (walk->steps[i].has_record && str_eq(walk->steps[i].domain, domain))
			return &walk->steps[i];
	return NULL;
}

/* The name's own record, else the organisational domain's, else the public suffix operator's. */
static const struct dmarc_step *applied_step(const struct dmarc_walk *walk, struct str domain)
{
	const struct dmarc_step *step = step_at(walk, domain);

	if (!step)
		step = step_at(walk, walk->organization);
	for (size_t i = 0; !step && i < walk->count; i++)
		if (walk->steps[i].has_record && walk->steps[i].record.psd == 'y')
			step = &walk->steps[i];
	return step;
}

static enum dmarc_policy policy_of(const struct dmarc_step *step, bool is_inherited)
{
	const struct dmarc_record *record = &step->record;

	if (record->is_ignored)
		return DMARC_ABSENT;
	if (record->is_defaulted)
		return DMARC_NONE;
	if (is_inherited && record->sp != DMARC_ABSENT)
		return (enum dmarc_policy)record->sp;
	return (enum dmarc_policy)record->p;
}

enum dmarc_policy dmarc_policy_enforced(const struct dmarc_walk *walk)
{
	if (walk->applied && walk->applied->record.is_testing && walk->policy > DMARC_NONE)
		return (enum dmarc_policy)(walk->policy - 1);
	return walk->policy;
}

const void *derived_dmarc_walk(struct judge *j)
{
	struct dmarc_walk *walk = ARENA_NEW(j->arena, struct dmarc_walk);
	struct str names[DMARC_WALK_QUERIES];
	size_t count = walk_names(j->domain, names);

	for (size_t i = 0; i < count; i++) {
		struct dmarc_step *step = &walk->steps[walk->count++];

		step->domain = names[i];
		read_step(j, step);
		walk->is_partial |= !step->is_known;
		if (step->has_record && step->record.psd != 'u')
			break; /* steps 2 and 6: psd ends the walk */
	}
	walk->organization = organization_of(walk, j->domain);
	walk->applied = applied_step(walk, j->domain);
	if (walk->applied)
		walk->policy = policy_of(walk->applied, !str_eq(walk->applied->domain, j->domain));
	cite(j, walk->applied ? walk->applied->answer : walk->steps[0].answer);
	return walk;
}
