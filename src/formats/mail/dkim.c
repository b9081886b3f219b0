/* SPDX-License-Identifier: Apache-2.0 */
/* What does a DKIM key record say, and what key does it hold? RFC 6376 section 3.6.1. */
#include "formats/mail/dkim.h"

#include "base/encode.h"

enum { DER_INTEGER = 0x02, DER_BITS = 0x03, DER_SEQUENCE = 0x30, ED25519_BYTES = 32 };

/* Take one element of this tag off the front (X.690 section 8.1, definite lengths). */
static int der_take(struct str *rest, unsigned char tag, struct str *ret_content)
{
	size_t len, header = 2;

	if (rest->len < 2 || (unsigned char)rest->data[0] != tag)
		return ERR_SYNTAX;
	len = (unsigned char)rest->data[1];
	if (len & 0x80) {
		size_t octets = len & 0x7f;

		if (!octets || octets > 3 || rest->len < 2 + octets)
			return ERR_SYNTAX;
		for (len = 0; header < 2 + octets; header++)
			len = len << 8 | (unsigned char)rest->data[header];
	}
	if (rest->len - header < len)
		return ERR_SYNTAX;
	*ret_content = str_first(str_from(*rest, header), len);
	*rest = str_from(*rest, header + len);
	return 0;
}

/* SEQUENCE { modulus INTEGER, publicExponent INTEGER } */
static int rsa_numbers(struct str sequence, unsigned *ret_bits, uint64_t *ret_exponent)
{
	struct str n, e;
	uint64_t exponent = 0;

	TRY(der_take(&sequence, DER_INTEGER, &n));
	TRY(der_take(&sequence, DER_INTEGER, &e));
	if (!n.len || !e.len || sequence.len || n.data[0] < 0 || e.data[0] < 0)
		return ERR_SYNTAX; /* neither may be negative */
	while (n.len && !n.data[0])
		n = str_from(n, 1);
	while (e.len && !e.data[0])
		e = str_from(e, 1);
	if (!n.len || !e.len)
		return ERR_SYNTAX;
	for (size_t i = 0; i < e.len; i++)
		exponent = exponent << 8 | (unsigned char)e.data[i];
	*ret_bits = (unsigned)(n.len * 8) -
		    (unsigned)(__builtin_clz((unsigned)(unsigned char)n.data[0]) - 24);
	*ret_exponent = e.len > 8 ? UINT64_MAX : exponent;
	return 0;
}

int rsa_key_read(struct str der, unsigned *ret_bits, uint64_t *ret_exponent, bool *ret_is_pkcs1)
{
	static const struct str rsa_oid = STR_INIT("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01");
	struct str outer, algorithm, bits, inner;

	TRY(der_take(&der, DER_SEQUENCE, &outer));
	if (der.len)
		return ERR_SYNTAX;
	*ret_is_pkcs1 = outer.len && outer.data[0] == DER_INTEGER;
	if (*ret_is_pkcs1)
		return rsa_numbers(outer, ret_bits, ret_exponent);
	TRY(der_take(&outer, DER_SEQUENCE, &algorithm));
	TRY(der_take(&outer, DER_BITS, &bits));
	if (!str_starts(algorithm, rsa_oid) || !bits.len || bits.data[0])
		return ERR_SYNTAX;
	bits = str_from(bits, 1);
	TRY(der_take(&bits, DER_SEQUENCE, &inner));
	return rsa_numbers(inner, ret_bits, ret_exponent);
}

/* Is one of the colon-separated words (blanks around them do not count) this one? */
static bool list_has(struct str list, struct str word)
{
	struct str one;

	while (str_split(&list, ':', &one))
		if (str_eq_nocase(str_trim(one), word))
			return true;
	return false;
}

static struct str key_problem(struct arena *a, struct dkim_key *key, struct str text)
{
	struct buf octets;

	if (key->type == DKIM_KEY_OTHER)
		return str_printf(a, "k=%.*s is no key type that receivers know",
				  STR(str_first(key->type_text, 40)));
	buf_init(&octets, a);
	if (base64_read(&octets, str_without_blanks(a, text)) < 0)
		return STR_LIT("p= is not base64");
	key->octets = buf_str(&octets);
	if (key->type == DKIM_KEY_ED25519)
		return key->octets.len == ED25519_BYTES
			       ? STR_NONE
			       : str_printf(a,
					    "p= holds %zu octets; an Ed25519 key has 32 (RFC 8463)",
					    key->octets.len);
	if (rsa_key_read(key->octets, &key->rsa_bits, &key->rsa_exponent, &key->is_pkcs1) < 0)
		return STR_LIT("p= does not decode as an RSA public key");
	return STR_NONE;
}

static struct str value_or(const struct tag *tag, struct str fallback)
{
	return tag ? tag->value : fallback;
}

static void key_fill(struct arena *a, struct dkim_key *key, const struct tag *p)
{
	const struct tag *h = tags_find(&key->tags, STR_LIT("h"));
	struct str flags = value_or(tags_find(&key->tags, STR_LIT("t")), STR_NONE);
	struct str services = value_or(tags_find(&key->tags, STR_LIT("s")), STR_LIT("*"));

	key->type_text = value_or(tags_find(&key->tags, STR_LIT("k")), STR_LIT("rsa"));
	key->type = str_eq_nocase(key->type_text, STR_LIT("rsa"))       ? DKIM_KEY_RSA
		    : str_eq_nocase(key->type_text, STR_LIT("ed25519")) ? DKIM_KEY_ED25519
									: DKIM_KEY_OTHER;
	key->has_hashes = h != NULL;
	key->allows_sha1 = !h || list_has(h->value, STR_LIT("sha1"));
	key->allows_sha256 = !h || list_has(h->value, STR_LIT("sha256"));
	key->is_testing = list_has(flags, STR_LIT("y"));
	key->is_strict = list_has(flags, STR_LIT("s"));
	key->serves_mail = list_has(services, STR_LIT("*")) || list_has(services, STR_LIT("email"));
	key->notes = value_or(tags_find(&key->tags, STR_LIT("n")), STR_NONE);
	key->is_revoked = !p->value.len;
	if (!key->is_revoked)
		key->key_problem = key_problem(a, key, p->value);
}

int dkim_key_parse(struct arena *a, struct str text, struct dkim_key *ret, struct err *err)
{
	struct dkim_key key = { 0 };
	const struct tag *version, *p;

	tags_read(a, text, &key.tags);
	version = tags_find(&key.tags, STR_LIT("v"));
	p = tags_find(&key.tags, STR_LIT("p"));
	if (version && !str_eq(version->value, STR_LIT("DKIM1")))
		return err_set(err, -ENOMSG, "v=%.*s is not DKIM1",
			       STR(str_first(version->value, 60)));
	if (!version && !p)
		return err_set(err, -ENOMSG, "neither v=DKIM1 nor p=: no DKIM key record");
	if (key.tags.first_problem)
		return tag_error(key.tags.first_problem, err);
	if (version && version != key.tags.tags)
		return err_set(err, -EBADMSG, "v= at offset %zu: it must be the first tag",
			       version->offset + 1);
	if (!p)
		return err_set(err, -EBADMSG, "the tag p= is missing");
	key.has_version = version != NULL;
	key_fill(a, &key, p);
	*ret = key;
	return 0;
}

int dkim_select(struct arena *a, const struct dns_answer *txt, struct dkim_key *ret,
		struct err *err)
{
	struct dkim_key key = { 0 }, other;
	struct err why = { 0 };
	size_t found = 0;
	int code = err_set(err, -ENOMSG, "no TXT record");

	for (size_t i = 0; i < txt->count; i++) {
		int one;

		if (txt->rr[i].type != DNS_TXT)
			continue;
		one = dkim_key_parse(a, txt->rr[i].txt.text, found ? &other : &key, &why);
		if (one == -ENOMSG && (found || i))
			continue;
		found += one != -ENOMSG;
		code = one;
		if (one < 0 && err)
			*err = why;
	}
	if (found > 1)
		return err_set(err, -EEXIST, "%zu DKIM key records at one name", found);
	if (code == 0)
		*ret = key;
	return code;
}
