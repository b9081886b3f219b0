/* SPDX-License-Identifier: Apache-2.0 */
/* What do the path and the query say? */
#include "roles/api/input.h"

#include "roles/api/route.h"
#include "roles/api/value.h"

void input_begin(struct arena *a, const struct field *fields, size_t size, struct input *ret)
{
	*ret = (struct input){ .fields = fields, .values = arena_zalloc(a, size ? size : 1) };
}

static size_t field_index(const struct input *in, enum field_in place, struct str name)
{
	size_t i = 0;

	for (; in->fields && in->fields[i].name; i++)
		if (in->fields[i].in == place && str_eq(name, str_of(in->fields[i].name)))
			return i;
	return SIZE_MAX;
}

int input_read_path(struct arena *a, struct input *in, const char *path, const struct str *values,
		    struct complaints *c, struct err *err)
{
	struct str names[ROUTE_PARAMETERS];
	size_t count = route_parameters(path, names);

	for (size_t i = 0; i < count; i++) {
		size_t index = field_index(in, IN_PATH, names[i]);
		struct value_place place = { c, PLACE_PATH, names[i] };
		struct str value;

		if (index == SIZE_MAX)
			return err_set(err, -EINVAL, "no field for {%.*s}", STR(names[i]));
		if (text_decode(a, values[i], false, &value) < 0)
			return err_set(err, ERR_SYNTAX, "a broken escape in the path");
		in->given |= 1ull << index;
		(void)!value_from_text(a, &in->fields[index], value, &place,
				       (char *)in->values + in->fields[index].offset);
	}
	return 0;
}

/* Commas part the values of a list. */
static void read_list(struct arena *a, const struct field *field, struct str text,
		      const struct value_place *place, char *values)
{
	size_t most = field->items_most ? field->items_most : FIELD_ITEMS, count = 0;
	char *items = arena_array(a, most, field->size);
	struct str part;

	while (text.len && str_split(&text, ',', &part)) {
		if (count == most) {
			complain(place->complaints, place->place, place->where, "items",
				 "at most %zu values", most);
			return;
		}
		if (value_from_text(a, field, str_trim(part), place, items + count * field->size) <
		    0)
			return;
		count++;
	}
	memcpy(values + field->offset, &items, sizeof items);
	*(size_t *)(values + field->count_offset) = count;
}

static void read_parameter(struct arena *a, struct input *in, struct str name, struct str value,
			   struct complaints *c)
{
	size_t index = field_index(in, IN_QUERY, name);
	struct value_place place = { c, PLACE_QUERY, name };

	if (index == SIZE_MAX) {
		complain(c, PLACE_QUERY, str_first(name, TEXT_MOST), "unknown",
			 "there is no such parameter");
		return;
	}
	if (in->given & 1ull << index) {
		complain(c, PLACE_QUERY, name, "repeated", "given more than once");
		return;
	}
	in->given |= 1ull << index;
	if (in->fields[index].flags & FIELD_LIST)
		read_list(a, &in->fields[index], value, &place, in->values);
	else
		(void)!value_from_text(a, &in->fields[index], value, &place,
				       (char *)in->values + in->fields[index].offset);
}

int input_read_query(struct arena *a, struct input *in, struct str query, struct complaints *c,
		     struct err *err)
{
	struct str part;

	while (query.len && str_split(&query, '&', &part)) {
		ptrdiff_t equals = str_find_char(part, '=');
		struct str name, value;

		if (!part.len)
			continue;
		if (text_decode(a, equals < 0 ? part : str_first(part, (size_t)equals), true,
				&name) < 0 ||
		    text_decode(a, equals < 0 ? STR_NONE : str_from(part, (size_t)equals + 1), true,
				&value) < 0)
			return err_set(err, ERR_SYNTAX,
				       "a broken escape, or no UTF-8, in the query");
		read_parameter(a, in, name, value, c);
	}
	return 0;
}

void input_end(struct arena *a, struct input *in, struct complaints *c)
{
	for (size_t i = 0; in->fields && in->fields[i].name; i++) {
		const struct field *field = &in->fields[i];
		enum complaint_place place = field->in == IN_BODY    ? PLACE_BODY
					     : field->in == IN_QUERY ? PLACE_QUERY
								     : PLACE_PATH;
		struct value_place at = { c, place, str_of(field->name) };

		if (in->given & 1ull << i)
			continue;
		if (field->fallback)
			(void)!value_from_text(a, field, str_of(field->fallback), &at,
					       (char *)in->values + field->offset);
		else if (field->flags & FIELD_REQUIRED)
			complain(c, place,
				 place == PLACE_BODY ? str_printf(a, "/%s", field->name) : at.where,
				 "required", "it must be given");
	}
}

bool input_has_body_fields(const struct field *fields)
{
	for (; fields && fields->name; fields++)
		if (fields->in == IN_BODY)
			return true;
	return false;
}

static size_t index_of(const struct input *in, const char *name)
{
	size_t i = 0;

	for (; in->fields && in->fields[i].name; i++)
		if (str_eq(str_of(name), str_of(in->fields[i].name)))
			return i;
	return SIZE_MAX;
}

bool input_given(const struct input *in, const char *name)
{
	size_t i = index_of(in, name);

	return i != SIZE_MAX && in->given & 1ull << i;
}

bool input_is_null(const struct input *in, const char *name)
{
	size_t i = index_of(in, name);

	return i != SIZE_MAX && in->nulls & 1ull << i;
}
