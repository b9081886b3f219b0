/* SPDX-License-Identifier: Apache-2.0 */
/* How is rdata written as in a zone file? RFC 1035 section 5.1, RFC 3597 section 5. */
#include "base/encode.h"
#include "formats/dns/rdata.h"

#include <time.h>

static void put_octet_escaped(struct buf *out, uint8_t octet)
{
	char *at = buf_reserve(out, 4);

	at[0] = '\\';
	at[1] = (char)('0' + octet / 100);
	at[2] = (char)('0' + octet / 10 % 10);
	at[3] = (char)('0' + octet % 10);
	out->len += 4;
}

void rdata_put_escaped(struct buf *out, struct str octets)
{
	for (size_t i = 0; i < octets.len; i++) {
		uint8_t octet = (uint8_t)octets.data[i];

		if (octet < 0x20 || octet > 0x7e) {
			put_octet_escaped(out, octet);
			continue;
		}
		if (octet == '"' || octet == '\\')
			buf_put_char(out, '\\');
		buf_put_char(out, (char)octet);
	}
}

static void put_quoted(struct buf *out, struct str octets)
{
	buf_put_char(out, '"');
	rdata_put_escaped(out, octets);
	buf_put_char(out, '"');
}

/* Our form of names with a dot at the end, and with escapes of what zone files give a meaning to. */
static void put_name(struct buf *out, struct str wire)
{
	const char *at = wire.data;
	const char *const end = at + wire.len - 1;

	buf_reserve(out, wire.len);
	if (at == end)
		buf_put_char(out, '.');
	while (at < end) {
		for (uint8_t left = (uint8_t)*at++; left; left--) {
			char c = *at++;

			if (c <= 0x20 || c > 0x7e) {
				put_octet_escaped(out, (uint8_t)c);
				continue;
			}
			if (strchr(".\\\"();@$", c))
				buf_put_char(out, '\\');
			buf_put_char(out, char_lower(c));
		}
		buf_put_char(out, '.');
	}
}

static void put_time(struct buf *out, uint32_t seconds)
{
	time_t time = seconds;
	struct tm tm;
	char text[32];

	if (gmtime_r(&time, &tm) && strftime(text, sizeof text, "%Y%m%d%H%M%S", &tm))
		buf_put_str(out, str_of(text));
}

static void put_type(struct buf *out, uint16_t type)
{
	struct arena scratch = { 0 };

	buf_put_str(out, dns_type_text(&scratch, type));
	arena_release(&scratch);
}

static void put_number(struct buf *out, enum rdata_kind kind, uint32_t number)
{
	/* Algorithms are written as numbers, which every reader of zone files takes. */
	const char *word = kind == RDATA_ALGORITHM ? NULL : rdata_word_of(kind, number);

	if (kind == RDATA_TIME)
		put_time(out, number);
	else if (kind == RDATA_TYPE)
		put_type(out, (uint16_t)number);
	else if (word)
		buf_put_str(out, str_of(word));
	else
		buf_put_uint(out, number);
}

static void put_address(struct buf *out, struct str octets)
{
	struct address address =
		octets.len == 4 ? address_ipv4(octets.data) : address_ipv6(octets.data);

	address_text(&address, buf_reserve(out, ADDRESS_TEXT_BYTES));
	out->len += strlen(out->data + out->len);
}

static void put_strings(struct buf *out, struct str rest)
{
	for (size_t at = 0; at < rest.len; at += (size_t)(uint8_t)rest.data[at] + 1) {
		if (at)
			buf_put_char(out, ' ');
		put_quoted(out, str_first(str_from(rest, at + 1), (uint8_t)rest.data[at]));
	}
}

static void put_bitmap(struct buf *out, struct str bitmap)
{
	bool is_first = true;

	for (size_t at = 0; at < bitmap.len; at += 2 + (size_t)(uint8_t)bitmap.data[at + 1])
		for (unsigned bit = 0; bit < 8u * (uint8_t)bitmap.data[at + 1]; bit++) {
			if (!((uint8_t)bitmap.data[at + 2 + bit / 8] & 0x80 >> bit % 8))
				continue;
			if (!is_first)
				buf_put_char(out, ' ');
			is_first = false;
			put_type(out, (uint16_t)((uint8_t)bitmap.data[at] << 8 | bit));
		}
}

static void put_params(struct buf *out, struct str rest)
{
	struct dns_svcb_param param;
	bool is_first = true;

	while (svcb_param_take(&rest, &param)) {
		if (!is_first)
			buf_put_char(out, ' ');
		is_first = false;
		svcb_param_text(out, &param);
	}
}

static void put_part(struct buf *out, enum rdata_kind kind, struct str octets)
{
	switch (kind) {
	case RDATA_IPV4:
	case RDATA_IPV6:
		put_address(out, octets);
		break;
	case RDATA_NAME:
		put_name(out, octets);
		break;
	case RDATA_STRING:
		put_quoted(out, str_from(octets, 1));
		break;
	case RDATA_TAG:
		buf_put_str(out, str_from(octets, 1));
		break;
	case RDATA_SALT:
		if (octets.len == 1)
			buf_put_char(out, '-');
		hex_put(out, str_from(octets, 1));
		break;
	case RDATA_HASH:
		base32hex_put(out, str_from(octets, 1));
		break;
	case RDATA_LOC:
		loc_text(out, octets.data);
		break;
	case RDATA_STRINGS:
		put_strings(out, octets);
		break;
	case RDATA_TEXT:
		put_quoted(out, octets);
		break;
	case RDATA_HEX:
		hex_put(out, octets);
		break;
	case RDATA_BASE64:
		base64_put(out, octets);
		break;
	case RDATA_BITMAP:
		put_bitmap(out, octets);
		break;
	case RDATA_PARAMS:
		put_params(out, octets);
		break;
	default:
		put_number(out, kind, rdata_number(octets, 0, kind));
		break;
	}
}

static int put_layout(struct buf *out, const struct rdata_part *part, struct str rdata)
{
	size_t at = 0;

	for (; part->kind != RDATA_END; part++) {
		int len = rdata_part_length(rdata, at, part->kind);

		TRY(len);
		if (at && (len || part->kind == RDATA_TEXT)) /* no types, no parameters: nothing */
			buf_put_char(out, ' ');
		put_part(out, part->kind, str_first(str_from(rdata, at), (size_t)len));
		at += (size_t)len;
	}
	return at == rdata.len ? 0 : ERR_SYNTAX;
}

void dns_rdata_text(struct buf *out, const struct dns_rr *rr)
{
	const struct rdata_part *layout = rdata_layout(rr->type);
	size_t start = out->len;

	if (layout && !rr->is_malformed && put_layout(out, layout, rr->rdata) == 0)
		return;
	out->len = start;
	buf_put_lit(out, "\\# ");
	buf_put_uint(out, rr->rdata.len);
	if (rr->rdata.len)
		buf_put_char(out, ' ');
	hex_put(out, rr->rdata);
}

struct str dns_rr_data_text(struct arena *a, const struct dns_rr *rr)
{
	struct buf text;

	buf_init(&text, a);
	dns_rdata_text(&text, rr);
	return buf_str(&text);
}
