/* SPDX-License-Identifier: Apache-2.0 */
/* What does a handler say, and in which form? */
#include "roles/api/request.h"

#include <stdarg.h>

#include "roles/api/server.h"

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

int answer_code(struct request *r, int code)
{
	bool is_busy = code == -EBUSY || code == -EIO || code == -ENOSPC || code == -EROFS;

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
