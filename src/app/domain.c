/* SPDX-License-Identifier: Apache-2.0 */
/* What may be done with the domains of a workspace? */
#include "app/domain.h"

#include "app/domain_fields.h"
#include "app/named.h"
#include "app/record.h"
#include "store/workspace.h"

/* One call: what goes in and what comes out, for the closures. */
struct call {
	const struct actor *actor;
	struct arena *a;
	struct str name;
	int64_t version;
	bool purges;
	struct domain_fields fields;
	struct domain_row row;
	struct problem *problem;
	/* of lists */
	const struct domain_filter *filter;
	const struct page *page;
	struct domain_row *rows;
	size_t count;
	struct str next;
	struct portfolio_stats stats;
	struct tag_count *tags;
};

enum { TAGS_LISTED = 1000 };

static int name_read(struct call *call, struct str typed, struct problem *problem)
{
	struct field_error error;
	struct str note;

	if (!domain_name_read(call->a, typed, STR_LIT("/name"), &call->name, &note, &error))
		return 0;
	return problem_add(problem, error.pointer, error.code.data, "%.*s", STR(error.detail));
}

static int event_of(struct store_tx *tx, struct call *call, enum event_type type, struct str data,
		    struct err *err)
{
	return record_event(tx, call->actor,
			    (struct event_row){ .type = type,
						.domain = call->row.no,
						.object = call->row.id,
						.severity = -1,
						.data = data },
			    err);
}

static int add_domain(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	store_keep(tx, call->a);
	call->row = (struct domain_row){ .workspace = call->actor->workspace,
					 .name = call->name,
					 .profile = DOMAIN_NO_PROFILE };
	(void)domain_fields_apply(&call->fields, &call->row);
	TRY(domain_insert(tx, &call->row, err));
	TRY(record_made(tx, call->actor, APPLIED_DOMAIN, call->row.id, err));
	TRY(workspace_use_domains(tx, call->actor->workspace, 1, err));
	TRY(event_of(tx, call, EVENT_DOMAIN_CREATED, STR_NONE, err));
	return record_audit(tx, call->actor, "domain.create", call->name, STR_NONE,
			    domain_json(tx->a, &call->row), err);
}

int app_domain_add(struct app *app, const struct actor *actor, struct arena *a,
		   const struct domain_input *input, struct domain_row *ret,
		   struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .problem = problem };

	TRY(actor_may(actor, SCOPE_DOMAINS_WRITE, problem));
	(void)!name_read(&call, input->name, problem);
	(void)!domain_fields_read(a, input, &call.fields, problem);
	TRY(problem_code(problem));
	TRY(store_write(app->store, add_domain, &call, &problem->err));
	*ret = call.row;
	return 0;
}

static int get_domain(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	store_keep(tx, call->a);
	return domain_find(tx, call->actor->workspace, call->name, &call->row, err);
}

int app_domain_get(struct app *app, const struct actor *actor, struct arena *a, struct str name,
		   struct domain_row *ret, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a };

	TRY(actor_may(actor, SCOPE_DOMAINS_READ, problem));
	TRY(name_read(&call, name, problem));
	TRY(store_read(app->store, get_domain, &call, &problem->err));
	*ret = call.row;
	return 0;
}

/* The row, when it is of the version that the caller has read. */
static int row_for_write(struct store_tx *tx, struct call *call, struct err *err)
{
	TRY(domain_find(tx, call->actor->workspace, call->name, &call->row, err));
	return version_check(call->version, call->row.version, call->name, call->problem, err);
}

static int update_domain(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct str before;

	store_keep(tx, call->a);
	TRY(row_for_write(tx, call, err));
	before = domain_json(tx->a, &call->row);
	if (!domain_fields_apply(&call->fields, &call->row))
		return 0;
	TRY(domain_update(tx, &call->row, err));
	TRY(event_of(tx, call, EVENT_DOMAIN_UPDATED, STR_NONE, err));
	return record_audit(tx, call->actor, "domain.update", call->name, before,
			    domain_json(tx->a, &call->row), err);
}

int app_domain_update(struct app *app, const struct actor *actor, struct arena *a, struct str name,
		      int64_t version, const struct domain_input *input, struct domain_row *ret,
		      struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .version = version, .problem = problem };

	TRY(actor_may(actor, SCOPE_DOMAINS_WRITE, problem));
	TRY(name_read(&call, name, problem));
	TRY(domain_fields_read(a, input, &call.fields, problem));
	TRY(store_write(app->store, update_domain, &call, &problem->err));
	*ret = call.row;
	return 0;
}

static int purge_domain(struct store_tx *tx, struct call *call, bool is_counted, struct err *err)
{
	bool is_busy;

	TRY(domain_is_busy(tx, call->row.no, &is_busy, err));
	if (is_busy)
		return err_set(err, -EALREADY,
			       "a scan of %.*s is open: cancel it, or wait for its end",
			       STR(call->name));
	TRY(domain_delete(tx, call->row.no, true, err));
	return is_counted ? workspace_use_domains(tx, call->actor->workspace, -1, err) : 0;
}

static struct str deleted_json(struct arena *a, const struct call *call)
{
	struct buf out;
	struct json w;

	buf_init(&out, a);
	json_init(&w, &out);
	json_object(&w);
	json_key(&w, "name"); /* a purged row gives none any more */
	json_str(&w, call->name);
	json_key(&w, "is_purged");
	json_bool(&w, call->purges);
	json_end(&w);
	return buf_str(&out);
}

static int delete_domain(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct str before, data;
	bool is_counted = true;
	int code;

	store_keep(tx, call->a);
	code = row_for_write(tx, call, err);
	if (code == -ENOENT && call->purges) {
		code = domain_find_deleted(tx, call->actor->workspace, call->name, &call->row, err);
		is_counted = false;
	}
	TRY(code);
	before = domain_json(tx->a, &call->row);
	data = deleted_json(tx->a, call);
	TRY(record_removed(tx, call->actor, APPLIED_DOMAIN, call->row.id, err));
	TRY(event_of(tx, call, EVENT_DOMAIN_DELETED, data, err));
	if (call->purges) {
		TRY(purge_domain(tx, call, is_counted, err));
	} else {
		TRY(domain_delete(tx, call->row.no, false, err));
		TRY(workspace_use_domains(tx, call->actor->workspace, -1, err));
	}
	return record_audit(tx, call->actor, call->purges ? "domain.purge" : "domain.delete",
			    call->name, before, STR_NONE, err);
}

int app_domain_delete(struct app *app, const struct actor *actor, struct str name, int64_t version,
		      bool purges, struct problem *problem)
{
	struct call call = { .actor = actor,
			     .a = problem->a,
			     .version = version,
			     .purges = purges,
			     .problem = problem };

	TRY(actor_may(actor, SCOPE_DOMAINS_WRITE, problem));
	TRY(name_read(&call, name, problem));
	return store_write(app->store, delete_domain, &call, &problem->err);
}

static int list_domains(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	store_keep(tx, call->a);
	return domain_list(tx, call->filter, call->page, &call->rows, &call->count, &call->next,
			   err);
}

int app_domain_list(struct app *app, const struct actor *actor, struct arena *a,
		    const struct domain_filter *filter, const struct page *page,
		    struct domain_row **ret, size_t *ret_count, struct str *ret_next,
		    struct problem *problem)
{
	struct domain_filter own = *filter;
	struct call call = { .actor = actor, .a = a, .filter = &own, .page = page };

	TRY(actor_may(actor, SCOPE_DOMAINS_READ, problem));
	TRY(page_check(page, problem));
	own.workspace = actor->workspace;
	own.contains = str_lower(a, filter->contains); /* names and tags are kept in lower case */
	own.name_glob = str_lower(a, filter->name_glob);
	own.tag = str_lower(a, filter->tag);
	TRY(page_code(store_read(app->store, list_domains, &call, &problem->err), problem));
	*ret = call.rows;
	*ret_count = call.count;
	*ret_next = call.next;
	return 0;
}

static int count_stats(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	return domain_stats(tx, call->actor->workspace, &call->stats, err);
}

int app_domain_stats(struct app *app, const struct actor *actor, struct portfolio_stats *ret,
		     struct problem *problem)
{
	struct call call = { .actor = actor };

	TRY(actor_may(actor, SCOPE_DOMAINS_READ, problem));
	TRY(store_read(app->store, count_stats, &call, &problem->err));
	*ret = call.stats;
	return 0;
}

static int list_tags(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	store_keep(tx, call->a);
	return domain_tags(tx, call->actor->workspace, TAGS_LISTED, &call->tags, &call->count, err);
}

int app_domain_tags(struct app *app, const struct actor *actor, struct arena *a,
		    struct tag_count **ret, size_t *ret_count, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a };

	TRY(actor_may(actor, SCOPE_DOMAINS_READ, problem));
	TRY(store_read(app->store, list_tags, &call, &problem->err));
	*ret = call.tags;
	*ret_count = call.count;
	return 0;
}
