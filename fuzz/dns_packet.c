/* SPDX-License-Identifier: Apache-2.0 */
/* Does any packet break the reader of DNS answers, or come back otherwise than it was saved? */
#include "formats/dns/message.h"
#include "formats/dns/tsig.h"
#include "formats/dns/walk.h"
#include "formats/dns/zone_stream.h"

enum { MEMORY_TIMES = 128, MEMORY_FREE_BYTES = 256 * 1024 };

static void encode(struct buf *out, struct arena *a, const struct dns_answer *answer)
{
	buf_init(out, a);
	desc_encode(out, &dns_answer_desc, answer);
}

static void show(struct buf *out, const struct dns_rr *rr, size_t count)
{
	for (size_t i = 0; i < count; i++)
		dns_rdata_text(out, &rr[i]);
}

/* What was accepted is saved, loaded and saved again. */
static void round_trip(struct arena *a, const struct dns_answer *answer)
{
	struct dns_answer again;
	struct buf first, second, text;
	struct json json;

	encode(&first, a, answer);
	if (desc_decode(a, &dns_answer_desc, buf_str(&first), &again) < 0)
		abort();
	encode(&second, a, &again);
	if (!str_eq(buf_str(&first), buf_str(&second)))
		abort();
	buf_init(&text, a);
	show(&text, answer->rr, answer->count);
	show(&text, answer->other, answer->other_count);
	show(&text, answer->authority, answer->authority_count);
	json_init(&json, &text);
	desc_json(&json, &dns_answer_desc, answer);
}

static void is_own_question(struct str packet, const struct dns_query *query,
			    const struct dns_answer *answer)
{
	uint8_t out[DNS_QUERY_BYTES];
	int len = dns_query_write(query, out), match;

	if (len < 0)
		abort();
	match = dns_question_matches(packet, out, (size_t)len);
	if (answer->has_question != (match == 1 || match == 2))
		abort();
}

/* The same packet as part of a zone that is transferred, signed or not. */
static void signed_again(struct arena *a, struct str packet)
{
	struct buf plain;
	struct tsig tsig;

	if (tsig_read(a, packet, &tsig) != 1)
		return;
	buf_init(&plain, a);
	tsig_message_put(&plain, packet, &tsig);
	if (plain.len != tsig.start || tsig_put(&plain, &tsig) < 0 ||
	    tsig_read(a, buf_str(&plain), &tsig) != 1 || tsig_variables_put(&plain, &tsig) < 0)
		abort();
}

static void as_transfer(struct str packet, struct str zone)
{
	struct zone_stream stream = { .zone = zone, .takes_all = packet.len & 1 };
	struct arena a = { 0 };
	struct err err = { 0 };
	struct buf names;
	int code;

	if (packet.len >= 2)
		stream.id = (uint16_t)((uint8_t)packet.data[0] << 8 | (uint8_t)packet.data[1]);
	buf_init(&names, &a);
	code = zone_stream_take(&stream, packet, &names, &err);
	if ((code < 0) != (err.text[0] != 0) || names.len > packet.len * DNS_NAME_TEXT_BYTES)
		abort();
	signed_again(&a, packet);
	arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct str packet = str_bytes(data, size), frame, stream = packet;
	struct dns_query query = { .name = STR_LIT("."), .type = DNS_A };
	struct dns_answer answer;
	struct dns_header header;
	struct err err = { 0 };
	size_t at = DNS_HEADER_BYTES;
	int taken;

	while ((taken = dns_frame_take(&stream, &frame)) == 1)
		if (frame.len < DNS_HEADER_BYTES)
			abort();
	if (dns_header_read(packet, &header) == 0 && header.opcode)
		query.flags = DNS_QUERY_OPCODE_15;
	if (dns_name_from_wire(&a, packet, &at, &query.name) == 0 && size - at >= 2)
		query.type = (uint16_t)(data[at] << 8 | data[at + 1]);
	as_transfer(packet, query.name);
	if (dns_answer_read(&a, packet, &query, &answer, &err) == 0) {
		if (arena_held(&a) > MEMORY_TIMES * size + MEMORY_FREE_BYTES)
			abort();
		is_own_question(packet, &query, &answer);
		round_trip(&a, &answer);
	} else if (!err.text[0]) {
		abort();
	}
	arena_release(&a);
	return 0;
}
