/* SPDX-License-Identifier: Apache-2.0 */
/* Is what a broker sends the same however it is cut, and bounded whatever it says? */
#include "bus/rabbitmq/inbox.h"

enum { ITEMS = 4096 };

struct outcome {
	size_t count, body_bytes, entries;
	uint64_t hash;
	int code;
};

/* Reads what the backend reads of a message's headers. */
static size_t headers_read(const amqp_table_t *table)
{
	size_t entries = (size_t)table->num_entries;

	entries += (size_t)wire_find_text(table, "dss-reason").len;
	entries += (size_t)wire_find_number(table, "dss-attempts", 1000, 0);
	return entries + (size_t)wire_find_number(table, "x-delivery-count", 1000, 0);
}

static void item_note(struct outcome *outcome, const struct inbox_item *item)
{
	outcome->count++;
	outcome->hash = outcome->hash * 31 + item->kind + item->channel + item->method.number;
	if (item->kind != INBOX_CONTENT)
		return;
	if (item->body.len > INBOX_BODY_MOST || (item->is_cut && item->body.len))
		abort();
	outcome->body_bytes += item->body.len;
	outcome->hash += str_hash(item->body);
	if (item->properties->_flags & AMQP_BASIC_HEADERS_FLAG)
		outcome->entries += headers_read(&item->properties->headers);
}

static struct outcome read_in_pieces(const uint8_t *data, size_t size, size_t piece)
{
	struct outcome outcome = { 0 };
	struct inbox_item item;
	struct inbox inbox;
	struct err err;

	inbox_init(&inbox);
	for (size_t at = 0; at < size && outcome.code >= 0 && outcome.count < ITEMS;) {
		size_t room;
		char *to = wire_space(&inbox.reader, &room);
		size_t take = MIN(MIN(piece, room), size - at);

		if (!take)
			abort(); /* a frame that does not fit was not refused */
		memcpy(to, data + at, take);
		wire_added(&inbox.reader, take);
		at += take;
		while (outcome.count < ITEMS &&
		       (outcome.code = inbox_next(&inbox, &item, &err)) == 1)
			item_note(&outcome, &item);
	}
	inbox_release(&inbox);
	return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome whole, pieces;

	if (!size)
		return 0;
	whole = read_in_pieces(data + 1, size - 1, SIZE_MAX);
	pieces = read_in_pieces(data + 1, size - 1, data[0] + 1u);
	if (whole.count != pieces.count || whole.hash != pieces.hash ||
	    whole.entries != pieces.entries || whole.body_bytes != pieces.body_bytes ||
	    (whole.code < 0) != (pieces.code < 0))
		abort();
	return 0;
}
