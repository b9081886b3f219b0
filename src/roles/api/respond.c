/* SPDX-License-Identifier: Apache-2.0 */
/* How does an answer become a response of the library's? */
#include "roles/api/server.h"

#include "roles/api/accept.h"
#include "roles/api/gzip.h"

enum { STREAM_BLOCK = 64 * 1024 };

static const struct header security[] = {
	{ "X-Content-Type-Options", "nosniff", NULL },
	{ "Referrer-Policy", "no-referrer", NULL },
	{ "X-Frame-Options", "DENY", NULL },
	{ "Cross-Origin-Resource-Policy", "same-origin", NULL },
};
static const char csp_data[] = "default-src 'none'; frame-ancestors 'none'";
static const char csp_report[] = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
				 "form-action 'none'; frame-ancestors 'none'";
static const char csp_page[] = "default-src 'none'; style-src 'self'; base-uri 'none'; "
			       "form-action 'none'; frame-ancestors 'none'";

/* libmicrohttpd wants at least one byte, an end, or an error; an empty part is asked for again. */
static ssize_t stream_read(void *cls, uint64_t position, char *to, size_t most)
{
	struct request *r = cls;
	struct log_ids ids = request_ids(r);
	size_t len;

	while (r->sent == r->out.len && !r->is_at_end) {
		struct buf part = { 0 };
		int code;

		r->out.len = r->sent = 0;
		code = r->stream.next(r, r->gzip ? &part : &r->out);
		if (code < 0) {
			buf_release(&part);
			log_event(r->api->options.log, LEVEL_ERROR, "request.cut-off", &ids,
				  LOG_INT("code", code), LOG_TEXT("text", r->err.text));
			return MHD_CONTENT_READER_END_WITH_ERROR;
		}
		if (code == STREAM_WAITS &&
		    hub_wait(&r->api->hub, &r->waiter, r->connection, r->stream.due_us)) {
			buf_release(&part);
			return 0;
		}
		r->is_at_end = code == STREAM_END || code == STREAM_WAITS;
		if (r->gzip)
			gzip_put(r->gzip, buf_str(&part), r->is_at_end, &r->out);
		buf_release(&part);
	}
	len = MIN(most, r->out.len - r->sent);
	if (!len)
		return MHD_CONTENT_READER_END_OF_STREAM;
	memcpy(to, r->out.data + r->sent, len);
	r->sent += len;
	return (ssize_t)len;
}

static void shorten(struct request *r)
{
	struct buf small = { 0 };
	struct gzip *gzip;

	if (!r->content_type || r->stream.is_live || (!r->stream.next && r->out.len < GZIP_LEAST) ||
	    !accept_gzip(request_header(r, "Accept-Encoding")))
		return;
	etag_mark_gzip(r->etag);
	answer_header(r, "Content-Encoding", "gzip");
	gzip = gzip_open();
	gzip_put(gzip, buf_str(&r->out), !r->stream.next || r->is_at_end, &small);
	buf_release(&r->out);
	r->out = small;
	if (r->stream.next)
		r->gzip = gzip;
	else
		gzip_close(gzip);
}

/* RFC 9110 section 13.1.2. */
static void condition(struct request *r)
{
	struct str if_none_match = request_header(r, "If-None-Match");

	if (r->version && r->status < 300 && r->out.len)
		etag_of_version(r->etag, r->version, buf_str(&r->out));
	if (r->method != METHOD_GET || r->status != MHD_HTTP_OK || r->stream.next)
		return;
	if (!r->etag[0])
		etag_of_bytes(r->etag, buf_str(&r->out));
	if (if_none_match.len && etag_is_in(if_none_match, str_of(r->etag), true)) {
		r->status = MHD_HTTP_NOT_MODIFIED;
		r->out.len = 0;
		r->content_type = NULL;
	}
}

/* The library refuses empty values and broken lines, of which there are none to send; what is left is
 * that it had no memory, and an answer that lacks a header would be another answer. */
static void put(struct MHD_Response *response, const char *name, const char *value)
{
	if (*value && !strpbrk(value, "\r\n\t") &&
	    MHD_add_response_header(response, name, value) != MHD_YES)
		memory_exhausted();
}

static void put_headers(struct request *r, struct MHD_Response *response)
{
	bool is_page = r->content_type && str_starts(str_of(r->content_type), STR_LIT("text/html"));

	for (size_t i = 0; i < ARRAY_COUNT(security); i++)
		put(response, security[i].name, security[i].value);
	put(response, "Content-Security-Policy",
	    !is_page           ? csp_data
	    : r->has_own_style ? csp_report
			       : csp_page);
	put(response, "X-Request-Id", r->identity.request_id);
	put(response, "traceparent", r->identity.parent);
	put(response, "Cache-Control", r->etag[0] ? "private, no-cache" : "no-store");
	put(response, "Vary", "Accept, Accept-Encoding, Authorization, Cookie");
	if (r->api->options.tls_certificate.len)
		put(response, "Strict-Transport-Security", "max-age=31536000");
	if (r->etag[0])
		put(response, "ETag", r->etag);
	if (r->content_type)
		put(response, "Content-Type", r->content_type);
	for (const struct header *header = r->headers; header; header = header->next)
		put(response, header->name, header->value);
	if (r->api->is_draining)
		put(response, "Connection", "close");
}

enum MHD_Result answer_queue(struct request *r)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	condition(r);
	shorten(r);
	if (r->stream.next && !r->is_head)
		response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK,
							     stream_read, r, NULL);
	else
		response = MHD_create_response_from_buffer(
			r->out.len, r->out.len ? r->out.data : "", MHD_RESPMEM_PERSISTENT);
	if (!response)
		memory_exhausted();
	put_headers(r, response);
	result = MHD_queue_response(r->connection, r->status, response);
	MHD_destroy_response(response);
	r->is_queued = result == MHD_YES;
	return result;
}
