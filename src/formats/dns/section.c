/* SPDX-License-Identifier: Apache-2.0 */
/* How do the records of a section come into one order, each once? */
#include "formats/dns/section.h"

void dns_section_init(struct dns_section *section)
{
	section->rr = section->few;
	section->order = section->few_order;
	section->count = section->kept = 0;
	section->room = DNS_SECTION_FEW;
}

void dns_section_make_room(struct dns_section *section, size_t count)
{
	section->count = section->kept = 0;
	if (count <= section->room)
		return;
	dns_section_release(section);
	section->rr = memory_alloc(count * sizeof *section->rr);
	section->order = memory_alloc(count * sizeof(struct dns_rr *));
	section->room = count;
}

void dns_section_release(struct dns_section *section)
{
	if (section->room <= DNS_SECTION_FEW)
		return;
	memory_free(section->rr);
	memory_free(section->order);
	dns_section_init(section);
}

static int by_order(const void *a, const void *b)
{
	return dns_rr_cmp(*(struct dns_rr *const *)a, *(struct dns_rr *const *)b);
}

static void insertion_sort(struct dns_rr **order, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct dns_rr *rr = order[i];
		size_t at = i;

		for (; at > 0 && dns_rr_cmp(order[at - 1], rr) > 0; at--)
			order[at] = order[at - 1];
		order[at] = rr;
	}
}

void dns_section_sort(struct dns_section *section)
{
	struct dns_rr **order = section->order;

	section->kept = 0;
	for (size_t i = 0; i < section->count; i++)
		order[i] = &section->rr[i];
	if (section->count <= DNS_SECTION_FEW)
		insertion_sort(order, section->count);
	else
		qsort(order, section->count, sizeof(struct dns_rr *), by_order);
	for (size_t i = 0; i < section->count; i++) {
		struct dns_rr *last = section->kept ? order[section->kept - 1] : NULL;

		if (last && !dns_rr_cmp(last, order[i]))
			last->ttl = MIN(last->ttl, order[i]->ttl);
		else
			order[section->kept++] = order[i];
	}
}

struct dns_rr *dns_rr_array(struct arena *a, size_t count)
{
	return count ? arena_alloc(a, count * sizeof(struct dns_rr)) : NULL;
}

struct dns_rr *dns_section_copy(struct arena *a, const struct dns_section *section,
				size_t *ret_count)
{
	struct dns_rr *rr = dns_rr_array(a, section->kept);

	for (size_t i = 0; i < section->kept; i++)
		rr[i] = *section->order[i];
	*ret_count = section->kept;
	return rr;
}
