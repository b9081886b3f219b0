/* SPDX-License-Identifier: Apache-2.0 */
/* Which host, port and path does a URL name? RFC 3986, RFC 9110 section 4.2. */
#include "formats/web/url.h"

#include "formats/dns/name.h"

enum { PORT_HTTP = 80, PORT_HTTPS = 443, HOST_BYTES = 253 };

static const char hex_digits[] = "0123456789ABCDEF";

static bool is_scheme_char(char c)
{
	return char_is_alpha(c) || char_is_digit(c) || c == '+' || c == '-' || c == '.';
}

/* Where the scheme ends, at its colon; -1 when there is none (RFC 3986 section 3.1). */
static ptrdiff_t scheme_end(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == ':')
			return i ? (ptrdiff_t)i : -1;
		if (!is_scheme_char(text.data[i]) || (!i && !char_is_alpha(text.data[0])))
			return -1;
	}
	return -1;
}

static int scheme_read(struct str text, struct web_url *url, struct str *ret_rest, struct err *err)
{
	ptrdiff_t end = scheme_end(text);
	struct str scheme = str_first(text, end < 0 ? 0 : (size_t)end);

	if (str_eq_nocase(scheme, STR_LIT("https")))
		url->is_https = true;
	else if (!str_eq_nocase(scheme, STR_LIT("http")))
		return err_set(err, ERR_SYNTAX,
			       "\"%.*s\": neither http: nor https:", STR(str_first(text, 40)));
	*ret_rest = str_from(text, (size_t)end + 1);
	if (!str_starts(*ret_rest, STR_LIT("//")))
		return err_set(err, ERR_SYNTAX, "the URL has no host: // is missing");
	*ret_rest = str_from(*ret_rest, 2);
	return 0;
}

/* What others read as an IPv4 address when its last label is a number (WHATWG URL, "ends in a number"). */
static bool ends_in_number(struct str host)
{
	struct str last = host;
	ptrdiff_t dot;

	if (last.len && last.data[last.len - 1] == '.')
		last.len--;
	dot = str_find_last_char(last, '.');
	last = str_from(last, (size_t)(dot + 1));
	if (str_starts_nocase(last, STR_LIT("0x")))
		return true;
	for (size_t i = 0; i < last.len; i++)
		if (!char_is_digit(last.data[i]))
			return false;
	return last.len > 0;
}

static int name_read(struct arena *a, struct str host, struct str *ret, struct err *err)
{
	for (size_t i = 0; i < host.len; i++)
		if (!char_is_alpha(host.data[i]) && !char_is_digit(host.data[i]) &&
		    str_find_char(STR_LIT("-_."), host.data[i]) < 0)
			return err_set(err, ERR_SYNTAX,
				       "host \"%.*s\": octet %zu cannot stand there",
				       STR(str_first(host, 60)), i + 1);
	if (!host.len || host.len > HOST_BYTES + 1u)
		return err_set(err, ERR_SYNTAX, host.len ? "the host is too long" : "no host");
	TRY(dns_name_parse(a, host, ret, err));
	return str_eq(*ret, STR_LIT(".")) ? err_set(err, ERR_SYNTAX, "no host") : 0;
}

static int host_read(struct arena *a, struct str host, struct web_url *url, struct err *err)
{
	bool is_bracketed = host.len > 1 && host.data[0] == '[';
	struct str inner = is_bracketed ? str_first(str_from(host, 1), host.len - 2) : host;

	if (!is_bracketed && !ends_in_number(host))
		return name_read(a, host, &url->host, err);
	if (address_parse(inner, &url->address) < 0 ||
	    is_bracketed != (url->address.family == ADDRESS_IPV6))
		return err_set(err, ERR_SYNTAX, "host \"%.*s\": neither a name nor an address",
			       STR(str_first(host, 60)));
	url->host = address_str(a, &url->address);
	return 0;
}

static int authority_read(struct arena *a, struct str authority, struct web_url *url,
			  struct err *err)
{
	struct str host = authority, port = STR_NONE;
	ptrdiff_t end = str_find_last_char(authority, ':');
	uint64_t number;

	if (str_find_char(authority, '@') >= 0)
		return err_set(err, ERR_SYNTAX, "the URL has user information (@)");
	if (end >= 0 && authority.data[authority.len - 1] != ']') {
		host = str_first(authority, (size_t)end);
		port = str_from(authority, (size_t)end + 1);
	}
	url->port = url->is_https ? PORT_HTTPS : PORT_HTTP;
	if (port.len) {
		if (str_to_uint(port, UINT16_MAX, &number) < 0 || !number)
			return err_set(err, ERR_SYNTAX, "port \"%.*s\": not 1 to 65535",
				       STR(str_first(port, 20)));
		url->port = (uint16_t)number;
	}
	return host_read(a, host, url, err);
}

static int path_read(struct arena *a, struct str rest, struct web_url *url, struct err *err)
{
	struct buf path;

	buf_init(&path, a);
	if (!rest.len || rest.data[0] != '/')
		buf_put_char(&path, '/');
	for (size_t i = 0; i < rest.len && rest.data[i] != '#'; i++) {
		unsigned char c = (unsigned char)rest.data[i];

		if (c <= ' ' || c == 0x7f || c == '\\')
			return err_set(err, ERR_SYNTAX,
				       "a blank, a control or a backslash in the path");
		if (c < 0x80) {
			buf_put_char(&path, (char)c);
		} else {
			buf_put_char(&path, '%');
			buf_put_char(&path, hex_digits[c >> 4]);
			buf_put_char(&path, hex_digits[c & 15]);
		}
	}
	url->path = buf_str(&path);
	return 0;
}

static void text_make(struct arena *a, struct web_url *url)
{
	bool is_default = url->port == (url->is_https ? PORT_HTTPS : PORT_HTTP);
	bool is_ipv6 = url->address.family == ADDRESS_IPV6;
	struct buf text;

	buf_init(&text, a);
	buf_printf(&text, "%s://%s%.*s%s", url->is_https ? "https" : "http", is_ipv6 ? "[" : "",
		   STR(url->host), is_ipv6 ? "]" : "");
	if (!is_default)
		buf_printf(&text, ":%u", url->port);
	buf_put_str(&text, url->path);
	url->text = buf_str(&text);
}

int web_url_parse(struct arena *a, struct str text, struct web_url *ret, struct err *err)
{
	struct web_url url = { 0 };
	struct str rest;
	size_t end = 0;

	if (text.len > WEB_URL_BYTES)
		return err_set(err, ERR_LIMIT, "the URL is longer than %d octets", WEB_URL_BYTES);
	TRY(scheme_read(text, &url, &rest, err));
	while (end < rest.len && str_find_char(STR_LIT("/?#\\"), rest.data[end]) < 0)
		end++;
	TRY(authority_read(a, str_first(rest, end), &url, err));
	TRY(path_read(a, str_from(rest, end), &url, err));
	text_make(a, &url);
	if (url.text.len > WEB_URL_BYTES)
		return err_set(err, ERR_LIMIT, "the URL is longer than %d octets", WEB_URL_BYTES);
	*ret = url;
	return 0;
}

/* RFC 3986 section 5.2.4: the path of "/a/b/../c" is "/a/c"; what would leave the root stays in it. */
static struct str dots_remove(struct arena *a, struct str path)
{
	ptrdiff_t query = str_find_char(path, '?');
	struct str rest = str_first(path, query < 0 ? path.len : (size_t)query), segment;
	struct buf out;

	buf_init(&out, a);
	rest = str_from(rest, 1);
	for (bool has_more = true; has_more;) {
		ptrdiff_t slash = str_find_char(rest, '/');

		has_more = slash >= 0;
		segment = has_more ? str_first(rest, (size_t)slash) : rest;
		rest = str_from(rest, segment.len + has_more);
		if (str_eq(segment, STR_LIT("..")))
			while (out.len && out.data[--out.len] != '/')
				;
		if (str_eq(segment, STR_LIT("..")) || str_eq(segment, STR_LIT("."))) {
			if (!has_more)
				buf_put_char(&out, '/');
			continue;
		}
		buf_put_char(&out, '/');
		buf_put_str(&out, segment);
	}
	if (!out.len)
		buf_put_char(&out, '/');
	if (query >= 0)
		buf_put_str(&out, str_from(path, (size_t)query));
	return buf_str(&out);
}

static struct str merge(struct arena *a, const struct web_url *base, struct str reference)
{
	ptrdiff_t query = str_find_char(base->path, '?'), fragment = str_find_char(reference, '#');
	struct str path = str_first(base->path, query < 0 ? base->path.len : (size_t)query);
	struct str prefix;

	reference = fragment < 0 ? reference : str_first(reference, (size_t)fragment);
	if (!reference.len)
		return base->path;
	if (reference.data[0] == '/')
		return dots_remove(a, reference);
	prefix = reference.data[0] == '?'
			 ? path
			 : str_first(path, (size_t)str_find_last_char(path, '/') + 1);
	return dots_remove(a, str_printf(a, "%.*s%.*s", STR(prefix), STR(reference)));
}

int web_url_resolve(struct arena *a, const struct web_url *base, struct str reference,
		    struct web_url *ret, struct err *err)
{
	size_t origin = base->text.len - base->path.len;

	reference = str_trim(reference);
	if (reference.len > WEB_URL_BYTES)
		return err_set(err, ERR_LIMIT, "the URL is longer than %d octets", WEB_URL_BYTES);
	if (scheme_end(reference) >= 0)
		return web_url_parse(a, reference, ret, err);
	if (str_starts(reference, STR_LIT("//")))
		return web_url_parse(
			a,
			str_printf(a, "%s:%.*s", base->is_https ? "https" : "http", STR(reference)),
			ret, err);
	if (reference.len && reference.data[0] == '\\')
		return err_set(err, ERR_SYNTAX, "the URL begins with a backslash");
	reference = merge(a, base, reference);
	return web_url_parse(
		a, str_printf(a, "%.*s%.*s", STR(str_first(base->text, origin)), STR(reference)),
		ret, err);
}
