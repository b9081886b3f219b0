/* SPDX-License-Identifier: Apache-2.0 */
/* Is this an address that a mail may be sent to? RFC 5321 section 4.1.2. */
#include "formats/mail/address.h"

#include "base/address.h"
#include "formats/dns/name.h"

enum { ADDRESS_MOST = 254, LOCAL_MOST = 64 };

static bool is_atom_char(char c)
{
	return char_is_alpha(c) || char_is_digit(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool is_local_part(struct str text)
{
	bool was_dot = true;

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '.' ? was_dot : !is_atom_char(text.data[i]))
			return false;
		was_dot = text.data[i] == '.';
	}
	return !was_dot && text.len <= LOCAL_MOST;
}

static bool is_literal(struct str text)
{
	struct address address;

	text = str_first(str_from(text, 1), text.len - 2);
	if (str_starts_nocase(text, STR_LIT("IPv6:")))
		return address_parse(str_from(text, 5), &address) == 0 &&
		       address.family == ADDRESS_IPV6;
	return address_parse(text, &address) == 0 && address.family == ADDRESS_IPV4;
}

static bool is_domain(struct str text)
{
	if (text.len > 2 && text.data[0] == '[' && text.data[text.len - 1] == ']')
		return is_literal(text);
	return str_find_char(text, '.') > 0 && text.data[text.len - 1] != '.' &&
	       dns_name_is_hostname(text);
}

bool mail_address_is_plain(struct str address)
{
	ptrdiff_t at = str_find_last_char(address, '@');

	return address.len <= ADDRESS_MOST && at > 0 && (size_t)at + 1 < address.len &&
	       is_local_part(str_first(address, (size_t)at)) &&
	       is_domain(str_from(address, (size_t)at + 1));
}
