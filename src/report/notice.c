/* SPDX-License-Identifier: Apache-2.0 */
/* What does a notice say, whatever its form? And as JSON. */
#include "report/notice_parts.h"

#include "base/clock.h"
#include "base/terminal.h"

enum { TITLE_BYTES = 200, SHOWN_BYTES = 80 };

static const char *const kind_words[] = { "event", "digest", "test", "heartbeat" };

/* ---- parts ---- */

static struct str utf8_first(struct str text, size_t most)
{
	if (text.len <= most)
		return text;
	while (most && ((unsigned char)text.data[most] & 0xc0) == 0x80)
		most--;
	return str_first(text, most);
}

struct str notice_plain(struct arena *a, struct str foreign, size_t most)
{
	struct str cut = utf8_first(foreign, most);
	struct buf out;

	buf_init(&out, a);
	terminal_put(&out, cut);
	if (cut.len < foreign.len)
		buf_put_lit(&out, "…");
	return buf_str(&out);
}

const char *notice_severity(int severity)
{
	return severity >= SEVERITY_INFO && severity <= SEVERITY_CRITICAL
		       ? severity_word((enum severity)severity)
		       : "";
}

struct str notice_type(const struct notice *notice)
{
	if (notice->kind == NOTICE_EVENT && notice->event_count)
		return notice->events[0].type;
	return str_of(notice->kind < ARRAY_COUNT(kind_words) ? kind_words[notice->kind] : "event");
}

struct str notice_link(struct str link)
{
	if (!str_starts(link, STR_LIT("https://")) && !str_starts(link, STR_LIT("http://")))
		return STR_NONE;
	for (size_t i = 0; i < link.len; i++)
		if (link.data[i] <= ' ' || link.data[i] > '~' || strchr("\"'<>`|\\", link.data[i]))
			return STR_NONE;
	return link.len <= NOTICE_TEXT_BYTES ? link : STR_NONE;
}

int notice_worst(const struct notice *notice)
{
	int worst = NOTICE_NO_SEVERITY;

	for (size_t i = 0; i < notice->event_count; i++)
		worst = MAX(worst, notice->events[i].severity);
	return worst;
}

/* ---- by domain ---- */

static bool is_alike(const struct notice_event *a, const struct notice_event *b)
{
	return a->severity == b->severity && str_eq(a->check, b->check) &&
	       str_eq(a->type, b->type) && str_eq(a->fix, b->fix);
}

static int by_domain(const void *left, const void *right)
{
	const struct notice_event *a = *(const struct notice_event *const *)left;
	const struct notice_event *b = *(const struct notice_event *const *)right;
	int order = str_cmp(a->domain, b->domain);

	if (!order)
		order = b->severity - a->severity;
	if (!order)
		order = str_cmp(a->check, b->check);
	if (!order)
		order = str_cmp(a->type, b->type);
	if (!order)
		order = str_cmp(a->fix, b->fix);
	return order ? order : a < b ? -1 : a > b; /* of one array: as they happened */
}

static int by_worst(const void *left, const void *right)
{
	const struct notice_domain *a = left, *b = right;

	return a->worst != b->worst ? b->worst - a->worst : str_cmp(a->name, b->name);
}

/* Groups of a domain lie in a row, at most one an event, so the place of its first event is room enough. */
static void group_add(struct notice_domain *domain, const struct notice_event **event)
{
	struct notice_group *groups = domain->groups, *last = groups + domain->group_count;

	domain->event_count++;
	domain->worst = MAX(domain->worst, (*event)->severity);
	if (domain->group_count && is_alike(last[-1].first, *event)) {
		last[-1].count++;
		return;
	}
	*last = (struct notice_group){ .first = *event, .events = event, .count = 1 };
	domain->group_count++;
}

struct notice_domain *notice_by_domain(struct arena *a, const struct notice *notice,
				       size_t *ret_count)
{
	size_t total = notice->event_count, count = 0;
	const struct notice_event **sorted = arena_array(a, total, sizeof(struct notice_event *));
	struct notice_domain *domains = arena_array(a, total, sizeof *domains), *domain = NULL;
	struct notice_group *groups = arena_array(a, total, sizeof *groups);

	for (size_t i = 0; i < total; i++)
		sorted[i] = &notice->events[i];
	if (total)
		qsort(sorted, total, sizeof(struct notice_event *), by_domain);
	for (size_t i = 0; i < total; i++) {
		if (!domain || !str_eq(domain->name, sorted[i]->domain)) {
			domain = &domains[count++];
			*domain = (struct notice_domain){ .name = sorted[i]->domain,
							  .worst = NOTICE_NO_SEVERITY,
							  .groups = &groups[i] };
		}
		group_add(domain, &sorted[i]);
	}
	if (count)
		qsort(domains, count, sizeof *domains, by_worst);
	*ret_count = count;
	return domains;
}

/* ---- the title ---- */

static size_t count_of_worst(const struct notice *notice, int worst)
{
	size_t count = 0;

	for (size_t i = 0; i < notice->event_count; i++)
		count += notice->events[i].severity == worst;
	return count;
}

static void title_of_event(struct buf *out, struct arena *a, const struct notice_event *event)
{
	const char *severity = notice_severity(event->severity);

	if (event->domain.len)
		buf_printf(out, "%.*s: ", STR(notice_plain(a, event->domain, SHOWN_BYTES)));
	if (severity[0])
		buf_printf(out, "%s, ", severity);
	buf_put_str(out, notice_plain(a, event->text.len ? event->text : event->type, SHOWN_BYTES));
}

static void title_of_digest(struct buf *out, struct arena *a, const struct notice *notice)
{
	size_t count, total = notice->event_count + notice->omitted;
	struct notice_domain *domains = notice_by_domain(a, notice, &count);
	int worst = notice_worst(notice);

	buf_printf(out, "%zu %s", total, total == 1 ? "event" : "events");
	if (worst >= SEVERITY_MEDIUM)
		buf_printf(out, ", %zu %s", count_of_worst(notice, worst), notice_severity(worst));
	if (!count)
		return;
	buf_printf(out, ": %.*s",
		   STR(domains[0].name.len ? notice_plain(a, domains[0].name, SHOWN_BYTES)
					   : STR_LIT("dss")));
	if (count > 1)
		buf_printf(out, " and %zu more", count - 1);
}

struct str notice_title(struct arena *a, const struct notice *notice)
{
	struct buf out;

	buf_init(&out, a);
	if (notice->kind == NOTICE_TEST)
		buf_put_lit(&out, "Test of the channel");
	else if (notice->kind == NOTICE_HEARTBEAT)
		buf_put_lit(&out, "DSS is running, and there is nothing to tell");
	else if (notice->kind == NOTICE_EVENT && notice->event_count == 1)
		title_of_event(&out, a, &notice->events[0]);
	else
		title_of_digest(&out, a, notice);
	if (notice->kind >= NOTICE_TEST && notice->channel.len)
		buf_printf(&out, ": %.*s", STR(notice_plain(a, notice->channel, SHOWN_BYTES)));
	return utf8_first(buf_str(&out), TITLE_BYTES);
}

/* ---- JSON ---- */

static void put_plain(struct json *w, struct arena *a, const char *key, struct str text)
{
	if (!text.len)
		return;
	json_key(w, key);
	json_str(w, notice_plain(a, text, NOTICE_TEXT_BYTES));
}

static void put_time(struct json *w, const char *key, int64_t at_us)
{
	char text[TIME_TEXT_BYTES];

	if (!at_us)
		return;
	json_key(w, key);
	json_text(w, clock_text(at_us, text));
}

static void put_severity(struct json *w, int severity)
{
	if (severity < 0)
		return;
	json_key(w, "severity");
	json_text(w, notice_severity(severity));
}

/* Lines of ours keep their ends. */
static void put_lines(struct json *w, const char *key, struct str text)
{
	if (!text.len)
		return;
	json_key(w, key);
	json_str(w, str_first(text, NOTICE_TEXT_BYTES));
}

static void put_event(struct json *w, struct arena *a, const struct notice_event *event)
{
	json_object(w);
	put_plain(w, a, "id", event->id);
	if (event->sequence) {
		json_key(w, "sequence");
		json_int(w, event->sequence);
	}
	put_plain(w, a, "type", event->type);
	put_time(w, "time", event->at_us);
	put_plain(w, a, "domain", event->domain);
	put_severity(w, event->severity);
	put_plain(w, a, "check", event->check);
	put_plain(w, a, "subject", event->subject);
	put_plain(w, a, "text", event->text);
	put_plain(w, a, "before", event->before);
	put_plain(w, a, "after", event->after);
	put_lines(w, "fix", event->fix);
	put_plain(w, a, "link", notice_link(event->link));
	put_plain(w, a, "traceparent", event->trace);
	if (event->data.len) {
		json_key(w, "data");
		json_raw(w, event->data);
	}
	json_end(w);
}

static void put_data(struct json *w, struct arena *a, const struct notice *notice)
{
	json_object(w);
	put_plain(w, a, "id", notice->id);
	put_plain(w, a, "title", notice_title(a, notice));
	put_plain(w, a, "workspace", notice->workspace);
	put_plain(w, a, "channel", notice->channel);
	put_plain(w, a, "rule", notice->rule);
	put_severity(w, notice_worst(notice));
	put_time(w, "from", notice->from_us);
	put_time(w, "until", notice->until_us);
	put_plain(w, a, "link", notice_link(notice->link));
	json_key(w, "omitted");
	json_uint(w, notice->omitted);
	json_key(w, "events");
	json_array(w);
	for (size_t i = 0; i < notice->event_count; i++)
		put_event(w, a, &notice->events[i]);
	json_end(w);
	json_end(w);
}

void notice_json(struct buf *out, const struct notice *notice)
{
	struct arena scratch = { 0 };
	struct json w;

	json_init(&w, out);
	json_object(&w);
	json_key(&w, "type");
	json_str(&w, notice_type(notice));
	put_time(&w, "timestamp", notice->at_us ? notice->at_us : 1);
	json_key(&w, "data");
	put_data(&w, &scratch, notice);
	json_end(&w);
	arena_release(&scratch);
}
