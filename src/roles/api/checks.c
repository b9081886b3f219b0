/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue of checks. */
#include "checks/families.h"
#include "roles/api/listing.h"
#include "roles/api/request.h"

struct check_fix {
	struct str platform, text;
};

struct check_item {
	struct str id, title, area, why, how, source;
	enum severity severity;
	bool is_active;
	struct check_fix *fixes;
	size_t fix_count;
};

static const struct desc_field fix_fields[] = {
	DESC_FIELD(1, DESC_STR, struct check_fix, platform),
	DESC_FIELD(2, DESC_STR, struct check_fix, text),
};
static const struct desc fix_desc = DESC(check_fix, fix_fields);
static const struct desc_field check_fields[] = {
	DESC_FIELD(1, DESC_STR, struct check_item, id),
	DESC_FIELD(2, DESC_STR, struct check_item, title),
	DESC_FIELD(3, DESC_ENUM, struct check_item, severity, .names = severity_words),
	DESC_FIELD(4, DESC_STR, struct check_item, area),
	DESC_NAMED(5, DESC_BOOL, struct check_item, is_active, "active"),
	DESC_FIELD(6, DESC_STR, struct check_item, why),
	DESC_FIELD(7, DESC_STR, struct check_item, how),
	DESC_FIELD(8, DESC_STR, struct check_item, source),
	DESC_NAMED_ARRAY(9, DESC_STRUCT, struct check_item, fixes, fix_count, "fix",
			 .of = &fix_desc),
};
static const struct desc check_desc = DESC_CALLED("check", check_item, check_fields);

static struct check_item item_of(struct arena *a, const struct check *check)
{
	struct check_item item = { .id = str_of(check->id),
				   .title = str_of(check->title),
				   .area = str_of(area_word(area_of(str_of(check->id)))),
				   .why = str_of(check->why),
				   .how = str_of(check->how),
				   .source = str_of(check->source),
				   .severity = check->severity,
				   .is_active = check->is_active };

	item.fixes = arena_array(a, CHECK_FIXES, sizeof *item.fixes);
	for (size_t i = 0; i < CHECK_FIXES && check->fix[i].text; i++)
		item.fixes[item.fix_count++] = (struct check_fix){ str_of(check->fix[i].platform),
								   str_of(check->fix[i].text) };
	return item;
}

struct list_checks {
	struct listing_input page;
	struct str q, prefix;
	enum severity min_severity;
};

static bool is_wanted(const struct list_checks *in, const struct check *check)
{
	struct str id = str_of(check->id);

	return check->severity >= in->min_severity && str_starts(id, in->prefix) &&
	       (!in->q.len || str_find_nocase(id, in->q) >= 0 ||
		str_find_nocase(str_of(check->title), in->q) >= 0);
}

static int checks_page(struct request *r, struct listing *list)
{
	struct check_item *items = arena_array(list->arena, list->limit, sizeof *items);
	const struct list_checks *in = r->input.values;
	bool is_after = !list->after.len;

	list->items = items;
	for (const struct family *const *family = families; *family; family++)
		for (size_t i = 0; i < (*family)->check_count; i++) {
			const struct check *check = &(*family)->checks[i];

			if (!is_after) {
				is_after = str_eq(str_of(check->id), list->after);
				continue;
			}
			if (!is_wanted(in, check))
				continue;
			if (list->count == list->limit) {
				list->next = items[list->count - 1].id;
				return 0;
			}
			items[list->count++] = item_of(list->arena, check);
		}
	return 0;
}

static const struct field list_fields[] = {
	LISTING_FIELDS(struct list_checks),
	FIELD_QUERY(FIELD_TEXT, struct list_checks, q, "a part of its id or title"),
	FIELD_QUERY(FIELD_WORD, struct list_checks, prefix, "ids that begin so",
		    .example = "mail.spf"),
	FIELD_QUERY(FIELD_CHOICE, struct list_checks, min_severity, "this severity or worse",
		    .words = severity_words),
	FIELD_END,
};

const struct operation operation_checks_list = {
	.page = checks_page,
	.fields = list_fields,
	.input_size = sizeof(struct list_checks),
	.shape = &check_desc,
	.flags = OPERATION_LIST,
};

struct get_check {
	struct str id;
};

static int check_answer(struct request *r)
{
	const struct get_check *in = r->input.values;
	const struct family *family;
	const struct check *check = check_find(in->id, &family);
	struct check_item item;

	if (!check)
		return answer_problem(r, PROBLEM_NOT_FOUND, "no check is called %.*s", STR(in->id));
	item = item_of(&r->arena, check);
	return answer_struct(r, &item);
}

static const struct field get_fields[] = {
	FIELD_PATH(FIELD_WORD, struct get_check, id, "its id", .least = 1,
		   .example = "mail.spf.lookup-limit"),
	FIELD_END,
};

const struct operation operation_checks_get = {
	.handle = check_answer,
	.fields = get_fields,
	.input_size = sizeof(struct get_check),
	.shape = &check_desc,
	.codes = { 404 },
};
