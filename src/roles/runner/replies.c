/* SPDX-License-Identifier: Apache-2.0 */
/* Which replies of APIs need not be asked for again? */
#include "roles/runner/replies.h"

struct kept {
	struct kept *next; /* newer */
	struct str key;
	struct reply reply;
	int64_t until_us;
	size_t size;
};

struct replies {
	struct kept *oldest, **newest;
	size_t bytes, count;
};

void replies_open(struct replies **ret)
{
	*ret = memory_alloc(sizeof **ret);
	**ret = (struct replies){ .newest = NULL };
	(*ret)->newest = &(*ret)->oldest;
}

static void drop_oldest(struct replies *replies)
{
	struct kept *kept = replies->oldest;

	replies->oldest = kept->next;
	if (!replies->oldest)
		replies->newest = &replies->oldest;
	replies->bytes -= kept->size;
	replies->count--;
	memory_free(kept);
}

void replies_close(struct replies *replies)
{
	if (!replies)
		return;
	while (replies->oldest)
		drop_oldest(replies);
	memory_free(replies);
}

bool replies_find(const struct replies *replies, struct str key, int64_t now_us, struct reply *ret)
{
	const struct kept *found = NULL;

	for (const struct kept *kept = replies->oldest; kept; kept = kept->next)
		if (kept->until_us > now_us && str_eq(kept->key, key))
			found = kept;
	if (found)
		*ret = found->reply;
	return found;
}

void replies_keep(struct replies *replies, struct str key, const struct reply *reply,
		  int64_t until_us)
{
	size_t size = sizeof(struct kept) + key.len + reply->output.len;
	struct kept *kept;
	char *at;

	if (size > REPLIES_BYTES / 4)
		return;
	while (replies->oldest &&
	       (replies->bytes + size > REPLIES_BYTES || replies->count == REPLIES_ENTRIES))
		drop_oldest(replies);
	kept = memory_alloc(size);
	at = (char *)(kept + 1);
	memcpy(at, key.data, key.len);
	if (reply->output.len)
		memcpy(at + key.len, reply->output.data, reply->output.len);
	*kept = (struct kept){
		.key = str_bytes(at, key.len), .reply = *reply, .until_us = until_us, .size = size
	};
	kept->reply.output = str_bytes(at + key.len, reply->output.len);
	*replies->newest = kept;
	replies->newest = &kept->next;
	replies->bytes += size;
	replies->count++;
}
