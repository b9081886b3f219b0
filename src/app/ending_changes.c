/* SPDX-License-Identifier: Apache-2.0 */
/* What has changed since the facts before? */
#include "app/ending.h"
#include "base/json.h"
#include "facts/diff.h"
#include "formats/names/psl.h"
#include "store/fact.h"
#include "store/history.h"

enum {
	TEXT_BYTES = 4096, /* of one value: longer ones are cut */
	CHANGES = 2000,    /* of one scan */
	EVENTS_TOLD = 100,
	SHOWN = 20 /* changes in one event */
};

/* ---- the facts of both sides ---- */

static int decode(struct ending *e, const struct str *stable, size_t count,
		  const struct fact ***ret, struct err *err)
{
	struct fact *facts = arena_array(e->tx->a, count + 1, sizeof *facts);
	const struct fact **views = arena_array(e->tx->a, count + 1, sizeof *views);

	for (size_t i = 0; i < count; i++) {
		if (fact_decode(e->tx->a, stable[i], &facts[i]) < 0)
			return err_set(err, ERR_CORRUPT, "fact %zu of a set is damaged", i);
		views[i] = &facts[i];
	}
	*ret = views;
	return 0;
}

static int differ(struct ending *e, struct changes *ret, struct err *err)
{
	const struct fact **before, **after;
	struct str *stable;
	size_t count;

	TRY(fact_set_get(e->tx, e->domain.fact_set, &stable, &count, err));
	TRY(decode(e, stable, count, &before, err));
	TRY(decode(e, e->outcome->facts, e->outcome->fact_count, &after, err));
	*ret = facts_diff(e->tx->a, before, count, after, e->outcome->fact_count);
	return 0;
}

/* ---- what it means ---- */

static bool is_about(const struct ending *e, const struct question *question, uint16_t type)
{
	return question->kind == KIND_dns && question->dns.type == type &&
	       str_eq(question->dns.name, e->domain.name);
}

/* What the registry says of the domain that the name is registered under. */
static bool is_registration(const struct ending *e, const struct question *question)
{
	struct str domain = registrable_domain(e->domain.name);

	return (question->kind == KIND_rdap && !question->rdap.flags &&
		str_eq(question->rdap.name, domain)) ||
	       (question->kind == KIND_whois && str_eq(question->whois.name, domain));
}

/* Who holds it, through whom, and where it leads: a renewal changes none of that. */
static enum event_type registration_event(const struct change *change, size_t count)
{
	static const char *const worth[] = { "registrar", "registrar_id", "holder", "name_servers",
					     "ds" };
	enum event_type event = EVENT_RECORD_CHANGED;

	for (size_t i = 0; i < count; i++) {
		if (change[i].kind == CHANGE_REMOVED && !strcmp(change[i].field, "status") &&
		    str_find(change[i].before, STR_LIT("prohibited")) >= 0)
			return EVENT_LOCK_REMOVED;
		for (size_t k = 0; k < ARRAY_COUNT(worth); k++)
			if (!strcmp(change[i].field, worth[k]))
				event = EVENT_REGISTRATION_CHANGED;
	}
	return event;
}

static enum event_type event_for(const struct ending *e, const struct change *change, size_t count)
{
	const struct question *question = &change->question;

	if (is_registration(e, question))
		return registration_event(change, count);
	if (is_about(e, question, DNS_NS))
		return EVENT_NAMESERVER_CHANGED;
	return is_about(e, question, DNS_MX) ? EVENT_MX_CHANGED : EVENT_RECORD_CHANGED;
}

/* Where one's mail, names and signatures go is worth a look; the rest is for the record. */
static enum severity severity_of(const struct ending *e, const struct change *change, size_t count)
{
	const struct question *question = &change->question;
	static const uint16_t worth[] = { DNS_NS, DNS_MX, DNS_DS, DNS_DNSKEY };

	if (is_registration(e, question))
		return registration_event(change, count) == EVENT_RECORD_CHANGED ? SEVERITY_INFO
										 : SEVERITY_HIGH;
	for (size_t i = 0; i < ARRAY_COUNT(worth); i++)
		if (is_about(e, question, worth[i]))
			return SEVERITY_MEDIUM;
	return SEVERITY_INFO;
}

static struct str question_words(struct arena *a, const struct question *question)
{
	struct buf out;

	buf_init(&out, a);
	question_text(&out, question);
	return buf_str(&out);
}

static bool is_same_question(struct arena *a, const struct question *left,
			     const struct question *right)
{
	struct arena_mark mark = arena_mark(a);
	struct buf keys[2];
	bool is_same;

	buf_init(&keys[0], a);
	question_key(&keys[0], left);
	buf_init(&keys[1], a);
	question_key(&keys[1], right);
	is_same = str_eq(buf_str(&keys[0]), buf_str(&keys[1]));
	arena_rewind(a, mark);
	return is_same;
}

static void value_json(struct json *w, const char *key, struct str value)
{
	if (!value.len)
		return;
	json_key(w, key);
	json_str(w, str_first(value, TEXT_BYTES));
}

static struct str changes_data(struct arena *a, struct str question, const struct change *change,
			       size_t count)
{
	struct buf out;
	struct json w;

	buf_init(&out, a);
	json_init(&w, &out);
	json_object(&w);
	json_key(&w, "question");
	json_str(&w, question);
	json_key(&w, "changes");
	json_array(&w);
	for (size_t i = 0; i < MIN(count, (size_t)SHOWN); i++) {
		json_object(&w);
		json_key(&w, "kind");
		json_text(&w, change_word(change[i].kind));
		json_key(&w, "field");
		json_text(&w, change[i].field);
		value_json(&w, "before", change[i].before);
		value_json(&w, "after", change[i].after);
		json_end(&w);
	}
	json_end(&w);
	if (count > SHOWN) {
		json_key(&w, "more");
		json_uint(&w, count - SHOWN);
	}
	json_end(&w);
	return buf_str(&out);
}

static int store_changes(struct ending *e, struct str question, const struct change *change,
			 size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		struct change_row row = {
			.workspace = e->scan.workspace,
			.domain = e->scan.domain,
			.scan = e->scan.id,
			.at = e->outcome->ended_at,
			.kind = (int)change[i].kind,
			.question = question,
			.field = str_of(change[i].field),
			.before = str_first(change[i].before, TEXT_BYTES),
			.after = str_first(change[i].after, TEXT_BYTES),
			.severity = severity_of(e, &change[i], 1),
		};

		TRY(change_insert(e->tx, &row, err));
	}
	return 0;
}

/* All changes of one question are one event. What a single server says is for the record only: what
 * the world sees is told. */
static int tell(struct ending *e, const struct change *change, size_t count, size_t *told,
		struct err *err)
{
	const struct question *about = &change->question;
	struct str question = question_words(e->tx->a, about);

	TRY(store_changes(e, question, change, count, err));
	if (about->kind == KIND_dns_at || *told >= EVENTS_TOLD)
		return 0;
	++*told;
	return ending_event(e, event_for(e, change, count), UUID_NIL,
			    (int)severity_of(e, change, count),
			    changes_data(e->tx->a, question, change, count), err);
}

int ending_changes(struct ending *e, struct err *err)
{
	struct changes changes;
	size_t count, told = 0;

	TRY(differ(e, &changes, err));
	count = MIN(changes.count, (size_t)CHANGES);
	e->stored->changed = count;
	for (size_t i = 0, next; i < count; i = next) {
		for (next = i + 1; next < count; next++)
			if (!is_same_question(e->tx->a, &changes.change[i].question,
					      &changes.change[next].question))
				break;
		TRY(tell(e, &changes.change[i], next - i, &told, err));
	}
	return 0;
}
