/* SPDX-License-Identifier: Apache-2.0 */
/* Which job does a tag name? */
#include "bus/embedded/held.h"

void held_release(struct held *held)
{
	memory_free(held->job);
	memory_free(held->vacant);
	*held = (struct held){ 0 };
}

static void grow(struct held *held)
{
	size_t places = MAX((size_t)64, held->places * 2);

	held->job = memory_resize(held->job, places * sizeof *held->job);
	held->vacant = memory_resize(held->vacant, places * sizeof *held->vacant);
	for (size_t i = places; i-- > held->places;) {
		held->job[i] = (struct held_job){ 0 };
		held->vacant[held->vacant_count++] = i;
	}
	held->places = places;
}

uint64_t held_add(struct held *held, const struct job_row *row)
{
	size_t place;

	if (!held->vacant_count)
		grow(held);
	place = held->vacant[--held->vacant_count];
	held->count++;
	held->job[place] = (struct held_job){
		.no = row->no,
		.token = row->token,
		.attempt = row->attempt,
		.tag = (uint64_t)++held->generation << 32 | (place + 1),
	};
	return held->job[place].tag;
}

bool held_remove(struct held *held, uint64_t tag, struct held_job *ret)
{
	size_t place = (size_t)(tag & UINT32_MAX) - 1;

	if (!tag || place >= held->places || held->job[place].tag != tag)
		return false;
	*ret = held->job[place];
	held->job[place] = (struct held_job){ 0 };
	held->vacant[held->vacant_count++] = place;
	held->count--;
	return true;
}
