/* SPDX-License-Identifier: Apache-2.0 */
/* Whose is a certificate, for how long, and for what? RFC 5280 section 4.1. */
#include "formats/certificate.h"

#include "base/encode.h"
#include "formats/civil.h"

enum {
	TAG_BOOLEAN = 0x01,
	TAG_BITS = 0x03,
	TAG_OCTETS = 0x04,
	TAG_OID = 0x06,
	TAG_UTC_TIME = 0x17,
	TAG_GENERALIZED_TIME = 0x18,
	TAG_SEQUENCE = 0x30,
	TAG_VERSION = 0xa0,
	TAG_EXTENSIONS = 0xa3,
	TAG_DNS_NAME = 0x82
};

struct element {
	uint8_t tag;
	struct str whole, inside;
};

/* X.690 section 8.1: one octet of tag, a definite length of at most three octets. */
static int element_take(struct str *rest, struct element *ret)
{
	const uint8_t *at = (const uint8_t *)rest->data;
	size_t len, head = 2;

	if (rest->len < 2 || (at[0] & 0x1f) == 0x1f)
		return ERR_SYNTAX;
	len = at[1];
	if (len & 0x80) {
		size_t count = len & 0x7f;

		if (!count || count > 3 || rest->len < 2 + count)
			return ERR_SYNTAX;
		len = 0;
		for (size_t i = 0; i < count; i++)
			len = len << 8 | at[2 + i];
		head += count;
	}
	if (len > rest->len - head)
		return ERR_SYNTAX;
	*ret = (struct element){ at[0], str_first(*rest, head + len),
				 str_first(str_from(*rest, head), len) };
	*rest = str_from(*rest, head + len);
	return 0;
}

static int expect_take(struct str *rest, uint8_t tag, struct element *ret)
{
	TRY(element_take(rest, ret));
	return ret->tag == tag ? 0 : ERR_SYNTAX;
}

static int two_digits(struct str text, size_t at, uint64_t most, uint64_t *ret)
{
	return str_to_uint(str_first(str_from(text, at), 2), most, ret);
}

/* Section 4.1.2.5: YYMMDDHHMMSSZ until 2049, YYYYMMDDHHMMSSZ from then on. */
static int time_take(struct str *rest, int64_t *ret_us)
{
	uint64_t year, month, day, hour, minute, second, century = 0;
	struct element time;
	size_t at = 2;

	TRY(element_take(rest, &time));
	if (time.inside.len != (time.tag == TAG_UTC_TIME ? 13u : 15u) ||
	    (time.tag != TAG_UTC_TIME && time.tag != TAG_GENERALIZED_TIME))
		return ERR_SYNTAX;
	if (time.tag == TAG_GENERALIZED_TIME) {
		TRY(two_digits(time.inside, 0, 99, &century));
		TRY(two_digits(time.inside, 2, 99, &year));
		year += century * 100;
		at = 4;
	} else {
		TRY(two_digits(time.inside, 0, 99, &year));
		year += year < 50 ? 2000 : 1900;
	}
	TRY(two_digits(time.inside, at, 12, &month));
	TRY(two_digits(time.inside, at + 2, 31, &day));
	TRY(two_digits(time.inside, at + 4, 23, &hour));
	TRY(two_digits(time.inside, at + 6, 59, &minute));
	TRY(two_digits(time.inside, at + 8, 59, &second));
	if (!month || !day || year < 1900 || day > civil_month_days((int64_t)year, (unsigned)month))
		return ERR_SYNTAX;
	*ret_us = (civil_days((int64_t)year, (unsigned)month, (unsigned)day) * DAY_SECONDS +
		   (int64_t)(hour * 3600 + minute * 60 + second)) *
		  1000000;
	return 0;
}

static void names_read(struct arena *a, struct str value, struct certificate *ret)
{
	struct element list, name;

	if (expect_take(&value, TAG_SEQUENCE, &list) < 0)
		return;
	ret->names = arena_array(a, CERTIFICATE_NAMES, sizeof *ret->names);
	while (ret->name_count < CERTIFICATE_NAMES && element_take(&list.inside, &name) == 0)
		if (name.tag == TAG_DNS_NAME)
			ret->names[ret->name_count++] = str_lower(a, name.inside);
}

static void usage_read(struct arena *a, struct str value, struct certificate *ret)
{
	struct element list, usage;

	(void)a;
	if (expect_take(&value, TAG_SEQUENCE, &list) < 0)
		return;
	while (element_take(&list.inside, &usage) == 0)
		ret->is_for_marks |=
			str_eq(usage.inside, STR_LIT("\x2b\x06\x01\x05\x05\x07\x03\x1f"));
}

static void logotype_read(struct arena *a, struct str value, struct certificate *ret)
{
	(void)a;
	ret->has_logotype = value.len > 0;
}

static void constraints_read(struct arena *a, struct str value, struct certificate *ret)
{
	struct element list, authority;

	(void)a;
	ret->is_authority = expect_take(&value, TAG_SEQUENCE, &list) == 0 &&
			    expect_take(&list.inside, TAG_BOOLEAN, &authority) == 0 &&
			    authority.inside.len == 1 && authority.inside.data[0];
}

static const struct {
	struct str oid;
	void (*read)(struct arena *a, struct str value, struct certificate *ret);
} extensions[] = {
	{ STR_INIT("\x55\x1d\x11"), names_read },
	{ STR_INIT("\x55\x1d\x25"), usage_read },
	{ STR_INIT("\x55\x1d\x13"), constraints_read },
	{ STR_INIT("\x2b\x06\x01\x05\x05\x07\x01\x0c"), logotype_read },
};

static int extensions_read(struct arena *a, struct str rest, struct certificate *ret)
{
	struct element list, extension, oid, value;

	TRY(expect_take(&rest, TAG_SEQUENCE, &list));
	while (list.inside.len) {
		TRY(expect_take(&list.inside, TAG_SEQUENCE, &extension));
		TRY(expect_take(&extension.inside, TAG_OID, &oid));
		TRY(element_take(&extension.inside, &value));
		if (value.tag == TAG_BOOLEAN) /* critical */
			TRY(element_take(&extension.inside, &value));
		if (value.tag != TAG_OCTETS)
			return ERR_SYNTAX;
		for (size_t i = 0; i < ARRAY_COUNT(extensions); i++)
			if (str_eq(oid.inside, extensions[i].oid))
				extensions[i].read(a, value.inside, ret);
	}
	return 0;
}

int certificate_read(struct arena *a, struct str der, struct certificate *ret)
{
	struct certificate certificate = { 0 };
	struct element whole, body, part, validity;

	TRY(expect_take(&der, TAG_SEQUENCE, &whole));
	TRY(expect_take(&whole.inside, TAG_SEQUENCE, &body));
	TRY(element_take(&body.inside, &part));
	if (part.tag == TAG_VERSION)
		TRY(element_take(&body.inside, &part));      /* the serial number */
	TRY(expect_take(&body.inside, TAG_SEQUENCE, &part)); /* the signature's algorithm */
	TRY(expect_take(&body.inside, TAG_SEQUENCE, &part));
	certificate.issuer = part.whole;
	TRY(expect_take(&body.inside, TAG_SEQUENCE, &validity));
	TRY(time_take(&validity.inside, &certificate.not_before_us));
	TRY(time_take(&validity.inside, &certificate.not_after_us));
	TRY(expect_take(&body.inside, TAG_SEQUENCE, &part));
	certificate.subject = part.whole;
	TRY(expect_take(&body.inside, TAG_SEQUENCE, &part)); /* the key */
	while (body.inside.len) {
		TRY(element_take(&body.inside, &part));
		if (part.tag == TAG_EXTENSIONS)
			TRY(extensions_read(a, part.inside, &certificate));
	}
	*ret = certificate;
	return 0;
}

static int pem_decode(struct arena *a, struct str base64, struct str *ret)
{
	struct buf plain, octets;

	buf_init(&plain, a);
	buf_init(&octets, a);
	for (size_t i = 0; i < base64.len; i++)
		if (!char_is_space(base64.data[i]))
			buf_put_char(&plain, base64.data[i]);
	TRY(base64_read(&octets, buf_str(&plain)));
	*ret = buf_str(&octets);
	return 0;
}

int certificates_read_pem(struct arena *a, struct str text, struct certificate **ret,
			  size_t *ret_count, struct err *err)
{
	const struct str begin = STR_LIT("-----BEGIN CERTIFICATE-----"),
			 end = STR_LIT("-----END CERTIFICATE-----");
	struct certificate *list = arena_array(a, CERTIFICATES, sizeof *list);
	size_t count = 0;
	ptrdiff_t at;

	while ((at = str_find(text, begin)) >= 0) {
		struct str der;

		text = str_from(text, (size_t)at + begin.len);
		at = str_find(text, end);
		if (count == CERTIFICATES)
			return err_set(err, ERR_LIMIT, "more than %d certificates", CERTIFICATES);
		if (at < 0 || pem_decode(a, str_first(text, (size_t)at), &der) < 0 ||
		    certificate_read(a, der, &list[count]) < 0)
			return err_set(err, ERR_SYNTAX, "certificate %zu cannot be read",
				       count + 1);
		count++;
	}
	if (!count)
		return err_set(err, ERR_SYNTAX, "no certificate in PEM");
	*ret = list;
	*ret_count = count;
	return 0;
}
