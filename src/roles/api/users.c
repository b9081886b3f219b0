/* SPDX-License-Identifier: Apache-2.0 */
/* People of the workspace. */
#include "app/user.h"

#include "roles/api/listing.h"
#include "roles/api/wire.h"

struct user_view {
	struct uuid id;
	struct str name, role;
	bool is_disabled, has_password;
	int64_t created_at, last_login_at, locked_until, version;
};

static const struct desc_field user_fields[] = {
	DESC_FIELD(1, DESC_CUSTOM, struct user_view, id, .custom = &wire_id_usr),
	DESC_FIELD(2, DESC_STR, struct user_view, name),
	DESC_FIELD(3, DESC_STR, struct user_view, role),
	DESC_NAMED(4, DESC_BOOL, struct user_view, is_disabled, "disabled"),
	DESC_FIELD(5, DESC_BOOL, struct user_view, has_password),
	DESC_FIELD(6, DESC_TIME, struct user_view, created_at),
	DESC_FIELD(7, DESC_TIME, struct user_view, last_login_at, .flags = DESC_OPTIONAL),
	DESC_FIELD(8, DESC_TIME, struct user_view, locked_until, .flags = DESC_OPTIONAL),
	DESC_FIELD(9, DESC_INT, struct user_view, version),
};
static const struct desc user_desc = DESC_CALLED("user", user_view, user_fields);

static struct user_view view_of(struct arena *a, const struct user_row *row)
{
	return (struct user_view){ .id = row->id,
				   .name = row->name,
				   .role = str_of(role_words[row->role]),
				   .is_disabled = row->is_disabled,
				   .has_password = row->password.len > 0,
				   .created_at = row->created_at,
				   .last_login_at = row->last_login_at,
				   .locked_until = row->locked_until,
				   .version = row->version };
}

static int user_answer(struct request *r, const struct user_row *row)
{
	struct user_view view = view_of(&r->arena, row);

	r->version = row->version;
	return answer_struct(r, &view);
}

static int users_page(struct request *r, struct listing *list)
{
	struct page page = listing_page(list);
	struct user_row *rows;

	TRY_APP(r, app_user_list(r->app, &r->actor, list->arena, &page, &rows, &list->count,
				 &list->next, &r->problem));
	LISTING_SHOW(list, view_of, rows);
	return 0;
}

const struct operation operation_users_list = {
	.page = users_page,
	.fields = listing_fields,
	.input_size = sizeof(struct listing_only),
	.shape = &user_desc,
	.flags = OPERATION_LIST,
};

struct write_user {
	struct str id, name, password;
	int role;
	bool disabled;
};

#define USER_ID                                                                                    \
	FIELD_PATH(FIELD_TEXT, struct write_user, id, "name or id", .least = 1,                    \
		   .most = USER_NAME_BYTES, .example = "admin")
#define WRITE_FIELDS                                                                               \
	FIELD_BODY(FIELD_CHOICE, struct write_user, role, "what they may", .words = role_words),   \
		FIELD_BODY(FIELD_TEXT, struct write_user, password,                                \
			   "empty: by one-time link only", .most = PASSWORD_MAX,                   \
			   .flags = FIELD_SECRET),                                                 \
		FIELD_BODY(FIELD_BOOL, struct write_user, disabled, "may not log in")

static const struct field add_fields[] = {
	FIELD_BODY(FIELD_TEXT, struct write_user, name,
		   "what they log in with; once in the installation", .least = 1,
		   .most = USER_NAME_BYTES, .flags = FIELD_REQUIRED),
	WRITE_FIELDS,
	FIELD_END,
};
static const struct field update_fields[] = {
	USER_ID,
	FIELD_BODY(FIELD_TEXT, struct write_user, name, "what they log in with", .least = 1,
		   .most = USER_NAME_BYTES),
	WRITE_FIELDS,
	FIELD_END,
};
static const struct field id_fields[] = { USER_ID, FIELD_END };

static struct user_input input_of(const struct request *r)
{
	const struct write_user *in = r->input.values;

	return (struct user_input){ .has_name = input_given(&r->input, "name"),
				    .has_role = input_given(&r->input, "role"),
				    .has_password = input_given(&r->input, "password"),
				    .has_disabled = input_given(&r->input, "disabled"),
				    .name = in->name,
				    .role = str_of(role_words[in->role]),
				    .password = in->password,
				    .is_disabled = in->disabled };
}

static int add_answer(struct request *r)
{
	struct user_input input = input_of(r);
	struct user_row row;

	TRY_APP(r, app_user_add(r->app, &r->actor, &r->arena, &input, &row, &r->problem));
	answer_location(r, "users", wire_id(&r->arena, "usr", row.id));
	return user_answer(r, &row);
}

const struct operation operation_users_add = {
	.handle = add_answer,
	.fields = add_fields,
	.input_size = sizeof(struct write_user),
	.shape = &user_desc,
	.codes = { 403, 409, 422 },
};

static int get_answer(struct request *r)
{
	const struct write_user *in = r->input.values;
	struct user_row row;

	TRY_APP(r, app_user_get(r->app, &r->actor, &r->arena, in->id, &row, &r->problem));
	return user_answer(r, &row);
}

const struct operation operation_users_get = {
	.handle = get_answer,
	.fields = id_fields,
	.input_size = sizeof(struct write_user),
	.shape = &user_desc,
	.codes = { 404 },
};

static int update_answer(struct request *r)
{
	const struct write_user *in = r->input.values;
	struct user_input input = input_of(r);
	struct user_row row;
	int64_t version;

	if (if_match_read(r, &version) < 0)
		return 0;
	TRY_APP(r, app_user_update(r->app, &r->actor, &r->arena, in->id, version, &input, &row,
				   &r->problem));
	return user_answer(r, &row);
}

const struct operation operation_users_update = {
	.handle = update_answer,
	.fields = update_fields,
	.input_size = sizeof(struct write_user),
	.shape = &user_desc,
	.flags = OPERATION_PATCH | OPERATION_IF_MATCH,
	.codes = { 404, 409, 412, 422, 428 },
	.help = "What takes rights away, and a new password, end their sessions.",
};

static int delete_answer(struct request *r)
{
	const struct write_user *in = r->input.values;
	int64_t version = 0;

	if (if_match_read_optional(r, &version) < 0)
		return 0;
	TRY_APP(r, app_user_delete(r->app, &r->actor, in->id, version, &r->problem));
	return answer_empty(r, 204);
}

const struct operation operation_users_delete = {
	.handle = delete_answer,
	.fields = id_fields,
	.input_size = sizeof(struct write_user),
	.codes = { 404, 409, 412 },
	.help = "The last admin of a workspace stays.",
};
