/* SPDX-License-Identifier: Apache-2.0 */
/* What does a policy say that somebody wrote? */
#include "app/policy_document.h"

#include "app/domain.h"
#include "app/expectations.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/nearest.h"
#include "formats/dns/wanted.h"
#include "formats/rfc3339.h"

#include <stdarg.h>

static const char *const top_words[] = { "checks", "accept", "expect", NULL };
static const char *const accept_words[] = { "check", "domains", "subjects", "reason",
					    "owner", "until",   NULL };
static const char *const expect_words[] = { "domains", NULL };

/* ---- errors ---- */

__attribute__((format(printf, 6, 0))) static int bad_at(const struct policy_reading *reading,
							const struct yaml_value *value,
							unsigned line, unsigned column,
							const char *code, const char *format,
							va_list args)
{
	struct str pointer = str_printf(reading->a, "%.*s%.*s", STR(reading->above),
					STR(yaml_pointer(reading->a, value))),
		   name = reading->name;
	char text[400];

	vsnprintf(text, sizeof text, format, args);
	if (!name.len)
		return problem_add(reading->problem, pointer, code, "%s", text);
	return problem_add(reading->problem, pointer, code, "%.*s line %u column %u: %s", STR(name),
			   line, column, text);
}

int policy_bad(const struct policy_reading *reading, const struct yaml_value *value,
	       const char *code, const char *format, ...)
{
	va_list args;
	int result;

	va_start(args, format);
	result = bad_at(reading, value, value->line, value->column, code, format, args);
	va_end(args);
	return result;
}

static int key_bad(const struct policy_reading *reading, const struct yaml_value *value,
		   const char *code, const char *format, ...) PRINTF(4, 5);

static int key_bad(const struct policy_reading *reading, const struct yaml_value *value,
		   const char *code, const char *format, ...)
{
	va_list args;
	int result;

	va_start(args, format);
	result = bad_at(reading, value, value->key_line, value->key_column, code, format, args);
	va_end(args);
	return result;
}

int policy_key_unknown(const struct policy_reading *reading, const struct yaml_value *value,
		       const char *const *words)
{
	const char *near = nearest_word(value->key, words);

	return key_bad(reading, value, "unknown-field", "nothing is called \"%.*s\" here%s%s%s",
		       STR(str_first(value->key, 60)), near ? "; did you mean " : "",
		       near ? near : "", near ? "?" : "");
}

static bool is_word(struct str word, const char *const *words)
{
	for (; words && *words; words++)
		if (str_eq(word, str_of(*words)))
			return true;
	return false;
}

static void keys_check(const struct policy_reading *reading, const struct yaml_value *map,
		       const char *const *words, const char *const *others)
{
	for (size_t i = 0; i < map->count; i++)
		if (!is_word(map->items[i]->key, words) && !is_word(map->items[i]->key, others))
			(void)!policy_key_unknown(reading, map->items[i],
						  others && !nearest_word(map->items[i]->key, words)
							  ? others
							  : words);
}

/* A check's id, or the first words of some. */
static int check_read(const struct policy_reading *reading, const struct yaml_value *at,
		      struct str word, bool is_key)
{
	const char *const *id = reading->check_ids;
	const char *near;

	if (!id)
		return 0;
	while (*id && !policy_names(word, str_of(*id)))
		id++;
	if (*id)
		return 0;
	near = nearest_word(word, reading->check_ids);
	return (is_key ? key_bad : policy_bad)(
		reading, at, "check.unknown", "no check is called \"%.*s\"%s%s%s",
		STR(str_first(word, 80)), near ? "; did you mean " : "", near ? near : "",
		near ? "?" : " (dss checks lists them)");
}

/* ---- values ---- */

static int text_take(const struct policy_reading *reading, const struct yaml_value *value,
		     struct str *ret)
{
	if (value->kind != YAML_IS_TEXT || yaml_value_is_null(value))
		return policy_bad(reading, value, "type", "a text is wanted here");
	if (value->text.len > POLICY_TEXT_BYTES)
		return policy_bad(reading, value, "too-long", "more than %d octets",
				  POLICY_TEXT_BYTES);
	for (size_t i = 0; i < value->text.len; i++)
		if ((unsigned char)value->text.data[i] < 0x20 || value->text.data[i] == 0x7f)
			return policy_bad(reading, value, "control",
					  "a control character or line break");
	if (str_find(value->text, STR_LIT("\xef\xbf\xbe")) >= 0 ||
	    str_find(value->text, STR_LIT("\xef\xbf\xbf")) >= 0)
		return policy_bad(reading, value, "control", "a character that is none");
	*ret = value->text;
	return 0;
}

static int name_item(const struct policy_reading *reading, const struct yaml_value *value,
		     struct str *ret)
{
	struct field_error error;
	struct str text, note;
	uint64_t number;

	TRY(text_take(reading, value, &text));
	if (value->is_plain && str_to_uint(text, UINT64_MAX, &number) == 0)
		return policy_bad(reading, value, "type", "a name is wanted here, no number");
	if (domain_name_read(reading->a, text, STR_NONE, ret, &note, &error))
		return policy_bad(reading, value, "domain.syntax", "%.*s", STR(error.detail));
	return 0;
}

/* Patterns are of the form in which names are kept. */
static int domain_item(const struct policy_reading *reading, const struct yaml_value *value,
		       struct str *ret)
{
	struct str text;

	TRY(text_take(reading, value, &text));
	if (str_find_char(text, '*') < 0)
		return name_item(reading, value, ret);
	*ret = str_lower(reading->a, text);
	return 0;
}

static int subject_item(const struct policy_reading *reading, const struct yaml_value *value,
			struct str *ret)
{
	return text_take(reading, value, ret);
}

static int record_item(const struct policy_reading *reading, const struct yaml_value *value,
		       struct str *ret)
{
	struct wanted_record wanted;
	struct err err = { 0 };

	TRY(text_take(reading, value, ret));
	if (wanted_record_parse(reading->a, STR_LIT("example.com"), *ret, &wanted, &err) < 0)
		return policy_bad(reading, value, "record.syntax", "%s", err.text);
	return 0;
}

static int port_item(const struct policy_reading *reading, const struct yaml_value *value,
		     struct str *ret)
{
	uint64_t port;

	if (value->kind != YAML_IS_TEXT || !value->is_plain ||
	    str_to_uint(value->text, UINT16_MAX, &port) < 0 || !port)
		return policy_bad(reading, value, "type", "a port is wanted here, 1 to 65535");
	*ret = str_printf(reading->a, "%u", (unsigned)port);
	return 0;
}

/* One item, or a list of them. */
static int list_take(const struct policy_reading *reading, const struct yaml_value *value,
		     size_t most,
		     int (*take)(const struct policy_reading *reading,
				 const struct yaml_value *value, struct str *ret),
		     struct str **ret, size_t *ret_count)
{
	size_t count = value->kind == YAML_IS_LIST ? value->count : 1, bad = 0;

	*ret_count = 0;
	if (value->kind == YAML_IS_MAP)
		return policy_bad(reading, value, "type", "a list is wanted here");
	if (count > most)
		return policy_bad(reading, value, "too-many", "at most %zu, here are %zu", most,
				  count);
	*ret = arena_array(reading->a, count + 1, sizeof **ret);
	for (size_t i = 0; i < count; i++)
		bad += take(reading, value->kind == YAML_IS_LIST ? value->items[i] : value,
			    &(*ret)[i]) < 0;
	*ret_count = count;
	return bad ? -EINVAL : 0;
}

/* ---- severities ---- */

static void setting_read(const struct policy_reading *reading, const struct yaml_value *value,
			 struct check_policy *policy)
{
	static const char *const words[] = { "off",    "default", "info",     "low",
					     "medium", "high",    "critical", NULL };
	struct policy_rule rule = { .check = value->key, .action = POLICY_SEVERITY };
	enum severity severity = SEVERITY_INFO;
	const char *near;

	if (check_read(reading, value, value->key, true) < 0)
		return;
	if (value->kind == YAML_IS_TEXT && str_eq(value->text, STR_LIT("off"))) {
		rule.action = POLICY_OFF;
	} else if (value->kind == YAML_IS_TEXT && str_eq(value->text, STR_LIT("default"))) {
		rule.action = POLICY_DEFAULT;
	} else if (value->kind != YAML_IS_TEXT || severity_parse(value->text, &severity) < 0) {
		near = value->kind == YAML_IS_TEXT ? nearest_word(value->text, words) : NULL;
		(void)!policy_bad(reading, value, "enum",
				  "off, default, info, low, medium, high or critical%s%s%s",
				  near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
		return;
	}
	rule.severity = (uint8_t)severity;
	policy->rules[policy->rule_count++] = rule;
}

/* ---- acceptances ---- */

static int until_read(const struct policy_reading *reading, const struct yaml_value *value,
		      int64_t *ret)
{
	if (value->kind == YAML_IS_TEXT && str_eq(value->text, STR_LIT("never"))) {
		*ret = 0;
		return 0;
	}
	if (value->kind != YAML_IS_TEXT ||
	    (rfc3339_parse_date(value->text, ret) < 0 && rfc3339_parse(value->text, ret) < 0))
		return policy_bad(
			reading, value, "time",
			"a day (2027-03-01), from which on it counts again, a time, or never");
	return 0;
}

static int needed_text(const struct policy_reading *reading, const struct yaml_value *map,
		       const char *key, const char *why, struct str *ret)
{
	const struct yaml_value *value = yaml_member(map, key);

	if (!value || (value->kind == YAML_IS_TEXT && !str_trim(value->text).len))
		return policy_bad(reading, value ? value : map, "required", "%s is missing: %s",
				  key, why);
	return text_take(reading, value, ret);
}

static void acceptance_read(const struct policy_reading *reading, const struct yaml_value *map,
			    struct check_policy *policy)
{
	struct policy_rule rule = { .action = POLICY_ACCEPT, .by = reading->by };
	const struct yaml_value *value;
	size_t before = reading->problem->count;

	if (map->kind != YAML_IS_MAP) {
		(void)!policy_bad(reading, map, "type",
				  "check, reason, owner and until are wanted");
		return;
	}
	keys_check(reading, map, accept_words, NULL);
	if (needed_text(reading, map, "check", "what is accepted", &rule.check) == 0)
		(void)!check_read(reading, yaml_member(map, "check"), rule.check, false);
	(void)!needed_text(reading, map, "reason", "say why, for those who ask later",
			   &rule.reason);
	(void)!needed_text(reading, map, "owner", "who answers for it", &rule.owner);
	value = yaml_member(map, "until");
	if (value)
		(void)!until_read(reading, value, &rule.until_us);
	else
		(void)!policy_bad(reading, map, "required",
				  "until is missing: from when on it counts again, or never");
	value = yaml_member(map, "domains");
	if (value)
		(void)!list_take(reading, value, POLICY_NAMES, domain_item, &rule.domains,
				 &rule.domain_count);
	value = yaml_member(map, "subjects");
	if (value)
		(void)!list_take(reading, value, POLICY_NAMES, subject_item, &rule.subjects,
				 &rule.subject_count);
	if (reading->problem->count == before)
		policy->rules[policy->rule_count++] = rule;
}

/* ---- expectations ---- */

static const struct yaml_value *member_given(const struct yaml_value *map, const char *key)
{
	const struct yaml_value *value = yaml_member(map, key);

	return value && yaml_value_is_null(value) ? NULL : value;
}

int expectations_read_value(const struct policy_reading *reading, const struct yaml_value *map,
			    struct expectations *ret)
{
	struct expectations expected = { 0 };
	size_t before = reading->problem->count;
	const struct yaml_value *value;

	value = member_given(map, "issuers");
	if (value)
		(void)!list_take(reading, value, EXPECTED_ITEMS, name_item, &expected.issuers,
				 &expected.issuer_count);
	value = member_given(map, "name_servers");
	if (value)
		(void)!list_take(reading, value, EXPECTED_ITEMS, name_item, &expected.name_servers,
				 &expected.name_server_count);
	value = member_given(map, "mail_provider");
	if (value)
		(void)!text_take(reading, value, &expected.mail_provider);
	value = member_given(map, "ports");
	if (value)
		(void)!list_take(reading, value, EXPECTED_ITEMS, port_item, &expected.ports,
				 &expected.port_count);
	value = member_given(map, "records");
	if (value)
		(void)!list_take(reading, value, EXPECTED_ITEMS, record_item, &expected.records,
				 &expected.record_count);
	value = member_given(map, "registration_expires");
	if (value && (value->kind != YAML_IS_TEXT ||
		      (rfc3339_parse_date(value->text, &expected.registration_us) < 0 &&
		       rfc3339_parse(value->text, &expected.registration_us) < 0)))
		(void)!policy_bad(reading, value, "time", "a day is wanted here: 2027-03-01");
	*ret = expected;
	return reading->problem->count > before ? -EINVAL : 0;
}

static void expectation_read(const struct policy_reading *reading, const struct yaml_value *map,
			     struct check_policy *policy)
{
	struct policy_expectation expects = { 0 };
	const struct yaml_value *domains = yaml_member(map, "domains");
	size_t before = reading->problem->count;

	if (map->kind != YAML_IS_MAP) {
		(void)!policy_bad(reading, map, "type",
				  "domains and what is expected of them are wanted");
		return;
	}
	keys_check(reading, map, expectation_words, expect_words);
	if (domains)
		(void)!list_take(reading, domains, POLICY_NAMES, domain_item, &expects.domains,
				 &expects.domain_count);
	(void)!expectations_read_value(reading, map, &expects.expected);
	if (reading->problem->count == before)
		policy->expects[policy->expect_count++] = expects;
}

/* ---- all of it ---- */

static size_t items_of(const struct policy_reading *reading, const struct yaml_value *value,
		       enum yaml_kind kind)
{
	if (!value || yaml_value_is_null(value))
		return 0;
	if (value->kind != kind) {
		(void)!policy_bad(reading, value, "type", "a %s is wanted here",
				  kind == YAML_IS_MAP ? "map of checks" : "list");
		return 0;
	}
	if (value->count > POLICY_RULES) {
		(void)!policy_bad(reading, value, "too-many", "at most %d", POLICY_RULES);
		return 0;
	}
	return value->count;
}

int policy_read_value(const struct policy_reading *reading, const struct yaml_value *value,
		      const char *const *others, struct check_policy *ret)
{
	const struct yaml_value *checks = yaml_member(value, "checks"),
				*accept = yaml_member(value, "accept"),
				*expects = yaml_member(value, "expect");
	size_t before = reading->problem->count, check_count, accept_count, expect_count;
	struct check_policy policy = { 0 };

	if (value->kind != YAML_IS_MAP)
		return policy_bad(reading, value, "type",
				  "a policy is made of checks, accept and expect");
	keys_check(reading, value, top_words, others);
	check_count = items_of(reading, checks, YAML_IS_MAP);
	accept_count = items_of(reading, accept, YAML_IS_LIST);
	expect_count = items_of(reading, expects, YAML_IS_LIST);
	policy.rules =
		arena_array(reading->a, check_count + accept_count + 1, sizeof *policy.rules);
	policy.expects = arena_array(reading->a, expect_count + 1, sizeof *policy.expects);
	for (size_t i = 0; i < check_count; i++)
		setting_read(reading, checks->items[i], &policy);
	for (size_t i = 0; i < accept_count; i++)
		acceptance_read(reading, accept->items[i], &policy);
	for (size_t i = 0; i < expect_count; i++)
		expectation_read(reading, expects->items[i], &policy);
	if (reading->problem->count > before)
		return -EINVAL;
	*ret = policy;
	return 0;
}

int policy_read(const struct policy_reading *reading, struct str text, struct check_policy *ret)
{
	struct yaml_value *root;
	struct err err = { 0 };

	if (yaml_read(reading->a, text, &root, &err) < 0)
		return problem_add(reading->problem, STR_NONE, "yaml", "%.*s%s%s",
				   STR(reading->name), reading->name.len ? " " : "", err.text);
	return policy_read_value(reading, root, NULL, ret);
}

/* ---- written ---- */

static void put_list(struct json *w, const char *key, const struct str *list, size_t count)
{
	if (!count)
		return;
	json_key(w, key);
	json_array(w);
	for (size_t i = 0; i < count; i++)
		json_str(w, list[i]);
	json_end(w);
}

static void put_ports(struct json *w, const struct expectations *expected)
{
	json_key(w, "ports");
	json_array(w);
	for (size_t i = 0; i < expected->port_count; i++)
		json_raw(w, expected->ports[i]);
	json_end(w);
}

static void put_text(struct json *w, const char *key, struct str text)
{
	json_key(w, key);
	json_str(w, text);
}

static const char *setting_word(const struct policy_rule *rule)
{
	return rule->action == POLICY_OFF       ? "off"
	       : rule->action == POLICY_DEFAULT ? "default"
						: severity_word((enum severity)rule->severity);
}

static void put_acceptance(struct json *w, const struct policy_rule *rule)
{
	char until[TIME_TEXT_BYTES];

	json_object(w);
	put_text(w, "check", rule->check);
	put_list(w, "domains", rule->domains, rule->domain_count);
	put_list(w, "subjects", rule->subjects, rule->subject_count);
	put_text(w, "reason", rule->reason);
	put_text(w, "owner", rule->owner);
	put_text(w, "until",
		 rule->until_us ? str_of(clock_text(rule->until_us, until)) : STR_LIT("never"));
	json_end(w);
}

static void put_expectation(struct json *w, const struct policy_expectation *expects)
{
	const struct expectations *expected = &expects->expected;
	char until[TIME_TEXT_BYTES];

	json_object(w);
	put_list(w, "domains", expects->domains, expects->domain_count);
	put_list(w, "issuers", expected->issuers, expected->issuer_count);
	put_list(w, "name_servers", expected->name_servers, expected->name_server_count);
	if (expected->mail_provider.len)
		put_text(w, "mail_provider", expected->mail_provider);
	if (expected->port_count)
		put_ports(w, expected);
	put_list(w, "records", expected->records, expected->record_count);
	if (expected->registration_us)
		put_text(w, "registration_expires",
			 str_of(clock_text(expected->registration_us, until)));
	json_end(w);
}

struct str policy_text(struct arena *a, const struct check_policy *policy)
{
	struct buf out;
	struct json w;

	buf_init(&out, a);
	json_init(&w, &out);
	json_object(&w);
	json_key(&w, "checks");
	json_object(&w);
	for (size_t i = 0; i < policy->rule_count; i++)
		if (policy->rules[i].action != POLICY_ACCEPT) {
			json_key_put(&w, policy->rules[i].check.data, policy->rules[i].check.len);
			json_text(&w, setting_word(&policy->rules[i]));
		}
	json_end(&w);
	json_key(&w, "accept");
	json_array(&w);
	for (size_t i = 0; i < policy->rule_count; i++)
		if (policy->rules[i].action == POLICY_ACCEPT)
			put_acceptance(&w, &policy->rules[i]);
	json_end(&w);
	json_key(&w, "expect");
	json_array(&w);
	for (size_t i = 0; i < policy->expect_count; i++)
		put_expectation(&w, &policy->expects[i]);
	json_end(&w);
	json_end(&w);
	return buf_str(&out);
}
