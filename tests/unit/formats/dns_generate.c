/* SPDX-License-Identifier: Apache-2.0 */
/* What can a valid response look like? */
#include "tests/unit/formats/dns_generate.h"

#include "formats/dns/type.h"

/*
 * Rdata by letters: 1, 2, 4: so many random octets; a: 4 (IPv4); A: 16 (IPv6); n: a name that may be
 * compressed; N: one that may not; s: a character-string; S: one to four; t: a CAA tag; x: up to 40
 * octets, at least one; h: a length and so many octets; b: a type bitmap; p: SVCB parameters; L: LOC.
 */
static const struct {
	uint16_t type;
	const char *form;
} forms[] = {
	{ DNS_A, "a" },          { DNS_NS, "n" },
	{ DNS_CNAME, "n" },      { DNS_SOA, "nn44444" },
	{ DNS_NULL, "x" },       { DNS_PTR, "n" },
	{ DNS_HINFO, "ss" },     { DNS_MX, "2n" },
	{ DNS_TXT, "S" },        { DNS_RP, "nn" },
	{ DNS_AFSDB, "2n" },     { DNS_AAAA, "A" },
	{ DNS_LOC, "L" },        { DNS_SRV, "222N" },
	{ DNS_NAPTR, "22sssN" }, { DNS_CERT, "221x" },
	{ DNS_DNAME, "N" },      { DNS_DS, "211x" },
	{ DNS_SSHFP, "11x" },    { DNS_RRSIG, "2114442Nx" },
	{ DNS_NSEC, "Nb" },      { DNS_DNSKEY, "211x" },
	{ DNS_NSEC3, "112hHb" }, { DNS_NSEC3PARAM, "112h" },
	{ DNS_TLSA, "111x" },    { DNS_SMIMEA, "111x" },
	{ DNS_CDS, "211x" },     { DNS_CDNSKEY, "211x" },
	{ DNS_OPENPGPKEY, "x" }, { DNS_CSYNC, "42b" },
	{ DNS_ZONEMD, "411x" },  { DNS_SVCB, "2Np" },
	{ DNS_HTTPS, "2Np" },    { DNS_DSYNC, "212N" },
	{ DNS_SPF, "S" },        { DNS_URI, "22x" },
	{ DNS_CAA, "1tx" },      { 65280, "x" },
};

static uint64_t next(struct generator *g)
{
	uint64_t z = g->state += 0x9e3779b97f4a7c15u; /* splitmix64 */

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static unsigned below(struct generator *g, unsigned limit)
{
	return (unsigned)(next(g) % limit);
}

static void put(struct generator *g, unsigned octet)
{
	buf_put_char(g->out, (char)octet);
}

static void put_u16(struct generator *g, unsigned value)
{
	put(g, value >> 8);
	put(g, value & 0xff);
}

static void put_random(struct generator *g, unsigned count)
{
	while (count--)
		put(g, below(g, 256));
}

static unsigned label_octet(struct generator *g)
{
	static const char usual[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

	return below(g, 50) ? (unsigned char)usual[below(g, sizeof usual - 1)] : below(g, 256);
}

/* Few labels, so that names repeat and chains form; now and then the root or a long one. */
static void put_name(struct generator *g, bool is_compressible)
{
	unsigned labels = below(g, 4), size = below(g, 20) ? 3 : 40;

	if (g->out->len < 0x3f00 && g->name_count < ARRAY_COUNT(g->names))
		g->names[g->name_count++] = (uint16_t)g->out->len;
	else
		labels = 1;
	for (unsigned i = 0; i < labels; i++) {
		unsigned len = 1 + below(g, size);

		put(g, len);
		while (len--)
			put(g, label_octet(g));
	}
	/* names are short and pointers chain at most this often, so 255 octets are kept below */
	if (is_compressible && g->name_count > 1 && size == 3 && below(g, 3))
		put_u16(g, 0xc000u | g->names[below(g, MIN(g->name_count - 1, 4u))]);
	else
		put(g, 0);
}

/* RFC 1035 section 4.1.4 asks for no more than this of a packet's first names. */
static void put_owner(struct generator *g)
{
	if (g->name_count && below(g, 2))
		put_u16(g, 0xc000u | g->names[below(g, MIN(g->name_count, 6u))]);
	else
		put_name(g, true);
}

static void put_string(struct generator *g)
{
	unsigned len = below(g, 10) ? below(g, 20) : below(g, 256);

	put(g, len);
	put_random(g, len);
}

static void put_hashed(struct generator *g, unsigned least)
{
	unsigned len = least + below(g, 20);

	put(g, len);
	put_random(g, len);
}

static void put_bitmap(struct generator *g)
{
	for (unsigned window = 0; window < 3; window++) {
		unsigned len = 1 + below(g, 32);

		if (below(g, 2))
			continue;
		put(g, window);
		put(g, len);
		put_random(g, len - 1);
		put(g, 1 + below(g, 255)); /* RFC 4034 section 4.1.2: no trailing zeros */
	}
}

/* RFC 9460 section 2.2: ascending keys, values that their formats allow. */
static void put_params(struct generator *g)
{
	if (below(g, 2)) { /* alpn */
		put_u16(g, 1);
		put_u16(g, 3);
		buf_put_lit(g->out, "\2h2");
	}
	if (below(g, 2)) { /* port */
		put_u16(g, 3);
		put_u16(g, 2);
		put_random(g, 2);
	}
	if (below(g, 2)) { /* ipv4hint */
		put_u16(g, 4);
		put_u16(g, 8);
		put_random(g, 8);
	}
	if (below(g, 2)) { /* ipv6hint */
		put_u16(g, 6);
		put_u16(g, 16);
		put_random(g, 16);
	}
}

static void put_loc(struct generator *g)
{
	put(g, 0);
	for (unsigned i = 0; i < 3; i++)
		put(g, below(g, 10) << 4 | below(g, 10)); /* RFC 1876 section 2 */
	put(g, 0x7f + below(g, 2)), put_random(g, 3);
	put(g, 0x7f + below(g, 2)), put_random(g, 3);
	put(g, 0), put_random(g, 3);
}

static void put_part(struct generator *g, char letter)
{
	switch (letter) {
	case '1':
	case '2':
	case '4':
		put_random(g, (unsigned)(letter - '0'));
		break;
	case 'a':
	case 'A':
		put_random(g, letter == 'a' ? 4 : 16);
		break;
	case 'n':
	case 'N':
		put_name(g, letter == 'n');
		break;
	case 's':
		put_string(g);
		break;
	case 'S':
		for (unsigned i = below(g, 4) + 1; i; i--)
			put_string(g);
		break;
	case 't':
		buf_put_lit(g->out, "\5issue");
		break;
	case 'h':
	case 'H':
		put_hashed(g, letter == 'H');
		break;
	case 'b':
		put_bitmap(g);
		break;
	case 'p':
		put_params(g);
		break;
	case 'L':
		put_loc(g);
		break;
	default:
		put_random(g, 1 + below(g, 40));
	}
}

static void put_record(struct generator *g)
{
	unsigned row = below(g, ARRAY_COUNT(forms));
	size_t start, len;

	put_owner(g);
	put_u16(g, forms[row].type);
	put_u16(g, below(g, 20) ? DNS_CLASS_IN : DNS_CLASS_CH);
	put_u16(g, below(g, 4));
	put_random(g, 2);
	put_u16(g, 0);
	start = g->out->len;
	for (const char *letter = forms[row].form; *letter; letter++)
		put_part(g, *letter);
	len = g->out->len - start;
	g->out->data[start - 2] = (char)(len >> 8);
	g->out->data[start - 1] = (char)len;
}

/* A record once more, under whatever name and TTL. */
static void repeat_record(struct generator *g, size_t start)
{
	struct str record = str_from(buf_str(g->out), start);
	char copy[4096];

	if (!record.len || record.len > sizeof copy) {
		put_record(g);
		return;
	}
	memcpy(copy, record.data, record.len);
	buf_put(g->out, copy, record.len);
}

static unsigned put_section(struct generator *g)
{
	unsigned count = below(g, 4) ? below(g, 5) : below(g, 30);
	size_t last = g->out->len;

	for (unsigned i = 0; i < count; i++) {
		size_t start = g->out->len;

		if (i && !below(g, 6))
			repeat_record(g, last);
		else
			put_record(g);
		last = start;
	}
	return count;
}

static void put_opt(struct generator *g)
{
	put(g, 0);
	put_u16(g, DNS_OPT);
	put_random(g, 2);
	put(g, below(g, 4) ? 0 : below(g, 256));
	put(g, below(g, 4) ? 0 : 1);
	put_u16(g, below(g, 2) << 15);
	if (below(g, 2)) {
		put_u16(g, 0);
		return;
	}
	put_u16(g, 4 + 3 + 4 + 4 + 4 + 16);
	buf_put_lit(g->out, "\0\3\0\3abc\0\xf\0\4\0\x16no\0\xa\0\x10");
	put_random(g, 16);
}

void dns_generate(struct buf *out, uint64_t seed)
{
	struct generator g = { .state = seed, .out = out };
	unsigned counts[3], has_opt = below(&g, 2);

	put_random(&g, 2);
	put(&g, 0x80 | below(&g, 8));
	put(&g, below(&g, 16) << 4 | below(&g, 11));
	buf_put_lit(out, "\0\1\0\0\0\0\0\0");
	put_name(&g, false);
	put_u16(&g, forms[below(&g, ARRAY_COUNT(forms))].type);
	put_u16(&g, DNS_CLASS_IN);
	for (unsigned i = 0; i < 3; i++)
		counts[i] = put_section(&g);
	if (has_opt) {
		put_opt(&g);
		counts[2]++;
	}
	for (unsigned i = 0; i < 3; i++)
		out->data[7 + 2 * i] = (char)counts[i];
}

void dns_mutate(struct buf *packet, uint64_t seed)
{
	struct generator g = { .state = seed, .out = packet };

	for (unsigned i = 1 + below(&g, 4); i && packet->len; i--) {
		unsigned at = below(&g, (unsigned)packet->len);

		switch (below(&g, 6)) {
		case 0:
			packet->data[at] = (char)below(&g, 256);
			break;
		case 1:
			packet->data[at] ^= (char)(1u << below(&g, 8));
			break;
		case 2: /* a pointer to anywhere near */
			packet->data[at] = (char)(0xc0 | below(&g, 2));
			break;
		case 3:
			packet->len = at;
			break;
		case 4:
			put_random(&g, 1 + below(&g, 4));
			break;
		default: /* counts and flags */
			packet->data[MIN(packet->len - 1, (size_t)below(&g, 12))] =
				(char)below(&g, 4);
		}
	}
}
