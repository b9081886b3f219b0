/* SPDX-License-Identifier: Apache-2.0 */
/* Which deliveries are in our hands? */
#include "bus/rabbitmq/parts.h"

enum { PLACE_BITS = 24 };

static struct str keep(struct str s)
{
	char *data = s.len ? memory_alloc(s.len) : NULL;

	if (s.len)
		memcpy(data, s.data, s.len);
	return str_bytes(data, s.len);
}

static void forget(struct delivery *delivery)
{
	memory_free((char *)delivery->body.data);
	memory_free((char *)delivery->reason.data);
	*delivery = (struct delivery){ 0 };
}

void deliveries_release(struct deliveries *deliveries)
{
	for (size_t i = 0; i < deliveries->places; i++)
		forget(&deliveries->row[i]);
	memory_free(deliveries->row);
	memory_free(deliveries->vacant);
	*deliveries = (struct deliveries){ 0 };
}

static void grow(struct deliveries *deliveries)
{
	size_t places = MAX(2 * deliveries->places, (size_t)64);

	deliveries->row = memory_resize(deliveries->row, places * sizeof *deliveries->row);
	deliveries->vacant = memory_resize(deliveries->vacant, places * sizeof(size_t));
	memset(deliveries->row + deliveries->places, 0,
	       (places - deliveries->places) * sizeof *deliveries->row);
	for (size_t i = places; i > deliveries->places; i--)
		deliveries->vacant[deliveries->vacant_count++] = i - 1;
	deliveries->places = places;
}

struct delivery *deliveries_add(struct deliveries *deliveries, const struct delivery *delivery)
{
	struct delivery *row;
	size_t place;

	if (!deliveries->vacant_count)
		grow(deliveries);
	place = deliveries->vacant[--deliveries->vacant_count];
	row = &deliveries->row[place];
	*row = *delivery;
	row->body = keep(delivery->body);
	row->reason = keep(delivery->reason);
	row->tag = ++deliveries->generation << PLACE_BITS | place;
	deliveries->count++;
	return row;
}

struct delivery *deliveries_find(struct deliveries *deliveries, uint64_t tag)
{
	size_t place = tag & ((1u << PLACE_BITS) - 1);

	if (!tag || place >= deliveries->places || deliveries->row[place].tag != tag)
		return NULL;
	return &deliveries->row[place];
}

void deliveries_remove(struct deliveries *deliveries, struct delivery *delivery)
{
	deliveries->vacant[deliveries->vacant_count++] = (size_t)(delivery - deliveries->row);
	deliveries->count--;
	forget(delivery);
}
