/* SPDX-License-Identifier: Apache-2.0 */
/* How are the parameters of SVCB and HTTPS records checked, written and read? RFC 9460. */
#include "base/encode.h"
#include "formats/dns/rdata.h"

enum { INVALID_KEY = 65535 }; /* section 14.3.2 */

enum form {
	FORM_OPAQUE,
	FORM_KEYS,
	FORM_LIST,
	FORM_NONE,
	FORM_PORT,
	FORM_IPV4,
	FORM_BASE64,
	FORM_IPV6
};

/* IANA registry "Service Parameter Keys". */
static const struct {
	uint16_t key;
	uint8_t form; /* enum form */
	const char *name;
} keys[] = {
	{ 0, FORM_KEYS, "mandatory" }, /* section 8 */
	{ 1, FORM_LIST, "alpn" },      /* section 7.1 */
	{ 2, FORM_NONE, "no-default-alpn" },
	{ 3, FORM_PORT, "port" },     /* section 7.2 */
	{ 4, FORM_IPV4, "ipv4hint" }, /* section 7.3 */
	{ 5, FORM_BASE64, "ech" },
	{ 6, FORM_IPV6, "ipv6hint" },
	{ 7, FORM_OPAQUE, "dohpath" }, /* RFC 9461 */
	{ 8, FORM_NONE, "ohttp" },     /* RFC 9540 */
};

static enum form form_of(uint16_t key)
{
	return key < ARRAY_COUNT(keys) ? keys[key].form : FORM_OPAQUE;
}

void dns_svcb_key_text(struct buf *out, uint16_t key)
{
	if (key < ARRAY_COUNT(keys))
		buf_put_str(out, str_of(keys[key].name));
	else
		buf_printf(out, "key%u", (unsigned)key);
}

static int key_parse(struct str word, uint16_t *ret)
{
	uint64_t number;

	for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
		if (str_eq_nocase(word, str_of(keys[i].name))) {
			*ret = keys[i].key;
			return 0;
		}
	/* Section 2.1: no leading zeros. */
	if (!str_starts_nocase(word, STR_LIT("key")) ||
	    str_to_uint(str_from(word, 3), INVALID_KEY - 1, &number) < 0 ||
	    (word.len > 4 && word.data[3] == '0'))
		return ERR_SYNTAX;
	*ret = (uint16_t)number;
	return 0;
}

static bool list_is_valid(struct str value)
{
	size_t at = 0;

	while (at < value.len) {
		size_t len = (uint8_t)value.data[at];

		if (!len || len > value.len - at - 1)
			return false;
		at += len + 1;
	}
	return value.len > 0;
}

static bool keys_are_valid(struct str value)
{
	int before = 0; /* "mandatory" itself may not be listed */

	for (size_t at = 0; at + 2 <= value.len; at += 2) {
		int key = rdata_u16(value.data + at);

		if (key <= before || key == INVALID_KEY)
			return false;
		before = key;
	}
	return value.len && value.len % 2 == 0;
}

static bool value_is_valid(enum form form, struct str value)
{
	switch (form) {
	case FORM_KEYS:
		return keys_are_valid(value);
	case FORM_LIST:
		return list_is_valid(value);
	case FORM_NONE:
		return !value.len;
	case FORM_PORT:
		return value.len == 2;
	case FORM_IPV4:
		return value.len && value.len % 4 == 0;
	case FORM_IPV6:
		return value.len && value.len % 16 == 0;
	case FORM_BASE64:
		return value.len > 0;
	default:
		return true;
	}
}

bool svcb_param_take(struct str *rest, struct dns_svcb_param *ret)
{
	size_t len;

	if (rest->len < 4)
		return false;
	len = rdata_u16(rest->data + 2);
	if (len > rest->len - 4)
		return false;
	*ret = (struct dns_svcb_param){ .key = rdata_u16(rest->data),
					.value = str_first(str_from(*rest, 4), len) };
	*rest = str_from(*rest, 4 + len);
	return true;
}

/* Section 2.2: keys ascend, values have their format. */
bool svcb_params_are_valid(struct str params)
{
	struct dns_svcb_param param;
	int before = -1;

	while (svcb_param_take(&params, &param)) {
		if (param.key <= before || param.key == INVALID_KEY ||
		    !value_is_valid(form_of(param.key), param.value))
			return false;
		before = param.key;
	}
	return !params.len;
}

/* Appendix A.1: a comma or backslash inside an item is escaped before the string's own escapes. */
static void put_list(struct buf *out, struct str value)
{
	for (size_t at = 0; at < value.len; at += (size_t)(uint8_t)value.data[at] + 1) {
		if (at)
			buf_put_char(out, ',');
		for (size_t i = 1; i <= (uint8_t)value.data[at]; i++) {
			char c = value.data[at + i];

			if (c == ',')
				buf_put_lit(out, "\\\\,");
			else if (c == '\\')
				buf_put_lit(out, "\\\\\\\\");
			else
				rdata_put_escaped(out, str_bytes(&c, 1));
		}
	}
}

static void put_addresses(struct buf *out, struct str value, size_t size)
{
	char text[ADDRESS_TEXT_BYTES];

	for (size_t at = 0; at < value.len; at += size) {
		struct address address =
			size == 4 ? address_ipv4(value.data + at) : address_ipv6(value.data + at);

		if (at)
			buf_put_char(out, ',');
		buf_put_str(out, str_of(address_text(&address, text)));
	}
}

static void put_keys(struct buf *out, struct str value)
{
	for (size_t at = 0; at < value.len; at += 2) {
		if (at)
			buf_put_char(out, ',');
		dns_svcb_key_text(out, rdata_u16(value.data + at));
	}
}

static void put_value(struct buf *out, enum form form, struct str value)
{
	switch (form) {
	case FORM_KEYS:
		put_keys(out, value);
		break;
	case FORM_LIST:
		buf_put_char(out, '"');
		put_list(out, value);
		buf_put_char(out, '"');
		break;
	case FORM_PORT:
		buf_put_uint(out, rdata_u16(value.data));
		break;
	case FORM_IPV4:
		put_addresses(out, value, 4);
		break;
	case FORM_IPV6:
		put_addresses(out, value, 16);
		break;
	case FORM_BASE64:
		base64_put(out, value);
		break;
	default:
		buf_put_char(out, '"');
		rdata_put_escaped(out, value);
		buf_put_char(out, '"');
		break;
	}
}

void svcb_param_text(struct buf *out, const struct dns_svcb_param *param)
{
	dns_svcb_key_text(out, param->key);
	if (!param->value.len)
		return;
	buf_put_char(out, '=');
	put_value(out, form_of(param->key), param->value);
}

static void put_u16(struct buf *out, uint16_t value)
{
	buf_put(out, (char[]){ (char)(value >> 8), (char)value }, 2);
}

/* value went through the string's escapes already; \, and \\ are the list's. */
static int list_read(struct buf *out, struct str value)
{
	size_t start = out->len, at = 0;

	buf_put_char(out, 0);
	for (; at <= value.len; at++) {
		if (at == value.len || value.data[at] == ',') {
			if (out->len - start - 1 > 255)
				return ERR_LIMIT;
			out->data[start] = (char)(out->len - start - 1);
			start = out->len;
			if (at < value.len)
				buf_put_char(out, 0);
			continue;
		}
		if (value.data[at] == '\\' &&
		    (++at == value.len || (value.data[at] != ',' && value.data[at] != '\\')))
			return ERR_SYNTAX;
		buf_put_char(out, value.data[at]);
	}
	return 0;
}

static int addresses_read(struct buf *out, struct str value, enum address_family family)
{
	struct address address;
	struct str part;

	while (str_split(&value, ',', &part)) {
		TRY(address_parse(part, &address));
		if (address.family != family)
			return ERR_SYNTAX;
		buf_put(out, address.bytes, family == ADDRESS_IPV4 ? 4 : 16);
	}
	return 0;
}

/* Section 8: the wire form is sorted, the text need not be. */
static int keys_read(struct buf *out, struct str value)
{
	size_t start = out->len;
	struct str part;
	uint16_t key;

	while (str_split(&value, ',', &part)) {
		size_t at;

		TRY(key_parse(part, &key));
		put_u16(out, key);
		for (at = out->len - 2; at > start && rdata_u16(out->data + at - 2) > key; at -= 2)
			memcpy(out->data + at, out->data + at - 2, 2);
		memcpy(out->data + at, (char[]){ (char)(key >> 8), (char)key }, 2);
	}
	return 0;
}

static int value_read(struct buf *out, enum form form, struct str value)
{
	uint64_t port;

	switch (form) {
	case FORM_KEYS:
		return keys_read(out, value);
	case FORM_LIST:
		return list_read(out, value);
	case FORM_PORT:
		TRY(str_to_uint(value, UINT16_MAX, &port));
		put_u16(out, (uint16_t)port);
		return 0;
	case FORM_IPV4:
		return addresses_read(out, value, ADDRESS_IPV4);
	case FORM_IPV6:
		return addresses_read(out, value, ADDRESS_IPV6);
	case FORM_BASE64:
		return base64_read(out, value);
	default:
		buf_put_str(out, value);
		return 0;
	}
}

int svcb_param_parse(struct str word, uint16_t *ret_key, struct buf *out, struct err *err)
{
	ptrdiff_t equals = str_find_char(word, '=');
	struct str name = equals < 0 ? word : str_first(word, (size_t)equals);
	struct str value = equals < 0 ? STR_NONE : str_from(word, (size_t)equals + 1);
	size_t start = out->len;
	struct buf plain;
	enum form form;

	if (key_parse(name, ret_key) < 0)
		return err_set(err, ERR_SYNTAX, "\"%.*s\": no key of SVCB parameters", STR(name));
	if (value.len >= 2 && value.data[0] == '"' && value.data[value.len - 1] == '"')
		value = str_first(str_from(value, 1), value.len - 2);
	buf_init(&plain, out->arena);
	/* keyN is opaque whatever N means: it is what malformed values are written with. */
	form = str_starts_nocase(name, STR_LIT("key")) ? FORM_OPAQUE : form_of(*ret_key);
	if (rdata_unescape(&plain, value) < 0 || value_read(out, form, buf_str(&plain)) < 0 ||
	    (form != FORM_OPAQUE &&
	     !value_is_valid(form, (struct str){ out->data + start, out->len - start })))
		return err_set(err, ERR_SYNTAX, "\"%.*s\": not a value for this SVCB parameter",
			       STR(word));
	return 0;
}
