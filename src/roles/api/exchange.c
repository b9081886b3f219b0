/* SPDX-License-Identifier: Apache-2.0 */
/* How does a request go, from its first line to its answer? */
#include "roles/api/server.h"

#include "base/clock.h"
#include "roles/api/accept.h"
#include "roles/api/auth.h"
#include "roles/api/gzip.h"
#include "roles/api/idempotent.h"
#include "roles/api/quota.h"
#include "roles/api/listing.h"
#include "roles/api/routes.h"

/* A body that is refused is read to its end up to this size, so that the client reads the answer
 * instead of a reset connection. */
enum { SWALLOW_BYTES = 16 * 1024 * 1024, SLOW_US = 500000 };

static const char *const json_only[] = { "application/json", NULL };
/* By enum media. */
static const char *const list_media[] = { "application/json", "application/x-ndjson", "text/csv",
					  NULL };

void *exchange_begin(void *cls, const char *uri, struct MHD_Connection *connection)
{
	struct api *api = cls;
	struct request *r = memory_alloc(sizeof *r);
	const union MHD_ConnectionInfo *info;
	ptrdiff_t question;

	*r = (struct request){ .api = api, .app = api->app, .connection = connection };
	arena_init(&r->arena, 4096);
	r->begun_us = clock_monotonic_us();
	r->target = str_copy(&r->arena, str_first(str_of(uri), TARGET_BYTES + 1));
	if (str_starts_nocase(r->target, STR_LIT("http://"))) { /* RFC 9112 section 3.2.2 */
		ptrdiff_t slash = str_find_char(str_from(r->target, 7), '/');

		r->target = slash < 0 ? STR_LIT("/") : str_from(r->target, 7 + (size_t)slash);
	}
	question = str_find_char(r->target, '?');
	r->path = question < 0 ? r->target : str_first(r->target, (size_t)question);
	r->query = question < 0 ? STR_NONE : str_from(r->target, (size_t)question + 1);
	r->spool.fd = -1;
	complaints_init(&r->complaints, &r->arena);
	problem_init(&r->problem, &r->arena);
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	r->peer = info ? info->socket_context : NULL;
	if (r->peer)
		peer_enter(&api->peers, r->peer, PEER_RECEIVING);
	atomic_fetch_add(&api->in_flight, 1);
	return r;
}

/* Reads are for debugging; what changes something, fails or is slow is told. */
static void request_log(const struct request *r, int64_t took_us)
{
	enum log_level level = r->status >= 500 || !r->status                 ? LEVEL_WARNING
			       : r->method != METHOD_GET || took_us > SLOW_US ? LEVEL_INFO
									      : LEVEL_DEBUG;
	struct log_ids ids = request_ids(r);

	log_event(r->api->options.log, level, "request.done", &ids,
		  LOG_STR("method", r->method_word), LOG_STR("path", r->path),
		  LOG_UINT("status", r->status), LOG_INT("ms", took_us / 1000),
		  LOG_STR("from", r->address));
}

void exchange_end(void *cls, struct MHD_Connection *connection, void **request,
		  enum MHD_RequestTerminationCode how)
{
	struct api *api = cls;
	struct request *r = *request;
	int64_t took_us;

	if (!r)
		return;
	*request = NULL;
	took_us = clock_monotonic_us() - r->begun_us;
	if (how != MHD_REQUEST_TERMINATED_COMPLETED_OK)
		r->status = 0;
	counts_request(&api->counts, r, took_us);
	if (r->method_word.len)
		request_log(r, took_us);
	if (r->peer)
		peer_enter(&api->peers, r->peer, PEER_IDLE);
	atomic_fetch_sub(&api->in_flight, 1);
	if (r->stream.close)
		r->stream.close(r);
	gzip_close(r->gzip);
	spool_close(&r->spool);
	buf_release(&r->body);
	buf_release(&r->out);
	arena_release(&r->arena);
	memory_free(r);
}

/* The last of X-Forwarded-For is what our proxy saw; what stands before it anybody can claim. */
static struct str client_address(struct request *r)
{
	const union MHD_ConnectionInfo *info;
	struct str forwarded = request_header(r, "X-Forwarded-For"), part = STR_NONE;
	struct address address;
	uint16_t port;

	while (r->api->options.is_behind_proxy && forwarded.len &&
	       str_split(&forwarded, ',', &part))
		;
	if (part.len && address_parse(str_trim(part), &address) == 0)
		return address_str(&r->arena, &address);
	info = MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	if (!info || !info->client_addr)
		return STR_LIT("unix");
	address = address_from_sockaddr(info->client_addr, &port);
	return address_is_set(&address) ? address_str(&r->arena, &address) : STR_LIT("unix");
}

static int redirect(struct request *r, struct str path)
{
	struct str location = str_printf(&r->arena, "%.*s%s%.*s", STR(path),
					 r->query.len ? "?" : "", STR(r->query));

	answer_header(r, "Location", location.data);
	return answer_empty(r, MHD_HTTP_PERMANENT_REDIRECT);
}

static int route_find(struct request *r)
{
	bool is_options = str_eq(r->method_word, STR_LIT("OPTIONS"));
	enum method method = METHOD_COUNT;
	struct buf allow;

	if (is_options && str_eq(r->path, STR_LIT("*")))
		return answer_empty(r, MHD_HTTP_NO_CONTENT);
	(void)!method_parse(r->method_word, &method);
	r->is_head = str_eq(r->method_word, STR_LIT("HEAD"));
	r->method = method;
	if (route_match(routes, r->path, method, &r->match) < 0) {
		struct str shorter = str_first(r->path, r->path.len ? r->path.len - 1 : 0);

		if (str_ends(r->path, STR_LIT("/")) &&
		    route_match(routes, shorter, method, &r->match) == 0)
			return redirect(r, shorter);
		return answer_problem(r, PROBLEM_NOT_FOUND, "no route has the path %.*s",
				      STR(str_first(r->path, 200)));
	}
	r->route = r->match.route;
	if (r->route && !is_options)
		return 0;
	buf_init(&allow, &r->arena);
	route_put_allow(&allow, r->match.allowed);
	buf_put_char(&allow, 0);
	answer_header(r, "Allow", allow.data);
	if (is_options)
		return answer_empty(r, MHD_HTTP_NO_CONTENT);
	return answer_problem(r, PROBLEM_METHOD, "this path has %s", allow.data);
}

static int accept_check(struct request *r)
{
	const struct operation *operation = r->route->operation;
	const char *own[] = { operation->media, NULL };
	const char *const *offers = operation->more_media               ? operation->more_media
				    : operation->flags & OPERATION_LIST ? list_media
				    : operation->media                  ? own
									: json_only;
	const char *chosen = accept_media(request_header(r, "Accept"), offers);
	struct buf all;

	r->media = MEDIA_OTHER;
	for (int i = 0; list_media[i]; i++)
		if (str_eq(str_of(chosen), str_of(list_media[i])))
			r->media = (enum media)i;
	r->content_type = chosen;
	if (chosen)
		return 0;
	buf_init(&all, &r->arena);
	for (; *offers; offers++)
		buf_printf(&all, "%s%s", all.len ? ", " : "", *offers);
	return answer_problem(r, PROBLEM_NOT_ACCEPTABLE, "it can be %.*s", STR(buf_str(&all)));
}

static bool has_body(const struct request *r)
{
	struct str length = request_header(r, "Content-Length");

	return request_header(r, "Transfer-Encoding").len ||
	       (length.len && !str_eq(length, STR_LIT("0")));
}

static int body_check(struct request *r)
{
	unsigned flags = r->route->operation->flags;
	struct str type = media_of(request_header(r, "Content-Type"));
	struct str encoding = request_header(r, "Content-Encoding");
	uint64_t length = 0;

	if (!has_body(r))
		return 0;
	if (str_to_uint(request_header(r, "Content-Length"), UINT64_MAX, &length) == 0 &&
	    length > (flags & OPERATION_IMPORT ? IMPORT_BYTES : BODY_BYTES))
		return answer_problem(r, PROBLEM_TOO_LARGE, "at most %d bytes",
				      flags & OPERATION_IMPORT ? IMPORT_BYTES : BODY_BYTES);
	if (encoding.len && !str_eq_nocase(encoding, STR_LIT("identity")))
		return answer_problem(r, PROBLEM_MEDIA_TYPE, "no content encoding is taken");
	if (flags & OPERATION_IMPORT || !input_has_body_fields(r->route->operation->fields) ||
	    str_eq_nocase(type, STR_LIT("application/json")) ||
	    (flags & OPERATION_PATCH &&
	     str_eq_nocase(type, STR_LIT("application/merge-patch+json"))))
		return 0;
	return answer_problem(r, PROBLEM_MEDIA_TYPE, "wanted is %sapplication/json in UTF-8",
			      flags & OPERATION_PATCH ? "application/merge-patch+json or " : "");
}

/* What the request line and the headers tell. An answer here means that the request is refused. */
static int admit(struct request *r)
{
	static int (*const steps[])(struct request * r) = { route_find, auth_check, limits_check,
							    accept_check, body_check };

	if (r->target.len > TARGET_BYTES)
		return answer_problem(r, PROBLEM_URI_TOO_LONG, "at most %d characters",
				      TARGET_BYTES);
	if (request_header(r, "Transfer-Encoding").len && request_header(r, "Content-Length").len)
		return answer_problem(r, PROBLEM_MALFORMED,
				      "both Content-Length and Transfer-Encoding");
	for (size_t i = 0; i < ARRAY_COUNT(steps) && !r->status; i++)
		TRY(steps[i](r));
	return 0;
}

static enum MHD_Result headers_came(struct request *r, const char *method)
{
	int code;

	r->method_word = str_copy(&r->arena, str_of(method));
	r->address = client_address(r);
	identity_begin(&r->identity, request_header(r, "X-Request-Id"),
		       request_header(r, "traceparent"));
	if (r->peer)
		peer_busy(&r->api->peers, r->peer, true);
	code = admit(r);
	if (code < 0)
		answer_code(r, code);
	if (r->peer)
		peer_busy(&r->api->peers, r->peer, false);
	r->is_refused = r->status != 0;
	if (r->is_refused && request_header(r, "Expect").len)
		return answer_queue(r);
	return MHD_YES;
}

static void spool_came(struct request *r, struct str part)
{
	int code = 0;

	if (r->spool.fd < 0) {
		if (r->peer)
			peer_enter(&r->api->peers, r->peer, PEER_UPLOADING);
		code = spool_open(&r->spool, r->api->folder, &r->err);
	}
	if (r->peer)
		peer_uploaded(&r->api->peers, r->peer, part.len);
	if (code == 0)
		code = spool_put(&r->spool, part, &r->err);
	if (code < 0) {
		answer_code(r, code);
		r->is_refused = true;
	}
}

static enum MHD_Result body_came(struct request *r, struct str part)
{
	bool is_import = r->route && r->route->operation->flags & OPERATION_IMPORT;
	uint64_t most = is_import ? IMPORT_BYTES : BODY_BYTES;

	r->body_bytes += part.len;
	if (!r->is_refused && r->body_bytes > most) {
		answer_problem(r, PROBLEM_TOO_LARGE, "at most %llu bytes",
			       (unsigned long long)most);
		r->is_refused = true;
	}
	if (r->is_refused)
		return r->body_bytes > most + SWALLOW_BYTES ? MHD_NO : MHD_YES;
	if (is_import)
		spool_came(r, part);
	else
		buf_put_str(&r->body, part);
	return MHD_YES;
}

/* The canonical form of a name in the path is A-labels in lower case; another one is sent there. */
static bool names_differ(struct request *r, struct str *ret_path)
{
	struct str rest = str_of(r->route->path), word;
	bool is_other = false;
	struct buf path;
	size_t at = 0;

	buf_init(&path, &r->arena);
	for (bool is_first = true; str_split(&rest, '/', &word); is_first = false) {
		const struct field *field = r->input.fields;

		if (!is_first)
			buf_put_char(&path, '/');
		if (!str_starts(word, STR_LIT("{"))) {
			buf_put_str(&path, word);
			continue;
		}
		while (field->in != IN_PATH ||
		       !str_eq(str_of(field->name), str_first(str_from(word, 1), word.len - 2)))
			field++;
		if (field->type == FIELD_NAME) {
			const struct str *name = (void *)((char *)r->input.values + field->offset);

			is_other |= !str_eq(*name, r->match.values[at]);
			buf_put_str(&path, *name);
		} else {
			buf_put_str(&path, r->match.values[at]);
		}
		at++;
	}
	*ret_path = buf_str(&path);
	return is_other;
}

/* What is no id names nothing; what is no domain name is told so. */
static int path_refuse(struct request *r)
{
	const struct field *field = r->input.fields;

	while (field->in != IN_PATH || !str_eq(str_of(field->name), r->complaints.first->where))
		field++;
	if (field->type == FIELD_ID || field->type == FIELD_WORD || field->type == FIELD_UINT)
		return answer_problem(r, PROBLEM_NOT_FOUND, "no %s: %.*s", field->name,
				      STR(r->complaints.first->detail));
	return answer_complaints(r);
}

static int input_read(struct request *r)
{
	const struct operation *operation = r->route->operation;
	struct str path;

	input_begin(&r->arena, operation->fields, operation->input_size, &r->input);
	TRY(input_read_path(&r->arena, &r->input, r->route->path, r->match.values, &r->complaints,
			    &r->err));
	if (r->complaints.count)
		return path_refuse(r);
	if (r->match.value_count && names_differ(r, &path))
		return redirect(r, path);
	TRY(input_read_query(&r->arena, &r->input, r->query, &r->complaints, &r->err));
	if (!(operation->flags & OPERATION_IMPORT) && input_has_body_fields(operation->fields)) {
		if (r->body.len)
			TRY(input_read_body(&r->arena, &r->input, buf_str(&r->body), &r->complaints,
					    &r->err));
		else if (!(operation->flags & OPERATION_BODY_OPTIONAL))
			return err_set(&r->err, ERR_SYNTAX, "a JSON object is wanted as body");
	}
	input_end(&r->arena, &r->input, &r->complaints);
	return r->complaints.count ? answer_complaints(r) : 0;
}

/* Something was committed, or the time is over. */
static void look_again(struct request *r)
{
	int code = r->again(r);

	if (code < 0)
		answer_code(r, code);
}

static bool is_waiting(struct request *r)
{
	while (!r->status) {
		if (hub_wait(&r->api->hub, &r->waiter, r->connection, r->again_us))
			return true;
		r->again_us = 0; /* the server ends: say how it stands */
		look_again(r);
	}
	return false;
}

/* An answer that somebody waits for is kept before it is taken back. */
static int handle(struct request *r)
{
	const struct operation *operation = r->route->operation;

	TRY(operation->handle ? operation->handle(r) : listing_answer(r));
	if (r->again && r->status < 300 && r->again_us > clock_monotonic_us())
		r->status = 0;
	return 0;
}

static void execute(struct request *r)
{
	int code = input_read(r);

	if (code == ERR_SYNTAX) {
		answer_problem(r, PROBLEM_MALFORMED, "%s", r->err.text);
		return;
	}
	if (!code && !r->status)
		code = idempotent_replay(r);
	if (!code && !r->status)
		code = handle(r);
	if (!code && !r->status && !r->again)
		code = err_set(&r->err, -EINVAL, "no answer was made");
	if (code < 0)
		answer_code(r, code);
}

enum MHD_Result exchange_step(void *cls, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload_data,
			      size_t *upload_data_size, void **request)
{
	struct request *r = *request;

	if (!r->method_word.len)
		return headers_came(r, method);
	if (*upload_data_size) {
		struct str part = { upload_data, *upload_data_size };

		*upload_data_size = 0;
		return body_came(r, part);
	}
	if (r->is_queued)
		return MHD_YES;
	if (r->peer)
		peer_enter(&r->api->peers, r->peer, PEER_ANSWERING);
	if (!r->status && r->again)
		look_again(r);
	else if (!r->status)
		execute(r);
	if (!r->status && is_waiting(r))
		return MHD_YES;
	return answer_queue(r);
}
