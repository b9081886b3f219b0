/* SPDX-License-Identifier: Apache-2.0 */
/* Do numbers of the DNS become names and come back? */
#include "formats/dns/type.h"
#include "tests/test.h"

#include "base/err.h"

TEST(every_number_comes_back_from_its_text)
{
	struct arena a = { 0 };

	for (unsigned number = 0; number <= UINT16_MAX; number++) {
		uint16_t type = 0, rcode = 0;

		test_row("%u", number);
		CHECK_INT(dns_type_parse(dns_type_text(&a, (uint16_t)number), &type), 0);
		CHECK_INT(type, number);
		CHECK_INT(dns_rcode_parse(dns_rcode_text(&a, (uint16_t)number), &rcode), 0);
		CHECK_INT(rcode, number);
	}
	arena_release(&a);
}

TEST(names_of_numbers_are_the_registry_s)
{
	struct arena a = { 0 };
	uint16_t number = 7;

	CHECK_STR(dns_type_text(&a, 257), "CAA");
	CHECK_STR(dns_type_text(&a, 65280), "TYPE65280");
	CHECK_STR(dns_rcode_text(&a, 3), "NXDOMAIN");
	CHECK_STR(dns_rcode_text(&a, 12), "RCODE12");
	CHECK_INT(dns_type_parse(STR_LIT("https"), &number), 0);
	CHECK_INT(number, 65);
	CHECK_INT(dns_type_parse(STR_LIT("type65535"), &number), 0);
	CHECK_INT(number, 65535);
	CHECK_INT(dns_type_parse(STR_LIT("TYPE65536"), &number), ERR_SYNTAX);
	CHECK_INT(dns_type_parse(STR_LIT("TYPE"), &number), ERR_SYNTAX);
	CHECK_INT(dns_type_parse(STR_LIT(""), &number), ERR_SYNTAX);
	CHECK_INT(dns_rcode_parse(STR_LIT("NXDOMAINX"), &number), ERR_SYNTAX);
	CHECK_INT(number, 65535);
	arena_release(&a);
}
