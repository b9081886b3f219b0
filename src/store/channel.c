/* SPDX-License-Identifier: Apache-2.0 */
/* Where do events go? */
#include "store/channel.h"

#include "store/cursor.h"
#include "store/keyset.h"
#include "store/seal.h"
#include "store/sql.h"

const char *const channel_kind_words[] = {
	[CHANNEL_WEBHOOK] = "webhook", [CHANNEL_SLACK] = "slack",   [CHANNEL_MAIL] = "mail",
	[CHANNEL_AMQP] = "amqp",       [CHANNEL_SCRIPT] = "script", NULL
};

static const struct desc_field settings_fields[] = {
	DESC_ARRAY(1, DESC_STR, struct channel_settings, to, to_count),
	DESC_FIELD(2, DESC_BOOL, struct channel_settings, is_to_owner),
	DESC_FIELD(3, DESC_STR, struct channel_settings, template_text),
	DESC_FIELD(4, DESC_STR, struct channel_settings, script),
	DESC_FIELD(5, DESC_STR, struct channel_settings, shown),
	DESC_FIELD(6, DESC_STR, struct channel_settings, media_type),
	DESC_FIELD(7, DESC_INT, struct channel_settings, heartbeat_s),
};
const struct desc channel_settings_desc = DESC(channel_settings, settings_fields);

static const struct desc_field secrets_fields[] = {
	DESC_FIELD(1, DESC_STR, struct channel_secrets, url),
	DESC_FIELD(2, DESC_STR, struct channel_secrets, signing),
	DESC_FIELD(3, DESC_STR, struct channel_secrets, previous),
	DESC_FIELD(4, DESC_INT, struct channel_secrets, previous_until),
};
const struct desc channel_secrets_desc = DESC(channel_secrets, secrets_fields);

static int channel_columns(struct sql *q, struct channel_row *ret)
{
	*ret = (struct channel_row){
		.no = sql_int(q, 0),
		.id = sql_id(q, 1),
		.workspace = sql_int(q, 2),
		.name = sql_text(q, 3),
		.kind = (enum channel_kind)sql_int_in(q, 4, 0, CHANNEL_KINDS - 1),
		.is_enabled = sql_bool(q, 6),
		.reason = sql_text(q, 7),
		.failures = sql_int(q, 8),
		.rest_until = sql_time(q, 9),
		.delivered_at = sql_time(q, 10),
		.created_at = sql_int(q, 11),
		.version = sql_int(q, 12),
	};
	if (desc_decode(q->tx->a, &channel_settings_desc, sql_blob(q, 5), &ret->settings) < 0)
		return err_set(q->err, ERR_CORRUPT, "the settings of a channel are damaged");
	return 0;
}

static int channel_read(struct sql *q, struct channel_row *ret, struct err *err)
{
	struct channel_row row;
	int code = sql_one(q);

	if (code == -ENOENT)
		return err_set(err, -ENOENT, "no such channel");
	TRY(code);
	TRY(channel_columns(q, &row));
	TRY(sql_end(q));
	*ret = row;
	return 0;
}

static int channels_read(struct sql *q, struct channel_row **ret, size_t *ret_count)
{
	struct buf rows;
	int code;

	buf_init(&rows, q->tx->a);
	for (code = sql_step(q); code > 0; code = sql_step(q)) {
		struct channel_row row;

		TRY(channel_columns(q, &row));
		buf_put(&rows, &row, sizeof row);
	}
	TRY(code);
	*ret = (struct channel_row *)rows.data;
	*ret_count = rows.len / sizeof **ret;
	return 0;
}

static struct str settings_write(struct arena *a, const struct channel_settings *settings)
{
	struct buf out;

	buf_init(&out, a);
	desc_encode(&out, &channel_settings_desc, settings);
	return buf_str(&out);
}

static int secrets_write(struct store_tx *tx, const struct channel_secrets *secrets,
			 struct str *ret, struct err *err)
{
	struct buf out;

	buf_init(&out, tx->a);
	desc_encode(&out, &channel_secrets_desc, secrets);
	if (!out.len) {
		*ret = STR_NONE;
		return 0;
	}
	return seal(tx, buf_str(&out), ret, err);
}

static int name_taken(const struct channel_row *row, struct err *err)
{
	return err_set(err, -EEXIST, "a channel \"%.*s\" is there already", STR(row->name));
}

int channel_insert(struct store_tx *tx, struct channel_row *row,
		   const struct channel_secrets *secrets, struct err *err)
{
	struct uuid id = uuid_new(tx->now_us);
	struct str sealed;
	int64_t no;
	int code;

	TRY(secrets_write(tx, secrets, &sealed, err));
	code = sql_insert(tx, err, &no, SQL_CHANNEL_INSERT, SQL_ID(id), SQL_INT(row->workspace),
			  SQL_TEXT(row->name), SQL_INT(row->kind),
			  SQL_BLOB(settings_write(tx->a, &row->settings)), SQL_BLOB_OR_NULL(sealed),
			  SQL_INT(row->is_enabled), SQL_INT(tx->now_us));
	if (code == -EEXIST)
		return name_taken(row, err);
	TRY(code);
	row->no = no;
	row->id = id;
	row->created_at = tx->now_us;
	row->version = 1;
	return 0;
}

int channel_get(struct store_tx *tx, int64_t workspace, struct uuid id, struct channel_row *ret,
		struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_CHANNEL_GET, SQL_INT(workspace), SQL_ID(id));

	return channel_read(&q, ret, err);
}

int channel_find(struct store_tx *tx, int64_t workspace, struct str name, struct channel_row *ret,
		 struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_CHANNEL_FIND, SQL_INT(workspace), SQL_TEXT(name));

	return channel_read(&q, ret, err);
}

int channel_by_no(struct store_tx *tx, int64_t no, struct channel_row *ret, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_CHANNEL_BY_NO, SQL_INT(no));

	return channel_read(&q, ret, err);
}

int channel_secrets_get(struct store_tx *tx, int64_t no, struct channel_secrets *ret,
			struct err *err)
{
	struct channel_secrets secrets = { 0 };
	struct str sealed, clear;

	{
		struct sql q SQL_CLOSED = sql_query(tx, err, SQL_CHANNEL_SECRETS, SQL_INT(no));

		TRY(sql_one(&q));
		sealed = sql_blob(&q, 0);
		TRY(sql_end(&q));
	}
	TRY(unseal(tx, sealed, &clear, err));
	if (desc_decode(tx->a, &channel_secrets_desc, clear, &secrets) < 0)
		return err_set(err, ERR_CORRUPT, "the secrets of a channel are damaged");
	*ret = secrets;
	return 0;
}

int channel_count(struct store_tx *tx, int64_t workspace, int64_t *ret, struct err *err)
{
	return sql_number(tx, err, ret, SQL_CHANNEL_COUNT, SQL_INT(workspace));
}

int channel_count_disabled(struct store_tx *tx, int64_t *ret, struct err *err)
{
	return sql_number(tx, err, ret, SQL_CHANNEL_COUNT_DISABLED);
}

int channel_list(struct store_tx *tx, int64_t workspace, const struct page *page,
		 struct channel_row **ret, size_t *ret_count, struct str *ret_next, struct err *err)
{
	unsigned limit = page_limit(page->limit);
	struct channel_row *rows;
	struct str next = STR_NONE;
	int64_t after;
	size_t count;

	TRY(cursor_read_number(page->after, 0, &after, err));

	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_CHANNEL_LIST, SQL_INT(workspace),
					    SQL_INT(after), SQL_INT(limit + INT64_C(1)));

	TRY(channels_read(&q, &rows, &count));
	if (count > limit)
		next = cursor_write_number(tx->a, rows[limit - 1].no);
	*ret = rows;
	*ret_count = MIN(count, (size_t)limit);
	*ret_next = next;
	return 0;
}

int channel_update(struct store_tx *tx, struct channel_row *row,
		   const struct channel_secrets *secrets, struct err *err)
{
	struct str sealed;
	int code = sql_change(tx, err, SQL_CHANNEL_UPDATE, SQL_INT(row->no), SQL_INT(row->version),
			      SQL_TEXT(row->name), SQL_BLOB(settings_write(tx->a, &row->settings)),
			      SQL_INT(row->is_enabled), SQL_TEXT_OR_NULL(row->reason),
			      SQL_INT(row->failures), SQL_TIME(row->rest_until));

	if (code == -ENOENT)
		return err_set(err, -ESTALE, "channel %.*s was changed meanwhile: read it again",
			       STR(row->name));
	if (code == -EEXIST)
		return name_taken(row, err);
	TRY(code);
	row->version++;
	if (!secrets)
		return 0;
	TRY(secrets_write(tx, secrets, &sealed, err));
	return sql_change(tx, err, SQL_CHANNEL_KEEP_SECRETS, SQL_INT(row->no),
			  SQL_BLOB_OR_NULL(sealed));
}

int channel_delete(struct store_tx *tx, int64_t no, struct err *err)
{
	return sql_change(tx, err, SQL_CHANNEL_DELETE, SQL_INT(no));
}

int channel_fared(struct store_tx *tx, int64_t no, int64_t failures, int64_t rest_until,
		  int64_t delivered_at, struct err *err)
{
	return sql_change(tx, err, SQL_CHANNEL_FARED, SQL_INT(no), SQL_INT(failures),
			  SQL_TIME(rest_until), SQL_TIME(delivered_at));
}

int channel_disable(struct store_tx *tx, int64_t no, struct str reason, bool *ret_was_enabled,
		    struct err *err)
{
	int changed = sql_run(tx, err, SQL_CHANNEL_DISABLE, SQL_INT(no), SQL_TEXT(reason));

	TRY(changed);
	*ret_was_enabled = changed > 0;
	return 0;
}

int channel_enabled(struct store_tx *tx, struct channel_row **ret, size_t *ret_count,
		    struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_CHANNEL_ENABLED);

	return channels_read(&q, ret, ret_count);
}

int channel_due(struct store_tx *tx, struct channel_row **ret, size_t *ret_count, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_CHANNEL_DUE, SQL_INT(tx->now_us));

	return channels_read(&q, ret, ret_count);
}
