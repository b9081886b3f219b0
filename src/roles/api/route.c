/* SPDX-License-Identifier: Apache-2.0 */
/* Which route does a path belong to, and which methods does it have? */
#include "roles/api/route.h"

#include "base/err.h"

const char *const method_words[] = { "GET", "POST", "PATCH", "PUT", "DELETE", NULL };

int method_parse(struct str word, enum method *ret)
{
	if (str_eq(word, STR_LIT("HEAD"))) {
		*ret = METHOD_GET;
		return 0;
	}
	for (int i = 0; i < METHOD_COUNT; i++)
		if (str_eq(word, str_of(method_words[i]))) {
			*ret = (enum method)i;
			return 0;
		}
	return ERR_SYNTAX;
}

static bool is_parameter(struct str word)
{
	return word.len > 2 && word.data[0] == '{';
}

/* A value is never empty: "/domains//scans" is no path of ours. */
static bool path_matches(struct str want, struct str path, struct route_match *match)
{
	struct str word, value;
	size_t count = 0;

	while (str_split(&want, '/', &word)) {
		if (!str_split(&path, '/', &value))
			return false;
		if (!is_parameter(word)) {
			if (!str_eq(word, value))
				return false;
		} else if (!value.len || count == ROUTE_PARAMETERS) {
			return false;
		} else {
			match->values[count++] = value;
		}
	}
	match->value_count = count;
	return !path.data;
}

int route_match(const struct route *table, struct str path, enum method method,
		struct route_match *ret)
{
	struct route_match match = { 0 };
	const struct route *first = table;

	while (first->name && !path_matches(str_of(first->path), path, &match))
		first++;
	if (!first->name)
		return -ENOENT;
	for (const struct route *route = first; route->name; route++) {
		if (!str_eq(str_of(route->path), str_of(first->path)))
			continue;
		match.allowed |= 1u << route->method;
		if (route->method == method)
			match.route = route;
	}
	*ret = match;
	return 0;
}

void route_put_allow(struct buf *out, unsigned allowed)
{
	for (int i = 0; i < METHOD_COUNT; i++) {
		if (!(allowed & 1u << i))
			continue;
		buf_put_str(out, str_of(method_words[i]));
		if (i == METHOD_GET)
			buf_put_lit(out, ", HEAD");
		buf_put_lit(out, ", ");
	}
	buf_put_lit(out, "OPTIONS");
}

size_t route_parameters(const char *path, struct str ret[ROUTE_PARAMETERS])
{
	struct str rest = str_of(path), word;
	size_t count = 0;

	while (count < ROUTE_PARAMETERS && str_split(&rest, '/', &word))
		if (is_parameter(word))
			ret[count++] = str_first(str_from(word, 1), word.len - 2);
	return count;
}
