/* SPDX-License-Identifier: Apache-2.0 */
/* Do bodies and queries of clients stay inside their fields' rules? */
#include "roles/api/input.h"
#include "roles/api/spool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sample {
	struct str text, name, more;
	uint32_t number;
	int choice;
	int64_t at;
	struct str *words;
	size_t word_count;
};

static const char *const choices[] = { "red", "green", NULL };
#define SAMPLE_FIELDS(IN)                                                                          \
	FIELD_OF(IN, FIELD_TEXT, struct sample, text, "text", .least = 1, .most = 20),             \
		FIELD_OF(IN, FIELD_NAME, struct sample, name, "a name"),                           \
		FIELD_OF(IN, FIELD_UINT, struct sample, number, "a number", .least = 1,            \
			 .most = 1000),                                                            \
		FIELD_OF(IN, FIELD_CHOICE, struct sample, choice, "a colour", .words = choices),   \
		FIELD_OF(IN, FIELD_TIME, struct sample, at, "a time"),                             \
		FIELD_ARRAY(IN, FIELD_WORD, struct sample, words, word_count, 0, "words",          \
			    .most = 5, .items_most = 3)
static const struct field body_fields[] = {
	SAMPLE_FIELDS(IN_BODY),
	FIELD_BODY(FIELD_JSON, struct sample, more, "an object", .most = 50),
	FIELD_END,
};
static const struct field query_fields[] = { SAMPLE_FIELDS(IN_QUERY), FIELD_END };

static size_t characters(struct str text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += ((unsigned char)text.data[i] & 0xc0) != 0x80;
	return count;
}

/* What was not complained about is as the fields say. */
static void check(const struct input *in, const struct complaints *complaints)
{
	const struct sample *sample = in->values;

	if (complaints->count)
		return;
	if ((sample->text.data && (!sample->text.len || characters(sample->text) > 20)) ||
	    sample->number > 1000 || sample->choice < 0 || sample->choice > 1 || sample->at < 0 ||
	    sample->more.len > 50 || sample->word_count > 3 || sample->name.len > 1024)
		abort();
	for (size_t i = 0; i < sample->word_count; i++)
		if (sample->words[i].len > 5)
			abort();
}

/* The first octet picks the reader. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_bytes(data, size), cells[8];
	struct complaints complaints;
	struct err err = { 0 };
	struct arena a = { 0 };
	struct input in;
	size_t count;
	bool is_body;

	if (!size)
		return 0;
	is_body = data[0] == 'b';
	text = str_from(text, 1);
	complaints_init(&complaints, &a);
	input_begin(&a, is_body ? body_fields : query_fields, sizeof(struct sample), &in);
	if (data[0] == 'c') {
		if (csv_cells(&a, text, ARRAY_COUNT(cells), cells, &count) == 0 &&
		    (count > ARRAY_COUNT(cells) || !count) && text.data)
			abort();
	} else if ((is_body ? input_read_body(&a, &in, text, &complaints, &err)
			    : input_read_query(&a, &in, text, &complaints, &err)) == 0) {
		check(&in, &complaints);
	}
	arena_release(&a);
	return 0;
}
