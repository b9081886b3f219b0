/* SPDX-License-Identifier: Apache-2.0 */
/* Domains: add, list, read, change, remove. */
#include "app/domain.h"

#include "model/grade.h"
#include "model/profile.h"
#include "roles/api/domain_view.h"
#include "roles/api/listing.h"
#include "roles/api/wire.h"

static const struct desc_field open_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct open_view, critical),
	DESC_FIELD(2, DESC_UINT, struct open_view, high),
	DESC_FIELD(3, DESC_UINT, struct open_view, medium),
	DESC_FIELD(4, DESC_UINT, struct open_view, low),
	DESC_FIELD(5, DESC_UINT, struct open_view, info),
};
const struct desc open_desc = DESC_CALLED("open_findings", open_view, open_fields);

static const struct desc_field domain_fields[] = {
	DESC_FIELD(1, DESC_CUSTOM, struct domain_view, id, .custom = &wire_id_dom),
	DESC_FIELD(2, DESC_STR, struct domain_view, name),
	DESC_FIELD(3, DESC_STR, struct domain_view, grade),
	DESC_FIELD(4, DESC_CUSTOM, struct domain_view, score, .custom = &wire_count),
	DESC_FIELD(5, DESC_STRUCT, struct domain_view, open, .of = &open_desc),
	DESC_ARRAY(6, DESC_STR, struct domain_view, tags, tag_count),
	DESC_FIELD(7, DESC_STR, struct domain_view, owner),
	DESC_FIELD(8, DESC_STR, struct domain_view, notes),
	DESC_FIELD(9, DESC_STR, struct domain_view, profile),
	DESC_FIELD(10, DESC_CUSTOM, struct domain_view, expectations, .custom = &wire_object),
	DESC_FIELD(11, DESC_CUSTOM, struct domain_view, scan, .custom = &wire_id_scn),
	DESC_FIELD(12, DESC_TIME, struct domain_view, scanned_at, .flags = DESC_OPTIONAL),
	DESC_FIELD(13, DESC_TIME, struct domain_view, expires_at, .flags = DESC_OPTIONAL),
	DESC_FIELD(14, DESC_TIME, struct domain_view, proven_at, .flags = DESC_OPTIONAL),
	DESC_FIELD(15, DESC_TIME, struct domain_view, created_at),
	DESC_FIELD(16, DESC_TIME, struct domain_view, updated_at),
	DESC_FIELD(17, DESC_INT, struct domain_view, version),
};
const struct desc domain_desc = DESC_CALLED("domain", domain_view, domain_fields);

struct domain_view domain_view_of(struct arena *a, const struct domain_row *row)
{
	return (struct domain_view){
		.id = row->id,
		.name = row->name,
		.grade = row->grade ? str_of(grade_word((enum grade)row->grade)) : STR_NONE,
		.score = row->score,
		.open = open_view_of(row->open),
		.tags = row->tags,
		.tag_count = row->tag_count,
		.owner = row->owner,
		.notes = row->notes,
		.profile = profile_word(row->profile),
		.expectations = row->expectations,
		.scan = row->scan,
		.scanned_at = row->scanned_at,
		.expires_at = row->expires_at,
		.proven_at = row->proven_at,
		.created_at = row->created_at,
		.updated_at = row->updated_at,
		.version = row->version,
	};
}

struct open_view open_view_of(const int64_t counts[SEVERITY_CRITICAL + 1])
{
	return (struct open_view){ .critical = (uint64_t)counts[SEVERITY_CRITICAL],
				   .high = (uint64_t)counts[SEVERITY_HIGH],
				   .medium = (uint64_t)counts[SEVERITY_MEDIUM],
				   .low = (uint64_t)counts[SEVERITY_LOW],
				   .info = (uint64_t)counts[SEVERITY_INFO] };
}

/* ---- list ---- */

static const char *const orders[] = { "name", "grade", "scanned", "expiry", NULL };
static const char *const directions[] = { "up", "down", NULL };

struct list_domains {
	struct listing_input page;
	DOMAIN_CHOICE_MEMBERS
	int sort, direction;
	int64_t expires_before, scanned_before, changed_since;
};

static const struct field list_fields[] = {
	LISTING_FIELDS(struct list_domains),
	DOMAIN_CHOICE_FIELDS(struct list_domains),
	FIELD_QUERY(FIELD_DATE_OR_TIME, struct list_domains, expires_before,
		    "something of it expires before"),
	FIELD_QUERY(FIELD_DATE_OR_TIME, struct list_domains, scanned_before,
		    "last scanned before, or never"),
	FIELD_QUERY(FIELD_DATE_OR_TIME, struct list_domains, changed_since,
		    "edited or scanned since"),
	FIELD_QUERY(FIELD_CHOICE, struct list_domains, sort, "what the order goes by",
		    .words = orders, .fallback = "name"),
	FIELD_QUERY(FIELD_CHOICE, struct list_domains, direction, "which way", .words = directions,
		    .fallback = "up"),
	FIELD_END,
};

static int domains_page(struct request *r, struct listing *list)
{
	const struct list_domains *in = r->input.values;
	struct domain_filter filter = { .contains = in->q,
					.name_glob = in->glob,
					.tag = in->tag,
					.owner = in->owner,
					.grade = in->grade,
					.expires_before = in->expires_before,
					.scanned_before = in->scanned_before,
					.changed_since = in->changed_since,
					.order = (enum domain_order)in->sort,
					.is_descending = in->direction == 1 };
	struct page page = listing_page(list);
	struct domain_row *rows;

	TRY_APP(r, app_domain_list(r->app, &r->actor, list->arena, &filter, &page, &rows,
				   &list->count, &list->next, &r->problem));
	LISTING_SHOW(list, domain_view_of, rows);
	return 0;
}

const struct operation operation_domains_list = {
	.page = domains_page,
	.fields = list_fields,
	.input_size = sizeof(struct list_domains),
	.shape = &domain_desc,
	.flags = OPERATION_LIST,
	.help = "Names decide among equals, so that pages neither repeat nor leave out a domain "
		"while "
		"others are added.",
};

/* ---- one ---- */

static int domain_answer(struct request *r, const struct domain_row *row)
{
	struct domain_view view = domain_view_of(&r->arena, row);

	r->version = row->version;
	return answer_struct(r, &view);
}

struct name_domain {
	struct str name;
};

static const struct field name_fields[] = {
	FIELD_PATH(FIELD_NAME, struct name_domain, name, "the domain", .example = "example.com"),
	FIELD_END,
};

static int get_answer(struct request *r)
{
	const struct name_domain *in = r->input.values;
	struct domain_row row;

	TRY_APP(r, app_domain_get(r->app, &r->actor, &r->arena, in->name, &row, &r->problem));
	return domain_answer(r, &row);
}

const struct operation operation_domains_get = {
	.handle = get_answer,
	.fields = name_fields,
	.input_size = sizeof(struct name_domain),
	.shape = &domain_desc,
	.codes = { 404 },
};

/* ---- add, change ---- */

struct write_domain {
	struct str name;
	struct str *tags;
	size_t tag_count;
	struct str owner, notes, expectations;
	int profile;
};

#define WRITE_FIELDS                                                                               \
	FIELD_ARRAY(IN_BODY, FIELD_TEXT, struct write_domain, tags, tag_count, 0,                  \
		    "labels; they replace those that are there", .least = 1, .most = 64,           \
		    .items_most = DOMAIN_TAGS),                                                    \
		FIELD_BODY(FIELD_TEXT, struct write_domain, owner, "who answers for it",           \
			   .most = OWNER_BYTES, .flags = FIELD_NULLABLE),                          \
		FIELD_BODY(FIELD_LINES, struct write_domain, notes, "for people",                  \
			   .most = NOTES_BYTES, .flags = FIELD_NULLABLE),                          \
		FIELD_BODY(FIELD_CHOICE, struct write_domain, profile, "how much its scans ask",   \
			   .words = profile_words, .flags = FIELD_NULLABLE),                       \
		FIELD_BODY(FIELD_JSON, struct write_domain, expectations,                          \
			   "what is right for it: issuers, name_servers, mail_provider, ports",    \
			   .most = EXPECTATIONS_BYTES, .flags = FIELD_NULLABLE)

static const struct field add_fields[] = {
	FIELD_BODY(FIELD_TEXT, struct write_domain, name, "the domain, as people type it",
		   .least = 1, .most = 300, .flags = FIELD_REQUIRED, .example = "example.com"),
	WRITE_FIELDS,
	FIELD_END,
};
static const struct field update_fields[] = {
	FIELD_PATH(FIELD_NAME, struct write_domain, name, "the domain", .example = "example.com"),
	WRITE_FIELDS,
	FIELD_END,
};

static struct domain_input input_of(const struct request *r)
{
	const struct write_domain *in = r->input.values;
	bool has_profile = input_given(&r->input, "profile");

	return (struct domain_input){
		.name = in->name,
		.has_tags = input_given(&r->input, "tags"),
		.has_owner = input_given(&r->input, "owner"),
		.has_notes = input_given(&r->input, "notes"),
		.has_profile = has_profile,
		.has_expectations = input_given(&r->input, "expectations"),
		.tags = in->tags,
		.tag_count = in->tag_count,
		.owner = in->owner,
		.notes = in->notes,
		.profile = has_profile && !input_is_null(&r->input, "profile")
				   ? str_of(profile_words[in->profile])
				   : STR_NONE,
		.expectations = in->expectations,
	};
}

static int add_answer(struct request *r)
{
	struct domain_input input = input_of(r);
	struct domain_row row;

	TRY_APP(r, app_domain_add(r->app, &r->actor, &r->arena, &input, &row, &r->problem));
	answer_location(r, "domains", row.name);
	return domain_answer(r, &row);
}

const struct operation operation_domains_add = {
	.handle = add_answer,
	.fields = add_fields,
	.input_size = sizeof(struct write_domain),
	.shape = &domain_desc,
	.codes = { 409, 422, 429 },
};

static int update_answer(struct request *r)
{
	const struct write_domain *in = r->input.values;
	struct domain_input input = input_of(r);
	struct domain_row row;
	int64_t version;

	if (if_match_read(r, &version) < 0)
		return 0;
	TRY_APP(r, app_domain_update(r->app, &r->actor, &r->arena, in->name, version, &input, &row,
				     &r->problem));
	return domain_answer(r, &row);
}

const struct operation operation_domains_update = {
	.handle = update_answer,
	.fields = update_fields,
	.input_size = sizeof(struct write_domain),
	.shape = &domain_desc,
	.flags = OPERATION_PATCH | OPERATION_IF_MATCH,
	.codes = { 404, 412, 415, 422, 428 },
};

/* ---- remove ---- */

struct delete_domain {
	struct str name;
	bool purge;
};

static const struct field delete_fields[] = {
	FIELD_PATH(FIELD_NAME, struct delete_domain, name, "the domain", .example = "example.com"),
	FIELD_QUERY(FIELD_BOOL, struct delete_domain, purge,
		    "also its scans, findings and history, for ever", .fallback = "false"),
	FIELD_END,
};

static int delete_answer(struct request *r)
{
	const struct delete_domain *in = r->input.values;
	int64_t version = 0;

	if (if_match_read_optional(r, &version) < 0)
		return 0;
	TRY_APP(r, app_domain_delete(r->app, &r->actor, in->name, version, in->purge, &r->problem));
	return answer_empty(r, 204);
}

const struct operation operation_domains_delete = {
	.handle = delete_answer,
	.fields = delete_fields,
	.input_size = sizeof(struct delete_domain),
	.codes = { 404, 409, 412 },
	.help = "History stays unless it is purged; adding the name again brings it back.",
};
