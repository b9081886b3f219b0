/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses are not ordinary global unicast? */
#include "formats/special.h"

#define V4(a, b, c, d, bits)                                                                       \
	{                                                                                          \
		{ ADDRESS_IPV4, { (a), (b), (c), (d) } }, (bits)                                   \
	}
#define W(word) (uint8_t)((word) >> 8), (uint8_t)((word)&0xff)
#define V6(a, b, c, d, e, f, g, h, bits)                                                           \
	{                                                                                          \
		{ ADDRESS_IPV6, { W(a), W(b), W(c), W(d), W(e), W(f), W(g), W(h) } }, (bits)       \
	}

/* clang-format off */
static const struct special_block blocks[] = {
	{ V4(0, 0, 0, 0, 8), "0.0.0.0/8", "this network", "RFC 791 section 3.2" },
	{ V4(10, 0, 0, 0, 8), "10.0.0.0/8", "private use", "RFC 1918" },
	{ V4(100, 64, 0, 0, 10), "100.64.0.0/10", "shared by carrier-grade NAT", "RFC 6598" },
	{ V4(127, 0, 0, 0, 8), "127.0.0.0/8", "loopback", "RFC 1122 section 3.2.1.3" },
	{ V4(169, 254, 0, 0, 16), "169.254.0.0/16", "link-local, cloud metadata", "RFC 3927" },
	{ V4(172, 16, 0, 0, 12), "172.16.0.0/12", "private use", "RFC 1918" },
	{ V4(192, 0, 0, 0, 24), "192.0.0.0/24", "IETF protocol assignments", "RFC 6890 section 2.1" },
	{ V4(192, 0, 2, 0, 24), "192.0.2.0/24", "documentation (TEST-NET-1)", "RFC 5737" },
	{ V4(192, 88, 99, 0, 24), "192.88.99.0/24", "6to4 relay anycast, retired", "RFC 7526" },
	{ V4(192, 168, 0, 0, 16), "192.168.0.0/16", "private use", "RFC 1918" },
	{ V4(198, 18, 0, 0, 15), "198.18.0.0/15", "benchmarking", "RFC 2544" },
	{ V4(198, 51, 100, 0, 24), "198.51.100.0/24", "documentation (TEST-NET-2)", "RFC 5737" },
	{ V4(203, 0, 113, 0, 24), "203.0.113.0/24", "documentation (TEST-NET-3)", "RFC 5737" },
	{ V4(224, 0, 0, 0, 4), "224.0.0.0/4", "multicast", "RFC 5771" },
	{ V4(255, 255, 255, 255, 32), "255.255.255.255/32", "limited broadcast", "RFC 919" },
	{ V4(240, 0, 0, 0, 4), "240.0.0.0/4", "reserved", "RFC 1112 section 4" },

	{ V6(0, 0, 0, 0, 0, 0, 0, 0, 128), "::/128", "unspecified", "RFC 4291 section 2.5.2" },
	{ V6(0, 0, 0, 0, 0, 0, 0, 1, 128), "::1/128", "loopback", "RFC 4291 section 2.5.3" },
	{ V6(0, 0, 0, 0, 0, 0, 0, 0, 96), "::/96", "IPv4-compatible, retired",
	  "RFC 4291 section 2.5.5.1" },
	{ V6(0, 0, 0, 0, 0, 0xffff, 0, 0, 96), "::ffff:0:0/96", "IPv4-mapped",
	  "RFC 4291 section 2.5.5.2" },
	{ V6(0, 0, 0, 0, 0xffff, 0, 0, 0, 96), "::ffff:0:0:0/96", "IPv4-translated, retired",
	  "RFC 2765 section 2.1" },
	{ V6(0x64, 0xff9b, 0, 0, 0, 0, 0, 0, 96), "64:ff9b::/96", "IPv4/IPv6 translation (NAT64)",
	  "RFC 6052 section 2.1" },
	{ V6(0x64, 0xff9b, 1, 0, 0, 0, 0, 0, 48), "64:ff9b:1::/48",
	  "IPv4/IPv6 translation, local use", "RFC 8215" },
	{ V6(0x100, 0, 0, 0, 0, 0, 0, 0, 64), "100::/64", "discard only", "RFC 6666" },
	{ V6(0x100, 0, 0, 1, 0, 0, 0, 0, 64), "100:0:0:1::/64", "dummy prefix", "RFC 9780" },
	{ V6(0x2001, 0, 0, 0, 0, 0, 0, 0, 32), "2001::/32", "Teredo", "RFC 4380" },
	{ V6(0x2001, 2, 0, 0, 0, 0, 0, 0, 48), "2001:2::/48", "benchmarking", "RFC 5180" },
	{ V6(0x2001, 0x10, 0, 0, 0, 0, 0, 0, 28), "2001:10::/28", "ORCHID, retired", "RFC 4843" },
	{ V6(0x2001, 0x20, 0, 0, 0, 0, 0, 0, 28), "2001:20::/28", "ORCHIDv2", "RFC 7343" },
	{ V6(0x2001, 0x30, 0, 0, 0, 0, 0, 0, 28), "2001:30::/28", "drone remote ID", "RFC 9374" },
	{ V6(0x2001, 0, 0, 0, 0, 0, 0, 0, 23), "2001::/23", "IETF protocol assignments",
	  "RFC 2928" },
	{ V6(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0, 32), "2001:db8::/32", "documentation", "RFC 3849" },
	{ V6(0x2002, 0, 0, 0, 0, 0, 0, 0, 16), "2002::/16", "6to4", "RFC 3056" },
	{ V6(0x3fff, 0, 0, 0, 0, 0, 0, 0, 20), "3fff::/20", "documentation", "RFC 9637" },
	{ V6(0x5f00, 0, 0, 0, 0, 0, 0, 0, 16), "5f00::/16", "segment routing (SRv6) SIDs",
	  "RFC 9602" },
	{ V6(0xfc00, 0, 0, 0, 0, 0, 0, 0, 7), "fc00::/7", "unique local", "RFC 4193" },
	{ V6(0xfe80, 0, 0, 0, 0, 0, 0, 0, 10), "fe80::/10", "link-local", "RFC 4291 section 2.5.6" },
	{ V6(0xfec0, 0, 0, 0, 0, 0, 0, 0, 10), "fec0::/10", "site-local, retired", "RFC 3879" },
	{ V6(0xff00, 0, 0, 0, 0, 0, 0, 0, 8), "ff00::/8", "multicast", "RFC 4291 section 2.7" },
};
/* clang-format on */

const struct special_block *special_blocks(size_t *ret_count)
{
	*ret_count = ARRAY_COUNT(blocks);
	return blocks;
}

const struct special_block *special_block_of(const struct address *address)
{
	for (size_t i = 0; i < ARRAY_COUNT(blocks); i++)
		if (network_has(&blocks[i].network, address))
			return &blocks[i];
	return NULL;
}
