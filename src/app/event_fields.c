/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in an event's data? */
#include "app/event_fields.h"

#include <jansson.h>

static struct str text_of(struct arena *a, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_string(value))
		return STR_NONE;
	return str_copy(a, str_bytes(json_string_value(value), json_string_length(value)));
}

void event_fields_read(struct arena *a, const struct event_row *event, struct event_fields *ret)
{
	json_t *data =
		event->data.len ? json_loadb(event->data.data, event->data.len, 0, NULL) : NULL;
	const json_t *changes = json_object_get(data, "changes"),
		     *from = json_array_size(changes) ? json_array_get(changes, 0) : data;

	*ret = (struct event_fields){ .check = text_of(a, data, "check"),
				      .subject = text_of(a, data, "subject"),
				      .text = text_of(a, data, "text"),
				      .question = text_of(a, data, "question"),
				      .kind = text_of(a, from, "kind"),
				      .changes = json_array_size(changes),
				      .before = text_of(a, from, "before"),
				      .after = text_of(a, from, "after"),
				      .name = text_of(a, data, "name") };
	json_decref(data);
}
