/* SPDX-License-Identifier: Apache-2.0 */
/* How is the API written down for programs? OpenAPI 3.1.1 from the table of routes. */
#include "roles/api/server.h"

#include "roles/api/drafts.h"
#include "roles/api/routes.h"
#include "roles/api/shape.h"

struct writing {
	struct arena *arena;
	struct json w;
};

static void put_text(struct json *w, const char *key, const char *text)
{
	if (!text)
		return;
	json_key(w, key);
	json_text(w, text);
}

static void put_parameter(struct writing *writing, const struct field *field)
{
	struct json *w = &writing->w;

	json_object(w);
	put_text(w, "name", field->name);
	put_text(w, "in", field->in == IN_PATH ? "path" : "query");
	put_text(w, "description", field->help);
	json_key(w, "required");
	json_bool(w, field->in == IN_PATH || field->flags & FIELD_REQUIRED);
	if (field->flags & FIELD_LIST) {
		put_text(w, "style", "form");
		json_key(w, "explode");
		json_bool(w, false);
	}
	json_key(w, "schema");
	shape_put_field(writing->arena, w, field);
	put_text(w, "example", field->example);
	json_end(w);
}

static const struct {
	unsigned flag;
	const char *name, *help, *pattern;
	bool is_required;
} header_parameters[] = {
	{ OPERATION_IF_MATCH, "If-Match", "the ETag that you saw, or *", NULL, true },
	{ OPERATION_IDEMPOTENT, DRAFT_IDEMPOTENCY_KEY,
	  "the same key and request give the first answer again (tracks a draft)",
	  "^[A-Za-z0-9._:/@+*-]{1,200}$", false },
	{ OPERATION_WAIT, "Prefer", "wait=SECONDS: answer when it is done, at the latest then",
	  NULL, false },
	{ OPERATION_EVENTS, "Last-Event-ID", "go on after this event", "^[0-9]{1,18}$", false },
};

static void put_parameters(struct writing *writing, const struct operation *operation)
{
	struct json *w = &writing->w;

	json_key(w, "parameters");
	json_array(w);
	for (const struct field *field = operation->fields; field && field->name; field++)
		if (field->in != IN_BODY)
			put_parameter(writing, field);
	for (size_t i = 0; i < ARRAY_COUNT(header_parameters); i++) {
		if (!(operation->flags & header_parameters[i].flag))
			continue;
		json_object(w);
		put_text(w, "name", header_parameters[i].name);
		put_text(w, "in", "header");
		put_text(w, "description", header_parameters[i].help);
		json_key(w, "required");
		json_bool(w, header_parameters[i].is_required);
		json_key(w, "schema");
		json_object(w);
		put_text(w, "type", "string");
		put_text(w, "pattern", header_parameters[i].pattern);
		json_end(w);
		json_end(w);
	}
	json_end(w);
}

static void put_body(struct writing *writing, const struct operation *operation)
{
	const char *types[] = { "application/json", "application/merge-patch+json" };
	struct json *w = &writing->w;
	size_t count = operation->flags & OPERATION_PATCH ? 2 : 1;

	if (operation->flags & OPERATION_IMPORT) {
		json_key(w, "requestBody");
		json_raw(w, STR_LIT("{\"required\":true,\"content\":{"
				    "\"application/x-ndjson\":{\"schema\":{\"type\":\"string\"}},"
				    "\"text/csv\":{\"schema\":{\"type\":\"string\"}},"
				    "\"text/plain\":{\"schema\":{\"type\":\"string\"}}}}"));
		return;
	}
	if (!input_has_body_fields(operation->fields))
		return;
	json_key(w, "requestBody");
	json_object(w);
	json_key(w, "required");
	json_bool(w, !(operation->flags & OPERATION_BODY_OPTIONAL));
	json_key(w, "content");
	json_object(w);
	for (size_t i = 0; i < count; i++) {
		json_key(w, types[i]);
		json_object(w);
		json_key(w, "schema");
		shape_put_body(writing->arena, w, operation->fields);
		json_end(w);
	}
	json_end(w);
	json_end(w);
}

static void put_media(struct json *w, const char *media)
{
	json_key(w, media);
	json_raw(w, STR_LIT("{\"schema\":{\"type\":\"string\"}}"));
}

static void put_list_schema(struct json *w, const char *name)
{
	json_object(w);
	put_text(w, "type", "object");
	json_key(w, "properties");
	json_object(w);
	json_key(w, "items");
	json_object(w);
	put_text(w, "type", "array");
	json_key(w, "items");
	shape_put_reference(w, name);
	json_end(w);
	json_key(w, "next_cursor");
	json_raw(w, STR_LIT("{\"type\":\"string\",\"description\":\"absent on the last page\"}"));
	json_end(w);
	json_key(w, "required");
	json_raw(w, STR_LIT("[\"items\"]"));
	json_end(w);
}

static void put_content(struct json *w, const struct operation *operation)
{
	bool is_list = operation->flags & OPERATION_LIST;

	if (!operation->shape && !operation->media)
		return;
	json_key(w, "content");
	json_object(w);
	if (operation->shape) {
		json_key(w, operation->media ? operation->media : "application/json");
		json_object(w);
		json_key(w, "schema");
		if (is_list)
			put_list_schema(w, operation->shape->name);
		else
			shape_put_reference(w, operation->shape->name);
		json_end(w);
	} else {
		put_media(w, operation->media);
	}
	if (is_list && !operation->more_media) {
		put_media(w, "application/x-ndjson");
		put_media(w, "text/csv");
	}
	for (size_t i = 0; operation->more_media && operation->more_media[i]; i++)
		if (!operation->shape ||
		    !str_eq(str_of(operation->more_media[i]), STR_LIT("application/json")))
			put_media(w, operation->more_media[i]);
	json_end(w);
}

static void put_response(struct json *w, unsigned status, const char *text)
{
	char code[8];

	snprintf(code, sizeof code, "%u", status);
	json_key(w, code);
	json_object(w);
	put_text(w, "description", text);
}

static const char *reason_of(unsigned status)
{
	for (size_t i = 0; i < PROBLEM_KINDS; i++)
		if (problem_rows[i].status == status)
			return problem_rows[i].title;
	return status == 200   ? "It is there already"
	       : status == 202 ? "Accepted"
	       : status == 308 ? "That name has another form: see Location"
			       : "Nothing new";
}

static void put_problem(struct json *w, unsigned status)
{
	put_response(w, status, reason_of(status));
	json_key(w, "content");
	json_raw(w, STR_LIT("{\"application/problem+json\":{\"schema\":"
			    "{\"$ref\":\"#/components/schemas/problem\"}}}"));
	json_end(w);
}

static bool has_name(const struct operation *operation)
{
	for (const struct field *field = operation->fields; field && field->name; field++)
		if (field->in == IN_PATH && field->type == FIELD_NAME)
			return true;
	return false;
}

static void put_responses(struct json *w, const struct route *route)
{
	const struct operation *operation = route->operation;

	json_key(w, "responses");
	json_object(w);
	put_response(w, route->success, route->summary);
	if (route->success != 204)
		put_content(w, operation);
	json_end(w);
	for (size_t i = 0; i < OPERATION_CODES && operation->codes[i]; i++) {
		if (operation->codes[i] >= 400 && operation->codes[i] != 503) {
			put_problem(w, operation->codes[i]);
			continue;
		}
		put_response(w, operation->codes[i], reason_of(operation->codes[i]));
		put_content(w, operation);
		json_end(w);
	}
	if (has_name(operation)) {
		put_response(w, 308, reason_of(308));
		json_end(w);
	}
	if (route->method == METHOD_GET) {
		put_response(w, 304, "Nothing new");
		json_end(w);
	}
	json_key(w, "default");
	json_object(w);
	put_text(w, "description", "A problem");
	json_key(w, "content");
	json_raw(w, STR_LIT("{\"application/problem+json\":{\"schema\":"
			    "{\"$ref\":\"#/components/schemas/problem\"}}}"));
	json_end(w);
	json_end(w);
}

/* The word behind the base path: what the reference groups by. */
static struct str tag_of(const struct route *route)
{
	struct str path = str_of(route->path), tag;

	if (!str_starts(path, STR_LIT(API_BASE "/")))
		return STR_LIT("operations");
	path = str_from(path, sizeof API_BASE);
	return str_split(&path, '/', &tag) ? tag : STR_NONE;
}

/* The scope stands where OpenAPI 3.1 has the roles that a scheme needs. */
static void put_security(struct json *w, const struct access *access)
{
	static const char *const schemes[] = { "key", "session" };

	json_key(w, "security");
	json_array(w);
	for (size_t i = access->is_personal ? 1 : 0; i < ARRAY_COUNT(schemes) && !access->is_public;
	     i++) {
		json_object(w);
		json_key(w, schemes[i]);
		json_array(w);
		if (access->scope)
			json_text(w, scope_word((enum scope)access->scope));
		json_end(w);
		json_end(w);
	}
	json_end(w);
}

static void put_operation(struct writing *writing, const struct route *route)
{
	struct json *w = &writing->w;
	struct str method = str_lower(writing->arena, str_of(method_words[route->method]));

	json_key(w, method.data);
	json_object(w);
	put_text(w, "operationId", route->name);
	json_key(w, "tags");
	json_array(w);
	json_str(w, tag_of(route));
	json_end(w);
	put_text(w, "summary", route->summary);
	put_text(w, "description", route->operation->help);
	put_security(w, &route->access);
	put_parameters(writing, route->operation);
	put_body(writing, route->operation);
	put_responses(w, route);
	json_end(w);
}

static void put_paths(struct writing *writing)
{
	struct json *w = &writing->w;

	json_key(w, "paths");
	json_object(w);
	for (const struct route *first = routes; first->name; first++) {
		bool is_seen = false;

		for (const struct route *before = routes; before < first; before++)
			is_seen |= str_eq(str_of(before->path), str_of(first->path));
		if (is_seen)
			continue;
		json_key(w, first->path);
		json_object(w);
		for (const struct route *route = first; route->name; route++)
			if (str_eq(str_of(route->path), str_of(first->path)))
				put_operation(writing, route);
		json_end(w);
	}
	json_end(w);
}

static const char problem_schema[] =
	"{\"type\":\"object\",\"properties\":{\"type\":{\"type\":\"string\",\"format\":\"uri-"
	"reference\"},"
	"\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},"
	"\"detail\":{\"type\":\"string\"},\"request_id\":{\"type\":\"string\"},"
	"\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{"
	"\"pointer\":{\"type\":\"string\"},\"parameter\":{\"type\":\"string\"},"
	"\"in\":{\"type\":\"string\"},\"code\":{\"type\":\"string\"},\"detail\":{\"type\":"
	"\"string\"}},"
	"\"required\":[\"code\",\"detail\"]}}},"
	"\"required\":[\"type\",\"title\",\"status\",\"request_id\"]}";

static void put_components(struct writing *writing)
{
	struct json *w = &writing->w;
	struct shapes shapes = { .count = 0 };

	for (const struct route *route = routes; route->name; route++)
		if (route->operation->shape)
			shapes_add(&shapes, route->operation->shape);
	json_key(w, "components");
	json_object(w);
	json_key(w, "schemas");
	json_object(w);
	for (size_t i = 0; i < shapes.count; i++) {
		json_key(w, shapes.descs[i]->name);
		shape_put(w, shapes.descs[i]);
	}
	json_key(w, "problem");
	json_raw(w, str_of(problem_schema));
	json_end(w);
	json_key(w, "securitySchemes");
	json_raw(w, STR_LIT("{\"key\":{\"type\":\"http\",\"scheme\":\"bearer\","
			    "\"description\":\"An API key, dss_…\"},"
			    "\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"dss_"
			    "session\","
			    "\"description\":\"A login; other methods than GET also need "
			    "X-CSRF-Token\"}}"));
	json_end(w);
}

struct str openapi_make(struct arena *a)
{
	struct writing writing = { .arena = a };
	struct buf out;

	buf_init(&out, a);
	json_init(&writing.w, &out);
	json_object(&writing.w);
	put_text(&writing.w, "openapi", "3.1.1");
	json_key(&writing.w, "info");
	json_object(&writing.w);
	put_text(&writing.w, "title", "DSS");
	put_text(&writing.w, "version", DSS_VERSION);
	put_text(&writing.w, "summary",
		 "Domain scanning: domains in, findings, history and events out");
	json_key(&writing.w, "license");
	json_raw(&writing.w, STR_LIT("{\"name\":\"Apache-2.0\",\"identifier\":\"Apache-2.0\"}"));
	json_end(&writing.w);
	json_key(&writing.w, "security");
	json_raw(&writing.w, STR_LIT("[{\"key\":[]},{\"session\":[]}]"));
	put_paths(&writing);
	put_components(&writing);
	json_end(&writing.w);
	return buf_str(&out);
}

static int openapi_answer(struct request *r)
{
	buf_put_str(&r->out, r->api->openapi);
	return answer_text(r, 200, "application/json");
}

const struct operation operation_openapi = {
	.handle = openapi_answer,
	.media = "application/json",
};
