/* SPDX-License-Identifier: Apache-2.0 */
/* Is whatever a scanner sends read inside its bounds, and is what is believed stored and loaded alike?
 * The first octet says what is waited for; then comes a stream of frames. */
#include "children/inbox.h"
#include "facts/fact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void verdicts_check(struct arena *a, const struct judgement *judgement)
{
	struct judgement loaded;
	struct buf bytes, again, json;
	struct json w;

	buf_init(&bytes, a);
	buf_init(&again, a);
	buf_init(&json, a);
	verdicts_encode(&bytes, judgement);
	if (verdicts_decode(a, buf_str(&bytes), &loaded) < 0)
		abort();
	verdicts_encode(&again, &loaded);
	if (!str_eq(buf_str(&bytes), buf_str(&again)))
		abort();
	if (judgement->score.value > 100 || judgement_worst(judgement) > SEVERITY_CRITICAL)
		abort();
	json_init(&w, &json);
	desc_json(&w, &judgement_desc, judgement);
}

static void facts_check(struct arena *a, const struct scan_facts *facts)
{
	for (size_t i = 0; i < facts->fact_count; i++) {
		struct fact fact;

		(void)!fact_decode(a, facts->facts[i], &fact);
	}
}

static void read_all(struct frame_reader *reader, struct scanner_inbox *inbox)
{
	struct frame frame;

	while (frame_reader_next(reader, &frame) > 0) {
		struct arena a = { 0 };
		struct scanner_body body;
		int code = scanner_inbox_read(&a, inbox, &frame, &body, NULL);

		if (code > 0 && body.type == SCANNER_VERDICTS)
			verdicts_check(&a, &body.verdicts.judgement);
		if (code > 0 && body.type == SCANNER_FACTS)
			facts_check(&a, &body.facts);
		arena_release(&a);
		if (code < 0)
			return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scanner_inbox inbox = { .wants_verdicts = size && data[0] & 1,
				       .wants_facts = size && data[0] & 2,
				       .lines = 100 };
	struct frame_reader reader = { 0 };

	for (uint64_t number = 1; number <= 4; number++)
		scanner_inbox_expect(&inbox, number);
	for (size_t at = 1; at < size;) {
		size_t space, taken;
		char *to = frame_reader_space(&reader, &space);

		taken = MIN(space, size - at);
		memcpy(to, data + at, taken);
		frame_reader_added(&reader, taken);
		at += taken;
		read_all(&reader, &inbox);
	}
	frame_reader_release(&reader);
	scanner_inbox_release(&inbox);
	return 0;
}
