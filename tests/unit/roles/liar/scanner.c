/* SPDX-License-Identifier: Apache-2.0 */
/* A scanner that was taken over: honest about "honest…", and for "lie-NAME…" it says what no scanner
 * may. It is started as dss-net is. */
#include "facts/fact.h"
#include "tests/unit/children/frames_of.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { NEVER = 1 << 20, LARGE = SCANNER_VERDICTS_BYTES + 1 };

static struct arena arena;

static void put_bytes(struct str bytes)
{
	while (bytes.len) {
		ssize_t sent = write(SCANNER_FD, bytes.data, bytes.len);

		if (sent <= 0)
			exit(5);
		bytes = str_from(bytes, (size_t)sent);
	}
}

static void put_frame(const struct frame *frame)
{
	char header[FRAME_HEADER_BYTES];

	frame_header(frame, frame->body.len, header);
	put_bytes(str_bytes(header, sizeof header));
	put_bytes(frame->body);
}

static void put(enum scanner_frame type, const void *body)
{
	struct frame frame = frame_of(&arena, type, body);

	put_frame(&frame);
}

/* ---- what an honest one says ---- */

static void put_facts_of(uint64_t number, const char *first, const char *second)
{
	const char *lines[] = { first, second };
	struct str facts[2];
	struct scan_facts body = { .number = number,
				   .domain = STR_LIT("example.com"),
				   .facts = facts };

	for (size_t i = 0; i < ARRAY_COUNT(lines) && lines[i]; i++) {
		struct fact fact;
		struct buf bytes;

		buf_init(&bytes, &arena);
		if (fact_parse(&arena, str_of(lines[i]), &fact, NULL) < 0)
			exit(5);
		fact_encode(&bytes, &fact);
		facts[body.fact_count++] = buf_str(&bytes);
	}
	put(SCANNER_FACTS, &body);
}

static void put_facts(uint64_t number)
{
	put_facts_of(number, "dns example.com A 192.0.2.1", "dns example.com MX 10 a.example.com.");
}

static struct scanner_verdicts verdicts_of(uint64_t number)
{
	return (struct scanner_verdicts){ .number = number,
					  .judgement = judgement_of(&arena, 1, 1, NEVER) };
}

static void put_verdicts(uint64_t number)
{
	struct scanner_verdicts verdicts = verdicts_of(number);

	put(SCANNER_VERDICTS, &verdicts);
}

static void put_result(uint64_t number, enum scan_state state)
{
	struct scanner_result result = { .number = number, .state = (uint8_t)state };

	put(SCANNER_RESULT, &result);
}

static void honest(uint64_t number)
{
	put_facts(number);
	put_verdicts(number);
	put_result(number, SCAN_DONE);
}

/* ---- lies ---- */

static void garbage(uint64_t number)
{
	struct frame frame = { .type = SCANNER_RESULT,
			       .version = SCANNER_PROTOCOL,
			       .body = STR_LIT("\xff\xff\xff\xff\xff") };

	put_frame(&frame);
}

static void endless(uint64_t number)
{
	put_bytes(STR_LIT("\xff\xff\xff\xff and no frame is so long"));
}

static void foreign(uint64_t number)
{
	honest(number + 1000);
}

static void early(uint64_t number)
{
	put_facts(number);
	put_result(number, SCAN_DONE);
}

static void twice(uint64_t number)
{
	put_facts(number);
	put_facts(number);
}

static void double_fact(uint64_t number)
{
	put_facts_of(number, "dns example.com A 192.0.2.1", "dns example.com A 192.0.2.2");
}

static void no_fact(uint64_t number)
{
	struct str facts[] = { STR_LIT("\x01\x02\x03") };
	struct scan_facts body = { .number = number, .facts = facts, .fact_count = 1 };

	put(SCANNER_FACTS, &body);
}

static void invented(uint64_t number)
{
	struct scanner_verdicts verdicts = verdicts_of(number);

	verdicts.judgement.checks[3].id = STR_LIT("dns.all.is-well");
	put(SCANNER_VERDICTS, &verdicts);
}

static void large(uint64_t number)
{
	struct frame frame = { .type = SCANNER_VERDICTS,
			       .version = SCANNER_PROTOCOL,
			       .body = { arena_zalloc(&arena, LARGE), LARGE } };

	put_frame(&frame);
}

static void self_cancelled(uint64_t number)
{
	put_result(number, SCAN_CANCELLED);
}

static void ready(uint64_t number)
{
	struct scanner_ready body = { .pid = 1 };

	put(SCANNER_READY, &body);
}

static void leave(uint64_t number)
{
	exit(0);
}

static const struct {
	const char *name;
	void (*tell)(uint64_t number);
} tales[] = {
	{ "honest", honest },
	{ "lie-garbage", garbage },
	{ "lie-endless", endless },
	{ "lie-foreign", foreign },
	{ "lie-early", early },
	{ "lie-twice", twice },
	{ "lie-double-fact", double_fact },
	{ "lie-no-fact", no_fact },
	{ "lie-invented", invented },
	{ "lie-large", large },
	{ "lie-self-cancelled", self_cancelled },
	{ "lie-ready", ready },
	{ "lie-leave", leave },
};

static void answer(const struct frame *frame)
{
	struct scanner_scan scan;

	if (frame->type == SCANNER_CONFIGURE)
		ready(0);
	if (frame->type == SCANNER_FINISH)
		exit(0);
	if (frame->type != SCANNER_SCAN ||
	    desc_decode(&arena, &scanner_scan_desc, frame->body, &scan) < 0)
		return;
	for (size_t i = 0; i < ARRAY_COUNT(tales); i++)
		if (str_starts(scan.domain, str_printf(&arena, "%s.", tales[i].name)))
			tales[i].tell(scan.number);
}

int main(void)
{
	struct frame_reader reader = { 0 };
	struct frame frame;
	size_t space;
	ssize_t got;
	char *to;

	for (;;) {
		to = frame_reader_space(&reader, &space);
		got = read(SCANNER_FD, to, space);
		if (got <= 0)
			break;
		frame_reader_added(&reader, (size_t)got);
		while (frame_reader_next(&reader, &frame) > 0)
			answer(&frame);
	}
	frame_reader_release(&reader);
	arena_release(&arena);
	return 5;
}
