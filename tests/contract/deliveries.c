/* SPDX-License-Identifier: Apache-2.0 */
/* Do channels keep their secrets, and does a delivery go once, in order, by one notifier at a time? */
#include "tests/contract/rows.h"

#include "store/channel.h"
#include "store/delivery.h"
#include "store/rule.h"
#include "store/seal.h"
#include "store/workspace.h"

static struct channel_row channel_make(struct store_tx *tx, const char *name, struct err *err)
{
	struct channel_row row = { .workspace = WORKSPACE_DEFAULT,
				   .name = str_of(name),
				   .kind = CHANNEL_WEBHOOK,
				   .is_enabled = true };
	struct channel_secrets secrets = { .url = STR_LIT("https://hook.example/token"),
					   .signing = STR_LIT("whsec_canary") };

	row.settings.shown = STR_LIT("https://hook.example");
	CHECK_INT(channel_insert(tx, &row, &secrets, err), 0);
	return row;
}

static struct delivery_row delivery_make(struct store_tx *tx, int64_t channel,
					 enum delivery_state state, int64_t domain, int64_t due_at,
					 struct err *err)
{
	struct delivery_row row = { .workspace = WORKSPACE_DEFAULT,
				    .channel = channel,
				    .kind = state == DELIVERY_OPEN ? DELIVERY_DIGEST
								   : DELIVERY_EVENT,
				    .state = state,
				    .domain = domain,
				    .events = 1,
				    .due_at = due_at };

	CHECK_INT(delivery_insert(tx, &row, err), 0);
	return row;
}

static int keeps_channel(struct store_tx *tx, void *context, struct err *err)
{
	struct channel_row row = channel_make(tx, "ops", err), got, stale;
	int64_t other = rows_workspace(tx, "other");
	struct channel_secrets secrets;
	bool was_enabled;

	TRY(channel_find(tx, WORKSPACE_DEFAULT, STR_LIT("ops"), &got, err));
	CHECK(uuid_eq(got.id, row.id) && got.kind == CHANNEL_WEBHOOK && got.is_enabled);
	CHECK_STR(got.settings.shown, "https://hook.example");
	CHECK_INT(channel_get(tx, other, row.id, &got, err), -ENOENT);
	TRY(channel_secrets_get(tx, row.no, &secrets, err));
	CHECK_STR(secrets.url, "https://hook.example/token");
	CHECK_STR(secrets.signing, "whsec_canary");
	stale = row;
	row.name = STR_LIT("desk");
	secrets.previous = secrets.signing;
	secrets.signing = STR_LIT("whsec_new");
	TRY(channel_update(tx, &row, &secrets, err));
	CHECK_INT(channel_update(tx, &stale, NULL, err), -ESTALE);
	TRY(channel_secrets_get(tx, row.no, &secrets, err));
	CHECK_STR(secrets.signing, "whsec_new");
	CHECK_STR(secrets.previous, "whsec_canary");
	TRY(channel_disable(tx, row.no, STR_LIT("it is gone"), &was_enabled, err));
	CHECK(was_enabled);
	TRY(channel_disable(tx, row.no, STR_LIT("again"), &was_enabled, err));
	CHECK(!was_enabled);
	TRY(channel_by_no(tx, row.no, &got, err));
	CHECK(!got.is_enabled);
	CHECK_STR(got.reason, "it is gone");
	channel_make(tx, "ops", err);
	return channel_delete(tx, row.no, err);
}

TEST(a_channel_comes_back_as_it_was_written)
{
	rows_run(keeps_channel);
}

static int seals(struct store_tx *tx, void *context, struct err *err)
{
	struct str sealed, again, clear;
	char *octets;

	TRY(seal(tx, STR_LIT("canary"), &sealed, err));
	TRY(seal(tx, STR_LIT("canary"), &again, err));
	CHECK(str_find(sealed, STR_LIT("canary")) < 0);
	CHECK(!str_eq(sealed, again));
	TRY(unseal(tx, sealed, &clear, err));
	CHECK_STR(clear, "canary");
	octets = (char *)str_copy(tx->a, sealed).data;
	octets[sealed.len - 1] ^= 1;
	CHECK_INT(unseal(tx, str_bytes(octets, sealed.len), &clear, err), ERR_CORRUPT);
	CHECK_INT(unseal(tx, str_first(sealed, 10), &clear, err), ERR_CORRUPT);
	return 0;
}

TEST(what_is_sealed_is_read_by_this_store_alone)
{
	rows_run(seals);
}

static int keeps_rule(struct store_tx *tx, void *context, struct err *err)
{
	struct channel_row ops = channel_make(tx, "ops", err), desk = channel_make(tx, "desk", err);
	struct rule_row row = { .workspace = WORKSPACE_DEFAULT,
				.name = STR_LIT("all"),
				.events = STR_LIT("finding.* *.expiring"),
				.immediate = STR_LIT("takeover.*"),
				.selector = STR_LIT("tag:corp"),
				.area = STR_LIT("mail"),
				.severity = SEVERITY_HIGH,
				.digest_s = 900,
				.is_enabled = true,
				.channels = (int64_t[]){ ops.no, desk.no },
				.channel_count = 2 };
	struct event_row event = { .workspace = WORKSPACE_DEFAULT, .type = EVENT_DOMAIN_CREATED };
	struct rule_row got, *rows;
	bool was_enabled;
	size_t count;

	event.severity = -1;
	TRY(event_insert(tx, &event, err));
	TRY(rule_insert(tx, &row, err));
	TRY(rule_find(tx, WORKSPACE_DEFAULT, STR_LIT("all"), &got, err));
	CHECK(got.since == event.sequence && got.digest_s == 900 && got.severity == SEVERITY_HIGH);
	CHECK_STR(got.area, "mail");
	CHECK_INT(got.channel_count, 2);
	CHECK(got.channels[0] == ops.no && got.channels[1] == desk.no);
	CHECK_STR(got.names[1], "desk");
	TRY(channel_delete(tx, ops.no, err));
	TRY(rule_active(tx, &rows, &count, err));
	CHECK_INT(count, 1);
	CHECK_INT(rows[0].channel_count, 1);
	TRY(channel_disable(tx, desk.no, STR_LIT("x"), &was_enabled, err));
	TRY(rule_active(tx, &rows, &count, err));
	CHECK_INT(count, 0);
	got.is_enabled = false;
	got.channel_count = 0;
	TRY(rule_update(tx, &got, err));
	CHECK_INT(rule_update(tx, &row, err), -ESTALE);
	return rule_delete(tx, row.no, err);
}

TEST(a_rule_comes_back_as_it_was_written)
{
	rows_run(keeps_rule);
}

static int gives_event_once(struct store_tx *tx, void *context, struct err *err)
{
	struct channel_row ops = channel_make(tx, "ops", err), desk = channel_make(tx, "desk", err);
	struct delivery_row window =
		delivery_make(tx, ops.no, DELIVERY_OPEN, 7, tx->now_us + 900, err);
	struct delivery_row other = { .workspace = WORKSPACE_DEFAULT,
				      .channel = ops.no,
				      .kind = DELIVERY_DIGEST,
				      .state = DELIVERY_OPEN },
			    single, got;
	int64_t closed;

	CHECK_INT(delivery_insert(tx, &other, err), -EEXIST);
	single = delivery_make(tx, desk.no, DELIVERY_WAITING, 7, tx->now_us, err);
	TRY(delivery_add_event(tx, ops.no, 5, window.no, err));
	TRY(delivery_add_event(tx, desk.no, 5, single.no, err));
	CHECK_INT(delivery_add_event(tx, ops.no, 5, window.no, err), -EEXIST);
	TRY(delivery_grow(tx, window.no, 1, tx->now_us + 1000, 7, err));
	TRY(delivery_window(tx, ops.no, STR_NONE, &got, err));
	CHECK(got.events == 2 && got.domain == 7 && got.due_at == tx->now_us + 900);
	TRY(delivery_grow(tx, window.no, 1, tx->now_us + 100, 8, err));
	TRY(delivery_window(tx, ops.no, STR_NONE, &got, err));
	CHECK(got.events == 3 && !got.domain && got.due_at == tx->now_us + 100);
	TRY(delivery_close_windows(tx, &closed, err));
	CHECK_INT(closed, 0);
	tx->now_us += 100;
	TRY(delivery_close_windows(tx, &closed, err));
	CHECK_INT(closed, 1);
	CHECK_INT(delivery_window(tx, ops.no, STR_NONE, &got, err), -ENOENT);
	CHECK_INT(delivery_grow(tx, window.no, 1, tx->now_us, 8, err), -ENOENT); /* it is closed */
	return delivery_insert(tx, &other, err);
}

TEST(a_channel_gets_an_event_once_and_has_one_window)
{
	rows_run(gives_event_once);
}

static size_t ready(struct store_tx *tx, int64_t channel, struct delivery_row **ret,
		    struct err *err)
{
	size_t count;

	CHECK_INT(delivery_ready(tx, channel, 10, ret, &count, err), 0);
	return count;
}

static int goes_in_order(struct store_tx *tx, void *context, struct err *err)
{
	struct channel_row ops = channel_make(tx, "ops", err);
	struct uuid me = uuid_new(tx->now_us);
	const struct attempt_outcome failed = { .status = 500, .error = STR_LIT("no") };
	struct delivery_row *rows;
	int64_t due;

	for (int64_t i = 0; i < 4; i++)
		delivery_make(tx, ops.no, DELIVERY_WAITING, i < 3 ? 7 : 8, tx->now_us, err);
	CHECK_INT(ready(tx, ops.no, &rows, err), 2); /* the first of each domain */
	CHECK(rows[0].domain == 7 && rows[1].domain == 8 && rows[0].no < rows[1].no);
	struct delivery_row first = rows[0], second;

	TRY(delivery_take(tx, &first, me, tx->now_us + 50, err));
	CHECK(first.attempt == 1 && first.token == 1);
	CHECK_INT(ready(tx, ops.no, &rows, err), 1); /* the second of 7 waits for the first */
	/* told to wait: it has not been tried, and those behind it wait too */
	TRY(delivery_settle(tx, first.no, first.token, DELIVERY_WAITING, tx->now_us + 10, false,
			    &failed, err));
	CHECK_INT(ready(tx, ops.no, &rows, err), 1);
	TRY(delivery_next_due(tx, &due, err));
	CHECK_INT(due, tx->now_us);
	tx->now_us += 10;
	CHECK_INT(ready(tx, ops.no, &rows, err), 2);
	CHECK(rows[0].domain == 8 && rows[1].no == first.no && !rows[1].attempt);
	first = rows[1];
	TRY(delivery_take(tx, &first, me, tx->now_us + 50, err));
	CHECK(first.attempt == 1 && first.token == 2);
	CHECK_INT(delivery_settle(tx, first.no, 1, DELIVERY_DELIVERED, 0, true, &failed, err),
		  -ESTALE);
	TRY(delivery_settle(tx, first.no, first.token, DELIVERY_WAITING, tx->now_us + 100, true,
			    &failed, err));
	CHECK_INT(ready(tx, ops.no, &rows, err), 2); /* a retry may come later than what follows */
	second = rows[0].domain == 7 ? rows[0] : rows[1];
	CHECK(second.no != first.no);
	tx->now_us += 100;
	CHECK_INT(ready(tx, ops.no, &rows, err), 3);
	return 0;
}

TEST(first_attempts_of_a_domain_go_in_order)
{
	rows_run(goes_in_order);
}

static int takes_once(struct store_tx *tx, void *context, struct err *err)
{
	struct channel_row ops = channel_make(tx, "ops", err);
	struct uuid me = uuid_new(tx->now_us), you = uuid_new(tx->now_us), *holders;
	struct delivery_row mine = delivery_make(tx, ops.no, DELIVERY_WAITING, 7, tx->now_us, err);
	struct delivery_row yours = mine, *rows;
	const struct attempt_outcome done = { .status = 204, .elapsed_us = 5 };
	struct delivery_counts counts;
	int64_t count, due;
	size_t held;

	TRY(delivery_take(tx, &mine, me, tx->now_us + 50, err));
	CHECK_INT(delivery_take(tx, &yours, you, tx->now_us + 50, err), -ESTALE);
	TRY(delivery_sending(tx, ops.no, &count, err));
	CHECK_INT(count, 1);
	TRY(delivery_holders(tx, 10, &holders, &held, err));
	CHECK(held == 1 && uuid_eq(holders[0], me));
	TRY(delivery_next_due(tx, &due, err));
	CHECK_INT(due, tx->now_us + 50);
	TRY(delivery_reclaim(tx, &count, err));
	CHECK_INT(count, 0);
	TRY(delivery_renew(tx, you, tx->now_us + 500, err)); /* it has none */
	TRY(delivery_renew(tx, me, tx->now_us + 100, err));
	tx->now_us += 50;
	TRY(delivery_reclaim(tx, &count, err));
	CHECK_INT(count, 0);
	tx->now_us += 50;
	TRY(delivery_reclaim(tx, &count, err));
	CHECK_INT(count, 1);
	CHECK_INT(ready(tx, ops.no, &rows, err), 1);
	yours = rows[0];
	CHECK(uuid_eq(yours.id, mine.id) && yours.token == 1);
	TRY(delivery_take(tx, &yours, you, tx->now_us + 50, err));
	CHECK_INT(delivery_settle(tx, mine.no, mine.token, DELIVERY_DELIVERED, 0, true, &done, err),
		  -ESTALE);
	TRY(delivery_reclaim_of(tx, me, &count, err));
	CHECK_INT(count, 0);
	TRY(delivery_count_open(tx, &counts, err));
	CHECK(counts.by_state[DELIVERY_SENDING] == 1 && !counts.by_state[DELIVERY_WAITING]);
	CHECK_INT(delivery_again(tx, yours.no, err), -EALREADY);
	TRY(delivery_settle(tx, yours.no, yours.token, DELIVERY_DELIVERED, 0, true, &done, err));
	TRY(delivery_get(tx, WORKSPACE_DEFAULT, mine.id, &mine, err));
	CHECK(mine.state == DELIVERY_DELIVERED && mine.last.status == 204 && mine.ended_at);
	CHECK_STR(mine.channel_name, "ops");
	TRY(delivery_again(tx, yours.no, err));
	TRY(delivery_give_up(tx, yours.no, STR_LIT("late"), err));
	TRY(delivery_get(tx, WORKSPACE_DEFAULT, mine.id, &mine, err));
	CHECK_INT(mine.state, DELIVERY_FAILED);
	TRY(delivery_expire(tx, tx->now_us + 1, 10, &count, err));
	CHECK_INT(count, 1);
	return 0;
}

TEST(a_delivery_is_one_notifiers_at_a_time)
{
	rows_run(takes_once);
}

static int lists(struct store_tx *tx, void *context, struct err *err)
{
	struct channel_row ops = channel_make(tx, "ops", err), desk = channel_make(tx, "desk", err);
	struct page page = { .limit = 2 };
	struct delivery_row *rows;
	int64_t last = INT64_MAX, sequence;
	size_t count, seen = 0;

	for (int i = 0; i < 5; i++)
		delivery_make(tx, i % 2 ? desk.no : ops.no, DELIVERY_WAITING, 7, tx->now_us, err);
	do {
		TRY(delivery_list(tx, WORKSPACE_DEFAULT, 0, -1, &page, &rows, &count, &page.after,
				  err));
		for (size_t i = 0; i < count; i++) {
			CHECK(rows[i].no < last);
			last = rows[i].no;
		}
		seen += count;
	} while (page.after.len);
	CHECK_INT(seen, 5);
	page.limit = 10;
	TRY(delivery_list(tx, WORKSPACE_DEFAULT, ops.no, DELIVERY_WAITING, &page, &rows, &count,
			  &page.after, err));
	CHECK_INT(count, 3);
	TRY(delivery_list(tx, WORKSPACE_DEFAULT, ops.no, DELIVERY_FAILED, &page, &rows, &count,
			  &page.after, err));
	CHECK_INT(count, 0);
	TRY(delivery_overdue(tx, tx->now_us + 1, 2, &rows, &count, err));
	CHECK_INT(count, 2);
	TRY(reader_get(tx, STR_LIT("notifier"), &sequence, err));
	CHECK_INT(sequence, 0);
	TRY(reader_set(tx, STR_LIT("notifier"), 12, err));
	TRY(reader_set(tx, STR_LIT("notifier"), 13, err));
	TRY(reader_get(tx, STR_LIT("notifier"), &sequence, err));
	CHECK_INT(sequence, 13);
	return 0;
}

TEST(deliveries_are_listed_newest_first)
{
	rows_run(lists);
}

static int tells_events(struct store_tx *tx, void *context, struct err *err)
{
	struct channel_row ops = channel_make(tx, "ops", err);
	struct delivery_row row = delivery_make(tx, ops.no, DELIVERY_WAITING, 0, tx->now_us, err);
	struct event_row *events;
	size_t count;

	for (int i = 0; i < 3; i++) {
		struct event_row event = { .workspace = WORKSPACE_DEFAULT,
					   .type = EVENT_DOMAIN_CREATED,
					   .severity = -1,
					   .data = STR_LIT("{\"n\":1}") };

		TRY(event_insert(tx, &event, err));
		if (i != 1)
			TRY(delivery_add_event(tx, ops.no, event.sequence, row.no, err));
	}
	TRY(delivery_events(tx, row.no, &events, &count, err));
	CHECK_INT(count, 2);
	CHECK(events[0].sequence < events[1].sequence && events[0].type == EVENT_DOMAIN_CREATED);
	CHECK_STR(events[0].data, "{\"n\":1}");
	return 0;
}

TEST(a_delivery_tells_of_its_events_in_order)
{
	rows_run(tells_events);
}
