/* SPDX-License-Identifier: Apache-2.0 */
/* What may be said about a domain, and does it say something new? */
#include "app/domain_fields.h"

#include "app/expectations.h"
#include "app/text.h"
#include "model/profile.h"

static int tag_order(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void tags_read(struct arena *a, const struct domain_input *input, struct domain_fields *ret,
		      struct problem *problem)
{
	size_t kept = 0;

	if (input->tag_count > DOMAIN_TAGS) {
		problem_add(problem, STR_LIT("/tags"), "too-many", "at most %d tags, here are %zu",
			    DOMAIN_TAGS, input->tag_count);
		return;
	}
	ret->tags = arena_array(a, input->tag_count + 1, sizeof *ret->tags);
	for (size_t i = 0; i < input->tag_count; i++)
		(void)!tag_read(a, input->tags[i], str_printf(a, "/tags/%zu", i),
				&ret->tags[ret->tag_count++], problem);
	qsort(ret->tags, ret->tag_count, sizeof *ret->tags, tag_order);
	for (size_t i = 0; i < ret->tag_count; i++)
		if (!kept || !str_eq(ret->tags[kept - 1], ret->tags[i]))
			ret->tags[kept++] = ret->tags[i];
	ret->tag_count = kept;
}

int domain_fields_read(struct arena *a, const struct domain_input *input, struct domain_fields *ret,
		       struct problem *problem)
{
	size_t before = problem->count;

	*ret = (struct domain_fields){
		.has_tags = input->has_tags,
		.has_owner = input->has_owner,
		.has_notes = input->has_notes,
		.has_profile = input->has_profile,
		.has_expectations = input->has_expectations,
		.profile = DOMAIN_NO_PROFILE,
	};
	if (input->has_tags)
		tags_read(a, input, ret, problem);
	if (input->has_owner)
		(void)!text_read(input->owner, OWNER_BYTES, TEXT_LINE, STR_LIT("/owner"),
				 &ret->owner, problem);
	if (input->has_notes)
		(void)!text_read(input->notes, NOTES_BYTES, TEXT_LINES, STR_LIT("/notes"),
				 &ret->notes, problem);
	if (input->has_profile && input->profile.len)
		(void)!word_read(input->profile, profile_words, STR_LIT("/profile"), &ret->profile,
				 problem);
	if (input->has_expectations)
		(void)!expectations_read(a, input->expectations, &ret->expectations, problem);
	return problem->count > before ? -EINVAL : 0;
}

static bool tags_eq(const struct domain_fields *fields, const struct domain_row *row)
{
	if (fields->tag_count != row->tag_count)
		return false;
	for (size_t i = 0; i < row->tag_count; i++)
		if (!str_eq(fields->tags[i], row->tags[i]))
			return false;
	return true;
}

static bool text_put(struct str *into, struct str text)
{
	bool is_new = !str_eq(*into, text);

	*into = text;
	return is_new;
}

bool domain_fields_apply(const struct domain_fields *fields, struct domain_row *row)
{
	bool is_new = false;

	if (fields->has_owner)
		is_new |= text_put(&row->owner, fields->owner);
	if (fields->has_notes)
		is_new |= text_put(&row->notes, fields->notes);
	if (fields->has_expectations)
		is_new |= text_put(&row->expectations, fields->expectations);
	if (fields->has_profile) {
		is_new |= row->profile != fields->profile;
		row->profile = fields->profile;
	}
	if (fields->has_tags && !tags_eq(fields, row)) {
		is_new = true;
		row->tags = fields->tags;
		row->tag_count = fields->tag_count;
	}
	return is_new;
}

static void text_member(struct json *w, const char *key, struct str text)
{
	if (!text.len)
		return;
	json_key(w, key);
	json_str(w, text);
}

struct str domain_json(struct arena *a, const struct domain_row *row)
{
	struct buf out;
	struct json w;

	buf_init(&out, a);
	json_init(&w, &out);
	json_object(&w);
	text_member(&w, "name", row->name);
	text_member(&w, "owner", row->owner);
	text_member(&w, "notes", row->notes);
	if (row->profile != DOMAIN_NO_PROFILE)
		text_member(&w, "profile", str_of(profile_words[row->profile]));
	if (row->expectations.len) {
		json_key(&w, "expectations");
		json_raw(&w, row->expectations);
	}
	json_key(&w, "tags");
	json_array(&w);
	for (size_t i = 0; i < row->tag_count; i++)
		json_str(&w, row->tags[i]);
	json_end(&w);
	json_key(&w, "is_proven");
	json_bool(&w, row->proven_at > 0);
	json_end(&w);
	return buf_str(&out);
}
