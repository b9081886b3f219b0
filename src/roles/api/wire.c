/* SPDX-License-Identifier: Apache-2.0 */
/* How do ids, ready JSON and missing numbers stand in an answer? */
#include "roles/api/wire.h"

#include "roles/api/api.h"

static bool id_is_none(const void *value)
{
	return uuid_is_nil(*(const struct uuid *)value);
}

static void id_put(struct json *w, const char *prefix, const void *value)
{
	char text[ID_TEXT_BYTES];

	json_text(w, id_format(text, prefix, *(const struct uuid *)value));
}

#define X(PREFIX)                                                                                  \
	static void id_json_##PREFIX(struct json *w, const void *value)                            \
	{                                                                                          \
		id_put(w, #PREFIX, value);                                                         \
	}                                                                                          \
	const struct desc_custom wire_id_##PREFIX = { .json = id_json_##PREFIX,                    \
						      .is_none = id_is_none,                       \
						      .schema = "string" };
WIRE_IDS(X)
#undef X

static void ready_json(struct json *w, const void *value)
{
	json_raw(w, *(const struct str *)value);
}

static bool ready_is_none(const void *value)
{
	return !((const struct str *)value)->len;
}

const struct desc_custom wire_object = { .json = ready_json,
					 .is_none = ready_is_none,
					 .schema = "object" };
const struct desc_custom wire_any = { .json = ready_json, .is_none = ready_is_none };

const struct desc_custom wire_number = { .json = ready_json,
					 .is_none = ready_is_none,
					 .schema = "number" };

struct str wire_hundredths(struct arena *a, int64_t hundredths)
{
	struct buf out;
	struct json w;

	buf_init(&out, a);
	json_init(&w, &out);
	json_hundredths(&w, hundredths);
	return buf_str(&out);
}

static void count_json(struct json *w, const void *value)
{
	json_int(w, *(const int64_t *)value);
}

static bool count_is_none(const void *value)
{
	return *(const int64_t *)value < 0;
}

const struct desc_custom wire_count = { .json = count_json,
					.is_none = count_is_none,
					.schema = "integer" };

struct str wire_id(struct arena *a, const char *prefix, struct uuid id)
{
	return uuid_is_nil(id) ? STR_NONE : id_text(a, prefix, id);
}

struct str wire_location(struct arena *a, const char *collection, struct str id)
{
	return str_printf(a, API_BASE "/%s/%.*s", collection, STR(id));
}
