/* SPDX-License-Identifier: Apache-2.0 */
/* How do scans get to a broker, and dead letters back? */
#include "roles/scheduler/outside.h"

#include "base/clock.h"
#include "base/fault.h"
#include "roles/scheduler/duty.h"

enum { REST_US = 1000000, AGAIN_US = 60000000 };

static void on_letter(void *context, const struct bus_letter *letter)
{
	struct outside *outside = context;
	struct bus_letter *kept;

	if (outside->letter_count == OUTSIDE_LETTERS) {
		bus_give_back(outside->bus, letter->tag);
		return;
	}
	kept = &outside->letters[outside->letter_count++];
	*kept = *letter;
	kept->body = str_copy(&outside->letter_arena, letter->body);
	kept->reason = str_copy(&outside->letter_arena, letter->reason);
	outside->on_news(outside->context);
}

/* It will come again. */
static void on_lost(void *context, uint64_t tag)
{
	struct outside *outside = context;

	for (size_t i = 0; i < outside->letter_count; i++)
		if (outside->letters[i].tag == tag)
			outside->letters[i].tag = 0;
}

static void on_state(void *context, struct str text)
{
	struct outside *outside = context;

	outside->is_away = text.len > 0;
	log_event(outside->log, text.len ? LEVEL_ERROR : LEVEL_INFO,
		  text.len ? "bus.down" : "bus.up", NULL, LOG_STR("reason", text));
	if (!text.len)
		outside->on_news(outside->context);
}

int outside_open(struct outside *outside, const struct bus_address *address, uv_loop_t *loop,
		 struct err *err)
{
	struct bus_settings settings = { .url = address->url,
					 .password = address->password,
					 .ca_file = address->ca_file,
					 .loop = loop };
	const struct bus_handlers handlers = {
		.context = outside, .on_lost = on_lost, .on_state = on_state, .on_letter = on_letter
	};

	if (bus_is_embedded(address->url))
		return 0;
	return bus_open(&settings, &handlers, &outside->bus, err);
}

void outside_close(struct outside *outside)
{
	bus_close(outside->bus);
	arena_release(&outside->arena);
	arena_release(&outside->letter_arena);
	outside->bus = NULL;
}

void outside_lead(struct outside *outside, bool is_leading)
{
	if (!outside->bus)
		return;
	bus_collect(outside->bus, is_leading ? OUTSIDE_LETTERS : 0);
	if (is_leading)
		return;
	for (size_t i = 0; i < outside->letter_count; i++)
		bus_give_back(outside->bus, outside->letters[i].tag);
	outside->letter_count = 0;
	arena_release(&outside->letter_arena);
}

/* ---- the relay ---- */

/* What the bus says of one message; all of them live as long as the batch. */
struct waiting {
	struct outside *outside;
	size_t i;
};

static void on_done(void *context, int code)
{
	struct waiting *waiting = context;
	struct outside *outside = waiting->outside;

	outside->handings[waiting->i].code = code;
	if (++outside->answered == outside->count)
		outside->on_news(outside->context);
}

static void publish_all(struct outside *outside)
{
	struct waiting *waiting = arena_array(&outside->arena, outside->count, sizeof *waiting);

	outside->answered = 0;
	for (size_t i = 0; i < outside->count; i++) {
		struct handing *handing = &outside->handings[i];

		waiting[i] = (struct waiting){ outside, i };
		bus_publish(outside->bus, (enum bus_queue)handing->queue, handing->body, on_done,
			    &waiting[i]);
	}
}

/* All have answered. *ret_failed: how many were not confirmed. */
static int note(struct duties *duties, size_t *ret_failed, struct err *err)
{
	struct outside *outside = duties->outside;
	int code;

	FAULT_POINT("scheduler.confirmed");
	code = handover_note(duties->store, duties->leader, outside->handings, outside->count, err);
	if (code < 0 && code != -ESTALE)
		return code; /* what was confirmed is noted when the store is there again */
	*ret_failed = 0;
	for (size_t i = 0; i < outside->count; i++)
		*ret_failed += outside->handings[i].code < 0;
	outside->count = outside->answered = 0;
	arena_release(&outside->arena);
	return code;
}

int duty_publish(struct duties *duties, bool *ret_again, struct err *err)
{
	struct outside *outside = duties->outside;
	size_t count = outside->count, failed = 0;

	if (count) {
		if (outside->answered < count)
			return 0;
		TRY(note(duties, &failed, err));
		if (failed) {
			outside->rest_us = duties->now_us + REST_US;
			log_event(outside->log, LEVEL_WARNING, "relay.refused", NULL,
				  LOG_UINT("messages", failed), LOG_UINT("of", count));
		}
	}
	if (outside->is_away || duties->now_us < outside->rest_us)
		return 0;
	TRY(handover_choose(duties->store, duties->leader, &duties->relay, &outside->arena,
			    &outside->handings, &outside->count, err));
	if (outside->count) {
		if (FAULT_IS_OFF("note-after-confirm"))
			TRY(handover_note(duties->store, duties->leader, outside->handings,
					  outside->count, err));
		publish_all(outside);
		FAULT_POINT("scheduler.published");
	}
	*ret_again = false;
	return 0;
}

int duty_letters(struct duties *duties, bool *ret_again, struct err *err)
{
	struct outside *outside = duties->outside;
	int64_t lost;

	if (outside->letter_count) {
		TRY(handover_keep(duties->store, duties->leader, outside->letters,
				  outside->letter_count, err));
		for (size_t i = 0; i < outside->letter_count; i++)
			bus_ack(outside->bus, outside->letters[i].tag);
		outside->letter_count = 0;
		arena_release(&outside->letter_arena);
	}
	if (duties->now_us < outside->again_us || outside->is_away)
		return 0;
	outside->again_us = duties->now_us + AGAIN_US;
	TRY(handover_again(duties->store, duties->leader, &lost, err));
	if (lost)
		log_event(outside->log, LEVEL_WARNING, "relay.again", NULL, LOG_INT("scans", lost));
	return 0;
}
