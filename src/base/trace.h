/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Which request caused this work? The traceparent of W3C Trace Context (level 1), carried from the
 * API through the queue to workers, and put into log lines. What comes in with a request is the
 * client's: it names a trace and nothing more, and is refused whole when it is malformed.
 */
#ifndef DSS_BASE_TRACE_H
#define DSS_BASE_TRACE_H

#include "base/err.h"
#include "base/str.h"

enum {
	TRACE_ID_BYTES = 16,
	TRACE_SPAN_BYTES = 8,
	TRACEPARENT_BYTES = 56, /**< "00-", 32 digits, "-", 16 digits, "-", 2 digits, NUL */
	TRACE_ID_TEXT_BYTES = 33
};

struct trace {
	uint8_t id[TRACE_ID_BYTES];     /**< of the whole trace; all zero: there is none */
	uint8_t span[TRACE_SPAN_BYTES]; /**< of the one step that this is */
	bool is_sampled;                /**< the caller records it (section 3.2.2.5.1) */
};

/**
 * Section 3.2: version 00 exactly; a later version's front part when "-" follows it; lower-case
 * digits; ids that are not all zero. Blanks around belong to whoever reads the header. ERR_SYNTAX
 * else: then a new trace begins.
 */
int trace_parse(struct str text, struct trace *ret) MUST_USE;
/** A trace that begins here. */
struct trace trace_new(void) MUST_USE;
/** The next step of it: the same id and sampling, another span. */
struct trace trace_child(const struct trace *parent) MUST_USE;

static inline bool trace_is_set(const struct trace *trace)
{
	static const uint8_t none[TRACE_ID_BYTES];

	return memcmp(trace->id, none, sizeof none) != 0;
}

/** As a traceparent header; returns out. */
const char *trace_text(const struct trace *trace, char out[static TRACEPARENT_BYTES]);
/** The id alone, 32 digits; returns out. */
const char *trace_id_text(const struct trace *trace, char out[static TRACE_ID_TEXT_BYTES]);

#endif
