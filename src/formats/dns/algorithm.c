/* SPDX-License-Identifier: Apache-2.0 */
/* Which algorithms may DNSSEC use, and what do their keys look like? RFC 9904. */
#include "formats/dns/algorithm.h"

#include "dnssec_table.h"

static const struct dnssec_algorithm *row_of(const struct dnssec_algorithm *rows, size_t count,
					     uint8_t number)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].number == number)
			return &rows[i];
	return NULL;
}

const struct dnssec_algorithm *dnssec_algorithm_of(uint8_t number)
{
	return row_of(algorithms, ARRAY_COUNT(algorithms), number);
}

const struct dnssec_algorithm *dnssec_digest_of(uint8_t number)
{
	return row_of(digests, ARRAY_COUNT(digests), number);
}

struct str dnssec_algorithm_text(struct arena *a, uint8_t number)
{
	const struct dnssec_algorithm *row = dnssec_algorithm_of(number);

	return row ? row->name : str_printf(a, "algorithm %u", number);
}

struct str dnssec_digest_text(struct arena *a, uint8_t number)
{
	const struct dnssec_algorithm *row = dnssec_digest_of(number);

	return row ? row->name : str_printf(a, "digest type %u", number);
}

unsigned dnssec_rsa_bits(struct str key)
{
	const uint8_t *octets = (const uint8_t *)key.data;
	size_t exponent, start = 1;
	unsigned bits;

	if (key.len < 3)
		return 0;
	exponent = octets[0];
	if (!exponent) {
		exponent = (size_t)octets[1] << 8 | octets[2];
		start = 3;
	}
	start += exponent;
	while (start < key.len && !octets[start])
		start++;
	if (!exponent || start >= key.len)
		return 0;
	bits = (unsigned)(key.len - start - 1) * 8;
	for (unsigned first = octets[start]; first; first >>= 1)
		bits++;
	return bits;
}

uint16_t dnskey_tag_with(const struct dns_rr *dnskey, uint16_t flags)
{
	uint32_t sum = flags;

	for (size_t i = 2; i < dnskey->rdata.len; i++) {
		uint8_t octet = (uint8_t)dnskey->rdata.data[i];

		sum += i & 1 ? octet : (uint32_t)octet << 8;
	}
	return (uint16_t)(sum + (sum >> 16));
}
