/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that clients send besides names: selectors, expectations, tags, labels, cursors. The first octet
 * says which. */
#include "app/expectations.h"
#include "app/selector.h"
#include "app/text.h"
#include "model/access.h"
#include "model/profile.h"
#include "store/cursor.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
	if (!condition)
		abort();
}

static void read_selector(struct arena *a, struct str text)
{
	struct domain_filter filter = { 0 };
	struct err err = { 0 };
	int code = selector_read(a, text, &filter, &err);

	check(code == 0 || err.text[0]);
	check(code < 0 || filter.tag.len + filter.owner.len <= text.len);
	check(code < 0 || filter.name_glob.len <= 8 * text.len); /* "xn--…" of a few octets */
}

/* What is kept is read again as itself. */
static void read_expectations(struct arena *a, struct str text)
{
	struct problem problem;
	struct str kept, again;

	problem_init(&problem, a);
	if (expectations_read(a, text, &kept, &problem) < 0) {
		check(problem.count > 0);
		return;
	}
	check(expectations_read(a, kept, &again, &problem) == 0 && str_eq(kept, again));
}

static void read_words(struct arena *a, struct str text)
{
	struct problem problem;
	struct str tag, again, label;
	int word;

	problem_init(&problem, a);
	if (!tag_read(a, text, STR_LIT("/tag"), &tag, &problem))
		check(!tag_read(a, tag, STR_LIT("/tag"), &again, &problem) && str_eq(tag, again));
	if (!label_read(text, 80, STR_LIT("/name"), &label, &problem))
		check(label.len > 0 && label.len <= 80);
	if (!word_read(text, profile_words, STR_LIT("/profile"), &word, &problem))
		check(word >= 0 && word < PROFILE_COUNT);
}

static void read_cursor(struct arena *a, struct str octets)
{
	struct cursor cursor;
	struct uuid id;
	int64_t number;

	for (uint8_t kind = 0; kind < 8; kind++)
		if (!cursor_read(octets, kind, &cursor, NULL))
			check(str_eq(cursor_write(a, kind, cursor), octets));
	if (!cursor_read_id(octets, &id, NULL) && octets.len)
		check(str_eq(cursor_write_id(a, id), octets));
	if (!cursor_read_number(octets, 0, &number, NULL) && octets.len)
		check(str_eq(cursor_write_number(a, number), octets));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const readers[])(struct arena * a,
				       struct str text) = { read_selector, read_expectations,
							    read_words, read_cursor };
	struct arena a = { 0 };

	if (size)
		readers[data[0] % ARRAY_COUNT(readers)](&a, str_bytes(data + 1, size - 1));
	arena_release(&a);
	return 0;
}
