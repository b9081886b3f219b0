/* SPDX-License-Identifier: Apache-2.0 */
/* Where does a mailto or https URI point? RFC 6068, RFC 3986. */
#include "formats/mail/uri.h"

#include "base/encode.h"
#include "formats/dns/name.h"

/* "%41" becomes "A"; false when a percent sign stands alone or a control comes out. */
static bool percent_decode(struct arena *a, struct str text, struct str *ret)
{
	struct buf out;

	buf_init(&out, a);
	for (size_t i = 0; i < text.len; i++) {
		size_t at = out.len;

		if (text.data[i] != '%') {
			buf_put_char(&out, text.data[i]);
			continue;
		}
		if (text.len - i < 3 || hex_read(&out, str_first(str_from(text, i + 1), 2)) < 0)
			return false;
		if (out.data[at] >= 0 && out.data[at] < 0x20)
			return false;
		i += 2;
	}
	*ret = buf_str(&out);
	return true;
}

/* RFC 7489 section 6.2: "!" 1*DIGIT [ "k" / "m" / "g" / "t" ] at the end. */
static bool size_cut(struct str *text)
{
	ptrdiff_t at = str_find_last_char(*text, '!');
	struct str size = str_from(*text, (size_t)(at + 1));
	uint64_t value;

	if (at < 0)
		return false;
	if (size.len && size.data[size.len - 1] && strchr("kmgtKMGT", size.data[size.len - 1]))
		size.len--;
	if (str_to_uint(size, UINT64_MAX, &value) < 0)
		return false;
	text->len = (size_t)at;
	return true;
}

static bool host_read(struct arena *a, struct str text, struct str *ret)
{
	return text.len && dns_name_parse(a, text, ret, NULL) == 0 && dns_name_is_hostname(*ret) &&
	       str_find_char(*ret, '.') > 0;
}

static const char *mailto_read(struct arena *a, struct str rest, struct mail_uri *uri)
{
	ptrdiff_t query = str_find_char(rest, '?'), at;

	if (query >= 0)
		rest.len = (size_t)query;
	if (!percent_decode(a, rest, &uri->address))
		return "a broken percent escape";
	at = str_find_last_char(uri->address, '@');
	if (at <= 0)
		return "no mail address";
	for (ptrdiff_t i = 0; i < at; i++)
		if (char_is_space(uri->address.data[i]))
			return "a space in the mail address";
	if (!host_read(a, str_from(uri->address, (size_t)at + 1), &uri->domain))
		return "the mail address has no valid domain";
	return "";
}

static const char *https_read(struct arena *a, struct str rest, struct mail_uri *uri)
{
	size_t end = 0;

	while (end < rest.len && !strchr("/?#:", rest.data[end]))
		end++;
	return host_read(a, str_first(rest, end), &uri->domain) ? "" : "the URL has no valid host";
}

void mail_uri_read(struct arena *a, struct str text, bool allow_size, struct mail_uri *ret)
{
	struct str rest = str_trim(text);
	const char *problem = "";

	*ret = (struct mail_uri){ .text = rest };
	ret->has_size = allow_size && size_cut(&rest);
	for (size_t i = 0; i < rest.len && !*problem; i++)
		if (rest.data[i] <= ' ' || rest.data[i] >= 0x7f)
			problem = "a character that URIs do not have";
	if (!rest.len)
		problem = "empty";
	else if (str_find_char(rest, '!') >= 0)
		problem = "\"!\" is no part of a report address";
	if (str_starts_nocase(rest, STR_LIT("mailto:"))) {
		ret->scheme = MAIL_URI_MAILTO;
		if (!*problem)
			problem = mailto_read(a, str_from(rest, 7), ret);
	} else if (str_starts_nocase(rest, STR_LIT("https://"))) {
		ret->scheme = MAIL_URI_HTTPS;
		if (!*problem)
			problem = https_read(a, str_from(rest, 8), ret);
	} else if (!*problem) {
		problem = str_find_char(rest, '@') > 0 && str_find_char(rest, ':') < 0
				  ? "\"mailto:\" is missing"
				  : "neither mailto: nor https:";
	}
	ret->problem = str_of(problem);
}

size_t mail_uris_read(struct arena *a, struct str text, bool allow_size, struct mail_uri **ret)
{
	size_t count = 0, room = 1;
	struct mail_uri *uris;
	struct str part;

	for (size_t i = 0; i < text.len && room < MAIL_URIS; i++)
		room += text.data[i] == ',';
	uris = arena_array(a, room, sizeof *uris);
	while (count < room && str_split(&text, ',', &part))
		mail_uri_read(a, part, allow_size, &uris[count++]);
	*ret = uris;
	return count;
}
