/* SPDX-License-Identifier: Apache-2.0 */
/* What does a template become with these values? */
#include "formats/web/template.h"

#include "base/json.h"

static void percent_put(struct buf *out, struct str value)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.data[i];

		if (char_is_alpha((char)c) || char_is_digit((char)c) ||
		    str_find_char(STR_LIT("-._~"), (char)c) >= 0) {
			buf_put_char(out, (char)c);
			continue;
		}
		buf_put_char(out, '%');
		buf_put_char(out, digits[c >> 4]);
		buf_put_char(out, digits[c & 15]);
	}
}

/* A JSON string without its quotes. */
static void json_put(struct buf *out, struct str value)
{
	struct buf quoted;
	struct json w;

	buf_init(&quoted, out->arena);
	json_init(&w, &quoted);
	json_str(&w, value);
	buf_put(out, quoted.data + 1, quoted.len - 2);
	if (!out->arena)
		buf_release(&quoted);
}

static int value_put(struct buf *out, struct str value, enum template_form form)
{
	if (form == TEMPLATE_URL) {
		percent_put(out, value);
	} else if (form == TEMPLATE_JSON) {
		json_put(out, value);
	} else {
		for (size_t i = 0; i < value.len; i++)
			if ((unsigned char)value.data[i] < ' ' || value.data[i] == 0x7f)
				return ERR_SYNTAX;
		buf_put_str(out, value);
	}
	return 0;
}

static const struct template_word *word_find(struct str name, const struct template_word *words,
					     size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(name, str_of(words[i].name)))
			return &words[i];
	return NULL;
}

struct filling {
	struct buf *out;
	enum template_form form;
	size_t part; /* where the [part] that is open began */
	bool is_open, is_empty;
};

/* What stands for itself: 1 when it was taken. */
static bool mark_take(struct filling *f, struct str text, size_t *at)
{
	char c = text.data[*at];

	if (*at + 1 < text.len && text.data[*at + 1] == c &&
	    str_find_char(STR_LIT("{}[]"), c) >= 0) {
		buf_put_char(f->out, c);
		*at += 2;
		return true;
	}
	if (f->form != TEMPLATE_URL || (c != '[' && c != ']'))
		return false;
	if (c == ']' && f->is_open && f->is_empty)
		f->out->len = f->part;
	f->is_open = c == '[';
	f->is_empty = false;
	f->part = f->out->len;
	++*at;
	return true;
}

int template_fill(struct buf *out, struct str text, enum template_form form,
		  const struct template_word *words, size_t count)
{
	struct filling f = { .out = out, .form = form };

	for (size_t i = 0; i < text.len;) {
		const struct template_word *word;
		ptrdiff_t end;

		if (mark_take(&f, text, &i))
			continue;
		end = text.data[i] == '{' ? str_find_char(str_from(text, i), '}') : -1;
		if (end < 0) {
			buf_put_char(out, text.data[i++]);
			continue;
		}
		word = word_find(str_first(str_from(text, i + 1), (size_t)end - 1), words, count);
		if (!word)
			return ERR_SYNTAX;
		f.is_empty |= !word->value.len;
		TRY(value_put(out, word->value, form));
		i += (size_t)end + 1;
	}
	return 0;
}
