/* SPDX-License-Identifier: Apache-2.0 */
/* Which deliveries do new events make? */
#include "app/route.h"

#include "app/digest.h"
#include "app/text.h"
#include "store/channel.h"
#include "store/delivery.h"

enum { EVENTS_A_STEP = 1000 };

/* The open digest of one channel and recipient, as it grows in this transaction. */
struct window {
	int64_t channel;
	struct str recipient;
	int64_t no, due_at, domain;
	int64_t events; /* with those that come now */
	int64_t grown;
};

/* Where one event goes, however many rules say so. */
struct target {
	const struct channel_row *channel;
	struct str recipient;
	int64_t due_at; /* of its digest; 0: it goes by itself */
};

struct routing {
	struct store_tx *tx;
	struct err *err;
	const struct rule_row *rules;
	int64_t *
		dues; /* one a rule: when its digest that gathers now goes; 0: not worked out yet */
	size_t rule_count;
	struct buf channels, windows, targets; /* struct channel_row *, window, target */
	struct domain_row domain;              /* the last one that was looked up */
	int64_t domain_no;
	struct routed *out;
};

static const struct str reader = STR_INIT("notifier");

/* ---- who gets an event ---- */

static int channel_of(struct routing *r, int64_t no, const struct channel_row **ret)
{
	struct channel_row **known = (struct channel_row **)r->channels.data, *row;
	size_t count = r->channels.len / sizeof *known;

	for (size_t i = 0; i < count; i++) {
		if (known[i]->no == no) {
			*ret = known[i];
			return 0;
		}
	}
	row = arena_alloc(r->tx->a, sizeof *row);
	TRY(channel_by_no(r->tx, no, row, r->err));
	buf_put(&r->channels, &row, sizeof row);
	*ret = row;
	return 0;
}

static int domain_of(struct routing *r, const struct event_row *event,
		     const struct domain_row **ret)
{
	*ret = NULL;
	if (!event->domain)
		return 0;
	if (r->domain_no != event->domain) {
		int code = domain_get(r->tx, event->domain, &r->domain, r->err);

		if (code == -ENOENT) /* purged meanwhile */
			return 0;
		TRY(code);
		r->domain_no = event->domain;
	}
	*ret = &r->domain;
	return 0;
}

/* News about a channel does not go to that channel. */
static bool is_about(const struct event_row *event, const struct channel_row *channel)
{
	return (event->type == EVENT_DELIVERY_FAILED || event->type == EVENT_DELIVERY_DISABLED) &&
	       uuid_eq(event->object, channel->id);
}

/* false: there is nobody. */
static bool recipient_of(const struct channel_row *channel, const struct domain_row *domain,
			 struct str *ret)
{
	*ret = STR_LIT("");
	if (!channel->settings.is_to_owner)
		return true;
	if (domain && address_looks_good(domain->owner)) {
		*ret = domain->owner;
		return true;
	}
	return channel->settings.to_count > 0;
}

static void target_add(struct routing *r, const struct channel_row *channel, struct str recipient,
		       int64_t due_at)
{
	struct target *targets = (struct target *)r->targets.data;
	struct target target = { channel, recipient, channel->kind == CHANNEL_AMQP ? 0 : due_at };

	for (size_t i = 0; i < r->targets.len / sizeof *targets; i++) {
		if (targets[i].channel == channel) {
			targets[i].due_at = MIN(targets[i].due_at, target.due_at);
			return;
		}
	}
	buf_put(&r->targets, &target, sizeof target);
}

/* An hour that cannot be read any more is none: then it goes after digest_s. */
static int64_t digest_due(struct routing *r, const struct rule_row *rule)
{
	int64_t due = r->dues[rule - r->rules];
	struct digest digest;
	struct err why;

	if (due)
		return due;
	due = r->tx->now_us + rule->digest_s * INT64_C(1000000);
	if (rule->digest_at.len && (digest_read(r->tx->a, rule->digest_at, &digest, &why) < 0 ||
				    digest_next(&digest, r->tx->now_us, &due) < 0))
		snprintf(r->out->broken_rule, sizeof r->out->broken_rule, "%.*s", STR(rule->name));
	r->dues[rule - r->rules] = due;
	return due;
}

static int rule_targets(struct routing *r, const struct rule_row *rule,
			const struct event_row *event)
{
	enum match_answer answer = match_event(rule, event);
	const struct domain_row *domain;
	bool is_broken;

	if (answer == MATCH_NO)
		return 0;
	TRY(domain_of(r, event, &domain));
	if (!match_domain(r->tx->a, rule, domain, &is_broken))
		return 0;
	if (is_broken)
		snprintf(r->out->broken_rule, sizeof r->out->broken_rule, "%.*s", STR(rule->name));
	for (size_t i = 0; i < rule->channel_count; i++) {
		const struct channel_row *channel;
		struct str recipient;
		bool has_it;

		TRY(channel_of(r, rule->channels[i], &channel));
		if (!channel->is_enabled || is_about(event, channel) ||
		    !recipient_of(channel, domain, &recipient))
			continue;
		TRY(delivery_has_event(r->tx, channel->no, event->sequence, &has_it, r->err));
		if (!has_it)
			target_add(r, channel, str_copy(r->tx->a, recipient),
				   answer == MATCH_NOW ? 0 : digest_due(r, rule));
	}
	return 0;
}

/* ---- deliveries ---- */

static int message_make(struct routing *r, const struct target *target,
			const struct event_row *event)
{
	struct delivery_row row = { .workspace = event->workspace,
				    .channel = target->channel->no,
				    .recipient = target->recipient,
				    .kind = DELIVERY_EVENT,
				    .state = DELIVERY_WAITING,
				    .domain = event->domain,
				    .events = 1,
				    .due_at = r->tx->now_us };

	r->out->messages++;
	TRY(delivery_insert(r->tx, &row, r->err));
	return delivery_add_event(r->tx, row.channel, event->sequence, row.no, r->err);
}

static int window_open(struct routing *r, const struct target *target,
		       const struct event_row *event, struct window *ret)
{
	struct delivery_row row;
	int code = delivery_window(r->tx, target->channel->no, target->recipient, &row, r->err);

	if (code == 0 && row.due_at <= r->tx->now_us) { /* over, and not closed yet */
		int64_t closed;

		TRY(delivery_close_windows(r->tx, &closed, r->err));
		code = -ENOENT;
	}
	if (code == -ENOENT) {
		row = (struct delivery_row){ .workspace = event->workspace,
					     .channel = target->channel->no,
					     .recipient = target->recipient,
					     .kind = DELIVERY_DIGEST,
					     .state = DELIVERY_OPEN,
					     .domain = event->domain,
					     .due_at = target->due_at };
		code = delivery_insert(r->tx, &row, r->err);
	}
	TRY(code);
	*ret = (struct window){ .channel = row.channel,
				.recipient = target->recipient,
				.no = row.no,
				.due_at = row.due_at,
				.domain = row.domain,
				.events = row.events };
	return 0;
}

static int window_of(struct routing *r, const struct target *target, const struct event_row *event,
		     struct window **ret)
{
	struct window *windows = (struct window *)r->windows.data, opened;
	size_t count = r->windows.len / sizeof *windows;

	for (size_t i = 0; i < count; i++) {
		if (windows[i].channel == target->channel->no &&
		    str_eq(windows[i].recipient, target->recipient)) {
			*ret = &windows[i];
			return 0;
		}
	}
	TRY(window_open(r, target, event, &opened));
	buf_put(&r->windows, &opened, sizeof opened);
	*ret = (struct window *)r->windows.data + count;
	return 0;
}

static int gather(struct routing *r, const struct target *target, const struct event_row *event)
{
	struct window *window;

	TRY(window_of(r, target, event, &window));
	r->out->gathered++;
	window->due_at = MIN(window->due_at, target->due_at);
	if (window->domain != event->domain)
		window->domain = 0;
	window->grown++;
	if (window->events++ >= DELIVERY_EVENTS)
		return 0; /* counted, and no more */
	return delivery_add_event(r->tx, window->channel, event->sequence, window->no, r->err);
}

static int windows_grow(struct routing *r)
{
	struct window *windows = (struct window *)r->windows.data;

	for (size_t i = 0; i < r->windows.len / sizeof *windows; i++)
		TRY(delivery_grow(r->tx, windows[i].no, windows[i].grown, windows[i].due_at,
				  windows[i].domain, r->err));
	return 0;
}

static int event_route(struct routing *r, const struct event_row *event)
{
	const struct target *targets;

	r->targets.len = 0;
	for (size_t i = 0; i < r->rule_count; i++)
		TRY(rule_targets(r, &r->rules[i], event));
	targets = (const struct target *)r->targets.data;
	if (r->targets.len)
		r->out->wanted++;
	for (size_t i = 0; i < r->targets.len / sizeof *targets; i++)
		TRY((targets[i].due_at ? gather : message_make)(r, &targets[i], event));
	return 0;
}

/* ---- a step ---- */

struct look {
	int64_t read, kept, newest;
	bool has_rules, has_wanted;
	size_t events;
};

static bool is_wanted(const struct rule_row *rules, size_t count, const struct event_row *event)
{
	for (size_t i = 0; i < count; i++)
		if (match_event(&rules[i], event) != MATCH_NO)
			return true;
	return false;
}

static int look(struct store_tx *tx, void *context, struct err *err)
{
	struct look *look = context;
	struct rule_row *rules;
	struct event_row *events;
	size_t rule_count, count;
	int64_t since = INT64_MAX, first, read = look->read;

	TRY(rule_active(tx, &rules, &rule_count, err));
	TRY(reader_get(tx, reader, &look->kept, err));
	TRY(event_bounds(tx, &first, &look->newest, err));
	look->has_rules = rule_count > 0;
	look->has_wanted = false;
	look->events = 0;
	if (!rule_count)
		return 0;
	for (size_t i = 0; i < rule_count; i++)
		since = MIN(since, rules[i].since);
	read = MAX(read, MAX(look->kept, since));
	TRY(event_after(tx, 0, read, EVENTS_A_STEP, &events, &count, err));
	for (size_t i = 0; i < count && !look->has_wanted; i++) {
		look->has_wanted = is_wanted(rules, rule_count, &events[i]);
		if (!look->has_wanted)
			read = events[i].sequence;
	}
	look->read = read;
	look->events = count;
	return 0;
}

struct step {
	struct route route;
	struct routed out;
};

static int step_write(struct store_tx *tx, void *context, struct err *err)
{
	struct step *step = context;
	struct routing r = { .tx = tx, .err = err, .out = &step->out };
	struct rule_row *rules;
	struct event_row *events;
	int64_t kept, start;
	size_t count;

	step->out = (struct routed){ 0 };
	buf_init(&r.channels, tx->a);
	buf_init(&r.windows, tx->a);
	buf_init(&r.targets, tx->a);
	TRY(reader_get(tx, reader, &kept, err));
	start = MAX(kept, step->route.read);
	TRY(rule_active(tx, &rules, &r.rule_count, err));
	r.rules = rules;
	r.dues = arena_array(tx->a, r.rule_count + 1, sizeof *r.dues);
	TRY(event_after(tx, 0, start, EVENTS_A_STEP, &events, &count, err));
	for (size_t i = 0; i < count; i++)
		TRY(event_route(&r, &events[i]));
	TRY(windows_grow(&r));
	if (count)
		start = events[count - 1].sequence;
	if (start > kept)
		TRY(reader_set(tx, reader, start, err));
	step->out.events = count;
	step->out.has_more = count == EVENTS_A_STEP;
	step->route.kept = start;
	return 0;
}

int route_events(struct store *store, struct route *route, struct routed *ret, struct err *err)
{
	struct look looked = { .read = route->read };
	struct step step;

	TRY(store_read(store, look, &looked, err));
	*ret = (struct routed){ .events = looked.events,
				.has_more = looked.events == EVENTS_A_STEP };
	route->read = looked.read;
	if (!looked.has_rules)
		route->read = looked.newest; /* a rule that comes begins at what is newest then */
	if (!looked.has_wanted && route->read - looked.kept < EVENTS_A_STEP)
		return 0;
	if (!looked.has_rules)
		return 0;
	step.route = *route;
	TRY(store_write(store, step_write, &step, err));
	route->read = route->kept = step.route.kept;
	*ret = step.out;
	return 0;
}

int route_begin(struct store_tx *tx, struct err *err)
{
	struct rule_row *rules;
	int64_t first, newest;
	size_t count;

	TRY(rule_active(tx, &rules, &count, err));
	if (count)
		return 0;
	TRY(event_bounds(tx, &first, &newest, err));
	return reader_set(tx, reader, newest, err);
}
