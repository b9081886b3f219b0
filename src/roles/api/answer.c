/* SPDX-License-Identifier: Apache-2.0 */
/* What does a handler say, and in which form? */
#include "roles/api/request.h"

#include <stdarg.h>

#include "roles/api/server.h"
#include "roles/api/wire.h"

static const char json_type[] = "application/json";
static const char problem_type[] = "application/problem+json";

struct str request_header(const struct request *r, const char *name)
{
	return str_of(MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name));
}

struct log_ids request_ids(const struct request *r)
{
	return (struct log_ids){ .request_id = str_of(r->identity.request_id),
				 .trace_id = str_of(r->identity.trace_id) };
}

void answer_header(struct request *r, const char *name, const char *value)
{
	struct header *header = ARENA_NEW(&r->arena, struct header);

	*header = (struct header){ .name = name, .value = value, .next = r->headers };
	r->headers = header;
}

/* What was begun before is forgotten: a problem may come late. */
static void answer_begin(struct request *r, unsigned status, const char *content_type)
{
	r->status = (uint16_t)status;
	r->content_type = content_type;
	r->stream.next = NULL;
}

int answer_empty(struct request *r, unsigned status)
{
	r->out.len = 0;
	answer_begin(r, status, NULL);
	return 0;
}

struct json answer_json(struct request *r, unsigned status)
{
	struct json w;

	r->out.len = 0;
	answer_begin(r, status, json_type);
	json_init(&w, &r->out);
	return w;
}

int answer_struct(struct request *r, const void *value)
{
	struct json w = answer_json(r, r->route->success);

	desc_json(&w, r->route->operation->shape, value);
	return 0;
}

int answer_text(struct request *r, unsigned status, const char *content_type)
{
	answer_begin(r, status, content_type);
	return 0;
}

int answer_stream(struct request *r, const char *content_type, struct stream stream)
{
	answer_begin(r, 200, content_type);
	r->stream = stream;
	return 0;
}

static int problem_answer(struct request *r, enum problem_kind kind, struct str detail,
			  const struct complaints *complaints)
{
	r->out.len = 0;
	r->etag[0] = 0;
	answer_begin(r, problem_rows[kind].status, problem_type);
	problem_put(&r->out, kind, detail, complaints, str_of(r->identity.request_id));
	return 0;
}

int answer_problem(struct request *r, enum problem_kind kind, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return problem_answer(r, kind, str_of(text), NULL);
}

int answer_complaints(struct request *r)
{
	struct str detail =
		str_printf(&r->arena, "%zu %s", r->complaints.count,
			   r->complaints.count == 1 ? "thing is wrong" : "things are wrong");

	return problem_answer(r, PROBLEM_VALIDATION, detail, &r->complaints);
}

int if_match_read(struct request *r, int64_t *ret)
{
	struct str sent = request_header(r, "If-Match");

	if (!sent.len) {
		answer_problem(r, PROBLEM_PRECONDITION_REQUIRED, "If-Match is missing");
		return -EPERM;
	}
	if (etag_version(sent, ret) < 0) {
		answer_problem(r, PROBLEM_PRECONDITION_FAILED, "no ETag of ours");
		return -ESTALE;
	}
	return 0;
}

int if_match_read_optional(struct request *r, int64_t *ret)
{
	return request_header(r, "If-Match").len ? if_match_read(r, ret) : 0;
}

void answer_location(struct request *r, const char *collection, struct str id)
{
	answer_header(r, "Location", wire_location(&r->arena, collection, id).data);
}

int answer_code(struct request *r, int code)
{
	bool is_busy = code == -EBUSY || code == -EIO || code == -ENOSPC || code == -EROFS ||
		       code == -ECONNREFUSED || code == -ETIMEDOUT || code == -EACCES;

	struct log_ids ids = request_ids(r);

	log_event(r->api->options.log, LEVEL_ERROR, "request.failed", &ids,
		  LOG_TEXT("route", r->route ? r->route->name : ""), LOG_INT("code", code),
		  LOG_TEXT("text", r->err.text));
	if (!is_busy)
		return answer_problem(r, PROBLEM_INTERNAL, "request %s", r->identity.request_id);
	answer_header(r, "Retry-After", "2");
	return answer_problem(r, PROBLEM_UNAVAILABLE, "%s",
			      code == -ENOSPC ? "the disk is full" : "the store is busy or broken");
}

/* Where the layer app says "/limit", the field table knows that it came with the query. */
static enum complaint_place place_of(const struct request *r, struct str name)
{
	const struct field *field = r->route->operation->fields;

	for (; field && field->name; field++)
		if (str_eq(name, str_of(field->name)) && field->in != IN_BODY)
			return field->in == IN_QUERY ? PLACE_QUERY : PLACE_PATH;
	return PLACE_BODY;
}

/* A quota of scans a day comes back at midnight UTC at the latest; an hour is a fair question. */
static const char *retry_text(struct request *r)
{
	enum { QUOTA_SECONDS = 3600 };
	int64_t seconds = (r->problem.retry_us + 999999) / 1000000;

	return str_printf(&r->arena, "%lld", (long long)(seconds > 0 ? seconds : QUOTA_SECONDS))
		.data;
}

static int answer_fields(struct request *r)
{
	for (size_t i = 0; i < r->problem.count && i < PROBLEM_ERRORS; i++) {
		const struct field_error *error = &r->problem.errors[i];
		struct str name = str_from(error->pointer, 1);
		enum complaint_place place = place_of(r, name);

		complain(&r->complaints, place, place == PLACE_BODY ? error->pointer : name,
			 str_cstring(&r->arena, error->code), "%.*s", STR(error->detail));
	}
	if (r->complaints.count)
		return answer_complaints(r);
	return answer_problem(r, PROBLEM_VALIDATION, "%s", r->problem.err.text);
}

int answer_app(struct request *r, int code)
{
	static const struct {
		int code;
		enum problem_kind kind;
	} kinds[] = {
		{ -ENOENT, PROBLEM_NOT_FOUND },  { -EEXIST, PROBLEM_EXISTS },
		{ -EALREADY, PROBLEM_CONFLICT }, { -EPERM, PROBLEM_CONFLICT },
		{ -EACCES, PROBLEM_FORBIDDEN },  { -ESTALE, PROBLEM_PRECONDITION_FAILED },
		{ -EDQUOT, PROBLEM_QUOTA },      { -EAGAIN, PROBLEM_RATE },
		{ -ERANGE, PROBLEM_GONE },       { -ENOBUFS, PROBLEM_UNAVAILABLE },
	};

	if (code == -EINVAL)
		return answer_fields(r);
	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
		if (code != kinds[i].code)
			continue;
		if (problem_rows[kinds[i].kind].status == 429 || code == -ENOBUFS)
			answer_header(r, "Retry-After", retry_text(r));
		return answer_problem(r, kinds[i].kind, "%s", r->problem.err.text);
	}
	r->err = r->problem.err;
	return answer_code(r, code);
}
