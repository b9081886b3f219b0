/* SPDX-License-Identifier: Apache-2.0 */
/* Which AMQP consumers have which prefetch, as work comes and goes? */
#include "bus/rabbitmq/parts.h"

#include "base/clock.h"

enum {
	SETTLE_MS = 100, /* so long a queue has to use its share before others get it */
	QUIET_MS = 1000, /* after so long without work the shares are the first ones again */
	PREFETCH_MOST = 65000,
	TAPS_OF_QUEUE = 4
};

static const char *queue_name(int queue)
{
	return queue == DEAD_QUEUE ? "dss.dead" : bus_queue_names[queue];
}

static const char *tag_text(const struct tap *tap, char out[static 24])
{
	snprintf(out, 24, "dss-%u", tap->number);
	return out;
}

struct tap *tap_numbered(struct consumer *consumer, unsigned number)
{
	for (size_t i = 0; i < CONSUMERS_MOST && number; i++)
		if (consumer->tap[i].number == number)
			return &consumer->tap[i];
	return NULL;
}

struct tap *tap_find(struct consumer *consumer, struct str consumer_tag)
{
	uint64_t number;

	if (!str_starts(consumer_tag, STR_LIT("dss-")) ||
	    str_to_uint(str_from(consumer_tag, 4), UINT32_MAX, &number) < 0)
		return NULL;
	return tap_numbered(consumer, (unsigned)number);
}

void taps_limit(struct consumer *consumer, unsigned prefetch)
{
	amqp_basic_qos_t qos = { .prefetch_count = (uint16_t)prefetch };

	session_put(consumer->session, AMQP_BASIC_QOS_METHOD, &qos);
	consumer->limits_awaited++;
}

static void tap_open(struct consumer *consumer, int queue, unsigned prefetch)
{
	amqp_basic_consume_t consume = { .queue = amqp_cstring_bytes(queue_name(queue)) };
	char tag[24];

	for (size_t i = 0; i < CONSUMERS_MOST; i++) {
		struct tap *tap = &consumer->tap[i];

		if (tap->number && !(tap->is_gone && !tap->out))
			continue;
		*tap = (struct tap){ .number = ++consumer->last_tap,
				     .queue = queue,
				     .prefetch = prefetch };
		taps_limit(consumer, prefetch);
		consume.consumer_tag = amqp_cstring_bytes(tag_text(tap, tag));
		session_put(consumer->session, AMQP_BASIC_CONSUME_METHOD, &consume);
		if (queue < BUS_QUEUES)
			consumer->used_us[queue] = clock_monotonic_us();
		return;
	}
}

static void tap_cancel(struct consumer *consumer, struct tap *tap)
{
	char tag[24];
	amqp_basic_cancel_t cancel = { .consumer_tag = amqp_cstring_bytes(tag_text(tap, tag)) };

	tap->is_cancelled = true;
	session_put(consumer->session, AMQP_BASIC_CANCEL_METHOD, &cancel);
}

static bool is_live(const struct tap *tap, int queue)
{
	return tap->number && !tap->is_cancelled && tap->queue == queue;
}

static unsigned taps_cancel(struct consumer *consumer, int queue)
{
	unsigned count = 0;

	for (size_t i = 0; i < CONSUMERS_MOST; i++)
		if (is_live(&consumer->tap[i], queue)) {
			tap_cancel(consumer, &consumer->tap[i]);
			count++;
		}
	return count;
}

void taps_cancel_all(struct rabbit *rabbit)
{
	for (int queue = 0; queue <= DEAD_QUEUE; queue++)
		taps_cancel(&rabbit->consumer, queue);
	rabbit->consumer.planned = rabbit->consumer.letters_planned = 0;
}

static struct credit credit_of(const struct consumer *consumer, int queue, unsigned *ret_taps)
{
	struct credit credit = { 0 };

	*ret_taps = 0;
	for (size_t i = 0; i < CONSUMERS_MOST; i++) {
		const struct tap *tap = &consumer->tap[i];

		if (is_live(tap, queue)) {
			++*ret_taps;
			credit.live += tap->prefetch;
			credit.live_out += tap->out;
		} else if (tap->number && tap->queue == queue) {
			credit.old_out += tap->out;
		}
	}
	return credit;
}

static unsigned all_credit(const struct consumer *consumer)
{
	unsigned sum = 0, taps;

	for (int queue = 0; queue < BUS_QUEUES; queue++) {
		struct credit credit = credit_of(consumer, queue, &taps);

		sum += credit.live + credit.old_out;
	}
	return sum;
}

/* Cancelling takes nothing back: what a queue has already counts until it is settled. */
static void reshape(struct consumer *consumer, int queue, unsigned target)
{
	unsigned taps, out;
	struct credit credit = credit_of(consumer, queue, &taps);

	out = credit.live_out + credit.old_out;
	taps_cancel(consumer, queue);
	if (target)
		tap_open(consumer, queue, target > out ? target - out : 1);
}

static void share_out(struct consumer *consumer, const unsigned target[BUS_QUEUES])
{
	unsigned most = consumer->planned + BUS_QUEUES - 1, taps;

	for (int queue = 0; queue < BUS_QUEUES; queue++) {
		struct credit credit = credit_of(consumer, queue, &taps);
		unsigned has = credit.live + credit.old_out;

		if (taps && has > target[queue] + has / 8)
			reshape(consumer, queue, target[queue]);
	}
	for (int queue = 0; queue < BUS_QUEUES; queue++) {
		struct credit credit = credit_of(consumer, queue, &taps);
		unsigned has = credit.live + credit.old_out, all = all_credit(consumer),
			 room = most > all ? most - all : 0;

		if (target[queue] <= has)
			continue;
		if (!taps)
			tap_open(consumer, queue, MAX(MIN(target[queue] - has, room), 1u));
		else if (room && taps < TAPS_OF_QUEUE)
			tap_open(consumer, queue, MIN(target[queue] - has, room));
		else if (room)
			reshape(consumer, queue, MIN(target[queue], has + room));
	}
}

/* May the shares be changed now? Else when is it time to look again, in ms; 0: not by itself. */
static bool is_time(const struct consumer *consumer, const struct credit credits[BUS_QUEUES],
		    unsigned *ret_again_ms)
{
	int64_t now_us = clock_monotonic_us(), quiet_us = INT64_MAX;
	unsigned used_up = 0;

	for (int i = 0; i < BUS_QUEUES; i++) {
		if (credit_is_used_up(&credits[i]))
			used_up++;
		else
			quiet_us = MIN(quiet_us, now_us - consumer->used_us[i]);
	}
	if (used_up == BUS_QUEUES)
		return true;
	*ret_again_ms = used_up ? SETTLE_MS : QUIET_MS;
	return quiet_us >= *ret_again_ms * 1000ll;
}

static bool differs(const struct consumer *consumer, const struct credit credits[BUS_QUEUES],
		    const unsigned target[BUS_QUEUES])
{
	unsigned all = all_credit(consumer), most = consumer->planned + BUS_QUEUES - 1;

	for (int i = 0; i < BUS_QUEUES; i++) {
		unsigned has = credits[i].live + credits[i].old_out;

		if ((credits[i].live && has > target[i] + has / 8) ||
		    (has < target[i] && (all < most || !credits[i].live)))
			return true;
	}
	return false;
}

static void scans_go(struct rabbit *rabbit)
{
	struct consumer *consumer = &rabbit->consumer;
	unsigned prefetch = MIN(consumer->prefetch, (unsigned)PREFETCH_MOST), again_ms = 0, taps;
	struct credit credits[BUS_QUEUES];
	unsigned target[BUS_QUEUES];
	bool is_new = prefetch != consumer->planned;

	consumer->planned = prefetch;
	for (int i = 0; i < BUS_QUEUES; i++) {
		credits[i] = credit_of(consumer, i, &taps);
		if (credit_is_used_up(&credits[i]))
			consumer->used_us[i] = clock_monotonic_us();
	}
	if (!prefetch) {
		for (int i = 0; i < BUS_QUEUES; i++)
			taps_cancel(consumer, i);
		return;
	}
	credit_plan(credits, prefetch, target);
	if (!differs(consumer, credits, target))
		return;
	if (is_new || is_time(consumer, credits, &again_ms))
		share_out(consumer, target);
	else
		rabbit_later(rabbit, again_ms);
}

void taps_go(struct rabbit *rabbit)
{
	struct consumer *consumer = &rabbit->consumer;

	if (!consumer->is_ready || consumer->is_closing)
		return;
	scans_go(rabbit);
	if (consumer->letters == consumer->letters_planned)
		return;
	taps_cancel(consumer, DEAD_QUEUE);
	if (consumer->letters)
		tap_open(consumer, DEAD_QUEUE, MIN(consumer->letters, (unsigned)PREFETCH_MOST));
	consumer->letters_planned = consumer->letters;
}
