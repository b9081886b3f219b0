/* SPDX-License-Identifier: Apache-2.0 */
/* Does the address policy deny every special block, whatever the spelling, and nothing beside? */
#include "tests/test.h"

#include "net/policy.h"

static const struct policy strict;

static const struct special_block *denied_by(const char *text)
{
	const struct special_block *block = NULL;
	struct address address;

	CHECK(address_parse(str_of(text), &address) == 0);
	return policy_allows(&strict, &address, &block) ? NULL : block;
}

static struct address last_of(const struct network *network)
{
	struct address last = network->base;
	unsigned size = last.family == ADDRESS_IPV4 ? 32 : 128;

	for (unsigned bit = network->prefix; bit < size; bit++)
		last.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	return last;
}

/* Adds or takes one; false when it wraps around. */
static bool step(struct address *address, int by)
{
	int i = address->family == ADDRESS_IPV4 ? 3 : 15;

	for (; i >= 0; i--) {
		uint8_t old = address->bytes[i];

		address->bytes[i] = (uint8_t)(old + by);
		if (by > 0 ? old != 0xff : old != 0)
			return true;
	}
	return false;
}

static bool is_in_any_block(const struct address *address)
{
	size_t count;
	const struct special_block *blocks = special_blocks(&count);

	for (size_t i = 0; i < count; i++)
		if (network_has(&blocks[i].network, address))
			return true;
	return false;
}

TEST(every_block_is_denied_from_first_to_last_and_its_neighbours_are_not)
{
	size_t count, free_neighbours = 0;
	const struct special_block *blocks = special_blocks(&count);

	for (size_t i = 0; i < count; i++) {
		struct address first = blocks[i].network.base, last = last_of(&blocks[i].network);
		struct network parsed;

		test_row("%s", blocks[i].text);
		CHECK(network_parse(str_of(blocks[i].text), &parsed, NULL) == 0);
		CHECK(!memcmp(&parsed, &blocks[i].network, sizeof parsed));
		CHECK(!policy_allows(&strict, &first, NULL));
		CHECK(!policy_allows(&strict, &last, NULL));
		for (int side = 0; side < 2; side++) {
			struct address *neighbour = side ? &last : &first;

			if (!step(neighbour, side ? 1 : -1) || is_in_any_block(neighbour))
				continue;
			CHECK(policy_allows(&strict, neighbour, NULL));
			free_neighbours++;
		}
	}
	CHECK(free_neighbours > 40);
}

TEST(the_narrowest_block_gives_the_reason)
{
	size_t count;
	const struct special_block *blocks = special_blocks(&count);

	for (size_t i = 0; i < count; i++)
		for (size_t k = i + 1; k < count; k++) {
			bool is_hidden = network_has(&blocks[i].network, &blocks[k].network.base) &&
					 blocks[i].network.prefix <= blocks[k].network.prefix;

			test_row("%s before %s", blocks[i].text, blocks[k].text);
			CHECK(!is_hidden);
		}
}

TEST(denied_addresses)
{
	static const struct {
		const char *address, *block;
	} rows[] = {
		{ "0.0.0.0", "0.0.0.0/8" },
		{ "10.1.2.3", "10.0.0.0/8" },
		{ "100.64.0.0", "100.64.0.0/10" },
		{ "100.127.255.255", "100.64.0.0/10" },
		{ "127.0.0.1", "127.0.0.0/8" },
		{ "127.255.255.255", "127.0.0.0/8" },
		{ "169.254.169.254", "169.254.0.0/16" },
		{ "172.31.255.255", "172.16.0.0/12" },
		{ "192.0.0.192", "192.0.0.0/24" },
		{ "192.168.1.1", "192.168.0.0/16" },
		{ "198.19.255.255", "198.18.0.0/15" },
		{ "224.0.0.251", "224.0.0.0/4" },
		{ "255.255.255.255", "255.255.255.255/32" },
		{ "254.0.0.1", "240.0.0.0/4" },
		{ "::", "::/128" },
		{ "::1", "::1/128" },
		{ "0:0:0:0:0:0:0:1", "::1/128" },
		{ "0000:0000:0000:0000:0000:0000:0000:0001", "::1/128" },
		{ "::127.0.0.1", "::/96" },
		{ "::7f00:1", "::/96" },
		{ "::ffff:10.0.0.1", "::ffff:0:0/96" },
		{ "::FFFF:10.0.0.1", "::ffff:0:0/96" },
		{ "::ffff:a00:1", "::ffff:0:0/96" },
		{ "0:0:0:0:0:ffff:7f00:0001", "::ffff:0:0/96" },
		{ "::ffff:8.8.8.8", "::ffff:0:0/96" },
		{ "::ffff:0:10.0.0.1", "::ffff:0:0:0/96" },
		{ "64:ff9b::10.0.0.1", "64:ff9b::/96" },
		{ "64:ff9b:1::a9fe:a9fe", "64:ff9b:1::/48" },
		{ "100::1", "100::/64" },
		{ "2001::1", "2001::/32" },
		{ "2001:0:a00:1::", "2001::/32" },
		{ "2001:1::1", "2001::/23" },
		{ "2001:1ff:ffff::", "2001::/23" },
		{ "2001:21::1", "2001:20::/28" },
		{ "2001:db8::1", "2001:db8::/32" },
		{ "2002:7f00:1::", "2002::/16" },
		{ "2002:a9fe:a9fe::1", "2002::/16" },
		{ "3fff:fff::1", "3fff::/20" },
		{ "5f00::1", "5f00::/16" },
		{ "fd00:ec2::254", "fc00::/7" },
		{ "fe80::1", "fe80::/10" },
		{ "fec0::1", "fec0::/10" },
		{ "ff02::1", "ff00::/8" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const struct special_block *block = denied_by(rows[i].address);

		test_row("%s", rows[i].address);
		CHECK(block != NULL);
		CHECK_STR(str_of(block->text), rows[i].block);
		CHECK(block->name[0] && block->source[0]);
	}
}

TEST(ordinary_addresses_are_allowed)
{
	static const char *const rows[] = {
		"1.1.1.1",        "8.8.8.8",        "9.255.255.255",   "11.0.0.0",
		"100.63.255.255", "100.128.0.0",    "126.255.255.255", "128.0.0.0",
		"169.253.255.1",  "172.15.255.255", "172.32.0.0",      "192.31.196.1",
		"192.175.48.6",   "198.17.255.255", "198.20.0.0",      "223.255.255.255",
		"2000::1",        "2001:200::1",    "2001:503:ba3e::", "2606:4700::1111",
		"2620:4f:8000::", "2003::1",        "3fff:1000::1",    "2a00:1450::1",
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		test_row("%s", rows[i]);
		CHECK(denied_by(rows[i]) == NULL);
	}
}

TEST(spellings_that_are_no_addresses_do_not_parse)
{
	static const char *const rows[] = {
		"0177.0.0.1",        "0x7f.0.0.1", "2130706433", "127.1",
		"127.0.0.1.",        " 127.0.0.1", "127.0.0.01", "::1%lo",
		"fe80::1%eth0",      "[::1]",      "",           "0",
		"::ffff:0x7f000001",
	};
	struct address address;

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		test_row("%s", rows[i]);
		CHECK(address_parse(str_of(rows[i]), &address) < 0);
	}
}

TEST(an_exception_opens_its_network_and_no_other_spelling)
{
	struct network allowed[2];
	struct policy policy = { allowed, 2 };
	struct address address;

	CHECK(network_parse(str_of("10.1.0.0/16"), &allowed[0], NULL) == 0);
	CHECK(network_parse(str_of("::1"), &allowed[1], NULL) == 0);
	CHECK(address_parse(str_of("10.1.2.3"), &address) == 0);
	CHECK(policy_allows(&policy, &address, NULL));
	CHECK(address_parse(str_of("10.2.0.0"), &address) == 0);
	CHECK(!policy_allows(&policy, &address, NULL));
	CHECK(address_parse(str_of("::ffff:10.1.2.3"), &address) == 0);
	CHECK(!policy_allows(&policy, &address, NULL));
	CHECK(address_parse(str_of("::1"), &address) == 0);
	CHECK(policy_allows(&policy, &address, NULL));
	CHECK(address_parse(str_of("::"), &address) == 0);
	CHECK(!policy_allows(&policy, &address, NULL));
	address = (struct address){ 0 };
	CHECK(!policy_allows(&policy, &address, NULL));
}
