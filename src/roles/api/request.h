/* SPDX-License-Identifier: Apache-2.0 */
/**
 * One request, from its first line to its answer. It belongs to the thread that its connection
 * belongs to; handlers run there, may use the store, and end within 50 ms.
 *
 * A handler reads r->input.values, and answers by one of the answer_… functions, each of which
 * returns 0, so that "return answer_problem(r, PROBLEM_EXISTS, …)" works. A negative code instead
 * becomes 503 (-EBUSY, -EIO, -ENOSPC: the store cannot now) or 500, with r->err in the log.
 */
#ifndef DSS_ROLES_API_REQUEST_H
#define DSS_ROLES_API_REQUEST_H

#include "base/json.h"
#include "roles/api/api.h"
#include "roles/api/etag.h"
#include "roles/api/input.h"
#include "roles/api/route.h"
#include "roles/api/identity.h"

struct MHD_Connection;
struct peer;
struct gzip;

enum media { MEDIA_JSON, MEDIA_NDJSON, MEDIA_CSV, MEDIA_OTHER };

struct header {
	const char *name, *value;
	struct header *next;
};

/** How an answer that is longer than a buffer is made, part by part. */
struct stream {
	/** Append at most about 64 KiB to out: 1 there is more, 0 that was all, negative: cut it off. */
	int (*next)(struct request *r, struct buf *out);
	/** Once, when the request ends, however it ends; NULL: nothing to do. */
	void (*close)(struct request *r);
	void *state;
};

struct request {
	struct arena arena;
	struct api *api;
	struct MHD_Connection *connection;
	struct peer *peer;
	int64_t begun_us; /**< monotonic */
	struct identity identity;
	struct str address; /**< of the client, for logs and limits */

	enum method method;
	struct str method_word, target; /**< as sent */
	struct str path, query;         /**< as sent, parts of target */
	bool is_head;
	const struct route *route; /**< NULL: none was found */
	struct route_match match;

	struct buf body;
	uint64_t body_bytes;
	bool is_body_read,
		is_refused; /**< refused: the answer stands, what is left is thrown away */
	struct input input;
	struct complaints complaints;
	enum media media; /**< what the answer is to be */
	struct err err;

	uint16_t status; /**< 0: not answered yet */
	struct header *headers;
	struct buf out;
	const char *content_type;
	struct stream stream; /**< next is NULL: out is all */
	struct gzip *gzip;
	size_t sent;    /**< of out, by a stream */
	bool is_at_end; /**< of a stream */
	char etag
		[ETAG_BYTES]; /**< with quotes; empty: of the octets, when it is an answer to GET */
	bool is_queued;
};

/** For the log. */
struct log_ids request_ids(const struct request *r);
/** A header of the request; empty when it is not there. */
struct str request_header(const struct request *r, const char *name);
/** name and value: in r->arena or constants; no line breaks. */
void answer_header(struct request *r, const char *name, const char *value);
/** An empty answer with that status. */
int answer_empty(struct request *r, unsigned status);
/** Begin a JSON answer: the caller writes one value. */
struct json answer_json(struct request *r, unsigned status);
/** The struct, as the route's success status and shape say. */
int answer_struct(struct request *r, const void *value);
/** Text of that media type, in r->out by the caller. */
int answer_text(struct request *r, unsigned status, const char *content_type);
int answer_stream(struct request *r, const char *content_type, struct stream stream);
int answer_problem(struct request *r, enum problem_kind kind, const char *format, ...) PRINTF(3, 4);
/** 422 with what is in r->complaints. */
int answer_complaints(struct request *r);
/** By a negative code of the layers below. */
int answer_code(struct request *r, int code);

#endif
