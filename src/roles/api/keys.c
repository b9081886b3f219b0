/* SPDX-License-Identifier: Apache-2.0 */
/* API keys: make one, list them, revoke. */
#include "app/key.h"

#include "roles/api/listing.h"
#include "roles/api/wire.h"

struct key_view {
	struct uuid id, created_by;
	struct str name, prefix, role, secret;
	struct str *scopes;
	size_t scope_count;
	int64_t created_at, expires_at, used_at, revoked_at;
};

static const struct desc_field key_fields[] = {
	DESC_FIELD(1, DESC_CUSTOM, struct key_view, id, .custom = &wire_id_key),
	DESC_FIELD(2, DESC_STR, struct key_view, name),
	DESC_FIELD(3, DESC_STR, struct key_view, prefix),
	DESC_FIELD(4, DESC_STR, struct key_view, role),
	DESC_ARRAY(5, DESC_STR, struct key_view, scopes, scope_count),
	DESC_FIELD(6, DESC_TIME, struct key_view, created_at),
	DESC_FIELD(7, DESC_TIME, struct key_view, expires_at, .flags = DESC_OPTIONAL),
	DESC_FIELD(8, DESC_TIME, struct key_view, used_at, .flags = DESC_OPTIONAL),
	DESC_FIELD(9, DESC_TIME, struct key_view, revoked_at, .flags = DESC_OPTIONAL),
	DESC_FIELD(10, DESC_STR, struct key_view, secret),
};
static const struct desc key_desc = DESC_CALLED("key", key_view, key_fields);

static struct key_view view_of(struct arena *a, const struct key_row *row)
{
	struct key_view view = { .id = row->id,
				 .name = row->name,
				 .prefix = row->prefix,
				 .role = str_of(role_words[row->role]),
				 .created_at = row->created_at,
				 .expires_at = row->expires_at,
				 .used_at = row->used_at,
				 .revoked_at = row->revoked_at };

	view.scopes = arena_array(a, SCOPE_COUNT, sizeof *view.scopes);
	for (unsigned bit = 0; bit < SCOPE_COUNT; bit++)
		if (row->scopes & 1u << bit)
			view.scopes[view.scope_count++] =
				str_of(scope_word((enum scope)(1u << bit)));
	return view;
}

static int keys_page(struct request *r, struct listing *list)
{
	struct page page = listing_page(list);
	struct key_row *rows;

	TRY_APP(r, app_key_list(r->app, &r->actor, list->arena, &page, &rows, &list->count,
				&list->next, &r->problem));
	LISTING_SHOW(list, view_of, rows);
	return 0;
}

const struct operation operation_keys_list = {
	.page = keys_page,
	.fields = listing_fields,
	.input_size = sizeof(struct listing_only),
	.shape = &key_desc,
	.flags = OPERATION_LIST,
	.help = "Secrets are stored nowhere; prefix tells keys apart.",
};

struct add_key {
	struct str name;
	int role;
	struct str *scopes;
	size_t scope_count;
	int64_t expires_at;
};

static const struct field add_fields[] = {
	FIELD_BODY(FIELD_TEXT, struct add_key, name, "what it is for", .least = 1,
		   .most = KEY_NAME_BYTES, .flags = FIELD_REQUIRED),
	FIELD_BODY(FIELD_CHOICE, struct add_key, role, "what it may at most; not above your own",
		   .words = role_words, .fallback = "operator"),
	FIELD_ARRAY(IN_BODY, FIELD_WORD, struct add_key, scopes, scope_count, 0,
		    "what it may; none: all that the role may", .least = 1, .most = 40,
		    .items_most = KEY_SCOPES, .example = "domains:read"),
	FIELD_BODY(FIELD_TIME, struct add_key, expires_at, "when it ends; not given: never"),
	FIELD_END,
};

static int add_answer(struct request *r)
{
	const struct add_key *in = r->input.values;
	struct key_input input = { .name = in->name,
				   .role = str_of(role_words[in->role]),
				   .scopes = in->scopes,
				   .scope_count = in->scope_count,
				   .expires_at = in->expires_at };
	struct key_view view;
	struct key_row row;
	struct str secret;

	TRY_APP(r,
		app_key_create(r->app, &r->actor, &r->arena, &input, &row, &secret, &r->problem));
	view = view_of(&r->arena, &row);
	view.secret = secret;
	answer_location(r, "keys", wire_id(&r->arena, "key", row.id));
	return answer_struct(r, &view);
}

const struct operation operation_keys_add = {
	.handle = add_answer,
	.fields = add_fields,
	.input_size = sizeof(struct add_key),
	.shape = &key_desc,
	.codes = { 403, 422 },
	.help = "secret is shown this once.",
};

struct name_key {
	struct str id;
};

static const struct field name_fields[] = {
	FIELD_PATH(FIELD_WORD, struct name_key, id, "its id", .least = 1, .most = 64,
		   .example = "key_01h455vb4pex5vsknk084sn02q"),
	FIELD_END,
};

static int get_answer(struct request *r)
{
	const struct name_key *in = r->input.values;
	struct key_view view;
	struct key_row row;

	TRY_APP(r, app_key_get(r->app, &r->actor, &r->arena, in->id, &row, &r->problem));
	view = view_of(&r->arena, &row);
	return answer_struct(r, &view);
}

const struct operation operation_keys_get = {
	.handle = get_answer,
	.fields = name_fields,
	.input_size = sizeof(struct name_key),
	.shape = &key_desc,
	.codes = { 404 },
};

static int revoke_answer(struct request *r)
{
	const struct name_key *in = r->input.values;

	TRY_APP(r, app_key_revoke(r->app, &r->actor, in->id, &r->problem));
	return answer_empty(r, 204);
}

const struct operation operation_keys_revoke = {
	.handle = revoke_answer,
	.fields = name_fields,
	.input_size = sizeof(struct name_key),
	.codes = { 404, 409 },
	.help = "It ends at once and stays in the list.",
};
