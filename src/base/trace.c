/* SPDX-License-Identifier: Apache-2.0 */
/* How is a trace named, read and written? */
#include "base/trace.h"

#include <sys/random.h>

/* "00-" id "-" span "-" flags: where each begins, and where the first version ends. */
enum { ID_AT = 3, SPAN_AT = 36, FLAGS_AT = 53, END_AT = 55 };

static int digit_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool octets_read(struct str text, uint8_t *ret, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int high = digit_of(text.data[2 * i]), low = digit_of(text.data[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		ret[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool is_zero(const uint8_t *octets, size_t count)
{
	uint8_t all = 0;

	for (size_t i = 0; i < count; i++)
		all |= octets[i];
	return !all;
}

int trace_parse(struct str text, struct trace *ret)
{
	struct trace trace;
	uint8_t version, flags;

	if (text.len < END_AT || text.data[ID_AT - 1] != '-' || text.data[SPAN_AT - 1] != '-' ||
	    text.data[FLAGS_AT - 1] != '-' || !octets_read(text, &version, 1) ||
	    !octets_read(str_from(text, ID_AT), trace.id, sizeof trace.id) ||
	    !octets_read(str_from(text, SPAN_AT), trace.span, sizeof trace.span) ||
	    !octets_read(str_from(text, FLAGS_AT), &flags, 1))
		return ERR_SYNTAX;
	/* Section 3.2.2.1: 255 is no version; section 4.3: what follows a later one's flags */
	if (version == 0xff || (text.len > END_AT && (version == 0 || text.data[END_AT] != '-')))
		return ERR_SYNTAX;
	if (is_zero(trace.id, sizeof trace.id) || is_zero(trace.span, sizeof trace.span))
		return ERR_SYNTAX;
	trace.is_sampled = flags & 1;
	*ret = trace;
	return 0;
}

/* Ids tell steps apart and guard nothing: an id without randomness is still an id. */
static void random_fill(uint8_t *out, size_t count)
{
	ssize_t got;

	do
		got = getrandom(out, count, 0); /* all or nothing up to 256 octets */
	while (got < 0 && errno == EINTR);
	if (got != (ssize_t)count || is_zero(out, count))
		out[0] = 1;
}

struct trace trace_new(void)
{
	struct trace trace = { .is_sampled = false };

	random_fill(trace.id, sizeof trace.id);
	random_fill(trace.span, sizeof trace.span);
	return trace;
}

struct trace trace_child(const struct trace *parent)
{
	struct trace child = *parent;

	random_fill(child.span, sizeof child.span);
	return child;
}

static char *digits_put(char *out, const uint8_t *octets, size_t count)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < count; i++) {
		*out++ = digits[octets[i] >> 4];
		*out++ = digits[octets[i] & 15];
	}
	*out = 0;
	return out;
}

const char *trace_id_text(const struct trace *trace, char out[static TRACE_ID_TEXT_BYTES])
{
	digits_put(out, trace->id, sizeof trace->id);
	return out;
}

const char *trace_text(const struct trace *trace, char out[static TRACEPARENT_BYTES])
{
	uint8_t version = 0, flags = trace->is_sampled;
	char *at = digits_put(out, &version, 1);

	*at++ = '-';
	at = digits_put(at, trace->id, sizeof trace->id);
	*at++ = '-';
	at = digits_put(at, trace->span, sizeof trace->span);
	*at++ = '-';
	digits_put(at, &flags, 1);
	return out;
}
