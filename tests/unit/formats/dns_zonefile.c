/* SPDX-License-Identifier: Apache-2.0 */
/* Which names of a zone file are found, and what is passed over? */
#include "formats/dns/zonefile.h"
#include "tests/test.h"

enum { LINES = 16 };

static void check_zone(const char *const *lines, const char *const *owners)
{
	struct zonefile zone = { 0 };
	size_t found = 0;

	for (size_t i = 0; lines[i]; i++) {
		struct err err = { 0 };
		struct str owner;
		int code = zonefile_owner(&zone, str_of(lines[i]), &owner, &err);

		test_row("%s: %d %s", lines[i], code, err.text);
		if (code == 0)
			continue;
		CHECK(owners[found]);
		if (code > 0)
			CHECK_STR(owner, owners[found]);
		else
			CHECK(code == ERR_SYNTAX && strstr(err.text, owners[found]));
		found++;
	}
	CHECK(!owners[found]);
}

TEST(owners_are_found_once_in_a_row)
{
	/* Like the example of RFC 1035 section 5.3, and what zones of today hold. */
	static const struct {
		const char *lines[LINES], *owners[LINES];
	} rows[] = {
		{ { "$ORIGIN ISI.EDU.", "$TTL 3600",
		    "@   IN  SOA     VENERA      Action\\.domains (", "   20     ; SERIAL",
		    "   7200 )", "    NS      A.ISI.EDU.", "A       A       26.3.0.103",
		    "        MX 10 A", "A TXT \"(not; open\"", "VAXA    A  10.2.0.27", "; all",
		    "" },
		  { "ISI.EDU", "A.ISI.EDU", "VAXA.ISI.EDU" } },
		{ { "example.com. 60 IN A 192.0.2.1", "www A 192.0.2.1", "$ORIGIN example.net.",
		    "www A 192.0.2.1", "$ORIGIN sub", "@ A 192.0.2.2", "www A 192.0.2.2" },
		  { "example.com", "no $ORIGIN", "www.example.net", "sub.example.net",
		    "www.sub.example.net" } },
		{ { "$ORIGIN example.com.", "*.w A 192.0.2.1", "_dmarc TXT \"v=DMARC1\"",
		    "_25._tcp.mx TLSA 3 1 1 00", "a\\.b A 192.0.2.1", "x\\\\. A 192.0.2.1",
		    "$INCLUDE other", "$GENERATE 1-9 h$ A 192.0.2.$", "$ORIGIN", "y A 192.0.2.1" },
		  { "a\\.b.example.com", "x\\\\", "$INCLUDE is not followed",
		    "$GENERATE is not followed", "without a name", "y.example.com" } },
		{ { "$ORIGIN .", "com NS a.gtld-servers.net.", "COM. NS b.gtld-servers.net.",
		    ". SOA a. b. 1 2 3 4 5", "net NS a.gtld-servers.net." },
		  { "com", "net" } },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		check_zone(rows[i].lines, rows[i].owners);
}

TEST(names_longer_than_any_are_refused)
{
	struct zonefile zone = { .has_origin = true };
	char line[2 * ZONEFILE_NAME_BYTES];
	struct err err = { 0 };
	struct str owner;

	memset(line, 'a', sizeof line);
	CHECK_INT(zonefile_owner(&zone, str_bytes(line, sizeof line), &owner, &err), ERR_SYNTAX);
	zone.origin_len = ZONEFILE_NAME_BYTES;
	CHECK_INT(zonefile_owner(&zone, STR_LIT("a A 192.0.2.1"), &owner, &err), ERR_SYNTAX);
	CHECK_INT(zonefile_owner(&zone, STR_LIT("\\"), &owner, &err), ERR_SYNTAX);
}
