/* SPDX-License-Identifier: Apache-2.0 */
/* What are the tags of a name=value list? RFC 6376 section 3.2. */
#include "formats/mail/tags.h"

static bool is_tag_name(struct str name)
{
	if (!name.len || !char_is_alpha(name.data[0]))
		return false;
	for (size_t i = 1; i < name.len; i++)
		if (!char_is_alpha(name.data[i]) && !char_is_digit(name.data[i]) &&
		    name.data[i] != '_')
			return false;
	return true;
}

static bool is_tag_value(struct str value)
{
	for (size_t i = 0; i < value.len; i++)
		if ((value.data[i] < 0x20 && !char_is_space(value.data[i])) ||
		    value.data[i] == 0x7f)
			return false;
	return true;
}

static bool came_before(const struct tag *tags, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq_nocase(tags[i].name, name))
			return true;
	return false;
}

static void tag_read(struct str text, struct str part, const struct tag *before, size_t count,
		     struct tag *ret)
{
	struct str trimmed = str_trim(part);
	ptrdiff_t equals = str_find_char(trimmed, '=');

	*ret = (struct tag){ .offset = (size_t)(trimmed.data - text.data), .name = trimmed };
	if (!trimmed.len) {
		ret->problem = TAG_EMPTY;
	} else if (equals < 0) {
		ret->problem = TAG_NO_EQUALS;
	} else {
		struct str name = str_first(trimmed, (size_t)equals);
		struct str value = str_from(trimmed, (size_t)equals + 1);

		ret->name = str_trim(name);
		ret->value = str_trim(value);
		ret->has_blanks = ret->name.len != name.len || ret->value.len != value.len;
		ret->problem = !is_tag_name(ret->name)                 ? TAG_BAD_NAME
			       : came_before(before, count, ret->name) ? TAG_DUPLICATE
			       : !is_tag_value(ret->value)             ? TAG_BAD_VALUE
								       : TAG_OK;
	}
}

void tags_read(struct arena *a, struct str text, struct tag_list *ret)
{
	struct str rest = text, part;
	size_t count = 0, room = 1;
	struct tag *tags;

	for (size_t i = 0; i < text.len && room < TAGS_MAX; i++)
		room += text.data[i] == ';';
	tags = arena_array(a, room, sizeof *tags);
	*ret = (struct tag_list){ .tags = tags };
	while (count < room && str_split(&rest, ';', &part)) {
		if (!rest.data && !str_trim(part).len)
			break; /* behind the last semicolon */
		tag_read(text, part, tags, count, &tags[count]);
		if (count == TAGS_MAX - 1 && rest.data)
			tags[count].problem = TAG_TOO_MANY;
		if (tags[count].problem && !ret->first_problem)
			ret->first_problem = &tags[count];
		count++;
	}
	ret->count = count;
}

const struct tag *tags_find(const struct tag_list *list, struct str name)
{
	for (size_t i = 0; i < list->count; i++)
		if (!list->tags[i].problem && str_eq_nocase(list->tags[i].name, name))
			return &list->tags[i];
	return NULL;
}

const char *tag_problem_text(enum tag_problem problem)
{
	static const char *const texts[] = {
		[TAG_OK] = "",
		[TAG_EMPTY] = "an empty tag",
		[TAG_NO_EQUALS] = "a tag without \"=\"",
		[TAG_BAD_NAME] = "not a tag name",
		[TAG_BAD_VALUE] = "a character that is not allowed in a value",
		[TAG_DUPLICATE] = "the tag came before",
		[TAG_TOO_MANY] = "too many tags",
	};

	return texts[problem];
}

int tag_error(const struct tag *tag, struct err *err)
{
	return err_set(err, -EBADMSG, "\"%.*s\" at offset %zu: %s", STR(str_first(tag->name, 60)),
		       tag->offset + 1, tag_problem_text(tag->problem));
}

struct str str_without_blanks(struct arena *a, struct str s)
{
	char *copy = arena_alloc(a, s.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < s.len; i++)
		if (!char_is_space(s.data[i]))
			copy[len++] = s.data[i];
	return (struct str){ copy, len };
}

bool tags_have_version(struct str text, struct str version)
{
	struct str first;
	ptrdiff_t equals;

	if (!str_split(&text, ';', &first))
		return false;
	equals = str_find_char(first, '=');
	return equals > 0 && char_lower(first.data[0]) == 'v' &&
	       !str_trim(str_from(str_first(first, (size_t)equals), 1)).len &&
	       str_eq(str_trim(str_from(first, (size_t)equals + 1)), version);
}

int tags_select(const struct dns_answer *txt, const char *version, struct str *ret, struct err *err)
{
	const struct dns_rr *found = NULL;

	for (size_t i = 0; i < txt->count; i++) {
		if (txt->rr[i].type != DNS_TXT ||
		    !tags_have_version(txt->rr[i].txt.text, str_of(version)))
			continue;
		if (found)
			return err_set(err, -EEXIST, "more than one record starts with v=%s",
				       version);
		found = &txt->rr[i];
	}
	if (!found)
		return err_set(err, -ENOMSG, "no TXT record starts with v=%s", version);
	*ret = found->txt.text;
	return 0;
}
