/* SPDX-License-Identifier: Apache-2.0 */
/* Which objects does a portfolio's text name? */
#include "app/apply_parts.h"

const enum applied_kind applied_order[APPLIED_KINDS] = { APPLIED_DOMAIN, APPLIED_POLICY,
							 APPLIED_CHANNEL, APPLIED_SCHEDULE,
							 APPLIED_RULE };
const char *const applied_kind_words[] = {
	"domain", "schedule", "policy", "channel", "rule", NULL
};
const char *const apply_action_words[] = { "nothing", "create", "update", "delete", NULL };

struct reading {
	struct policy_reading base;
	const struct apply_input *input;
	struct apply_text *text;
	struct apply_object *object; /* that is being read */
};

/* ---- values ---- */

static struct str text_of(struct reading *r, const struct yaml_value *value)
{
	if (value->kind == YAML_IS_TEXT)
		return yaml_value_is_null(value) ? STR_NONE : value->text;
	(void)!policy_bad(&r->base, value, "type", "a text is wanted here");
	return STR_NONE;
}

static bool bool_of(struct reading *r, const struct yaml_value *value)
{
	static const char *const yes[] = { "true", "yes", "on", NULL }, *const no[] = { "false",
											"no", "off",
											NULL };
	struct str text = text_of(r, value);

	for (size_t i = 0; yes[i]; i++)
		if (str_eq(text, str_of(yes[i])) || str_eq(text, str_of(no[i])))
			return str_eq(text, str_of(yes[i]));
	(void)!policy_bad(&r->base, value, "type", "true or false is wanted here");
	return false;
}

/* "90", "90s", "15m", "2h", "1d" */
static int64_t seconds_of(struct reading *r, const struct yaml_value *value)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	struct str text = text_of(r, value);
	int64_t times = 1;
	uint64_t number;

	for (size_t i = 0; text.len && i < ARRAY_COUNT(units); i++)
		if (text.data[text.len - 1] == units[i].unit) {
			times = units[i].seconds;
			text.len--;
			break;
		}
	if (str_to_uint(text, 1000000000, &number) == 0)
		return (int64_t)number * times;
	(void)!policy_bad(&r->base, value, "type", "a time is wanted here: 90, 90s, 15m, 2h or 1d");
	return 0;
}

/* One text, or a list of them. */
static struct str *texts_of(struct reading *r, const struct yaml_value *value, size_t *ret_count)
{
	size_t count = value->kind == YAML_IS_LIST ? value->count : !yaml_value_is_null(value);
	struct str *texts = arena_array(r->base.a, count + 1, sizeof *texts);

	for (size_t i = 0; i < count; i++)
		texts[i] = text_of(r, value->kind == YAML_IS_LIST ? value->items[i] : value);
	*ret_count = count;
	return texts;
}

/* ---- sections: one function a member ---- */

static struct str json_of(struct reading *r, const struct yaml_value *value)
{
	struct buf out;
	struct json w;

	buf_init(&out, r->base.a);
	json_init(&w, &out);
	yaml_put_json(&w, value);
	return buf_str(&out);
}

/* X(key, what it fills): `in` is the input, `v` the value */
#define DOMAIN_KEYS(X)                                                                             \
	X("name", in->name = text_of(r, v))                                                        \
	X("tags", (in->has_tags = true, in->tags = texts_of(r, v, &in->tag_count)))                \
	X("owner", (in->has_owner = true, in->owner = text_of(r, v)))                              \
	X("notes", (in->has_notes = true, in->notes = text_of(r, v)))                              \
	X("profile", (in->has_profile = true, in->profile = text_of(r, v)))                        \
	X("expectations", (in->has_expectations = true, in->expectations = json_of(r, v)))
#define SCHEDULE_KEYS(X)                                                                           \
	X("name", (in->has_name = true, in->name = text_of(r, v)))                                 \
	X("cron", (in->has_cron = true, in->cron = text_of(r, v)))                                 \
	X("zone", (in->has_zone = true, in->zone = text_of(r, v)))                                 \
	X("blackouts", (in->has_blackouts = true, in->blackouts = text_of(r, v)))                  \
	X("select", (in->has_selector = true, in->selector = text_of(r, v)))                       \
	X("jitter", (in->has_jitter = true, in->jitter_s = seconds_of(r, v)))                      \
	X("profile", (in->has_profile = true, in->profile = text_of(r, v)))                        \
	X("priority", (in->has_priority = true, in->priority = text_of(r, v)))                     \
	X("missed", (in->has_missed = true, in->missed = text_of(r, v)))                           \
	X("enabled", (in->has_enabled = true, in->is_enabled = bool_of(r, v)))
#define CHANNEL_KEYS(X)                                                                            \
	X("name", (in->has_name = true, in->name = text_of(r, v)))                                 \
	X("kind", (in->has_kind = true, in->kind = text_of(r, v)))                                 \
	X("url", (in->has_url = true, in->url = text_of(r, v)))                                    \
	X("signing", (in->has_signing = true, in->signing = text_of(r, v)))                        \
	X("to", (in->has_to = true, in->to = texts_of(r, v, &in->to_count)))                       \
	X("to_owner", (in->has_to_owner = true, in->is_to_owner = bool_of(r, v)))                  \
	X("template", (in->has_template = true, in->template_text = text_of(r, v)))                \
	X("media_type", (in->has_media_type = true, in->media_type = text_of(r, v)))               \
	X("script", (in->has_script = true, in->script = text_of(r, v)))                           \
	X("heartbeat", (in->has_heartbeat = true, in->heartbeat_s = seconds_of(r, v)))             \
	X("enabled", (in->has_enabled = true, in->is_enabled = bool_of(r, v)))
#define RULE_KEYS(X)                                                                               \
	X("name", (in->has_name = true, in->name = text_of(r, v)))                                 \
	X("when", (in->has_events = true, in->events = words_of(r, v)))                            \
	X("immediate", (in->has_immediate = true, in->immediate = words_of(r, v)))                 \
	X("select", (in->has_selector = true, in->selector = text_of(r, v)))                       \
	X("area", (in->has_area = true, in->area = text_of(r, v)))                                 \
	X("min_severity", (in->has_severity = true, in->severity = text_of(r, v)))                 \
	X("to", (in->has_channels = true, in->channels = texts_of(r, v, &in->channel_count)))      \
	X("digest", (in->has_digest = true, in->digest_s = seconds_of(r, v)))                      \
	X("digest_at", (in->has_digest_at = true, in->digest_at = text_of(r, v)))                  \
	X("enabled", (in->has_enabled = true, in->is_enabled = bool_of(r, v)))

/* Patterns of events stand in one text, with blanks between. */
static struct str words_of(struct reading *r, const struct yaml_value *value)
{
	struct buf out;
	size_t count;
	struct str *texts = texts_of(r, value, &count);

	buf_init(&out, r->base.a);
	for (size_t i = 0; i < count; i++)
		buf_printf(&out, "%s%.*s", i ? " " : "", STR(texts[i]));
	return buf_str(&out);
}

#define MEMBERS(section, keys)                                                                     \
	static const char *const section##_words[] = { keys(KEY_WORD) NULL };                      \
	static void section##_member(struct reading *r, const struct yaml_value *v)                \
	{                                                                                          \
		struct section##_input *in = &r->object->section;                                  \
                                                                                                   \
		keys(KEY_TAKE)(void) !policy_key_unknown(&r->base, v, section##_words);            \
	}
#define KEY_WORD(key, taking) key,
#define KEY_TAKE(word, taking)                                                                     \
	if (str_eq(v->key, STR_LIT(word))) {                                                       \
		taking;                                                                            \
		return;                                                                            \
	}

MEMBERS(domain, DOMAIN_KEYS)
MEMBERS(schedule, SCHEDULE_KEYS)
MEMBERS(channel, CHANNEL_KEYS)
MEMBERS(rule, RULE_KEYS)

static void policy_item(struct reading *r, const struct yaml_value *item)
{
	static const char *const own[] = { "name", "select", NULL };
	struct policy_input *in = &r->object->policy;
	const struct yaml_value *name = yaml_member(item, "name"),
				*select = yaml_member(item, "select");
	struct check_policy policy;

	in->check_ids = r->input->check_ids;
	if (name) {
		in->has_name = true;
		in->name = text_of(r, name);
	}
	if (select) {
		in->has_selector = true;
		in->selector = text_of(r, select);
	}
	if (policy_read_value(&r->base, item, own, &policy) == 0) {
		in->has_rules = true;
		in->rules = policy_text(r->base.a, &policy);
	}
}

static const struct section {
	const char *key;
	void (*member)(struct reading *r, const struct yaml_value *value); /* NULL: policies */
} sections[APPLIED_KINDS] = {
	[APPLIED_DOMAIN] = { "domains", domain_member },
	[APPLIED_SCHEDULE] = { "schedules", schedule_member },
	[APPLIED_POLICY] = { "policies", NULL },
	[APPLIED_CHANNEL] = { "channels", channel_member },
	[APPLIED_RULE] = { "rules", rule_member },
};

static int domain_named(struct reading *r, const struct yaml_value *name)
{
	struct field_error error;
	struct str note;

	if (!domain_name_read(r->base.a, r->object->name, STR_NONE, &r->object->name, &note,
			      &error))
		return 0;
	return policy_bad(&r->base, name, "domain.syntax", "%.*s", STR(error.detail));
}

static void object_read(struct reading *r, enum applied_kind kind, const struct yaml_value *item)
{
	struct apply_object *object = &r->text->objects[r->text->count];
	const struct yaml_value *name = yaml_member(item, "name");

	*object = (struct apply_object){ .kind = kind };
	r->object = object;
	object->pointer = str_printf(r->base.a, "%.*s%.*s", STR(r->base.above),
				     STR(yaml_pointer(r->base.a, item)));
	if (kind == APPLIED_DOMAIN && item->kind == YAML_IS_TEXT) {
		name = item; /* a domain of which nothing else is said */
		object->domain.name = item->text;
	} else if (item->kind != YAML_IS_MAP) {
		(void)!policy_bad(&r->base, item, "type", "an object is wanted here");
		return;
	} else if (!name || name->kind != YAML_IS_TEXT || !name->text.len) {
		(void)!policy_bad(&r->base, item, "required", "a name is missing");
		return;
	} else if (sections[kind].member) {
		for (size_t i = 0; i < item->count; i++)
			sections[kind].member(r, item->items[i]);
	} else {
		policy_item(r, item);
	}
	object->name = str_trim(name->text);
	if (kind == APPLIED_DOMAIN && domain_named(r, name) < 0)
		return;
	for (size_t i = 0; i < r->text->count; i++)
		if (r->text->objects[i].kind == kind &&
		    str_eq(r->text->objects[i].name, object->name) && r->text->count < 2000) {
			(void)!policy_bad(&r->base, name, "repeated", "this name stands twice");
			return;
		}
	r->text->count++;
}

static void section_read(struct reading *r, enum applied_kind kind, const struct yaml_value *list)
{
	if (!list)
		return;
	r->text->has[kind] = true;
	if (yaml_value_is_null(list))
		return;
	if (list->kind != YAML_IS_LIST) {
		(void)!policy_bad(&r->base, list, "type", "a list is wanted here");
		return;
	}
	for (size_t i = 0; i < list->count && r->base.problem->count < PROBLEM_ERRORS; i++)
		object_read(r, kind, list->items[i]);
}

int apply_read(struct arena *a, const struct apply_input *input, struct apply_text *ret,
	       struct problem *problem)
{
	static const char *const words[] = { "domains",  "schedules", "policies",
					     "channels", "rules",     NULL };
	struct reading r = {
		.base = { .a = a,
			  .above = input->above,
			  .check_ids = input->check_ids,
			  .problem = problem },
		.input = input,
		.text = ret,
	};
	struct yaml_value *root;
	struct err err = { 0 };
	size_t count = 0;

	*ret = (struct apply_text){ 0 };
	if (yaml_read(a, input->text, &root, &err) < 0)
		return problem_add(problem, input->above, "yaml", "%s", err.text);
	if (root->kind != YAML_IS_MAP)
		return policy_bad(&r.base, root, "type",
				  "domains, schedules, policies, channels or rules are wanted");
	for (size_t i = 0; i < root->count; i++) {
		bool is_known = false;

		for (size_t k = 0; words[k]; k++)
			is_known |= str_eq(root->items[i]->key, str_of(words[k]));
		if (!is_known)
			(void)!policy_key_unknown(&r.base, root->items[i], words);
		count += root->items[i]->count;
	}
	if (count > APPLY_OBJECTS)
		return policy_bad(&r.base, root, "too-many", "at most %d objects at once",
				  APPLY_OBJECTS);
	ret->objects = arena_array(a, count + 1, sizeof *ret->objects);
	for (size_t i = 0; i < APPLIED_KINDS; i++)
		section_read(&r, applied_order[i],
			     yaml_member(root, sections[applied_order[i]].key));
	return problem_code(problem);
}
