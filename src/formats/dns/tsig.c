/* SPDX-License-Identifier: Apache-2.0 */
/* What does a TSIG record say, and what does it sign? RFC 8945. */
#include "formats/dns/tsig.h"

#include "formats/dns/message.h"
#include "formats/dns/octet.h"
#include "formats/dns/walk.h"

enum { TYPE_TSIG = 250, TIME_BYTES = 6, FIXED_BYTES = TIME_BYTES + 2 + 2, TAIL_BYTES = 6 };

/* Section 6; MD5 is left to the past. */
static const struct {
	const char *name;
	size_t mac_bytes;
} algorithms[] = { { "hmac-sha256", 32 },
		   { "hmac-sha384", 48 },
		   { "hmac-sha512", 64 },
		   { "hmac-sha224", 28 },
		   { "hmac-sha1", 20 } };

size_t tsig_mac_bytes(struct str algorithm)
{
	for (size_t i = 0; i < ARRAY_COUNT(algorithms); i++)
		if (str_eq_nocase(algorithm, str_of(algorithms[i].name)))
			return algorithms[i].mac_bytes;
	return 0;
}

/* Section 4.2. The record's data behind at; names are uncompressed (RFC 3597 section 4). */
static int data_read(struct arena *a, struct str message, const struct dns_walked *record,
		     struct tsig *tsig)
{
	struct str data = str_first(message, record->data_start + record->data_len);
	size_t at = record->data_start, mac_bytes, other_bytes;
	const char *fixed;

	TRY(dns_name_from_wire(a, data, &at, &tsig->algorithm));
	if (data.len - at < FIXED_BYTES)
		return ERR_SYNTAX;
	fixed = data.data + at;
	tsig->signed_s = (uint64_t)octet_u16(fixed) << 32 | octet_u32(fixed + 2);
	tsig->fudge_s = octet_u16(fixed + TIME_BYTES);
	mac_bytes = octet_u16(fixed + TIME_BYTES + 2);
	at += FIXED_BYTES;
	if (data.len - at < mac_bytes + TAIL_BYTES)
		return ERR_SYNTAX;
	tsig->mac = str_bytes(data.data + at, mac_bytes);
	at += mac_bytes;
	tsig->original_id = octet_u16(data.data + at);
	tsig->error = octet_u16(data.data + at + 2);
	other_bytes = octet_u16(data.data + at + 4);
	at += TAIL_BYTES;
	if (data.len - at != other_bytes)
		return ERR_SYNTAX;
	tsig->other = str_bytes(data.data + at, other_bytes);
	return 1;
}

int tsig_read(struct arena *a, struct str message, struct tsig *ret)
{
	struct dns_walked record = { 0 };
	struct tsig tsig = { 0 };
	struct dns_walk walk;
	bool is_signed = false;
	size_t at;
	int more;

	TRY(dns_walk_begin(&walk, message));
	while ((more = dns_walk_next(&walk, &record)) > 0) {
		if (is_signed)
			return ERR_SYNTAX; /* a record behind it */
		is_signed = record.type == TYPE_TSIG && record.section != DNS_SECTION_QUESTION;
		if (is_signed && (record.section != DNS_SECTION_ADDITIONAL ||
				  record.class != DNS_CLASS_ANY || record.ttl))
			return ERR_SYNTAX;
	}
	if (more < 0 || !is_signed)
		return more;
	tsig.start = at = record.owner_start;
	TRY(dns_name_from_wire(a, message, &at, &tsig.key));
	TRY(data_read(a, message, &record, &tsig));
	*ret = tsig;
	return 1;
}

/* ---- writing ---- */

static void put_u16(struct buf *out, uint16_t value)
{
	octet_put_u16((uint8_t *)buf_reserve(out, 2), value);
	out->len += 2;
}

static int put_name(struct buf *out, struct str name)
{
	uint8_t wire[DNS_NAME_WIRE_BYTES];
	int len = dns_name_to_wire(name, wire);

	TRY(len);
	buf_put(out, wire, (size_t)len);
	return 0;
}

void tsig_timers_put(struct buf *out, const struct tsig *tsig)
{
	put_u16(out, (uint16_t)(tsig->signed_s >> 32));
	put_u16(out, (uint16_t)(tsig->signed_s >> 16));
	put_u16(out, (uint16_t)tsig->signed_s);
	put_u16(out, tsig->fudge_s);
}

int tsig_put(struct buf *out, const struct tsig *tsig)
{
	size_t length_at, data_start;
	uint8_t *counts;

	TRY(put_name(out, tsig->key));
	put_u16(out, TYPE_TSIG);
	put_u16(out, DNS_CLASS_ANY);
	put_u16(out, 0);
	put_u16(out, 0);
	length_at = out->len;
	put_u16(out, 0);
	data_start = out->len;
	TRY(put_name(out, tsig->algorithm));
	tsig_timers_put(out, tsig);
	put_u16(out, (uint16_t)tsig->mac.len);
	buf_put_str(out, tsig->mac);
	put_u16(out, tsig->original_id);
	put_u16(out, tsig->error);
	put_u16(out, (uint16_t)tsig->other.len);
	buf_put_str(out, tsig->other);
	octet_put_u16((uint8_t *)out->data + length_at, (uint16_t)(out->len - data_start));
	counts = (uint8_t *)out->data + 10;
	octet_put_u16(counts, (uint16_t)(octet_u16(counts) + 1));
	return 0;
}

void tsig_prior_put(struct buf *out, struct str mac)
{
	put_u16(out, (uint16_t)mac.len);
	buf_put_str(out, mac);
}

/* Section 4.3.2: as it was before the record, with the id that it had then. */
void tsig_message_put(struct buf *out, struct str message, const struct tsig *tsig)
{
	size_t start = out->len;
	uint8_t *header;

	buf_put_str(out, str_first(message, tsig->start));
	header = (uint8_t *)out->data + start;
	octet_put_u16(header, tsig->original_id);
	octet_put_u16(header + 10, (uint16_t)(octet_u16(header + 10) - 1));
}

/* Section 4.3.3. */
int tsig_variables_put(struct buf *out, const struct tsig *tsig)
{
	TRY(put_name(out, tsig->key));
	put_u16(out, DNS_CLASS_ANY);
	put_u16(out, 0);
	put_u16(out, 0);
	TRY(put_name(out, tsig->algorithm));
	tsig_timers_put(out, tsig);
	put_u16(out, tsig->error);
	put_u16(out, (uint16_t)tsig->other.len);
	buf_put_str(out, tsig->other);
	return 0;
}
