/* SPDX-License-Identifier: Apache-2.0 */
/* What does an SPF macro-string expand to? RFC 7208 section 7. */
#include "formats/mail/spf_macro.h"

#include "formats/dns/name.h"

enum { NAME_TEXT_BYTES = 253, EXPANDED_BYTES = 4096 };

/** One %{…}: letter, digits, r, delimiters. */
struct macro {
	char letter;
	unsigned keep; /**< right-hand parts to keep; 0: all */
	bool is_reversed, is_escaped;
	struct str delimiters;
	size_t len;
};

static bool is_delimiter(char c)
{
	return c && strchr(".-+,/_=", c);
}

/* RFC 7208 section 7.1: macro-expand. -EBADMSG, or 0. */
static int macro_read(struct str text, bool in_exp, struct macro *ret)
{
	struct macro m = { 0 };
	size_t at = 2, start;
	unsigned digits = 0;

	if (text.len < 4 || text.data[1] != '{')
		return -EBADMSG;
	m.letter = char_lower(text.data[at]);
	m.is_escaped = text.data[at] != m.letter;
	if (!m.letter || !strchr(in_exp ? "slodiphvcrt" : "slodiphv", m.letter))
		return -EBADMSG;
	for (at++; at < text.len && char_is_digit(text.data[at]); at++, digits++)
		m.keep = MIN(m.keep * 10 + (unsigned)(text.data[at] - '0'), 1000u);
	if (digits && !m.keep)
		return -EBADMSG; /* section 7.3: a digit of zero is a syntax error */
	if (at < text.len && char_lower(text.data[at]) == 'r') {
		m.is_reversed = true;
		at++;
	}
	for (start = at; at < text.len && is_delimiter(text.data[at]);)
		at++;
	m.delimiters = str_first(str_from(text, start), at - start);
	if (at >= text.len || text.data[at] != '}')
		return -EBADMSG;
	m.len = at + 1;
	*ret = m;
	return 0;
}

static bool is_constant(struct str text)
{
	return text.len >= 2 && (text.data[1] == '%' || text.data[1] == '_' || text.data[1] == '-');
}

int spf_macro_check(struct str text, bool in_exp, struct spf_macro_use *ret_use, size_t *ret_offset)
{
	struct spf_macro_use use = { 0 };
	struct macro m;

	for (size_t at = 0; at < text.len;) {
		struct str rest = str_from(text, at);

		if (*rest.data != '%') {
			if (*rest.data < (in_exp ? 0x20 : 0x21) || *rest.data > 0x7e) {
				*ret_offset = at;
				return -EBADMSG;
			}
			at++;
			continue;
		}
		if (is_constant(rest)) {
			at += 2;
			continue;
		}
		if (macro_read(rest, in_exp, &m) < 0) {
			*ret_offset = at;
			return -EBADMSG;
		}
		use.has_macros = true;
		use.needs_sender |= m.letter != 'd';
		use.has_validated |= m.letter == 'p';
		at += m.len;
	}
	if (ret_use)
		*ret_use = use;
	return 0;
}

/* toplabel: letters, digits and inner hyphens, not digits alone. */
static bool is_top_label(struct str label)
{
	bool has_other = false;

	if (!label.len || label.data[0] == '-' || label.data[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++) {
		char c = label.data[i];

		if (!char_is_alpha(c) && !char_is_digit(c) && c != '-')
			return false;
		has_other |= !char_is_digit(c);
	}
	return has_other;
}

bool spf_has_domain_end(struct str text)
{
	bool ends_in_macro = false;
	struct macro m;
	ptrdiff_t dot;

	for (size_t at = 0; at < text.len;) {
		struct str rest = str_from(text, at);

		ends_in_macro = *rest.data == '%';
		if (!ends_in_macro)
			at++;
		else if (is_constant(rest))
			at += 2;
		else if (macro_read(rest, true, &m) == 0)
			at += m.len;
		else
			return false;
	}
	if (ends_in_macro)
		return true;
	if (text.len && text.data[text.len - 1] == '.')
		text.len--;
	dot = str_find_last_char(text, '.');
	return dot >= 0 && is_top_label(str_from(text, (size_t)dot + 1));
}

static struct str address_dotted(struct arena *a, const struct address *ip)
{
	struct buf b;

	if (ip->family != ADDRESS_IPV6)
		return address_str(a, ip);
	buf_init(&b, a);
	for (unsigned i = 0; i < 16; i++)
		buf_printf(&b, "%s%X.%X", i ? "." : "", ip->bytes[i] >> 4, ip->bytes[i] & 15);
	return buf_str(&b);
}

static struct str macro_value(struct arena *a, char letter, const struct spf_macros *macros)
{
	ptrdiff_t at = str_find_last_char(macros->sender, '@');
	struct str unknown = STR_LIT("unknown");

	switch (letter) {
	case 's':
		return macros->sender;
	case 'l':
		return at < 0 ? macros->sender : str_first(macros->sender, (size_t)at);
	case 'o':
		return str_from(macros->sender, (size_t)(at + 1));
	case 'd':
		return macros->domain;
	case 'i':
		return address_dotted(a, &macros->ip);
	case 'p':
		return macros->validated.len ? macros->validated : unknown;
	case 'v':
		return macros->ip.family == ADDRESS_IPV6 ? STR_LIT("ip6") : STR_LIT("in-addr");
	case 'h':
		return macros->helo;
	case 'c':
		return address_str(a, &macros->ip);
	case 'r':
		return macros->receiver.len ? macros->receiver : unknown;
	case 't':
		return str_printf(a, "%lld", (long long)macros->unix_time);
	default:
		return STR_NONE;
	}
}

static bool is_one_of(char c, struct str set)
{
	return set.len ? str_find_char(set, c) >= 0 : c == '.';
}

/* Section 7.3: split at the delimiters, reverse, keep the last ones, join with dots. */
static struct str macro_transform(struct arena *a, struct str value, const struct macro *m)
{
	size_t count = 1, part = 0, from;
	struct str *parts;
	struct buf b;

	if (!m->keep && !m->is_reversed && !m->delimiters.len)
		return value;
	for (size_t i = 0; i < value.len; i++)
		count += is_one_of(value.data[i], m->delimiters);
	parts = arena_array(a, count, sizeof *parts);
	parts[0] = (struct str){ value.data, 0 };
	for (size_t i = 0; i < value.len; i++) {
		if (is_one_of(value.data[i], m->delimiters))
			parts[++part] = (struct str){ value.data + i + 1, 0 };
		else
			parts[part].len++;
	}
	from = m->keep && m->keep < count ? count - m->keep : 0;
	buf_init(&b, a);
	for (size_t i = from; i < count; i++) {
		if (i > from)
			buf_put_char(&b, '.');
		buf_put_str(&b, parts[m->is_reversed ? count - 1 - i : i]);
	}
	return buf_str(&b);
}

/* An upper-case letter asks for URL escaping (section 7.3, RFC 3986 section 2.3). */
static void put_value(struct buf *out, struct str value, bool is_escaped)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.data[i];

		if (is_escaped && !char_is_alpha((char)c) && !char_is_digit((char)c) &&
		    !(c && strchr("-._~", c)))
			buf_printf(out, "%%%02X", c);
		else
			buf_put_char(out, (char)c);
	}
}

struct str spf_macro_expand(struct arena *a, struct str text, const struct spf_macros *macros)
{
	struct buf out;
	struct macro m;

	buf_init(&out, a);
	for (size_t at = 0; at < text.len && out.len < EXPANDED_BYTES;) {
		struct str rest = str_from(text, at);

		if (*rest.data != '%') {
			buf_put_char(&out, text.data[at++]);
		} else if (is_constant(rest)) {
			buf_put_str(&out, rest.data[1] == '%'   ? STR_LIT("%")
					  : rest.data[1] == '_' ? STR_LIT(" ")
								: STR_LIT("%20"));
			at += 2;
		} else if (macro_read(rest, true, &m) == 0) {
			struct str value =
				str_first(macro_value(a, m.letter, macros), EXPANDED_BYTES);

			put_value(&out, macro_transform(a, value, &m), m.is_escaped);
			at += m.len;
		} else {
			at++;
		}
	}
	return buf_str(&out);
}

int spf_target_name(struct arena *a, struct str expanded, struct str *ret)
{
	struct str name = expanded, rest, label;
	struct buf out;

	if (name.len && name.data[name.len - 1] == '.')
		name.len--;
	while (name.len > NAME_TEXT_BYTES) {
		ptrdiff_t dot = str_find_char(name, '.');

		if (dot < 0)
			return ERR_SYNTAX;
		name = str_from(name, (size_t)dot + 1);
	}
	if (!name.len)
		return ERR_SYNTAX;
	buf_init(&out, a);
	rest = name;
	while (str_split(&rest, '.', &label)) {
		if (!label.len || label.len > DNS_LABEL_BYTES)
			return ERR_SYNTAX;
		if (out.len)
			buf_put_char(&out, '.');
		for (size_t i = 0; i < label.len; i++) {
			unsigned char c = (unsigned char)char_lower(label.data[i]);

			if (c == '\\')
				buf_put_lit(&out, "\\\\");
			else if (c <= 0x20 || c >= 0x7f)
				buf_printf(&out, "\\%03u", c);
			else
				buf_put_char(&out, (char)c);
		}
	}
	*ret = buf_str(&out);
	return 0;
}
