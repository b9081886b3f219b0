/* SPDX-License-Identifier: Apache-2.0 */
/* Which RDAP server is in charge of a name? RFC 9224. */
#include "formats/json_read.h"
#include "formats/registry/rdap.h"
#include "formats/dns/name.h"

#include "rdap_table.h"

enum { SERVICES = 20000 };

static int by_suffix(const void *a, const void *b)
{
	const struct rdap_service *x = a, *y = b;

	return str_cmp(x->suffix, y->suffix);
}

static struct str base_of(struct arena *a, const struct json_value *urls)
{
	struct str found = STR_NONE;

	for (const struct json_value *url = json_first(urls); url; url = url->next)
		if (json_is(url, JSON_STRING) &&
		    (!found.len || str_starts_nocase(url->text, STR_LIT("https:"))))
			found = url->text;
	return found.len && !str_ends(found, STR_LIT("/"))
		       ? str_printf(a, "%.*s/", STR(str_first(found, 512)))
		       : found;
}

/* "36864-37887", or one number alone. */
static bool numbers_read(struct str text, struct rdap_numbers *ret)
{
	struct str first, rest = text;
	uint64_t low, high;

	if (!str_split(&rest, '-', &first) || str_to_uint(first, UINT32_MAX, &low) < 0)
		return false;
	high = low;
	if (first.len < text.len && str_to_uint(rest, UINT32_MAX, &high) < 0)
		return false;
	ret->first = (uint32_t)low;
	ret->last = (uint32_t)high;
	return low <= high;
}

static int entry_read(struct arena *a, struct str text, struct str base,
		      struct rdap_bootstrap *bootstrap, struct err *err)
{
	struct rdap_network network = { .base = base };
	struct rdap_numbers numbers = { .base = base };

	if (str_find_char(text, '/') >= 0) {
		TRY(network_parse(text, &network.network, err));
		bootstrap->networks[bootstrap->network_count++] = network;
	} else if (text.len && char_is_digit(text.data[0]) && numbers_read(text, &numbers)) {
		bootstrap->numbers[bootstrap->number_count++] = numbers;
	} else {
		bootstrap->services[bootstrap->count++] =
			(struct rdap_service){ str_lower(a, text), base };
	}
	return 0;
}

static size_t entries_count(const struct json_value *services)
{
	size_t count = 0;

	for (const struct json_value *s = services->first; s; s = s->next)
		for (const struct json_value *name = json_first(json_first(s)); name;
		     name = name->next)
			count++;
	return count;
}

/* The lists of what was read before, in arrays with room for more. */
static void bootstrap_copy(struct arena *a, const struct rdap_bootstrap *from, size_t more,
			   struct rdap_bootstrap *to)
{
	*to = *from;
	to->services = arena_array(a, from->count + more, sizeof *to->services);
	to->networks = arena_array(a, from->network_count + more, sizeof *to->networks);
	to->numbers = arena_array(a, from->number_count + more, sizeof *to->numbers);
	if (from->count)
		memcpy(to->services, from->services, from->count * sizeof *to->services);
	if (from->network_count)
		memcpy(to->networks, from->networks, from->network_count * sizeof *to->networks);
	if (from->number_count)
		memcpy(to->numbers, from->numbers, from->number_count * sizeof *to->numbers);
}

int rdap_bootstrap_read(struct arena *a, struct str text, struct rdap_bootstrap *ret,
			struct err *err)
{
	const struct json_value *root, *services;
	struct rdap_bootstrap bootstrap;
	size_t more;

	TRY(json_read(a, text, &root, err));
	services = json_member(root, "services");
	if (!json_is(services, JSON_ARRAY))
		return err_set(err, ERR_SYNTAX, "no list \"services\" (RFC 9224 section 3)");
	more = entries_count(services);
	if (ret->count + ret->network_count + ret->number_count + more > SERVICES)
		return err_set(err, ERR_LIMIT, "more than %d entries", SERVICES);
	bootstrap_copy(a, ret, more, &bootstrap);
	for (const struct json_value *s = services->first; s; s = s->next) {
		const struct json_value *names = json_first(s);
		struct str base = names ? base_of(a, names->next) : STR_NONE;

		if (!base.len)
			return err_set(err, ERR_SYNTAX, "a service has no URL");
		for (const struct json_value *name = json_first(names); name; name = name->next)
			TRY(entry_read(a, name->text, base, &bootstrap, err));
	}
	if (bootstrap.count)
		qsort(bootstrap.services, bootstrap.count, sizeof *bootstrap.services, by_suffix);
	*ret = bootstrap;
	return 0;
}

static struct str lookup(const struct rdap_bootstrap *bootstrap, struct str suffix)
{
	size_t low = 0, high;

	bootstrap = bootstrap && bootstrap->count ? bootstrap : NULL;
	high = bootstrap ? bootstrap->count : ARRAY_COUNT(rdap_suffixes);
	while (low < high) {
		size_t middle = (low + high) / 2;
		struct str at = bootstrap ? bootstrap->services[middle].suffix
					  : str_of(rdap_suffixes[middle].suffix);
		int order = str_cmp(suffix, at);

		if (!order)
			return bootstrap ? bootstrap->services[middle].base
					 : str_of(rdap_bases[rdap_suffixes[middle].base]);
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return STR_NONE;
}

/* RFC 9224 section 4: the longest suffix wins. */
static struct str base_for(const struct rdap_bootstrap *bootstrap, struct str name)
{
	for (struct str suffix = name; suffix.len && !str_eq(suffix, STR_LIT("."));
	     suffix = dns_name_parent(suffix)) {
		struct str base = lookup(bootstrap, suffix);

		if (base.len)
			return base;
	}
	return lookup(bootstrap, STR_LIT(""));
}

/* Section 5.1: the smallest network that has it. */
static struct str base_for_address(const struct rdap_bootstrap *bootstrap,
				   const struct address *address)
{
	bool is_given = bootstrap && bootstrap->network_count;
	size_t count = is_given ? bootstrap->network_count : ARRAY_COUNT(rdap_networks);
	struct str base = STR_NONE;
	int prefix = -1;

	for (size_t i = 0; i < count; i++) {
		const struct network *network =
			is_given ? &bootstrap->networks[i].network : &rdap_networks[i].network;

		if (network->prefix <= prefix || !network_has(network, address))
			continue;
		prefix = network->prefix;
		base = is_given ? bootstrap->networks[i].base
				: str_of(rdap_bases[rdap_networks[i].base]);
	}
	return base;
}

static struct str base_for_number(const struct rdap_bootstrap *bootstrap, uint64_t number)
{
	bool is_given = bootstrap && bootstrap->number_count;
	size_t count = is_given ? bootstrap->number_count : ARRAY_COUNT(rdap_numbers);

	for (size_t i = 0; i < count; i++) {
		uint32_t first = is_given ? bootstrap->numbers[i].first : rdap_numbers[i].first;
		uint32_t last = is_given ? bootstrap->numbers[i].last : rdap_numbers[i].last;

		if (number >= first && number <= last)
			return is_given ? bootstrap->numbers[i].base
					: str_of(rdap_bases[rdap_numbers[i].base]);
	}
	return STR_NONE;
}

enum rdap_object rdap_object_of(struct str name)
{
	struct address address;
	uint64_t number;

	if (address_parse(name, &address) == 0)
		return RDAP_IP;
	if (str_starts_nocase(name, STR_LIT("AS")) &&
	    str_to_uint(str_from(name, 2), UINT32_MAX, &number) == 0)
		return RDAP_AUTNUM;
	return RDAP_DOMAIN;
}

int rdap_url(struct arena *a, const struct rdap_bootstrap *bootstrap, enum rdap_object object,
	     struct str name, struct str *ret)
{
	static const char *const words[] = { "domain", "nameserver", "ip", "autnum" };
	struct address address;
	uint64_t number = 0;
	struct str base;

	if (object == RDAP_AUTNUM)
		name = str_from(name, 2);
	if (object == RDAP_IP)
		base = address_parse(name, &address) == 0 ? base_for_address(bootstrap, &address)
							  : STR_NONE;
	else if (object == RDAP_AUTNUM)
		base = str_to_uint(name, UINT32_MAX, &number) == 0
			       ? base_for_number(bootstrap, number)
			       : STR_NONE;
	else
		base = base_for(bootstrap, name);
	if (!base.len)
		return -ENOENT;
	*ret = str_printf(a, "%.*s%s/%.*s", STR(base), words[object], STR(name));
	return 0;
}
