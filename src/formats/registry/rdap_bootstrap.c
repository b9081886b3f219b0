/* SPDX-License-Identifier: Apache-2.0 */
/* Which RDAP server is in charge of a name? RFC 9224. */
#include "formats/json_read.h"
#include "formats/registry/rdap.h"
#include "formats/dns/name.h"
#include "base/address.h"

#include "rdap_table.h"

enum { SERVICES = 20000 };

/* RFC 7484 section 7: any registry redirects to the one in charge. */
#define RDAP_REDIRECTOR "https://rdap.arin.net/registry/"

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

int rdap_bootstrap_read(struct arena *a, struct str text, struct rdap_bootstrap *ret,
			struct err *err)
{
	struct rdap_bootstrap bootstrap = { 0 };
	const struct json_value *root, *services;

	TRY(json_read(a, text, &root, err));
	services = json_member(root, "services");
	if (!json_is(services, JSON_ARRAY))
		return err_set(err, ERR_SYNTAX, "no list \"services\" (RFC 9224 section 3)");
	bootstrap.services = arena_array(a, SERVICES, sizeof *bootstrap.services);
	for (const struct json_value *s = services->first; s; s = s->next) {
		const struct json_value *names = json_first(s);
		struct str base = names ? base_of(a, names->next) : STR_NONE;

		if (!base.len)
			return err_set(err, ERR_SYNTAX, "a service has no URL");
		for (const struct json_value *name = json_first(names); name; name = name->next) {
			if (bootstrap.count == SERVICES)
				return err_set(err, ERR_LIMIT, "more than %d suffixes", SERVICES);
			bootstrap.services[bootstrap.count++] =
				(struct rdap_service){ str_lower(a, name->text), base };
		}
	}
	if (bootstrap.count)
		qsort(bootstrap.services, bootstrap.count, sizeof *bootstrap.services, by_suffix);
	*ret = bootstrap;
	return 0;
}

static struct str lookup(const struct rdap_bootstrap *bootstrap, struct str suffix)
{
	size_t low = 0, high = bootstrap ? bootstrap->count : ARRAY_COUNT(rdap_suffixes);

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
	struct str base = object == RDAP_IP || object == RDAP_AUTNUM ? STR_LIT(RDAP_REDIRECTOR)
								     : base_for(bootstrap, name);

	if (!base.len)
		return -ENOENT;
	if (object == RDAP_AUTNUM)
		name = str_from(name, 2);
	*ret = str_printf(a, "%.*s%s/%.*s", STR(base), words[object], STR(name));
	return 0;
}
