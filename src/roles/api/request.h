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

#include "app/app.h"
#include "app/session.h"
#include "base/json.h"
#include "roles/api/api.h"
#include "roles/api/etag.h"
#include "roles/api/hub.h"
#include "roles/api/input.h"
#include "roles/api/route.h"
#include "roles/api/spool.h"
#include "roles/api/identity.h"

struct MHD_Connection;
struct peer;
struct gzip;

enum media { MEDIA_JSON, MEDIA_NDJSON, MEDIA_CSV, MEDIA_OTHER };

struct header {
	const char *name, *value;
	struct header *next;
};

/** What a stream says after a part. */
enum { STREAM_END = 0, STREAM_MORE = 1, STREAM_WAITS = 2 };

/** How an answer that is longer than a buffer is made, part by part. */
struct stream {
	/** Append at most about 64 KiB to out: STREAM_…, or negative: cut it off. STREAM_WAITS: nothing
	 * was appended; ask again after the next commit, or at due_us. */
	int (*next)(struct request *r, struct buf *out);
	/** Once, when the request ends, however it ends; NULL: nothing to do. */
	void (*close)(struct request *r);
	void *state;
	bool is_live; /**< goes out as it comes: not compressed */
	int64_t due_us;
};

struct request {
	struct arena arena;
	struct api *api;
	struct app *app; /**< NULL: the server has no store */
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
	struct spool spool; /**< of imports, instead of body */
	uint64_t body_bytes;
	bool is_body_read,
		is_refused; /**< refused: the answer stands, what is left is thrown away */
	struct input input;
	struct complaints complaints;
	enum media media; /**< what the answer is to be */
	struct err err;
	struct actor actor; /**< who calls; of public routes: nobody */
	struct login login; /**< of people */
	bool has_actor, has_session;
	struct problem problem; /**< what the layer app said */
	int64_t version;        /**< of the object that the answer shows; 0: it has none */

	uint16_t status; /**< 0: not answered yet */
	struct header *headers;
	struct buf out;
	const char *content_type;
	bool has_own_style;   /**< a page with its styles inside */
	struct stream stream; /**< next is NULL: out is all */
	struct gzip *gzip;
	size_t sent;    /**< of out, by a stream */
	bool is_at_end; /**< of a stream */
	char etag
		[ETAG_BYTES]; /**< with quotes; empty: of the octets, when it is an answer to GET */
	bool is_queued;

	/** Of a request that waits (Prefer: wait): called again after each commit, and when again_us has
	 * passed, until it answers; then it must. Set by the handler instead of an answer. */
	int (*again)(struct request *r);
	int64_t again_us;
	void *again_state;
	struct waiter waiter;
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
/** The version that If-Match names, 0 for "*". Negative: answered 412 or 428. */
int if_match_read(struct request *r, int64_t *ret) MUST_USE;
/** The same where a client may leave it out: then *ret stays. */
int if_match_read_optional(struct request *r, int64_t *ret) MUST_USE;
/** Location: where the object of that collection ("scans") is. */
void answer_location(struct request *r, const char *collection, struct str id);
/** By a negative code of the layers below, with r->err. */
int answer_code(struct request *r, int code);
/** By a negative code of the layer app, with r->problem (app/app.h has the list). */
int answer_app(struct request *r, int code);
/** For handlers: go on, or answer what the layer app refused. */
#define TRY_APP(r, call)                                                                           \
	do {                                                                                       \
		int app_code_ = (call);                                                            \
		if (app_code_ < 0)                                                                 \
			return answer_app((r), app_code_);                                         \
	} while (0)

#endif
