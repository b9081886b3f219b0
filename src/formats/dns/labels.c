/* SPDX-License-Identifier: Apache-2.0 */
/* How are names cut into labels, joined and compared? All names here are in our text form. */
#include "base/address.h"
#include "formats/dns/name.h"

static bool is_root(struct str name)
{
	return name.len == 1 && name.data[0] == '.';
}

/* Length of the leftmost label: up to a dot that no backslash escapes. */
static size_t label_len(struct str name)
{
	size_t at = 0;

	while (at < name.len && name.data[at] != '.')
		at += name.data[at] == '\\' ? 2 : 1;
	return MIN(at, name.len);
}

/* Is the dot at this offset between labels? In \\. it is, in \. it is not. */
static bool is_separator(struct str name, size_t dot)
{
	size_t escapes = 0;

	if (name.data[dot] != '.')
		return false;
	while (escapes < dot && name.data[dot - escapes - 1] == '\\')
		escapes++;
	return escapes % 2 == 0;
}

unsigned dns_name_label_count(struct str name)
{
	unsigned count = 0;

	if (is_root(name))
		return 0;
	for (; name.len; count++)
		name = str_from(name, label_len(name) + 1);
	return count;
}

struct str dns_name_parent(struct str name)
{
	size_t len = label_len(name);

	if (!name.len || is_root(name))
		return STR_NONE;
	return len + 1 < name.len ? str_from(name, len + 1) : STR_LIT(".");
}

struct str dns_name_first_label(struct str name)
{
	return str_first(name, label_len(name));
}

struct str dns_name_last_labels(struct str name, unsigned count)
{
	unsigned have = dns_name_label_count(name);

	if (!count)
		return STR_LIT(".");
	for (; have > count; have--)
		name = str_from(name, label_len(name) + 1);
	return name;
}

struct str dns_name_child(struct arena *a, struct str label, struct str name)
{
	char *text;

	if (!label.len || is_root(label))
		return name;
	if (!name.len || is_root(name))
		return label;
	text = arena_alloc(a, label.len + 1 + name.len + 1);
	memcpy(text, label.data, label.len);
	text[label.len] = '.';
	memcpy(text + label.len + 1, name.data, name.len);
	text[label.len + 1 + name.len] = 0;
	return (struct str){ text, label.len + 1 + name.len };
}

bool dns_name_is_under(struct str name, struct str ancestor)
{
	if (is_root(ancestor))
		return name.len > 0;
	if (!ancestor.len || !str_ends(name, ancestor))
		return false;
	return name.len == ancestor.len || is_separator(name, name.len - ancestor.len - 1);
}

/* Take the rightmost label off; false at the root. */
static bool last_label_take(struct str *name, struct str *ret_label)
{
	size_t start = name->len;

	if (!name->len || is_root(*name))
		return false;
	while (start > 0 && !is_separator(*name, start - 1))
		start--;
	*ret_label = str_from(*name, start);
	name->len = start ? start - 1 : 0;
	return true;
}

/* The octets that a label stands for. */
static size_t label_octets(struct str label, uint8_t out[static DNS_LABEL_BYTES])
{
	size_t len = 0;

	for (size_t i = 0; i < label.len && len < DNS_LABEL_BYTES; i++) {
		const char *s = label.data + i;

		out[len] = (uint8_t)*s;
		if (*s == '\\' && label.len - i >= 4 && char_is_digit(s[1])) {
			out[len] = (uint8_t)((s[1] - '0') * 100 + (s[2] - '0') * 10 + (s[3] - '0'));
			i += 3;
		} else if (*s == '\\' && label.len - i >= 2) {
			out[len] = (uint8_t)s[1];
			i += 1;
		}
		len++;
	}
	return len;
}

/* How many octets do both end in alike? */
static size_t shared_len(struct str a, struct str b)
{
	const char *end_a = a.data + a.len, *end_b = b.data + b.len;
	size_t len = 0, most = MIN(a.len, b.len);

	for (; len + sizeof(uint64_t) <= most; len += sizeof(uint64_t)) {
		uint64_t word_a, word_b;

		memcpy(&word_a, end_a - len - sizeof word_a, sizeof word_a);
		memcpy(&word_b, end_b - len - sizeof word_b, sizeof word_b);
		if (word_a != word_b)
			break;
	}
	while (len < most && end_a[-1 - (ptrdiff_t)len] == end_b[-1 - (ptrdiff_t)len])
		len++;
	return len;
}

/* Long names that differ on the left only are common in one zone: cut both before the leftmost
 * separator of what they end in alike. */
static void shared_labels_cut(struct str *a, struct str *b)
{
	const char *end_a = a->data + a->len;

	/* what stands before the shared part may be a backslash */
	for (size_t at = shared_len(*a, *b); at > 1; at--) {
		if (end_a[-(ptrdiff_t)at] != '\\' && end_a[-(ptrdiff_t)at + 1] == '.') {
			a->len -= at - 1;
			b->len -= at - 1;
			return;
		}
	}
}

int dns_name_cmp(struct str a, struct str b)
{
	struct str label_a, label_b;

	shared_labels_cut(&a, &b);
	for (;;) {
		uint8_t octets_a[DNS_LABEL_BYTES], octets_b[DNS_LABEL_BYTES];
		bool more_a = last_label_take(&a, &label_a), more_b = last_label_take(&b, &label_b);
		int order;

		if (!more_a || !more_b)
			return (int)more_a - (int)more_b;
		if (str_eq(label_a, label_b))
			continue;
		order = str_cmp(str_bytes(octets_a, label_octets(label_a, octets_a)),
				str_bytes(octets_b, label_octets(label_b, octets_b)));
		if (order)
			return order;
	}
}

bool dns_name_is_hostname(struct str name)
{
	if (!name.len || is_root(name))
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];
		bool is_first = !i || name.data[i - 1] == '.';
		bool is_last = i + 1 == name.len || name.data[i + 1] == '.';

		if (c == '.' ? is_first || is_last
			     : !char_is_alpha(c) && !char_is_digit(c) &&
				       (c != '-' || is_first || is_last))
			return false;
	}
	return true;
}

struct str dns_name_reverse(struct arena *a, const struct address *address)
{
	struct buf text;

	buf_init(&text, a);
	if (address->family == ADDRESS_IPV4) {
		for (int i = 3; i >= 0; i--)
			buf_printf(&text, "%u.", (unsigned)address->bytes[i]);
		buf_put_lit(&text, "in-addr.arpa");
	} else {
		for (int i = 15; i >= 0; i--)
			buf_printf(&text, "%x.%x.", address->bytes[i] & 15u,
				   address->bytes[i] >> 4u);
		buf_put_lit(&text, "ip6.arpa");
	}
	return buf_str(&text);
}
