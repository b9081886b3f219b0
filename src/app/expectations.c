/* SPDX-License-Identifier: Apache-2.0 */
/* Is what somebody expects of a domain well-formed? */
#include "app/expectations.h"

#include "app/domain.h"
#include "app/policy_document.h"
#include "base/clock.h"
#include "base/json.h"

const char *const expectation_words[] = { "issuers", "name_servers", "mail_provider",
					  "ports",   "records",      "registration_expires",
					  NULL };

static void list_put(struct json *w, const char *key, const struct str *list, size_t count)
{
	json_key(w, key);
	json_array(w);
	for (size_t i = 0; i < count; i++)
		json_str(w, list[i]);
	json_end(w);
}

static void ports_put(struct json *w, const struct expectations *expected)
{
	json_key(w, "ports");
	json_array(w);
	for (size_t i = 0; i < expected->port_count; i++)
		json_raw(w, expected->ports[i]);
	json_end(w);
}

static struct str text_of(struct arena *a, const struct yaml_value *map,
			  const struct expectations *expected)
{
	const struct yaml_value *given[ARRAY_COUNT(expectation_words)] = { 0 };
	char day[TIME_TEXT_BYTES];
	struct buf out;
	struct json w;

	for (size_t i = 0; expectation_words[i]; i++) {
		given[i] = yaml_member(map, expectation_words[i]);
		if (given[i] && yaml_value_is_null(given[i]))
			given[i] = NULL;
	}
	buf_init(&out, a);
	json_init(&w, &out);
	json_object(&w);
	if (given[0])
		list_put(&w, expectation_words[0], expected->issuers, expected->issuer_count);
	if (given[1])
		list_put(&w, expectation_words[1], expected->name_servers,
			 expected->name_server_count);
	if (given[2]) {
		json_key(&w, expectation_words[2]);
		json_str(&w, expected->mail_provider);
	}
	if (given[3])
		ports_put(&w, expected);
	if (given[4])
		list_put(&w, expectation_words[4], expected->records, expected->record_count);
	if (given[5]) {
		json_key(&w, expectation_words[5]);
		json_text(&w, clock_text(expected->registration_us, day));
	}
	json_end(&w);
	return str_eq(buf_str(&out), STR_LIT("{}")) ? STR_NONE : buf_str(&out);
}

int expectations_read(struct arena *a, struct str json, struct str *ret, struct problem *problem)
{
	struct policy_reading reading = { .a = a,
					  .above = STR_LIT("/expectations"),
					  .problem = problem };
	struct expectations expected = { 0 };
	size_t before = problem->count;
	struct err err = { 0 };
	struct yaml_value *map;

	if (!json.len) {
		*ret = STR_NONE;
		return 0;
	}
	if (json.len > EXPECTATIONS_BYTES)
		return problem_add(problem, STR_LIT("/expectations"), "too-long",
				   "at most %d octets", EXPECTATIONS_BYTES);
	if (yaml_read(a, json, &map, &err) < 0)
		return problem_add(problem, STR_LIT("/expectations"), "json", "%s", err.text);
	if (map->kind != YAML_IS_MAP)
		return problem_add(problem, STR_LIT("/expectations"), "type",
				   "it must be an object");
	for (size_t i = 0; i < map->count; i++) {
		bool is_known = false;

		for (size_t k = 0; expectation_words[k]; k++)
			is_known |= str_eq(map->items[i]->key, str_of(expectation_words[k]));
		if (!is_known)
			(void)!policy_key_unknown(&reading, map->items[i], expectation_words);
	}
	(void)!expectations_read_value(&reading, map, &expected);
	if (problem->count > before)
		return -EINVAL;
	*ret = text_of(a, map, &expected);
	return 0;
}

int expectations_load(struct arena *a, struct str json, struct expectations *ret, struct err *err)
{
	struct problem problem;
	struct policy_reading reading = { .a = a, .problem = &problem };
	struct expectations expected = { 0 };
	struct yaml_value *map;

	problem_init(&problem, a);
	if (json.len) {
		TRY(yaml_read(a, json, &map, err));
		if (expectations_read_value(&reading, map, &expected) < 0)
			return err_set(err, ERR_CORRUPT, "stored expectations: %s",
				       problem.err.text);
	}
	*ret = expected;
	return 0;
}
