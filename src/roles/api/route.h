/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a route is. The table of routes (roles/api/routes.h) has one line a route: who may call it and
 * what it is for; the resource's file has its operation: what goes in, what comes out, and the
 * function that answers. The same two tables route, validate, authorise, write openapi.json and the
 * reference at /docs, and drive the tests of authorisation: nothing about a route is said twice.
 */
#ifndef DSS_ROLES_API_ROUTE_H
#define DSS_ROLES_API_ROUTE_H

#include "base/desc.h"
#include "roles/api/access.h"
#include "roles/api/field.h"

enum method { METHOD_GET, METHOD_POST, METHOD_PATCH, METHOD_PUT, METHOD_DELETE, METHOD_COUNT };
extern const char *const method_words[];

/** What an operation takes and gives besides fields; bits. */
enum operation_flag {
	/** Also answers as NDJSON and CSV: all pages, streamed. Of lists. */
	OPERATION_LIST = 1,
	/** If-Match must be there: 428 without, 412 when the version is another. */
	OPERATION_IF_MATCH = 2,
	/** Idempotency-Key may be there: the same key and request give the first answer again. */
	OPERATION_IDEMPOTENT = 4,
	/** Prefer: wait=SECONDS may be there. */
	OPERATION_WAIT = 8,
	/** The body is no JSON: it goes into a file, whatever its size up to the limit for imports. */
	OPERATION_IMPORT = 16,
	/** The body is a merge patch (RFC 7396): application/merge-patch+json or application/json. */
	OPERATION_PATCH = 32,
	/** A body may be missing: all of its fields are optional. */
	OPERATION_BODY_OPTIONAL = 64,
	/** Answers text/event-stream when asked to. */
	OPERATION_EVENTS = 128,
	/** The answer is one JSON array or object that .schema describes, not a struct. */
	OPERATION_LOCATION = 256 /**< success carries Location */
};

struct request;
struct listing;

enum { OPERATION_CODES = 8, ROUTE_WORDS = 8, ROUTE_PARAMETERS = 3 };

struct operation {
	/** Answers: 0 when it has (a problem is an answer too); negative: 500 or 503 by code. */
	int (*handle)(struct request *r);
	/** Of lists, instead of handle: one page (roles/api/listing.h). */
	int (*page)(struct request *r, struct listing *list);
	const struct field *fields; /**< ends with a name of NULL; NULL: it takes none */
	size_t input_size;          /**< of the struct that the fields fill */
	const struct desc *shape;   /**< of the answer, of an item of a list; NULL: no body */
	/** Media type of the answer when it is not JSON. */
	const char *media;
	/** Other media types that it can give, by Accept; NULL-terminated. */
	const char *const *more_media;
	unsigned flags; /**< enum operation_flag */
	/** Statuses of note besides the success and those that every route has. */
	uint16_t codes[OPERATION_CODES];
	const char *help; /**< more than the summary, for the reference; may be NULL */
};

struct route {
	const char *name; /**< "checks_list": operationId */
	enum method method;
	const char *path; /**< "/api/v1/domains/{name}" */
	struct access access;
	uint16_t success; /**< 200, 201, 202, 204 */
	const char *summary;
	const struct operation *operation;
};

/** Ends with a name of NULL. A literal path stands before one with a parameter in its place. */
extern const struct route routes[];

struct route_match {
	const struct route *route; /**< NULL: the path is known, the method is not */
	unsigned allowed;          /**< bits by enum method, of this path */
	/** Path segments that stand for {…}, as they were sent: not decoded. */
	struct str values[ROUTE_PARAMETERS];
	size_t value_count;
};

/** @path  as sent, without the query. 0; -ENOENT: no route has this path. */
int route_match(const struct route *table, struct str path, enum method method,
		struct route_match *ret) MUST_USE;
/** ERR_SYNTAX: none that we know. HEAD is GET. */
int method_parse(struct str word, enum method *ret) MUST_USE;
/** "GET, HEAD, OPTIONS, PATCH": for Allow (RFC 9110 section 10.2.1). */
void route_put_allow(struct buf *out, unsigned allowed);
/** The names in braces of a path, in order; returns how many. */
size_t route_parameters(const char *path, struct str ret[ROUTE_PARAMETERS]);

#endif
