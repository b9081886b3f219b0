/* SPDX-License-Identifier: Apache-2.0 */
/* What changed between two sets of facts? */
#include "facts/diff.h"

#include "base/desc.h"

/* A value as it is compared: a fact by its question, an item by its octets. */
struct keyed {
	struct str key;
	const void *value;
};

struct differ {
	struct arena *a;
	const struct fact *before, *after; /* the pair at hand */
	struct buf changes;
};

const char *change_word(enum change_kind kind)
{
	static const char *const words[] = { "added", "removed", "changed" };

	return words[kind];
}

static int by_key(const void *a, const void *b)
{
	return str_cmp(((const struct keyed *)a)->key, ((const struct keyed *)b)->key);
}

static void put(struct differ *d, enum change_kind kind, const char *field, struct str before,
		struct str after)
{
	struct change change = { .question = d->after->question,
				 .kind = kind,
				 .field = field,
				 .before = before,
				 .after = after };

	buf_put(&d->changes, &change, sizeof change);
}

/* A field with a single value, in the form that compares its stable parts. */
static struct str octets_of(struct differ *d, const struct desc_field *field, const void *value)
{
	struct desc_field single = *field;
	struct desc desc = { .field_count = 1, .fields = &single };
	struct buf octets;

	single.is_array = false;
	single.offset = 0;
	buf_init(&octets, d->a);
	desc_encode_stable(&octets, &desc, value);
	return buf_str(&octets);
}

static struct str text_of(struct differ *d, const struct desc_field *field, const void *value)
{
	struct buf text;
	struct json w;

	buf_init(&text, d->a);
	if (field->custom == &dns_rr_custom && field->type == DESC_CUSTOM) {
		const struct dns_rr *rr = value;

		buf_put_str(&text, rr->owner);
		buf_put_char(&text, ' ');
		buf_put_str(&text, dns_type_text(d->a, rr->type));
		buf_put_char(&text, ' ');
		dns_rdata_text(&text, rr);
	} else if (field->type == DESC_STRUCT || field->type == DESC_CUSTOM) {
		json_init(&w, &text);
		if (field->type == DESC_STRUCT)
			desc_json(&w, field->of, value);
		else
			field->custom->json(&w, value);
	} else if (field->type == DESC_BOOL) {
		buf_put_str(&text, str_of(*(const bool *)value ? "yes" : "no"));
	} else {
		desc_value_text(&text, field, value);
	}
	return buf_str(&text);
}

/* Signatures are renewed without anyone's doing, and so are serials; a SOA that comes beside an
 * answer tells nothing that the answer to its own question does not. */
static bool is_comparable(const struct desc_field *field, const void *item)
{
	const struct dns_rr *rr = item;

	if (field->type != DESC_CUSTOM || field->custom != &dns_rr_custom)
		return true;
	return rr->type != DNS_RRSIG && (rr->type != DNS_SOA || !strcmp(field->name, "records"));
}

static size_t items_of(struct differ *d, const struct desc_field *field, const void *answer,
		       struct keyed **ret)
{
	size_t count = *(const size_t *)((const char *)answer + field->count_offset), kept = 0;
	struct keyed *items = arena_array(d->a, count, sizeof *items);
	const char *at;

	memcpy(&at, (const char *)answer + field->offset, sizeof at);
	for (size_t i = 0; i < count; i++, at += field->size)
		if (is_comparable(field, at))
			items[kept++] = (struct keyed){ octets_of(d, field, at), at };
	if (kept)
		qsort(items, kept, sizeof *items, by_key);
	*ret = items;
	return kept;
}

static void diff_items(struct differ *d, const struct desc_field *field)
{
	struct keyed *before, *after;
	size_t before_count = items_of(d, field, d->before->answer, &before);
	size_t after_count = items_of(d, field, d->after->answer, &after);

	for (size_t i = 0, k = 0; i < before_count || k < after_count;) {
		int order = i == before_count  ? 1
			    : k == after_count ? -1
					       : str_cmp(before[i].key, after[k].key);

		if (order < 0)
			put(d, CHANGE_REMOVED, field->name, text_of(d, field, before[i].value),
			    STR_NONE);
		else if (order > 0)
			put(d, CHANGE_ADDED, field->name, STR_NONE,
			    text_of(d, field, after[k].value));
		i += order <= 0;
		k += order >= 0;
	}
}

static void diff_field(struct differ *d, const struct desc_field *field)
{
	const char *before = (const char *)d->before->answer + field->offset;
	const char *after = (const char *)d->after->answer + field->offset;

	if (field->flags & DESC_VOLATILE)
		return;
	if (field->is_array)
		diff_items(d, field);
	else if (!str_eq(octets_of(d, field, before), octets_of(d, field, after)))
		put(d, CHANGE_CHANGED, field->name, text_of(d, field, before),
		    text_of(d, field, after));
}

static void diff_pair(struct differ *d)
{
	const struct fact_kind *kind = fact_kind_of(d->after->question.kind);

	if (fact_end(d->before) == END_OURS || fact_end(d->after) == END_OURS)
		return;
	if (d->before->failure != d->after->failure) {
		put(d, CHANGE_CHANGED, "failure",
		    str_of(failure_word((enum failure)d->before->failure)),
		    str_of(failure_word((enum failure)d->after->failure)));
		return;
	}
	if (!kind || !d->before->answer || !d->after->answer)
		return;
	for (size_t i = 0; i < kind->answer->field_count; i++)
		diff_field(d, &kind->answer->fields[i]);
}

static struct keyed *facts_by_key(struct arena *a, const struct fact *const *facts, size_t count)
{
	struct keyed *keyed = arena_array(a, count, sizeof *keyed);

	for (size_t i = 0; i < count; i++) {
		struct buf key;

		buf_init(&key, a);
		question_key(&key, &facts[i]->question);
		keyed[i] = (struct keyed){ buf_str(&key), facts[i] };
	}
	if (count)
		qsort(keyed, count, sizeof *keyed, by_key);
	return keyed;
}

struct changes facts_diff(struct arena *a, const struct fact *const *before, size_t before_count,
			  const struct fact *const *after, size_t after_count)
{
	struct keyed *befores = facts_by_key(a, before, before_count);
	struct keyed *afters = facts_by_key(a, after, after_count);
	struct differ d = { .a = a };

	buf_init(&d.changes, a);
	for (size_t i = 0, k = 0; i < before_count && k < after_count;) {
		int order = str_cmp(befores[i].key, afters[k].key);

		if (!order) {
			d.before = befores[i].value;
			d.after = afters[k].value;
			diff_pair(&d);
		}
		i += order <= 0;
		k += order >= 0;
	}
	return (struct changes){ (struct change *)d.changes.data,
				 d.changes.len / sizeof(struct change) };
}
