/* SPDX-License-Identifier: Apache-2.0 */
/* How are domain names in wire form compared, walked and hashed? */
#include "world.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

size_t name_length(const uint8_t *name)
{
	size_t at = 0;

	while (name[at])
		at += 1 + name[at];
	return at + 1;
}

bool name_from_text(const char *text, uint8_t out[NAME_BYTES])
{
	ldns_rdf *rdf = ldns_dname_new_frm_str(text);
	bool fits = rdf && ldns_rdf_size(rdf) < NAME_BYTES;

	if (fits)
		memcpy(out, ldns_rdf_data(rdf), ldns_rdf_size(rdf));
	if (rdf)
		ldns_rdf_deep_free(rdf);
	return fits;
}

char *name_text(const uint8_t *name)
{
	ldns_rdf *rdf = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, name_length(name), name);
	char *text = ldns_rdf2str(rdf);

	ldns_rdf_deep_free(rdf);
	return text;
}

void name_lower(uint8_t *name)
{
	size_t length = name_length(name);

	for (size_t i = 0; i < length; i++) /* length octets are below 64: no letters */
		if (name[i] >= 'A' && name[i] <= 'Z')
			name[i] += 'a' - 'A';
}

bool name_equal(const uint8_t *a, const uint8_t *b)
{
	size_t length = name_length(a);

	return length == name_length(b) && !memcmp(a, b, length);
}

const uint8_t *name_parent(const uint8_t *name)
{
	return *name ? name + 1 + *name : NULL;
}

bool name_is_below(const uint8_t *name, const uint8_t *parent)
{
	size_t length = name_length(name), parent_length = name_length(parent);

	while (length > parent_length) {
		length -= 1u + *name;
		name += 1 + *name;
	}
	return length == parent_length && !memcmp(name, parent, length);
}

unsigned name_labels(const uint8_t *name)
{
	unsigned count = 0;

	for (; *name; name += 1 + *name)
		count++;
	return count;
}

static int label_compare(const uint8_t *a, const uint8_t *b)
{
	size_t shorter = *a < *b ? *a : *b;

	for (size_t i = 1; i <= shorter; i++) {
		int x = tolower(a[i]), y = tolower(b[i]);

		if (x != y)
			return x - y;
	}
	return (int)*a - (int)*b;
}

int name_compare(const uint8_t *a, const uint8_t *b)
{
	const uint8_t *la[128], *lb[128];
	unsigned na = 0, nb = 0;

	for (; *a && na < 128; a += 1 + *a)
		la[na++] = a;
	for (; *b && nb < 128; b += 1 + *b)
		lb[nb++] = b;
	while (na && nb) {
		int order = label_compare(la[--na], lb[--nb]);

		if (order)
			return order;
	}
	return (int)na - (int)nb;
}

uint64_t bytes_hash(const void *bytes, size_t length, uint64_t seed)
{
	const uint8_t *at = bytes;
	uint64_t hash = seed ^ (length * 0x9e3779b97f4a7c15u), word;

	for (; length >= 8; length -= 8, at += 8) {
		memcpy(&word, at, 8);
		hash = (hash ^ word) * 0xff51afd7ed558ccdu;
		hash ^= hash >> 32;
	}
	word = 0;
	memcpy(&word, at, length);
	hash = (hash ^ word) * 0xc4ceb9fe1a85ec53u;
	return hash ^ (hash >> 29);
}
