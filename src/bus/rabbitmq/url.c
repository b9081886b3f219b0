/* SPDX-License-Identifier: Apache-2.0 */
/* Which brokers does a URL name? */
#include "bus/rabbitmq/url.h"

static const char shape[] = "amqp://USER@HOST[:PORT][,HOST...][/VHOST], or amqps://";

static int hex(char c)
{
	c = char_lower(c);
	return char_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 3986 section 2.1 */
static int decode(struct arena *a, struct str text, struct str *ret, struct err *err)
{
	struct buf out;

	buf_init(&out, a);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (c == '%') {
			int high = i + 2 < text.len ? hex(text.data[i + 1]) : -1;
			int low = high >= 0 ? hex(text.data[i + 2]) : -1;

			if (high < 0 || low < 0)
				return err_set(err, ERR_SYNTAX, "bus: a %% without two hex digits");
			c = (char)(high * 16 + low);
			i += 2;
		}
		if ((unsigned char)c < 32 || c == 127)
			return err_set(err, ERR_SYNTAX, "bus: a control character in the URL");
		buf_put_char(&out, c);
	}
	if (!out.len || out.len > BROKER_NAME_BYTES)
		return err_set(err, ERR_SYNTAX, "bus: user and vhost have 1 to %d characters",
			       BROKER_NAME_BYTES);
	*ret = buf_str(&out);
	return 0;
}

static int host_parse(struct arena *a, struct str text, unsigned port, struct broker_host *ret,
		      struct err *err)
{
	ptrdiff_t colon = str_find_last_char(text, ':');
	struct str name = text;
	uint64_t number = port;

	if (str_starts(text, STR_LIT("["))) {
		ptrdiff_t end = str_find_char(text, ']');

		if (end < 0)
			return err_set(err, ERR_SYNTAX, "bus: \"[\" without \"]\"");
		name = str_first(str_from(text, 1), (size_t)end - 1);
		text = str_from(text, (size_t)end + 1);
		colon = text.len ? 0 : -1;
	} else if (colon >= 0) {
		name = str_first(text, (size_t)colon);
	}
	if (colon >= 0 &&
	    ((size_t)colon >= text.len || text.data[colon] != ':' ||
	     str_to_uint(str_from(text, (size_t)colon + 1), 65535, &number) < 0 || !number))
		return err_set(err, ERR_SYNTAX, "bus: \"%.*s\" is no port", STR(text));
	if (!name.len || name.len > BROKER_NAME_BYTES || str_find_char(name, '\0') >= 0 ||
	    str_find_char(name, '/') >= 0 || str_find_char(name, '?') >= 0)
		return err_set(err, ERR_SYNTAX, "bus: \"%.*s\" is no host", STR(name));
	*ret = (struct broker_host){
		.name = str_cstring(a, name),
		.port = (unsigned)number,
		.text = str_printf(a, "%.*s:%u", STR(name), (unsigned)number).data,
	};
	return 0;
}

int broker_url_parse(struct arena *a, struct str url, struct broker_url *ret, struct err *err)
{
	struct broker_url broker = { .has_tls = str_starts(url, STR_LIT("amqps://")),
				     .vhost = STR_LIT("/") };
	struct str rest = str_from(url, broker.has_tls ? 8 : 7), user, host;
	ptrdiff_t slash, at;

	if (!broker.has_tls && !str_starts(url, STR_LIT("amqp://")))
		return err_set(err, ERR_SYNTAX, "bus: the URL is %s", shape);
	slash = str_find_char(rest, '/');
	if (slash >= 0) {
		TRY(decode(a, str_from(rest, (size_t)slash + 1), &broker.vhost, err));
		rest = str_first(rest, (size_t)slash);
	}
	at = str_find_last_char(rest, '@');
	if (at <= 0)
		return err_set(err, ERR_SYNTAX,
			       "bus: the URL names no user; there is no default: %s", shape);
	user = str_first(rest, (size_t)at);
	if (str_find_char(user, ':') >= 0)
		return err_set(err, ERR_SYNTAX,
			       "bus: a password in the URL; write it to the file of "
			       "bus.password_file");
	TRY(decode(a, user, &broker.user, err));
	rest = str_from(rest, (size_t)at + 1);
	do {
		if (!str_split(&rest, ',', &host))
			host = STR_NONE;
		if (broker.host_count == BROKER_HOSTS)
			return err_set(err, ERR_SYNTAX, "bus: more than %d hosts", BROKER_HOSTS);
		TRY(host_parse(a, host, broker.has_tls ? 5671 : 5672,
			       &broker.host[broker.host_count++], err));
	} while (rest.len);
	*ret = broker;
	return 0;
}
