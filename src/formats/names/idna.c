/* SPDX-License-Identifier: Apache-2.0 */
/* What is a name in A-labels and in U-labels? UTS 46 section 4, RFC 5891. */
#include "formats/names/idna.h"

#include "formats/names/label.h"
#include "formats/names/punycode.h"

enum { LABEL_BYTES = 63, NAME_BYTES = 253, LABELS = 256 };

struct processing {
	struct arena *arena;
	unsigned flags;
	struct label labels[LABELS];
	size_t count;
	struct err *err;
};

/* Section 4, steps 1 and 2: map, then normalize. What is disallowed stays, and fails later. */
static int map_text(struct processing *p, struct str text, struct code_points *ret)
{
	struct code_points typed = { 0 };
	size_t offset = 0;

	if (text.len > IDNA_TEXT_BYTES)
		return err_set(p->err, ERR_LIMIT, "the name is longer than %d octets",
			       IDNA_TEXT_BYTES);
	if (utf8_read(p->arena, text, &typed, &offset) < 0)
		return err_set(p->err, ERR_SYNTAX, "not UTF-8 (octet %zu)", offset + 1);
	for (size_t i = 0; i < typed.len; i++) {
		const uint32_t *mapping;
		size_t len;
		enum unicode_status status = unicode_map(typed.at[i], &mapping, &len);

		if (status == UNICODE_IGNORED)
			continue;
		if (status != UNICODE_MAPPED) {
			code_points_put(p->arena, ret, typed.at[i]);
			continue;
		}
		for (size_t k = 0; k < len; k++)
			code_points_put(p->arena, ret, mapping[k]);
	}
	unicode_nfc(p->arena, ret);
	return 0;
}

static bool is_ascii(const uint32_t *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (at[i] >= 0x80)
			return false;
	return true;
}

/* Section 4, step 4: "xn--" and Punycode of something that is not ASCII. */
static int label_decode(struct processing *p, struct label *label)
{
	struct code_points points = { 0 };
	struct buf text;

	if (!is_ascii(label->at, label->len))
		return err_set(p->err, ERR_SYNTAX, "an encoded label (xn--) holds more than ASCII");
	buf_init(&text, p->arena);
	for (size_t i = 4; i < label->len; i++)
		buf_put_char(&text, (char)label->at[i]);
	if (punycode_decode(p->arena, buf_str(&text), &points) < 0)
		return err_set(p->err, ERR_SYNTAX, "\"xn--%.*s\" is no Punycode",
			       STR(str_first(buf_str(&text), 63)));
	if (is_ascii(points.at, points.len))
		return err_set(p->err, ERR_SYNTAX, "\"xn--%.*s\" encodes only ASCII",
			       STR(str_first(buf_str(&text), 63)));
	*label = (struct label){ .at = points.at, .len = points.len, .was_encoded = true };
	return 0;
}

/* Step 3: break at dots; decode what is encoded. */
static int labels_split(struct processing *p, const struct code_points *run)
{
	static const uint32_t prefix[] = { 'x', 'n', '-', '-' };
	size_t start = 0;

	for (size_t i = 0; i <= run->len; i++) {
		struct label *label = &p->labels[p->count];

		if (i < run->len && run->at[i] != '.')
			continue;
		if (p->count == LABELS)
			return err_set(p->err, ERR_LIMIT, "the name has more than %d labels",
				       LABELS);
		*label = (struct label){ .at = run->at + start, .len = i - start };
		start = i + 1;
		p->count++;
		if (label->len >= 4 && !memcmp(label->at, prefix, sizeof prefix))
			TRY(label_decode(p, label));
	}
	return 0;
}

static int labels_check(struct processing *p)
{
	bool is_bidi = false;
	uint32_t point;

	for (size_t i = 0; i < p->count; i++)
		is_bidi |= label_is_bidi(&p->labels[i]);
	for (size_t i = 0; i < p->count; i++) {
		const char *problem =
			label_problem(p->arena, &p->labels[i], p->flags, is_bidi, &point);

		if (problem && point)
			return err_set(p->err, ERR_SYNTAX, "U+%04X: %s", (unsigned)point, problem);
		if (problem)
			return err_set(p->err, ERR_SYNTAX, "%s", problem);
	}
	return 0;
}

static int name_process(struct processing *p, struct str text)
{
	struct code_points run = { 0 };

	TRY(map_text(p, text, &run));
	TRY(labels_split(p, &run));
	return labels_check(p);
}

/* How a label of a processed name is written. */
typedef int put_label(const struct processing *p, const struct label *label, struct buf *out);

static int name_write(struct processing *p, struct str text, put_label *put, struct buf *out)
{
	TRY(name_process(p, text));
	buf_init(out, p->arena);
	for (size_t i = 0; i < p->count; i++) {
		if (i)
			buf_put_char(out, '.');
		TRY(put(p, &p->labels[i], out));
	}
	return 0;
}

/* Section 4.2, step 4; an empty last label is the root. */
static int length_check(const struct processing *p, size_t label_bytes)
{
	if (label_bytes > LABEL_BYTES)
		return err_set(p->err, ERR_SYNTAX, "a label is longer than %d octets", LABEL_BYTES);
	if (!label_bytes)
		return err_set(p->err, ERR_SYNTAX, "an empty label");
	return 0;
}

static int put_ascii(const struct processing *p, const struct label *label, struct buf *out)
{
	size_t start = out->len;

	if (!is_ascii(label->at, label->len)) {
		buf_put_lit(out, "xn--");
		if (punycode_encode(label->at, label->len, out) < 0)
			return err_set(p->err, ERR_SYNTAX, "a label is too long to encode");
	} else {
		for (size_t i = 0; i < label->len; i++)
			buf_put_char(out, (char)label->at[i]);
	}
	return p->flags & IDNA_VERIFY_LENGTH ? length_check(p, out->len - start) : 0;
}

static int put_unicode(const struct processing *p, const struct label *label, struct buf *out)
{
	for (size_t i = 0; i < label->len; i++)
		utf8_put(out, label->at[i]);
	return 0;
}

int idna_to_ascii(struct arena *a, struct str text, unsigned flags, struct str *ret,
		  struct err *err)
{
	struct processing p = { .arena = a, .flags = flags, .err = err };
	struct buf out;

	TRY(name_write(&p, text, put_ascii, &out));
	if ((flags & IDNA_VERIFY_LENGTH) && out.len > NAME_BYTES)
		return err_set(err, ERR_SYNTAX, "the name is longer than %d octets", NAME_BYTES);
	*ret = buf_str(&out);
	return 0;
}

int idna_to_unicode(struct arena *a, struct str text, unsigned flags, struct str *ret,
		    struct err *err)
{
	struct processing p = { .arena = a, .flags = flags, .err = err };
	struct buf out;

	TRY(name_write(&p, text, put_unicode, &out));
	*ret = buf_str(&out);
	return 0;
}

struct str idna_display(struct arena *a, struct str name)
{
	struct str shown;

	if (str_find(name, STR_LIT("xn--")) < 0 ||
	    idna_to_unicode(a, name, IDNA_NAMES, &shown, NULL) < 0)
		return name;
	return shown;
}
