/* SPDX-License-Identifier: Apache-2.0 */
/* Is what somebody expects of a domain well-formed? */
#include "app/expectations.h"

#include "app/domain.h"

#include <jansson.h>

enum { ITEMS = 100, TEXT_BYTES = 254 };

enum item { ITEM_NAME, ITEM_PORT, ITEM_TEXT };

static const struct member {
	const char *key;
	enum item item;
	bool is_array;
	const char *want;
} members[] = {
	{ "issuers", ITEM_NAME, true, "a list of names, such as \"letsencrypt.org\"" },
	{ "name_servers", ITEM_NAME, true, "a list of host names" },
	{ "mail_provider", ITEM_TEXT, false, "a text" },
	{ "ports", ITEM_PORT, true, "a list of port numbers, 1 to 65535" },
};

static void item_bad(const struct member *member, struct str pointer, struct problem *problem)
{
	problem_add(problem, pointer, "type", "it must be %s", member->want);
}

/* The item in its stored form, or NULL. */
static json_t *item_read(struct arena *a, const struct member *member, const json_t *value,
			 struct str pointer, struct problem *problem)
{
	struct field_error error;
	struct str text = str_bytes(json_string_value(value), json_string_length(value)), name,
		   note;

	if (member->item == ITEM_PORT) {
		if (json_is_integer(value) && json_integer_value(value) >= 1 &&
		    json_integer_value(value) <= 65535)
			return json_integer(json_integer_value(value));
		item_bad(member, pointer, problem);
		return NULL;
	}
	if (!json_is_string(value) || !text.len || text.len > TEXT_BYTES) {
		item_bad(member, pointer, problem);
		return NULL;
	}
	if (member->item == ITEM_TEXT)
		return json_stringn(text.data, text.len);
	if (!domain_name_read(a, text, pointer, &name, &note, &error))
		return json_stringn(name.data, name.len);
	problem_add(problem, pointer, "domain.syntax", "%.*s", STR(error.detail));
	return NULL;
}

static json_t *member_read(struct arena *a, const struct member *member, const json_t *value,
			   struct problem *problem)
{
	struct str pointer = str_printf(a, "/expectations/%s", member->key);
	json_t *list;

	if (!member->is_array)
		return item_read(a, member, value, pointer, problem);
	if (!json_is_array(value) || json_array_size(value) > ITEMS) {
		item_bad(member, pointer, problem);
		return NULL;
	}
	list = json_pack("[]"); /* json_array() is a name of base/json.h too */
	for (size_t i = 0; i < json_array_size(value); i++)
		json_array_append_new(list, item_read(a, member, json_array_get(value, i),
						      str_printf(a, "%.*s/%zu", STR(pointer), i),
						      problem));
	return list;
}

static bool is_member(const char *key)
{
	for (size_t i = 0; i < ARRAY_COUNT(members); i++)
		if (str_eq(str_of(members[i].key), str_of(key)))
			return true;
	return false;
}

static struct str text_of(struct arena *a, const json_t *object)
{
	size_t len = json_dumpb(object, NULL, 0, JSON_COMPACT);
	char *text = arena_alloc(a, len + 1);

	return str_bytes(text, json_dumpb(object, text, len, JSON_COMPACT));
}

static void json_drop(json_t **value)
{
	json_decref(*value);
}

static int object_read(struct arena *a, json_t *object, struct str *ret, struct problem *problem)
{
	json_t *clean _cleanup_(json_drop) =
		json_pack("{}"); /* as json_object() is a name of base/json.h */
	size_t before = problem->count;
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		if (!is_member(key))
			problem_add(problem, str_printf(a, "/expectations/%.64s", key),
				    "unknown-field",
				    "there are issuers, name_servers, mail_provider and ports");
	}
	for (size_t i = 0; i < ARRAY_COUNT(members); i++) {
		value = json_object_get(object, members[i].key);
		if (value && !json_is_null(value))
			json_object_set_new(clean, members[i].key,
					    member_read(a, &members[i], value, problem));
	}
	if (problem->count > before)
		return -EINVAL;
	*ret = json_object_size(clean) ? text_of(a, clean) : STR_NONE;
	return 0;
}

int expectations_read(struct arena *a, struct str json, struct str *ret, struct problem *problem)
{
	json_t *object _cleanup_(json_drop) = NULL;
	json_error_t error;

	if (!json.len) {
		*ret = STR_NONE;
		return 0;
	}
	if (json.len > EXPECTATIONS_BYTES)
		return problem_add(problem, STR_LIT("/expectations"), "too-long",
				   "at most %d octets", EXPECTATIONS_BYTES);
	object = json_loadb(json.data, json.len, JSON_REJECT_DUPLICATES, &error);
	if (!object)
		return problem_add(problem, STR_LIT("/expectations"), "json", "column %d: %s",
				   error.column, error.text);
	if (!json_is_object(object))
		return problem_add(problem, STR_LIT("/expectations"), "type",
				   "it must be an object");
	return object_read(a, object, ret, problem);
}
