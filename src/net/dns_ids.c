/* SPDX-License-Identifier: Apache-2.0 */
/* Which row does an id on a socket belong to? Open addressing, deletion by shifting back. */
#include "net/dns_table.h"

static uint32_t slot_of(const struct dns_client *client, uint8_t socket, uint16_t id)
{
	uint32_t key = (uint32_t)socket << 16 | id;

	return (key * 2654435769u >> 7) & client->ids_mask;
}

static bool is_row_at(const struct dns_client *client, uint32_t slot, uint8_t socket, uint16_t id)
{
	const struct dns_row *row = &client->rows[client->ids[slot] - 1];

	return row->id == id && row->socket == socket;
}

struct dns_row *ids_find(struct dns_client *client, uint8_t socket, uint16_t id)
{
	uint32_t slot = slot_of(client, socket, id);

	for (; client->ids[slot]; slot = (slot + 1) & client->ids_mask)
		if (is_row_at(client, slot, socket, id))
			return &client->rows[client->ids[slot] - 1];
	return NULL;
}

void ids_draw(struct dns_client *client, struct dns_row *row)
{
	random_bytes(&client->random, &row->id, sizeof row->id);
	row->query[0] = (uint8_t)(row->id >> 8);
	row->query[1] = (uint8_t)row->id;
}

void ids_register(struct dns_client *client, struct dns_row *row, uint8_t socket)
{
	uint32_t slot;

	/* A socket has far fewer rows than ids: this ends. */
	do
		ids_draw(client, row);
	while (ids_find(client, socket, row->id));
	row->socket = socket;
	slot = slot_of(client, socket, row->id);
	while (client->ids[slot])
		slot = (slot + 1) & client->ids_mask;
	client->ids[slot] = row_index(client, row) + 1;
}

void ids_forget(struct dns_client *client, struct dns_row *row)
{
	uint32_t mine = row_index(client, row) + 1, hole, next;

	if (row->socket == DNS_NO_SOCKET)
		return;
	hole = slot_of(client, row->socket, row->id);
	while (client->ids[hole] != mine)
		hole = (hole + 1) & client->ids_mask;
	for (next = (hole + 1) & client->ids_mask; client->ids[next];
	     next = (next + 1) & client->ids_mask) {
		const struct dns_row *moved = &client->rows[client->ids[next] - 1];
		uint32_t home = slot_of(client, moved->socket, moved->id);

		if (((next - home) & client->ids_mask) >= ((next - hole) & client->ids_mask)) {
			client->ids[hole] = client->ids[next];
			hole = next;
		}
	}
	client->ids[hole] = 0;
	row->socket = DNS_NO_SOCKET;
}
