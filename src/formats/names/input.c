/* SPDX-License-Identifier: Apache-2.0 */
/* Which domain name did a person mean? RFC 1123 section 2.1, RFC 3986 section 3.2. */
#include "formats/names/input.h"

#include "base/address.h"
#include "formats/dns/name.h"
#include "formats/names/idna.h"
#include "formats/names/unicode.h"

enum { SHOWN_BYTES = 80, NAME_BYTES = 253 };

struct reading {
	struct arena *arena;
	struct str typed; /* trimmed */
	struct str host;  /* what is left of it */
	size_t indent;    /* columns before typed */
	uint8_t kind;
	struct err *err;
};

static bool is_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.data[i] >= 0x80)
			return false;
	return true;
}

/* Of an octet of the typed text: 1 is the first character. */
static size_t column_of(const struct reading *r, const char *at)
{
	size_t column = 1 + r->indent;

	for (const char *c = r->typed.data; c < at; c++)
		column += (*c & 0xc0) != 0x80;
	return column;
}

static int refuse_at(const struct reading *r, const char *at, const char *what)
{
	return err_set(r->err, ERR_SYNTAX, "\"%.*s\": %s (column %zu)",
		       STR(str_first(r->typed, SHOWN_BYTES)), what, column_of(r, at));
}

static int refuse(const struct reading *r, const char *what)
{
	return err_set(r->err, ERR_SYNTAX, "\"%.*s\": %s", STR(str_first(r->typed, SHOWN_BYTES)),
		       what);
}

static void kind_set(struct reading *r, enum name_input_kind kind)
{
	if (r->kind == NAME_INPUT_PLAIN)
		r->kind = (uint8_t)kind;
}

/* Without ":digits" or ":" at the end (RFC 3986 section 3.2.3). */
static void port_cut(struct reading *r)
{
	ptrdiff_t colon = str_find_last_char(r->host, ':');
	struct str port = str_from(r->host, (size_t)(colon + 1));

	if (colon < 0 || str_find_char(r->host, ':') != colon)
		return;
	for (size_t i = 0; i < port.len; i++)
		if (!char_is_digit(port.data[i]))
			return;
	r->host.len = (size_t)colon;
	kind_set(r, NAME_INPUT_URL);
}

/* Scheme, user, port, path, query and fragment go; so does what stands before "@". */
static void url_cut(struct reading *r)
{
	ptrdiff_t scheme = str_find(r->host, STR_LIT("://")), at;
	bool is_url = scheme >= 0;

	if (is_url)
		r->host = str_from(r->host, (size_t)scheme + 3);
	else if (str_starts(r->host, STR_LIT("//")))
		r->host = str_from(r->host, 2);
	else if (str_starts_nocase(r->host, STR_LIT("mailto:")))
		r->host = str_from(r->host, 7);
	if (is_url || str_find_char(r->host, '@') < 0)
		for (size_t i = 0; i < r->host.len; i++)
			if (strchr("/?#\\", r->host.data[i]) && r->host.data[i]) {
				r->host.len = i;
				is_url = true;
			}
	if (is_url)
		kind_set(r, NAME_INPUT_URL);
	at = str_find_last_char(r->host, '@');
	if (at >= 0) {
		r->host = str_from(r->host, (size_t)at + 1);
		kind_set(r, NAME_INPUT_MAIL);
	}
}

static int address_refuse(const struct reading *r)
{
	struct str text = r->host;
	struct address address;

	if (text.len && text.data[0] == '[') { /* RFC 3986 section 3.2.2 */
		ptrdiff_t end = str_find_char(text, ']');

		text = str_from(str_first(text, end < 0 ? text.len : (size_t)end), 1);
	}
	if (address_parse(text, &address) < 0)
		return 0;
	return err_set(r->err, -ENOTSUP,
		       "\"%.*s\": an IP address; give a domain name such as example.com",
		       STR(str_first(r->typed, SHOWN_BYTES)));
}

static bool is_name_char(char c)
{
	return char_is_alpha(c) || char_is_digit(c) || c == '-' || c == '_' || c == '.' ||
	       (unsigned char)c >= 0x80;
}

/* ASCII that no name has; what stands beyond ASCII is judged by UTS 46. */
static int characters_check(const struct reading *r)
{
	for (size_t i = 0; i < r->host.len; i++) {
		const char *at = r->host.data + i;
		char what[64];

		if (is_name_char(*at))
			continue;
		if (char_is_space(*at))
			return refuse_at(r, at, "a space inside a label");
		if (*at < 0x20 || *at == 0x7f)
			return refuse_at(r, at, "a control character");
		if (*at == '*')
			return refuse_at(r, at, "a \"*\" that is not the whole first label");
		if (*at == ',' || *at == ';')
			return refuse_at(r, at,
					 "one name at a time; put each on a line of its own");
		snprintf(what, sizeof what, "\"%c\" is not allowed in a domain name", *at);
		return refuse_at(r, at, what);
	}
	return 0;
}

/* The star of "*.example.com", and one trailing dot. */
static int ends_cut(struct reading *r)
{
	if (str_starts(r->host, STR_LIT("*."))) {
		r->host = str_from(r->host, 2);
		kind_set(r, NAME_INPUT_WILDCARD);
	}
	if (r->host.len && r->host.data[r->host.len - 1] == '.')
		r->host.len--;
	if (!r->host.len)
		return refuse(r, "no domain name in it; give one such as example.com");
	return 0;
}

/* To A-labels; mapping may bring forth ASCII that characters_check has not seen. */
static int host_to_ascii(struct reading *r, struct str *ret)
{
	struct err why = { 0 };

	if (is_ascii(r->host) && str_find_nocase(r->host, STR_LIT("xn--")) < 0) {
		*ret = str_lower(r->arena, r->host);
		return 0;
	}
	if (idna_to_ascii(r->arena, r->host, IDNA_NAMES, ret, &why) < 0)
		return refuse(r, why.text);
	if (is_ascii(r->host))
		return 0;
	if (ret->len && ret->data[ret->len - 1] == '.')
		ret->len--;
	for (size_t i = 0; i < ret->len; i++)
		if (!is_name_char(ret->data[i]))
			return refuse(r,
				      char_is_space(ret->data[i])
					      ? "a space inside a label"
					      : "a character that is not allowed in a domain name");
	kind_set(r, NAME_INPUT_UNICODE);
	return 0;
}

static int label_refuse(const struct reading *r, struct str name, struct str label,
			const char *what)
{
	/* Without U-labels the octets of name are those of host. */
	if (is_ascii(r->host))
		return refuse_at(r, r->host.data + (label.data - name.data), what);
	return refuse(r, what);
}

static int labels_check(const struct reading *r, struct str name)
{
	struct str rest = name, label = STR_NONE;
	bool is_number = true;

	while (str_split(&rest, '.', &label)) {
		if (!label.len)
			return label_refuse(r, name, label,
					    "an empty label: two dots in a row, or one in front");
		if (label.len > DNS_LABEL_BYTES)
			return label_refuse(r, name, label, "a label longer than 63 characters");
		if (label.data[0] == '-')
			return label_refuse(r, name, label, "a label starts with a hyphen");
		if (label.data[label.len - 1] == '-')
			return label_refuse(r, name, label, "a label ends with a hyphen");
	}
	for (size_t i = 0; i < label.len; i++)
		is_number &= char_is_digit(label.data[i]);
	if (is_number)
		return label_refuse(r, name, label,
				    "the last label is a number: no top-level domain is one");
	if (name.len > NAME_BYTES)
		return refuse(r, "longer than 253 characters");
	return 0;
}

int name_input_read(struct arena *a, struct str typed, struct name_input *ret, struct err *err)
{
	struct reading r = { .arena = a, .typed = str_trim(typed), .err = err };
	struct code_points points = { 0 };
	struct name_input input = { 0 };
	struct str name;
	size_t offset;

	r.host = r.typed;
	r.indent = (size_t)(r.typed.data - typed.data);
	if (!r.typed.len)
		return err_set(err, ERR_SYNTAX, "no domain name; give one such as example.com");
	if (r.typed.len > NAME_INPUT_BYTES)
		return refuse(&r, "far longer than a domain name");
	if (!is_ascii(r.typed) && utf8_read(a, r.typed, &points, &offset) < 0)
		return refuse_at(&r, r.typed.data + offset, "not UTF-8 text");
	TRY(address_refuse(&r));
	url_cut(&r);
	TRY(address_refuse(&r));
	port_cut(&r);
	TRY(address_refuse(&r));
	TRY(ends_cut(&r));
	TRY(characters_check(&r));
	TRY(host_to_ascii(&r, &name));
	TRY(labels_check(&r, name));
	if (dns_name_parse(a, name, &input.name, NULL) < 0)
		return refuse(&r, "not a domain name");
	input.kind = r.kind;
	if (r.kind != NAME_INPUT_PLAIN)
		input.note = str_printf(a, "%.*s taken as %.*s", STR(str_first(r.typed, 200)),
					STR(input.name));
	*ret = input;
	return 0;
}
