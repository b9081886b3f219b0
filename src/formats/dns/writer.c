/* SPDX-License-Identifier: Apache-2.0 */
/* How are records appended to a message? */
#include "formats/dns/message.h"

#include "formats/dns/octet.h"

enum { POINTER_LIMIT = 0x4000, POINTER = 0xc000, RECORD_BYTES = 10, LABELS = 127 };

/* Does the name at offset of our own message equal the wire name? */
static bool is_name_at(const struct buf *out, size_t offset, const uint8_t *name)
{
	const uint8_t *octets = (const uint8_t *)out->data;

	for (unsigned jumps = 0; offset < out->len && jumps < LABELS;) {
		unsigned len = octets[offset];

		if (len >= 0xc0 && offset + 1 < out->len) {
			offset = octet_u16(octets + offset) & (POINTER_LIMIT - 1);
			jumps++;
			continue;
		}
		if (len != *name || offset + len >= out->len)
			return false;
		if (!len)
			return true;
		for (unsigned i = 1; i <= len; i++)
			if (char_lower((char)octets[offset + i]) != (char)name[i])
				return false;
		offset += len + 1;
		name += len + 1;
	}
	return false;
}

static void note(struct dns_writer *w, size_t offset)
{
	if (offset < POINTER_LIMIT && w->offset_count < ARRAY_COUNT(w->offsets))
		w->offsets[w->offset_count++] = (uint16_t)offset;
}

static void note_question(struct dns_writer *w)
{
	const uint8_t *octets = (const uint8_t *)w->out->data;
	size_t at = DNS_HEADER_BYTES;

	if (w->offset_count || w->out->len <= DNS_HEADER_BYTES || !octet_u16(octets + 4))
		return;
	for (; at < w->out->len && octets[at] && octets[at] <= DNS_LABEL_BYTES;
	     at += octets[at] + 1u)
		note(w, at);
}

/* Where the longest known end of the name stands in the message; *ret_len: octets of the name before
 * that end. 0: nowhere. */
static uint16_t find_end(const struct dns_writer *w, const uint8_t *name, size_t *ret_len)
{
	size_t len = 0;

	for (; name[len]; len += name[len] + 1u) {
		for (unsigned i = 0; i < w->offset_count; i++) {
			if (is_name_at(w->out, w->offsets[i], name + len)) {
				*ret_len = len;
				return w->offsets[i];
			}
		}
	}
	*ret_len = len;
	return 0;
}

int dns_writer_put(struct dns_writer *w, const struct dns_rr *rr)
{
	uint8_t name[DNS_NAME_WIRE_BYTES], fixed[RECORD_BYTES], pointer[2];
	size_t name_len, start = w->out->len;
	uint16_t end;

	TRY(dns_name_to_wire(rr->owner, name));
	note_question(w);
	end = find_end(w, name, &name_len);
	if (rr->rdata.len > UINT16_MAX ||
	    start + name_len + (end ? 2 : 1) + RECORD_BYTES + rr->rdata.len > w->limit)
		return ERR_LIMIT;
	octet_put_u16(pointer, (uint16_t)(POINTER | end));
	octet_put_u16(octet_put_u16(fixed, rr->type), rr->klass);
	octet_put_u16(octet_put_u32(fixed + 4, rr->ttl), (uint16_t)rr->rdata.len);
	for (size_t at = 0; at < name_len; at += name[at] + 1u)
		note(w, start + at);
	buf_put(w->out, name, name_len);
	if (end)
		buf_put(w->out, pointer, sizeof pointer);
	else
		buf_put_char(w->out, 0);
	buf_put(w->out, fixed, sizeof fixed);
	buf_put_str(w->out, rr->rdata);
	return 0;
}
