/* SPDX-License-Identifier: Apache-2.0 */
/* How does rdata leave its packet, when names in it may point to elsewhere in the packet? */
#include "formats/dns/unpack.h"

#include "formats/dns/message.h"

/* Names stand behind so many octets and character-strings; what follows them is copied. */
struct layout {
	uint8_t octets, strings, names;
};

enum {
	HEAD_OCTETS = 18,
	HEAD_STRINGS = 3,
	HEAD_NAMES = 2,
	HEAD_BYTES = HEAD_OCTETS + HEAD_STRINGS * 256 + HEAD_NAMES * DNS_NAME_WIRE_BYTES
};

static const struct layout layouts[] = {
	[DNS_NS] = { 0, 0, 1 },    [3] = { 0, 0, 1 },                             /* MD */
	[4] = { 0, 0, 1 },                                                        /* MF */
	[DNS_CNAME] = { 0, 0, 1 }, [DNS_SOA] = { 0, 0, 2 },    [7] = { 0, 0, 1 }, /* MB */
	[8] = { 0, 0, 1 },                                                        /* MG */
	[9] = { 0, 0, 1 },                                                        /* MR */
	[DNS_PTR] = { 0, 0, 1 },   [14] = { 0, 0, 2 },                            /* MINFO */
	[DNS_MX] = { 2, 0, 1 },    [DNS_RP] = { 0, 0, 2 },     [DNS_AFSDB] = { 2, 0, 1 },
	[21] = { 2, 0, 1 },                                                        /* RT */
	[24] = { 18, 0, 1 },                                                       /* SIG */
	[26] = { 2, 0, 2 },                                                        /* PX */
	[30] = { 0, 0, 1 },                                                        /* NXT */
	[DNS_SRV] = { 6, 0, 1 },   [DNS_NAPTR] = { 4, 3, 1 },  [36] = { 2, 0, 1 }, /* KX */
	[DNS_DNAME] = { 0, 0, 1 }, [DNS_RRSIG] = { 18, 0, 1 }, [DNS_NSEC] = { 0, 0, 1 },
	[DNS_SVCB] = { 2, 0, 1 },  [DNS_HTTPS] = { 2, 0, 1 },  [DNS_DSYNC] = { 5, 0, 1 },
	[107] = { 2, 0, 1 }, /* LP */
};

/* Octets before the first name; more than are left when they are cut. */
static size_t prefix_len(struct layout layout, const uint8_t *octets, size_t len)
{
	size_t at = layout.octets;

	for (unsigned i = 0; i < layout.strings && at < len; i++)
		at += octets[at] + 1u;
	return at;
}

int dns_rdata_unpack(struct arena *a, struct str packet, size_t start, uint16_t type,
		     struct str *ret)
{
	struct str raw = str_from(packet, start);
	struct layout layout = { 0 };
	uint8_t head[HEAD_BYTES];
	size_t used = 0, at = start;
	char *copy;

	if (type < ARRAY_COUNT(layouts))
		layout = layouts[type];
	if (layout.names && raw.len) {
		used = prefix_len(layout, (const uint8_t *)raw.data, raw.len);
		if (used > raw.len)
			layout.names = 0;
		else
			memcpy(head, raw.data, used);
		at = start + used;
	}
	for (unsigned i = 0; i < layout.names && raw.len; i++) {
		int len = dns_name_expand(packet, DNS_HEADER_BYTES, &at, head + used);

		if (len == -ENODATA) {
			layout.names = 0;
			break;
		}
		TRY(len);
		used += (size_t)len;
	}
	if (!layout.names) {
		used = 0;
		at = start;
	}
	copy = arena_alloc(a, used + packet.len - at);
	memcpy(copy, head, used);
	memcpy(copy + used, packet.data + at, packet.len - at);
	*ret = (struct str){ copy, used + packet.len - at };
	return 0;
}
