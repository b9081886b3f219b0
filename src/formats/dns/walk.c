/* SPDX-License-Identifier: Apache-2.0 */
/* Which record comes next? RFC 1035 section 4.1. */
#include "formats/dns/walk.h"

#include "formats/dns/message.h"
#include "formats/dns/octet.h"

enum { QUESTION_BYTES = 4, RECORD_BYTES = 10 };

int dns_walk_begin(struct dns_walk *walk, struct str packet)
{
	if (packet.len < DNS_HEADER_BYTES)
		return ERR_SYNTAX;
	*walk = (struct dns_walk){ .packet = packet, .at = DNS_HEADER_BYTES };
	for (unsigned i = 0; i < DNS_SECTIONS; i++)
		walk->left[i] = octet_u16(packet.data + 4 + 2 * (size_t)i);
	return 0;
}

int dns_walk_next(struct dns_walk *walk, struct dns_walked *ret)
{
	struct dns_walked walked = { .owner_start = walk->at };
	uint8_t owner[DNS_NAME_WIRE_BYTES];
	size_t fixed, at = walk->at;
	const char *data;
	int len;

	while (walk->section < DNS_SECTIONS && !walk->left[walk->section])
		walk->section++;
	if (walk->section == DNS_SECTIONS)
		return at == walk->packet.len ? 0 : ERR_SYNTAX;
	len = dns_name_expand(walk->packet, DNS_HEADER_BYTES, &at, owner);
	if (len < 0)
		return len == ERR_LIMIT ? ERR_LIMIT : ERR_SYNTAX;
	fixed = walk->section == DNS_SECTION_QUESTION ? QUESTION_BYTES : RECORD_BYTES;
	if (walk->packet.len - at < fixed)
		return ERR_SYNTAX;
	data = walk->packet.data + at;
	walked.section = walk->section;
	walked.type = octet_u16(data);
	walked.class = octet_u16(data + 2);
	walked.data_start = at + fixed;
	if (fixed == RECORD_BYTES) {
		walked.ttl = octet_u32(data + 4);
		walked.data_len = octet_u16(data + 8);
	}
	if (walk->packet.len - walked.data_start < walked.data_len)
		return ERR_SYNTAX;
	walk->at = walked.data_start + walked.data_len;
	walk->left[walk->section]--;
	*ret = walked;
	return 1;
}
