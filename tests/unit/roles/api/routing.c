/* SPDX-License-Identifier: Apache-2.0 */
/* Is each path's route found, and does the table keep its own rules? */
#include "tests/test.h"

#include "base/err.h"
#include "roles/api/routes.h"

static const struct route table[] = {
	{ .name = "list", .method = METHOD_GET, .path = "/a" },
	{ .name = "add", .method = METHOD_POST, .path = "/a" },
	{ .name = "import", .method = METHOD_POST, .path = "/a/import" },
	{ .name = "get", .method = METHOD_GET, .path = "/a/{name}" },
	{ .name = "drop", .method = METHOD_DELETE, .path = "/a/{name}" },
	{ .name = "sub", .method = METHOD_GET, .path = "/a/{name}/b/{id}" },
	{ .name = NULL },
};

TEST(paths_find_their_routes)
{
	static const struct {
		const char *path;
		enum method method;
		const char *name; /* NULL: 404; "": 405 */
		const char *allow, *first, *second;
	} rows[] = {
		{ "/a", METHOD_GET, "list", "GET, HEAD, POST, OPTIONS", "", "" },
		{ "/a", METHOD_POST, "add", "GET, HEAD, POST, OPTIONS", "", "" },
		{ "/a", METHOD_DELETE, "", "GET, HEAD, POST, OPTIONS", "", "" },
		{ "/a", METHOD_COUNT, "", "GET, HEAD, POST, OPTIONS", "", "" },
		{ "/a/import", METHOD_POST, "import", "POST, OPTIONS", "", "" },
		{ "/a/import", METHOD_GET, "", "POST, OPTIONS", "", "" },
		{ "/a/x%2Fy", METHOD_GET, "get", "GET, HEAD, DELETE, OPTIONS", "x%2Fy", "" },
		{ "/a/x/b/y", METHOD_GET, "sub", "GET, HEAD, OPTIONS", "x", "y" },
		{ "/a/", METHOD_GET, NULL, NULL, "", "" },
		{ "/a//b/y", METHOD_GET, NULL, NULL, "", "" },
		{ "/a/x/b", METHOD_GET, NULL, NULL, "", "" },
		{ "/", METHOD_GET, NULL, NULL, "", "" },
		{ "", METHOD_GET, NULL, NULL, "", "" },
		{ "a", METHOD_GET, NULL, NULL, "", "" },
		{ "/A", METHOD_GET, NULL, NULL, "", "" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct route_match match = { 0 };
		struct buf allow = { 0 };

		test_row("%s %d", rows[i].path, rows[i].method);
		CHECK_INT(route_match(table, str_of(rows[i].path), rows[i].method, &match),
			  rows[i].name ? 0 : -ENOENT);
		if (!rows[i].name)
			continue;
		CHECK_STR(str_of(match.route ? match.route->name : ""), rows[i].name);
		route_put_allow(&allow, match.allowed);
		CHECK_STR(buf_str(&allow), rows[i].allow);
		CHECK_STR(match.values[0], rows[i].first);
		CHECK_STR(match.values[1], rows[i].second);
		buf_release(&allow);
	}
}

/* Each {name} has its field, each path field its {name}, and all is described. */
TEST(every_route_is_whole)
{
	for (const struct route *route = routes; route->name; route++) {
		struct str names[ROUTE_PARAMETERS];
		size_t count = route_parameters(route->path, names), fields = 0;
		const struct operation *operation = route->operation;

		test_row("%s", route->name);
		CHECK(operation->handle || operation->page);
		CHECK(!operation->page == !(operation->flags & OPERATION_LIST));
		CHECK(route->summary[0] && route->success >= 200 && route->success < 300);
		for (const struct field *field = operation->fields; field && field->name; field++) {
			bool is_named = field->in != IN_PATH;

			CHECK(field->help && field->help[0]);
			CHECK(field->type != FIELD_CHOICE || field->words);
			CHECK(field->type != FIELD_ID || field->prefix);
			CHECK(field->type != FIELD_UINT || field->most);
			CHECK(++fields <= FIELDS_MAX);
			for (size_t i = 0; i < count; i++)
				is_named |= str_eq(names[i], str_of(field->name));
			CHECK(is_named);
		}
		for (size_t i = 0; i < count; i++) {
			bool has_field = false;

			for (const struct field *field = operation->fields; field && field->name;
			     field++)
				has_field |= field->in == IN_PATH &&
					     str_eq(names[i], str_of(field->name));
			CHECK(has_field);
		}
	}
}

/* A path with a parameter would hide a literal one that stands behind it. */
TEST(no_route_hides_another)
{
	for (const struct route *route = routes; route->name; route++) {
		struct route_match match;

		test_row("%s %s", method_words[route->method], route->path);
		CHECK_INT(route_match(routes, str_of(route->path), route->method, &match), 0);
		CHECK(match.route == route);
	}
}
