/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Problem details (RFC 9457): what every answer of 400 and above holds.
 *
 *	{"type":"/docs#problem-validation","title":"…","status":422,"detail":"…","instance":"…",
 *	 "errors":[{"pointer":"#/name","code":"syntax","detail":"a space inside a label (column 8)"}],
 *	 "request_id":"…"}
 *
 * An error names its place: a JSON pointer into the body as a URI fragment (RFC 6901 section 6), or
 * the parameter of the path, query or header.
 */
#ifndef DSS_ROLES_API_PROBLEM_H
#define DSS_ROLES_API_PROBLEM_H

#include "base/str.h"

/* X(NAME, status, "slug", "title", "what to do") */
#define PROBLEMS(X)                                                                                \
	X(MALFORMED, 400, "malformed", "The request cannot be read",                               \
	  "Send what the reference describes: UTF-8, valid JSON without repeated members.")        \
	X(UNAUTHENTICATED, 401, "unauthenticated", "Who are you?",                                 \
	  "Send Authorization: Bearer with a key that is valid and not expired, or log in.")       \
	X(FORBIDDEN, 403, "forbidden", "You may not do that",                                      \
	  "Use a key with the scope, or an account with the role, that the detail names.")         \
	X(NOT_FOUND, 404, "not-found", "There is no such thing",                                   \
	  "Check the path and the id; ids of another workspace are not found either.")             \
	X(METHOD, 405, "method", "This path does not have that method",                            \
	  "The Allow header lists the methods.")                                                   \
	X(NOT_ACCEPTABLE, 406, "not-acceptable", "None of the accepted media types can be given",  \
	  "Ask for one of the media types that the detail lists.")                                 \
	X(CONFLICT, 409, "conflict", "The present state does not allow that",                      \
	  "Read the object again and decide anew.")                                                \
	X(EXISTS, 409, "exists", "It is there already", "Change the one that is there.")           \
	X(GONE, 410, "gone", "It was there and is not kept any more",                              \
	  "Start again without Last-Event-ID, or from a newer place.")                             \
	X(PRECONDITION_FAILED, 412, "precondition-failed", "Somebody changed it meanwhile",        \
	  "Read it again, merge, and send the new ETag in If-Match.")                              \
	X(TOO_LARGE, 413, "too-large", "The body is larger than allowed",                          \
	  "Split it; only imports take more than 1 MiB.")                                          \
	X(URI_TOO_LONG, 414, "uri-too-long", "The address is longer than allowed",                 \
	  "Addresses have 8,000 characters at most.")                                              \
	X(MEDIA_TYPE, 415, "media-type", "The body's media type is not taken here",                \
	  "Send the media type that the detail names, without content encoding.")                  \
	X(MISDIRECTED, 421, "misdirected", "This server does not have that name", "Check Host.")   \
	X(VALIDATION, 422, "validation", "A value is not what it must be",                         \
	  "Each member of errors says where and why.")                                             \
	X(TOO_EARLY, 425, "too-early", "There is nothing to show yet",                             \
	  "Wait for the first scan; its URL shows how far it is.")                                 \
	X(PRECONDITION_REQUIRED, 428, "precondition-required", "The request must be conditional",  \
	  "Send If-Match with the ETag that you saw, or * to insist.")                             \
	X(RATE, 429, "rate", "Too many requests", "Wait as long as Retry-After says.")             \
	X(QUOTA, 429, "quota", "The workspace's quota is used up",                                 \
	  "Wait as long as Retry-After says, or ask for a larger quota.")                          \
	X(HEADERS_TOO_LARGE, 431, "headers-too-large", "The headers are larger than allowed",      \
	  "Send fewer or shorter headers.")                                                        \
	X(INTERNAL, 500, "internal", "That went wrong on our side",                                \
	  "Look for the request id in the log of dss api.")                                        \
	X(UNAVAILABLE, 503, "unavailable", "The store cannot be used at the moment",               \
	  "Try again when Retry-After has passed; /readyz says what is wrong.")

enum problem_kind {
#define X(NAME, ...) PROBLEM_##NAME,
	PROBLEMS(X)
#undef X
		PROBLEM_KINDS
};

struct problem_row {
	uint16_t status;
	const char *slug, *title, *advice;
};

extern const struct problem_row problem_rows[PROBLEM_KINDS];

enum complaint_place { PLACE_BODY, PLACE_QUERY, PLACE_PATH, PLACE_HEADER };
extern const char *const complaint_places[];

/** One thing that is wrong. */
struct complaint {
	uint8_t place; /**< enum complaint_place */
	struct str
		where; /**< PLACE_BODY: a JSON pointer (RFC 6901), "" is all of it; else a name */
	const char *code; /**< for programs: "required", "type", "range", "unknown" … */
	struct str detail;
	struct complaint *next;
};

enum { COMPLAINTS_MOST = 100 };

/** All that is wrong with a request, in the order found; more than COMPLAINTS_MOST are not kept. */
struct complaints {
	struct arena *arena;
	struct complaint *first, **last;
	size_t count;
};

void complaints_init(struct complaints *c, struct arena *a);
void complain(struct complaints *c, enum complaint_place place, struct str where, const char *code,
	      const char *format, ...) PRINTF(5, 6);

/** The whole document, for application/problem+json. */
void problem_put(struct buf *out, enum problem_kind kind, struct str detail,
		 const struct complaints *c, struct str request_id);

#endif
