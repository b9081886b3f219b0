/* SPDX-License-Identifier: Apache-2.0 */
/* Which key does a file hold, as BIND, Knot DNS, NSD, Unbound or dig write it? */
#include "base/encode.h"
#include "formats/dns/name.h"
#include "formats/dns/tsig.h"

struct reading {
	struct str rest;
	struct str name, algorithm, secret; /* as written */
	bool has_key;
};

static bool is_break(char c)
{
	return char_is_space(c) || strchr("{};", c);
}

/* Comments begin where a word could: "//" may stand within base64. */
static bool comment_skip(struct str *rest)
{
	ptrdiff_t end;

	if (str_starts(*rest, STR_LIT("/*"))) {
		end = str_find(str_from(*rest, 2), STR_LIT("*/"));
		*rest = str_from(*rest, end < 0 ? rest->len : (size_t)end + 4);
		return true;
	}
	if (!str_starts(*rest, STR_LIT("#")) && !str_starts(*rest, STR_LIT("//")))
		return false;
	end = str_find_char(*rest, '\n');
	*rest = str_from(*rest, end < 0 ? rest->len : (size_t)end);
	return true;
}

static bool word_take(struct reading *reading, struct str *ret)
{
	struct str *rest = &reading->rest;
	size_t len = 0;
	ptrdiff_t end;

	while (rest->len && (is_break(rest->data[0]) || comment_skip(rest)))
		if (rest->len && is_break(rest->data[0]))
			*rest = str_from(*rest, 1);
	if (!rest->len)
		return false;
	if (rest->data[0] == '"') {
		*rest = str_from(*rest, 1);
		end = str_find_char(*rest, '"');
		len = end < 0 ? rest->len : (size_t)end;
		*ret = str_first(*rest, len);
		*rest = str_from(*rest, len + 1);
		return true;
	}
	while (len < rest->len && !is_break(rest->data[len]))
		len++;
	*ret = str_first(*rest, len);
	*rest = str_from(*rest, len);
	return true;
}

static int field_set(struct reading *reading, struct str *field, const char *what, struct err *err)
{
	struct str word;

	if (!word_take(reading, &word))
		return err_set(err, ERR_SYNTAX, "behind \"%s\" there is nothing", what);
	if (field->len)
		return err_set(err, ERR_SYNTAX, "there are several keys: the file holds one");
	*field = word;
	return 0;
}

/* "hmac-sha256:name:secret", or without the algorithm. */
static int line_read(struct reading *reading, struct str word, struct err *err)
{
	struct str parts[3] = { STR_NONE };
	size_t count = 0;

	while (count < ARRAY_COUNT(parts) && str_split(&word, ':', &parts[count]))
		count++;
	if (count < 2 || word.len || reading->name.len)
		return err_set(err, ERR_SYNTAX,
			       "no key: expected key \"NAME\" { algorithm …; secret …; }; or "
			       "hmac-sha256:NAME:SECRET");
	reading->secret = parts[count - 1];
	reading->name = parts[count - 2];
	reading->algorithm = count == 3 ? parts[0] : STR_NONE;
	return 0;
}

static int words_read(struct reading *reading, struct err *err)
{
	struct str word;

	while (word_take(reading, &word)) {
		bool has_colon = str_ends(word, STR_LIT(":"));
		struct str name = has_colon ? str_first(word, word.len - 1) : word;

		if (str_eq_nocase(word, STR_LIT("key:")) || str_eq(word, STR_LIT("-")))
			reading->has_key = true;
		else if (str_eq_nocase(word, STR_LIT("key")))
			TRY(field_set(reading, &reading->name, "key", err));
		else if (has_colon &&
			 (str_eq(name, STR_LIT("id")) || str_eq(name, STR_LIT("name"))))
			TRY(field_set(reading, &reading->name, "name", err));
		else if (str_eq_nocase(name, STR_LIT("algorithm")))
			TRY(field_set(reading, &reading->algorithm, "algorithm", err));
		else if (str_eq_nocase(name, STR_LIT("secret")))
			TRY(field_set(reading, &reading->secret, "secret", err));
		else
			TRY(line_read(reading, word, err));
	}
	return 0;
}

int tsig_key_read(struct arena *a, struct str text, struct tsig_key *ret, struct err *err)
{
	struct reading reading = { .rest = text };
	struct tsig_key key;
	struct err why = { 0 };
	struct buf secret;

	TRY(words_read(&reading, err));
	if (!reading.name.len || !reading.secret.len)
		return err_set(err, ERR_SYNTAX,
			       "a TSIG key has a name and a secret: no %s is there",
			       reading.name.len ? "secret" : "name");
	if (dns_name_parse(a, reading.name, &key.name, &why) < 0)
		return err_set(err, ERR_SYNTAX, "the key's name is no domain name: %s", why.text);
	if (str_ends(reading.algorithm, STR_LIT(".")))
		reading.algorithm.len--;
	key.algorithm =
		reading.algorithm.len ? str_lower(a, reading.algorithm) : STR_LIT("hmac-sha256");
	if (!tsig_mac_bytes(key.algorithm))
		return err_set(err, ERR_SYNTAX,
			       "algorithm \"%.*s\": hmac-sha256, -sha384, -sha512, -sha224 and "
			       "-sha1 are spoken",
			       STR(str_first(key.algorithm, 40)));
	buf_init(&secret, a);
	if (base64_read(&secret, reading.secret) < 0)
		return err_set(err, ERR_SYNTAX, "the key's secret is not base64 with its padding");
	if (!secret.len || secret.len > TSIG_SECRET_BYTES)
		return err_set(err, ERR_LIMIT, "the key's secret has 1 to %d octets",
			       TSIG_SECRET_BYTES);
	key.secret = buf_str(&secret);
	*ret = key;
	return 0;
}
