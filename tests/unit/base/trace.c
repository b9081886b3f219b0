/* SPDX-License-Identifier: Apache-2.0 */
/* Is a traceparent taken or refused as W3C Trace Context's own tests have it, and passed on? */
#include "base/trace.h"
#include "tests/test.h"

#define ID "12345678901234567890123456789012"
#define SPAN "1234567890123456"

TEST(traceparents_are_taken_and_refused)
{
	static const struct {
		const char *text;
		bool is_right;
	} rows[] = {
		{ "00-" ID "-" SPAN "-01", true },
		{ "00-" ID "-" SPAN "-00", true },
		{ "00-" ID "-" SPAN "-ff", true },
		/* version_0x00: nothing may follow */
		{ "00-" ID "-" SPAN "-01.", false },
		{ "00-" ID "-" SPAN "-01-what-the-future-will-be-like", false },
		/* version_0xcc: a later version's front part */
		{ "cc-" ID "-" SPAN "-01", true },
		{ "cc-" ID "-" SPAN "-01-what-the-future-will-be-like", true },
		{ "cc-" ID "-" SPAN "-01.what-the-future-will-be-like", false },
		{ "ff-" ID "-" SPAN "-01", false },
		/* version: illegal characters, too long, too short */
		{ ".0-" ID "-" SPAN "-01", false },
		{ "0.-" ID "-" SPAN "-01", false },
		{ "000-" ID "-" SPAN "-01", false },
		{ "0000-" ID "-" SPAN "-01", false },
		{ "0-" ID "-" SPAN "-01", false },
		/* trace_id */
		{ "00-00000000000000000000000000000000-" SPAN "-01", false },
		{ "00-.2345678901234567890123456789012-" SPAN "-01", false },
		{ "00-1234567890123456789012345678901.-" SPAN "-01", false },
		{ "00-123456789012345678901234567890123-" SPAN "-01", false },
		{ "00-1234567890123456789012345678901-" SPAN "-01", false },
		/* parent_id */
		{ "00-" ID "-0000000000000000-01", false },
		{ "00-" ID "-.234567890123456-01", false },
		{ "00-" ID "-123456789012345.-01", false },
		{ "00-" ID "-12345678901234567-01", false },
		{ "00-" ID "-123456789012345-01", false },
		/* trace_flags */
		{ "00-" ID "-" SPAN "-.0", false },
		{ "00-" ID "-" SPAN "-0.", false },
		{ "00-" ID "-" SPAN "-001", false },
		{ "00-" ID "-" SPAN "-1", false },
		/* upper case is none (section 3.2.2.3) */
		{ "00-ABCDEF78901234567890123456789012-" SPAN "-01", false },
		{ "", false },
		{ "00", false },
		{ " 00-" ID "-" SPAN "-01", false },
		{ "00_" ID "-" SPAN "-01", false },
		{ "00-" ID "_" SPAN "-01", false },
		{ "00-" ID "-" SPAN "_01", false },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct trace trace = { .is_sampled = true };

		test_row("%s", rows[i].text);
		CHECK((trace_parse(str_of(rows[i].text), &trace) == 0) == rows[i].is_right);
		CHECK(trace_is_set(&trace) == rows[i].is_right);
	}
}

TEST(a_trace_goes_on_with_another_span)
{
	char text[TRACEPARENT_BYTES], id[TRACE_ID_TEXT_BYTES];
	struct trace trace, child, again;

	CHECK_INT(trace_parse(STR_LIT("cc-" ID "-" SPAN "-03-more"), &trace), 0);
	CHECK_STR(str_of(trace_text(&trace, text)), "00-" ID "-" SPAN "-01");
	CHECK_STR(str_of(trace_id_text(&trace, id)), ID);
	child = trace_child(&trace);
	CHECK(!memcmp(child.id, trace.id, sizeof child.id));
	CHECK(memcmp(child.span, trace.span, sizeof child.span) != 0);
	CHECK(child.is_sampled);
	CHECK_INT(trace_parse(str_of(trace_text(&child, text)), &again), 0);
	CHECK(!memcmp(&again, &child, sizeof again));
}

TEST(new_traces_differ)
{
	struct trace one = trace_new(), two = trace_new();

	CHECK(trace_is_set(&one) && trace_is_set(&two) && !one.is_sampled);
	CHECK(memcmp(one.id, two.id, sizeof one.id) != 0);
	CHECK(memcmp(one.span, two.span, sizeof one.span) != 0);
}
