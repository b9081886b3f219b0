/* SPDX-License-Identifier: Apache-2.0 */
/* Does any octet sequence break the readers of names, or a name change between text and wire? */
#include "formats/dns/name.h"

/* A name in our form: it survives text and wire, and its labels are consistent. */
static void name_check(struct arena *a, struct str name)
{
	uint8_t wire[DNS_NAME_WIRE_BYTES], lower[DNS_NAME_WIRE_BYTES];
	struct str again, parent = dns_name_parent(name);
	int len = dns_name_to_wire(name, wire);
	size_t at = 0;

	if (len < 1 || name.len > DNS_NAME_TEXT_BYTES)
		abort();
	if (dns_name_from_wire(a, str_bytes(wire, (size_t)len), &at, &again) < 0 ||
	    at != (size_t)len || !str_eq(name, again))
		abort();
	if (dns_name_parse(a, name, &again, NULL) < 0 || !str_eq(name, again))
		abort();
	at = 0;
	if (dns_name_expand(str_bytes(wire, (size_t)len), 0, &at, lower) != len ||
	    memcmp(wire, lower, (size_t)len))
		abort();
	if (!parent.data)
		return;
	if (!dns_name_is_under(name, parent) || dns_name_cmp(name, parent) <= 0 ||
	    dns_name_label_count(name) != dns_name_label_count(parent) + 1 ||
	    !str_eq(dns_name_child(a, dns_name_first_label(name), parent), name) ||
	    !str_eq(dns_name_last_labels(name, dns_name_label_count(parent)), parent))
		abort();
}

/* The order is one order: both ways, and equal only for equal names. */
static void pair_check(struct str left, struct str right)
{
	int forth = dns_name_cmp(left, right), back = dns_name_cmp(right, left);

	if ((forth > 0) - (forth < 0) != (back < 0) - (back > 0) ||
	    (forth == 0) != str_eq(left, right))
		abort();
}

enum { STARTS = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct str octets = str_bytes(data, size), name, last = STR_LIT(".");
	struct err err = { 0 };

	if (dns_name_parse(&a, octets, &name, &err) == 0)
		name_check(&a, name);
	else if (!err.text[0])
		abort();
	(void)dns_name_is_hostname(octets);
	for (size_t start = 0; start < MIN(size, (size_t)STARTS); start++) {
		size_t end = start;

		if (dns_name_from_wire(&a, octets, &end, &name) < 0) {
			if (end != start)
				abort();
			continue;
		}
		if (end <= start || end > size)
			abort();
		name_check(&a, name);
		pair_check(last, name);
		last = name;
	}
	arena_release(&a);
	return 0;
}
