/* SPDX-License-Identifier: Apache-2.0 */
/* How is rdata read as zone files have it? RFC 1035 section 5.1, RFC 3597 section 5. */
#include "base/encode.h"
#include "formats/dns/rdata.h"

#include <time.h>

struct reader {
	struct arena *a;
	struct str *rest;
	struct buf *out;
	struct err *err;
};

/* A word: characters to the next blank that is neither quoted nor escaped. A word that starts with
 * a quote ends with its quote. Kept as written. */
static int word_take(struct reader *r, struct str *ret, const char *what)
{
	struct str rest = str_trim(*r->rest);
	bool is_quoted = false;
	size_t at = 0;

	while (at < rest.len && (is_quoted || !char_is_space(rest.data[at]))) {
		char c = rest.data[at++];

		if (c == '\\' && at < rest.len)
			at++;
		else if (c == '"')
			is_quoted = !is_quoted;
		if (c == '"' && !is_quoted && rest.data[0] == '"')
			break;
	}
	if (is_quoted)
		return err_set(r->err, ERR_SYNTAX, "a quote is not closed");
	if (!at || (at == 1 && rest.data[0] == '|'))
		return err_set(r->err, ERR_SYNTAX, "%s is missing", what);
	*ret = str_first(rest, at);
	*r->rest = str_from(rest, at);
	return 0;
}

/* Do more words belong to this record? */
static bool has_word(const struct reader *r)
{
	struct str rest = str_trim(*r->rest);

	return rest.len && !(rest.data[0] == '|' && (rest.len == 1 || char_is_space(rest.data[1])));
}

static int refuse(struct reader *r, struct str word, const char *what)
{
	return err_set(r->err, ERR_SYNTAX, "\"%.*s\": %s", STR(str_first(word, 100)), what);
}

static struct str without_quotes(struct str word)
{
	return word.len >= 2 && word.data[0] == '"' && word.data[word.len - 1] == '"'
		       ? str_first(str_from(word, 1), word.len - 2)
		       : word;
}

int rdata_unescape(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		uint64_t octet = (uint8_t)text.data[i];

		if (octet == '"')
			return ERR_SYNTAX;
		if (octet == '\\') {
			if (++i == text.len)
				return ERR_SYNTAX;
			octet = (uint8_t)text.data[i];
			if (char_is_digit((char)octet)) {
				if (text.len - i < 3 ||
				    str_to_uint(str_first(str_from(text, i), 3), 255, &octet) < 0)
					return ERR_SYNTAX;
				i += 2;
			}
		}
		buf_put_char(out, (char)octet);
	}
	return 0;
}

static void put_number(struct buf *out, uint32_t value, size_t size)
{
	for (size_t i = size; i-- > 0;)
		buf_put_char(out, (char)(value >> 8 * i));
}

/* 3600, 1h, 1h30m: seconds. */
static int period_parse(struct str word, uint32_t *ret)
{
	static const struct {
		char unit;
		uint32_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 } };
	uint64_t total = 0, value = 0;
	bool has_digit = false;

	for (size_t i = 0; i < word.len; i++) {
		char c = char_lower(word.data[i]);
		size_t k = 0;

		if (char_is_digit(c)) {
			value = value * 10 + (uint64_t)(c - '0');
			has_digit = true;
			if (value > UINT32_MAX)
				return ERR_LIMIT;
			continue;
		}
		while (k < ARRAY_COUNT(units) && units[k].unit != c)
			k++;
		if (k == ARRAY_COUNT(units) || !has_digit)
			return ERR_SYNTAX;
		total += value * units[k].seconds;
		value = 0;
		has_digit = i + 1 == word.len;
	}
	total += value;
	if (!has_digit)
		return ERR_SYNTAX;
	if (total > UINT32_MAX)
		return ERR_LIMIT;
	*ret = (uint32_t)total;
	return 0;
}

/* RFC 4034 section 3.2: 14 digits, or seconds since 1970 as at most 10 digits. */
static int time_parse(struct str word, uint32_t *ret)
{
	uint64_t year, number;
	struct tm tm = { 0 }, again;
	time_t time;

	if (word.len != 14) {
		TRY(str_to_uint(word, UINT32_MAX, &number));
		*ret = (uint32_t)number;
		return 0;
	}
	TRY(str_to_uint(str_first(word, 4), 9999, &year));
	TRY(str_to_uint(str_from(word, 4), 1231235959, &number));
	tm.tm_year = (int)year - 1900;
	tm.tm_mon = (int)(number / 100000000) - 1;
	tm.tm_mday = (int)(number / 1000000 % 100);
	tm.tm_hour = (int)(number / 10000 % 100);
	tm.tm_min = (int)(number / 100 % 100);
	tm.tm_sec = (int)(number % 100);
	again = tm;
	time = timegm(&again);
	if (again.tm_mon != tm.tm_mon || again.tm_mday != tm.tm_mday || again.tm_min != tm.tm_min)
		return ERR_SYNTAX;
	*ret = (uint32_t)time; /* serial arithmetic (RFC 4034 section 3.1.5) */
	return 0;
}

static int number_parse(enum rdata_kind kind, struct str word, uint64_t max, uint32_t *ret)
{
	uint64_t number;
	uint16_t type;

	if (kind == RDATA_PERIOD)
		return period_parse(word, ret);
	if (kind == RDATA_TIME)
		return time_parse(word, ret);
	if (kind == RDATA_TYPE) {
		TRY(dns_type_parse(word, &type));
		*ret = type;
		return 0;
	}
	if (rdata_word_parse(kind, word, ret) == 0)
		return 0;
	TRY(str_to_uint(word, max, &number));
	*ret = (uint32_t)number;
	return 0;
}

static const char *const number_names[] = {
	[RDATA_U8] = "a number up to 255",         [RDATA_U16] = "a number up to 65535",
	[RDATA_U32] = "a number up to 4294967295", [RDATA_PERIOD] = "a number of seconds",
	[RDATA_TIME] = "a time as YYYYMMDDHHmmSS", [RDATA_TYPE] = "a record type",
	[RDATA_ALGORITHM] = "a DNSSEC algorithm",  [RDATA_CERT_TYPE] = "a certificate type",
	[RDATA_SCHEME] = "a DSYNC scheme",
};

static int read_number(struct reader *r, enum rdata_kind kind)
{
	static const uint8_t sizes[] = {
		[RDATA_U8] = 1,        [RDATA_U16] = 2,       [RDATA_U32] = 4,
		[RDATA_PERIOD] = 4,    [RDATA_TIME] = 4,      [RDATA_TYPE] = 2,
		[RDATA_ALGORITHM] = 1, [RDATA_CERT_TYPE] = 2, [RDATA_SCHEME] = 1
	};
	struct str word;
	uint32_t number;

	TRY(word_take(r, &word, number_names[kind]));
	if (number_parse(kind, word, (1ull << 8 * sizes[kind]) - 1, &number) < 0)
		return err_set(r->err, ERR_SYNTAX, "\"%.*s\": not %s", STR(str_first(word, 100)),
			       number_names[kind]);
	put_number(r->out, number, sizes[kind]);
	return 0;
}

static int read_address(struct reader *r, enum address_family family)
{
	struct address address;
	struct str word;

	TRY(word_take(r, &word, "an address"));
	if (address_parse(word, &address) < 0 || address.family != family)
		return refuse(r, word,
			      family == ADDRESS_IPV4 ? "not an IPv4 address"
						     : "not an IPv6 address");
	buf_put(r->out, address.bytes, family == ADDRESS_IPV4 ? 4 : 16);
	return 0;
}

static int read_name(struct reader *r)
{
	uint8_t wire[DNS_NAME_WIRE_BYTES];
	struct str word, name;
	int len;

	TRY(word_take(r, &word, "a name"));
	TRY(dns_name_parse(r->a, word, &name, r->err));
	len = dns_name_to_wire(name, wire);
	TRY(len);
	buf_put(r->out, wire, (size_t)len);
	return 0;
}

/* A word's octets behind their length; those of more than 255 are cut where cutting is allowed. */
static int read_string(struct reader *r, bool may_cut)
{
	struct str word, octets;
	struct buf plain;

	TRY(word_take(r, &word, "a character-string"));
	buf_init(&plain, r->a);
	if (rdata_unescape(&plain, without_quotes(word)) < 0)
		return refuse(r, word, "a broken escape or quote");
	octets = buf_str(&plain);
	if (octets.len > 255 && !may_cut)
		return refuse(r, word, "longer than 255 octets");
	do {
		struct str part = str_first(octets, 255);

		buf_put_char(r->out, (char)part.len);
		buf_put_str(r->out, part);
		octets = str_from(octets, part.len);
	} while (octets.len);
	return 0;
}

static int read_text(struct reader *r)
{
	struct str word;

	TRY(word_take(r, &word, "a text"));
	if (rdata_unescape(r->out, without_quotes(word)) < 0)
		return refuse(r, word, "a broken escape or quote");
	return 0;
}

static int read_counted(struct reader *r, enum rdata_kind kind)
{
	size_t start = r->out->len;
	struct str word;
	int code;

	TRY(word_take(r, &word, kind == RDATA_HASH ? "a hash" : "a salt"));
	buf_put_char(r->out, 0);
	if (kind == RDATA_HASH)
		code = base32hex_read(r->out, word);
	else
		code = str_eq(word, STR_LIT("-")) ? 0 : hex_read(r->out, word);
	if (code < 0 || r->out->len - start - 1 > 255)
		return refuse(r, word, kind == RDATA_HASH ? "not base32hex" : "not hexadecimal");
	r->out->data[start] = (char)(r->out->len - start - 1);
	return 0;
}

/* Digits may stand in several words. */
static int read_digits(struct reader *r, enum rdata_kind kind)
{
	struct buf digits;
	struct str word;
	int code;

	buf_init(&digits, r->a);
	do {
		TRY(word_take(r, &word, kind == RDATA_HEX ? "hexadecimal" : "base64"));
		buf_put_str(&digits, word);
	} while (has_word(r));
	word = buf_str(&digits);
	code = kind == RDATA_HEX ? hex_read(r->out, word) : base64_read(r->out, word);
	return code < 0 ? refuse(r, word, kind == RDATA_HEX ? "not hexadecimal" : "not base64") : 0;
}

static int read_bitmap(struct reader *r)
{
	uint8_t *bits = arena_zalloc(r->a, 65536 / 8);

	while (has_word(r)) {
		struct str word;
		uint16_t type;

		TRY(word_take(r, &word, "a record type"));
		if (dns_type_parse(word, &type) < 0)
			return refuse(r, word, "not a record type");
		bits[type / 8] |= (uint8_t)(0x80 >> type % 8);
	}
	for (size_t window = 0; window < 256; window++) {
		const uint8_t *octets = bits + window * 32;
		size_t len = 32;

		while (len && !octets[len - 1])
			len--;
		if (!len)
			continue;
		put_number(r->out, (uint32_t)(window << 8 | len), 2);
		buf_put(r->out, octets, len);
	}
	return 0;
}

/* RFC 9460 section 2.1: in text keys may come in any order, on the wire they ascend. */
static int read_params(struct reader *r)
{
	enum { PARAMS = 64 };
	struct dns_svcb_param params[PARAMS];
	size_t count = 0;

	while (has_word(r)) {
		struct buf value;
		struct str word;
		uint16_t key;
		size_t at;

		TRY(word_take(r, &word, "a parameter"));
		buf_init(&value, r->a);
		TRY(svcb_param_parse(word, &key, &value, r->err));
		if (count == PARAMS)
			return refuse(r, word, "too many parameters");
		for (at = count++; at && params[at - 1].key >= key; at--) {
			if (params[at - 1].key == key)
				return refuse(r, word, "the same key twice");
			params[at] = params[at - 1];
		}
		params[at] = (struct dns_svcb_param){ key, buf_str(&value) };
	}
	for (size_t i = 0; i < count; i++) {
		put_number(r->out, params[i].key, 2);
		put_number(r->out, (uint32_t)params[i].value.len, 2);
		buf_put_str(r->out, params[i].value);
	}
	return 0;
}

static int read_part(struct reader *r, enum rdata_kind kind)
{
	switch (kind) {
	case RDATA_IPV4:
		return read_address(r, ADDRESS_IPV4);
	case RDATA_IPV6:
		return read_address(r, ADDRESS_IPV6);
	case RDATA_NAME:
		return read_name(r);
	case RDATA_STRING:
	case RDATA_TAG:
		return read_string(r, false);
	case RDATA_STRINGS:
		do
			TRY(read_string(r, true));
		while (has_word(r));
		return 0;
	case RDATA_TEXT:
		return read_text(r);
	case RDATA_SALT:
	case RDATA_HASH:
		return read_counted(r, kind);
	case RDATA_HEX:
	case RDATA_BASE64:
		return read_digits(r, kind);
	case RDATA_BITMAP:
		return read_bitmap(r);
	case RDATA_PARAMS:
		return read_params(r);
	case RDATA_LOC:
		return loc_parse(r->rest, r->out, r->err);
	default:
		return read_number(r, kind);
	}
}

/* RFC 3597 section 5: \# LENGTH and that many octets in hexadecimal, in any number of words. */
static int read_generic(struct reader *r)
{
	struct buf digits;
	struct str word;
	uint64_t len;

	TRY(word_take(r, &word, "\\#"));
	TRY(word_take(r, &word, "a length"));
	if (str_to_uint(word, RDATA_BYTES, &len) < 0)
		return refuse(r, word, "not a length up to 65535");
	buf_init(&digits, r->a);
	while (digits.len < len * 2) {
		TRY(word_take(r, &word, "hexadecimal"));
		buf_put_str(&digits, word);
	}
	if (digits.len != len * 2 || hex_read(r->out, buf_str(&digits)) < 0)
		return refuse(r, word, "not hexadecimal of the given length");
	return 0;
}

static bool is_generic(struct str rest)
{
	rest = str_trim(rest);
	return str_starts(rest, STR_LIT("\\#")) && (rest.len == 2 || char_is_space(rest.data[2]));
}

int dns_rdata_parse(struct arena *a, struct str *rest, struct dns_rr *rr, struct err *err)
{
	const struct rdata_part *part = rdata_layout(rr->type);
	struct reader r = { .a = a, .rest = rest, .err = err };
	struct buf rdata;

	buf_init(&rdata, a);
	r.out = &rdata;
	if (is_generic(*rest)) {
		TRY(read_generic(&r));
		part = NULL;
	} else if (!part) {
		return err_set(err, ERR_SYNTAX, "this type's data is written \\# LENGTH HEX");
	}
	for (; part && part->kind != RDATA_END; part++)
		TRY(read_part(&r, part->kind));
	if (rdata.len > RDATA_BYTES)
		return err_set(err, ERR_LIMIT, "the data exceeds 65535 octets");
	rr->rdata = buf_str(&rdata);
	dns_rr_parse(a, rr);
	if (part && rr->is_malformed)
		return err_set(err, ERR_SYNTAX, "the data does not follow its type's format");
	return 0;
}
