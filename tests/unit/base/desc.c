/* SPDX-License-Identifier: Apache-2.0 */
/* Do described structs survive their compact form, and does JSON show them? */
#include "base/desc.h"
#include "tests/test.h"

struct inner {
	uint16_t number;
	struct str text;
};

struct outer {
	bool is_set;
	uint8_t small;
	int64_t signed_value;
	struct address address;
	struct inner *inners;
	size_t inner_count;
	uint32_t ttl;
};

static const struct desc_field inner_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct inner, number),
	DESC_FIELD(2, DESC_STR, struct inner, text),
};
static const struct desc inner_desc = DESC(inner, inner_fields);
static const struct desc_field outer_fields[] = {
	DESC_FIELD(1, DESC_BOOL, struct outer, is_set),
	DESC_FIELD(2, DESC_UINT, struct outer, small),
	DESC_FIELD(3, DESC_INT, struct outer, signed_value),
	DESC_FIELD(4, DESC_ADDRESS, struct outer, address),
	DESC_ARRAY(5, DESC_STRUCT, struct outer, inners, inner_count, .of = &inner_desc),
	DESC_FIELD(6, DESC_UINT, struct outer, ttl, .flags = DESC_VOLATILE),
};
static const struct desc outer_desc = DESC(outer, outer_fields);

TEST(a_described_struct_survives_its_compact_form)
{
	struct arena a = { 0 };
	char long_text[300];
	struct inner inners[2] = { { 7, STR_LIT("seven") },
				   { 0, { long_text, sizeof long_text } } };
	struct outer in = { true, 200, -5, { 0 }, inners, 2, 300 }, out, stable;
	struct buf b, s;

	memset(long_text, 'x', sizeof long_text);
	CHECK(address_parse(STR_LIT("2001:db8::1"), &in.address) == 0);
	buf_init(&b, &a);
	buf_init(&s, &a);
	desc_encode(&b, &outer_desc, &in);
	desc_encode_stable(&s, &outer_desc, &in);
	CHECK(desc_decode(&a, &outer_desc, buf_str(&b), &out) == 0);
	CHECK(out.is_set && out.small == 200 && out.signed_value == -5 && out.ttl == 300);
	CHECK(address_eq(&in.address, &out.address));
	CHECK_INT(out.inner_count, 2);
	CHECK_STR(out.inners[0].text, "seven");
	CHECK(str_eq(out.inners[1].text, inners[1].text));
	CHECK(desc_decode(&a, &outer_desc, buf_str(&s), &stable) == 0);
	CHECK(stable.ttl == 0 && stable.small == 200);
	for (size_t cut = 0; cut < b.len;
	     cut++) /* every prefix is either whole fields or refused */
		(void)!desc_decode(&a, &outer_desc, str_first(buf_str(&b), cut), &out);
	arena_release(&a);
}

TEST(json_escapes_what_could_harm_a_terminal)
{
	struct arena a = { 0 };
	struct buf b;
	struct json w;

	buf_init(&b, &a);
	json_init(&w, &b);
	json_object(&w);
	json_key(&w, "k");
	json_str(&w, STR_LIT("a\x1b[31m\"\\\n\xc2\x9b\xff\xc3\xa9"));
	json_key(&w, "n");
	json_hundredths(&w, 1405);
	json_end(&w);
	CHECK_STR(buf_str(&b),
		  "{\"k\":\"a\\u001b[31m\\\"\\\\\\n\\u009b\xef\xbf\xbd\xc3\xa9\",\"n\":14.05}");
	arena_release(&a);
}
