/* SPDX-License-Identifier: Apache-2.0 */
/* How is a block list asked, and what does it say? RFC 5782. */
#include "formats/names/dnsbl.h"

#include "dnsbl_table.h"

const struct dnsbl *dnsbl_lists(size_t *ret_count)
{
	*ret_count = ARRAY_COUNT(lists);
	return lists;
}

struct str dnsbl_name(struct arena *a, const struct dnsbl *list, struct str name)
{
	return str_printf(a, "%.*s.%.*s", STR(name), STR(list->zone));
}

struct str dnsbl_address_name(struct arena *a, const struct dnsbl *list,
			      const struct address *address)
{
	static const char digits[] = "0123456789abcdef";
	bool is_ipv4 = address->family == ADDRESS_IPV4;
	struct buf out;

	buf_init(&out, a);
	for (size_t i = is_ipv4 ? 4 : 16; i-- > 0;) {
		unsigned octet = address->bytes[i];

		if (is_ipv4)
			buf_printf(&out, "%u.", octet);
		else
			buf_printf(&out, "%c.%c.", digits[octet & 15], digits[octet >> 4]);
	}
	buf_put_str(&out, list->zone);
	return buf_str(&out);
}

bool dnsbl_is_code(const struct address *answer)
{
	return answer->family == ADDRESS_IPV4 && answer->bytes[0] == 127;
}

struct dnsbl_meaning dnsbl_meaning_of(const struct dnsbl *list, const struct address *answer)
{
	char buffer[ADDRESS_TEXT_BYTES];
	struct str text = str_of(address_text(answer, buffer));

	for (size_t i = 0; i < ARRAY_COUNT(codes); i++) {
		bool is_prefix = str_ends(codes[i].codes, STR_LIT("."));

		if (str_eq(codes[i].zone, list->zone) &&
		    (is_prefix ? str_starts(text, codes[i].codes) : str_eq(text, codes[i].codes)))
			return codes[i].meaning;
	}
	return (struct dnsbl_meaning){ .severity = 3, .text = STR_LIT("listed") };
}
