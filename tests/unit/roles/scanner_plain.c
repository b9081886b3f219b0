/* SPDX-License-Identifier: Apache-2.0 */
/* Does the scanner serve a worker: scans with options of their own, plain verdicts, ends on demand? */
#include "children/inbox.h"
#include "facts/fact.h"
#include "tests/unit/roles/scanner_child.h"

#include <unistd.h>

static void configure(struct scanner_child *child, struct str *resolver)
{
	struct scanner_configuration c = { .work = SCANNER_WORK_SCAN,
					   .options.profile = STR_LIT("standard"),
					   .in_flight = 100,
					   .wants_facts = true,
					   .progress_ms = 50 };
	struct frame frame;

	*resolver = str_of(child->resolver);
	c.resolvers = resolver;
	c.resolver_count = 1;
	child_send_body(child, SCANNER_CONFIGURE, &scanner_configuration_desc, &c);
	CHECK(child_expect(child, SCANNER_READY, &frame));
}

static void scan(struct scanner_child *child, uint64_t number,
		 const struct scanner_options *options)
{
	struct scanner_scan body = { .number = number,
				     .domain = STR_LIT("no-such-name.example"),
				     .has_options = options != NULL };

	if (options)
		body.options = *options;
	child_send_body(child, SCANNER_SCAN, &scanner_scan_desc, &body);
}

/* Frames until the end of one scan, read as a worker reads them. */
struct told {
	struct arena arena;
	struct scanner_inbox inbox;
	struct judgement judgement;
	uint8_t state;
	unsigned facts, verdicts, progress;
	size_t fact_count;
};

static void told_until_result(struct scanner_child *child, struct told *told)
{
	struct scanner_body body = { 0 };

	told->facts = told->verdicts = 0;
	while (body.type != SCANNER_RESULT) {
		struct frame frame;
		struct err err = { 0 };

		CHECK(child_next(child, &frame));
		frame.body = str_copy(&told->arena, frame.body);
		test_row("frame of type %u", frame.type);
		CHECK(scanner_inbox_read(&told->arena, &told->inbox, &frame, &body, &err) >= 0);
		told->facts += body.type == SCANNER_FACTS;
		told->verdicts += body.type == SCANNER_VERDICTS;
		told->progress += body.type == SCANNER_PROGRESS;
		if (body.type == SCANNER_VERDICTS)
			told->judgement = body.verdicts.judgement;
		if (body.type == SCANNER_FACTS)
			told->fact_count = body.facts.fact_count;
	}
	told->state = body.result.state;
	CHECK(!body.result.output.len);
}

static struct told told_init(void)
{
	return (struct told){ .inbox = { .wants_verdicts = true, .wants_facts = true } };
}

static void told_release(struct told *told)
{
	scanner_inbox_release(&told->inbox);
	arena_release(&told->arena);
}

TEST(a_scan_is_told_as_facts_and_verdicts)
{
	struct scanner_child child;
	struct told told = told_init();
	struct frame frame;
	struct str resolver;

	child_begin(&child, true);
	configure(&child, &resolver);
	scanner_inbox_expect(&told.inbox, 7);
	scan(&child, 7, NULL);
	told_until_result(&child, &told);
	CHECK_INT(told.facts, 1);
	CHECK_INT(told.verdicts, 1);
	CHECK(told.fact_count > 0);
	CHECK_INT(told.state, SCAN_DONE);
	CHECK(told.judgement.check_count > 100);
	child_send(&child, SCANNER_FINISH, STR_NONE);
	while (child_next(&child, &frame))
		;
	CHECK_INT(child_finish(&child), 0);
	told_release(&told);
}

TEST(each_scan_has_options_of_its_own)
{
	struct str only[] = { STR_LIT("dns.domain") },
		   skip[] = { STR_LIT("mail"), STR_LIT("dnssec") };
	struct scanner_options narrow = { .profile = STR_LIT("quick"),
					  .only = only,
					  .only_count = 1 };
	struct scanner_options wide = { .profile = STR_LIT("quick"),
					.skip = skip,
					.skip_count = 2 };
	struct scanner_child child;
	struct told told = told_init();
	size_t of_narrow;
	struct str resolver;

	child_begin(&child, true);
	configure(&child, &resolver);
	scanner_inbox_expect(&told.inbox, 1);
	scan(&child, 1, &narrow);
	told_until_result(&child, &told);
	of_narrow = told.judgement.check_count;
	for (size_t i = 0; i < of_narrow; i++)
		CHECK(str_starts(told.judgement.checks[i].id, STR_LIT("dns.domain")));
	scanner_inbox_expect(&told.inbox, 2);
	scan(&child, 2, &wide);
	told_until_result(&child, &told);
	CHECK(told.judgement.check_count > of_narrow);
	for (size_t i = 0; i < told.judgement.check_count; i++)
		CHECK(!str_starts(told.judgement.checks[i].id, STR_LIT("mail.")));
	child_finish(&child);
	told_release(&told);
}

TEST(a_fresh_scan_asks_again_and_another_does_not)
{
	struct scanner_options usual = { .profile = STR_LIT("quick") };
	struct scanner_options fresh = { .profile = STR_LIT("quick"), .is_fresh = true };
	struct scanner_child child;
	struct told told = told_init();
	unsigned asked, again;
	struct str resolver;

	child_begin(&child, true);
	configure(&child, &resolver);
	for (uint64_t number = 1; number <= 3; number++)
		scanner_inbox_expect(&told.inbox, number);
	scan(&child, 1, &usual);
	told_until_result(&child, &told);
	asked = child.asked;
	CHECK(asked > 1);
	scan(&child, 2, &usual);
	told_until_result(&child, &told);
	CHECK_INT(child.asked, asked);
	scan(&child, 3, &fresh);
	told_until_result(&child, &told);
	again = child.asked - asked;
	CHECK(again + 1 >= asked); /* but for the probe of the resolver */
	child_finish(&child);
	told_release(&told);
}

TEST(a_cancelled_scan_ends_at_once_and_alone)
{
	struct scanner_cancel cancel = { .number = 1 };
	struct scanner_child child;
	struct told told = told_init();
	struct frame frame;
	struct str resolver;

	child_begin(&child, true);
	configure(&child, &resolver);
	child.is_silent = true;
	scanner_inbox_expect(&told.inbox, 1);
	scanner_inbox_find(&told.inbox, 1)->is_cancelled = true;
	scan(&child, 1, NULL);
	child_send_body(&child, SCANNER_CANCEL, &scanner_cancel_desc, &cancel);
	told_until_result(&child, &told);
	CHECK_INT(told.state, SCAN_CANCELLED);
	CHECK_INT(told.verdicts + told.facts, 0);
	/* What is not there any more, or never was, is no mistake. */
	child_send_body(&child, SCANNER_CANCEL, &scanner_cancel_desc, &cancel);
	child.is_silent = false;
	scanner_inbox_expect(&told.inbox, 2);
	scan(&child, 2, NULL);
	told_until_result(&child, &told);
	CHECK_INT(told.state, SCAN_DONE);
	child_send(&child, SCANNER_FINISH, STR_NONE);
	while (child_next(&child, &frame))
		;
	CHECK_INT(child_finish(&child), 0);
	told_release(&told);
}

TEST(signs_of_life_come_while_nothing_else_happens)
{
	struct scanner_child child;
	struct frame frame;
	struct str resolver;

	child_begin(&child, true);
	configure(&child, &resolver);
	for (unsigned i = 0; i < 3; i++)
		CHECK(child_expect(&child, SCANNER_PROGRESS, &frame));
	child_send(&child, SCANNER_FINISH, STR_NONE);
	while (child_next(&child, &frame))
		;
	CHECK_INT(child_finish(&child), 0);
}

TEST(a_profile_that_is_none_ends_it)
{
	struct scanner_options options = { .profile = STR_LIT("no-such") };
	struct scanner_child child;
	struct frame frame;
	struct str resolver;

	child_begin(&child, true);
	configure(&child, &resolver);
	scan(&child, 1, &options);
	CHECK(child_expect(&child, SCANNER_FATAL, &frame));
	CHECK_INT(child_finish(&child), 5);
}
