/* SPDX-License-Identifier: Apache-2.0 */
/* Do replies of registries, of all shapes, become the same facts? */
#include "formats/registry/rdap.h"
#include "formats/registry/whois.h"
#include "formats/rfc3339.h"
#include "tests/test.h"

static int64_t at(const char *text)
{
	int64_t us = 0;

	if (text)
		CHECK_INT(rfc3339_parse(str_of(text), &us), 0);
	return us;
}

TEST(dates_of_all_shapes_are_read)
{
	static const struct {
		const char *text, *moment; /* NULL: none */
	} rows[] = {
		{ "2024-01-31T10:20:30Z", "2024-01-31T10:20:30Z" },
		{ "2024-01-31T10:20:30.123456Z", "2024-01-31T10:20:30Z" },
		{ "2024-01-31T10:20:30+03:00", "2024-01-31T07:20:30Z" },
		{ "2024-01-31 10:20:30+03", "2024-01-31T07:20:30Z" },
		{ "2024-01-31 10:20:30 (UTC+8)", "2024-01-31T02:20:30Z" },
		{ "2024-01-31T10:20:30-0500", "2024-01-31T15:20:30Z" },
		{ "2024-01-31", "2024-01-31T00:00:00Z" },
		{ "2024/01/31", "2024-01-31T00:00:00Z" },
		{ "2024/01/31 (JST)", "2024-01-31T00:00:00Z" },
		{ "2024.01.31", "2024-01-31T00:00:00Z" },
		{ "2024. 01. 31.", "2024-01-31T00:00:00Z" },
		{ "20240131", "2024-01-31T00:00:00Z" },
		{ "20240131 #123456", "2024-01-31T00:00:00Z" },
		{ "31.01.2024", "2024-01-31T00:00:00Z" },
		{ "31.1.2024 10:20:30", "2024-01-31T10:20:30Z" },
		{ "31/01/2024", "2024-01-31T00:00:00Z" },
		{ "01/31/2024", "2024-01-31T00:00:00Z" },
		{ "05/06/2024", "2024-06-05T00:00:00Z" },
		{ "31-Jan-2024", "2024-01-31T00:00:00Z" },
		{ "31-jan-2024 10:20:30 UTC", "2024-01-31T10:20:30Z" },
		{ "31st January 2024 at 10:20:30.000", "2024-01-31T10:20:30Z" },
		{ "January 31, 2024", "2024-01-31T00:00:00Z" },
		{ "Jan 31 2024", "2024-01-31T00:00:00Z" },
		{ "Wed Jan 31 2024", "2024-01-31T00:00:00Z" },
		{ "Wed Jan 31 10:20:30 GMT 2024", "2024-01-31T10:20:30Z" },
		{ "2024-Jan-31", "2024-01-31T00:00:00Z" },
		{ "2024-Jan-31.", "2024-01-31T00:00:00Z" },
		{ "before Aug-1996", "1996-08-01T00:00:00Z" },
		{ "31 Feb 2024", NULL },
		{ "2024-13-01", NULL },
		{ "32/01/2024", NULL },
		{ "0000-00-00", NULL },
		{ "2024", NULL },
		{ "never", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		int64_t us = 0;
		int code = registry_date_parse(str_of(rows[i].text), &us);

		test_row("%s: %lld", rows[i].text, (long long)us);
		CHECK((code == 0) == (rows[i].moment != NULL));
		CHECK_INT(us, at(rows[i].moment));
	}
}

static const char domain_reply[] =
	"{\"objectClassName\":\"domain\",\"handle\":\"D1\",\"ldhName\":\"EXAMPLE.COM\","
	"\"status\":[\"client transfer prohibited\",\"active\"],"
	"\"events\":[{\"eventAction\":\"registration\",\"eventDate\":\"2001-02-03T04:05:06Z\"},"
	"{\"eventAction\":\"expiration\",\"eventDate\":\"2031-02-03T04:05:06Z\"},"
	"{\"eventAction\":\"last changed\",\"eventDate\":\"2021-02-03T04:05:06Z\"}],"
	"\"nameservers\":[{\"ldhName\":\"NS1.EXAMPLE.NET.\"},{\"ldhName\":\"ns2.example.net\"}],"
	"\"secureDNS\":{\"delegationSigned\":true,\"dsData\":[{\"keyTag\":12345,\"algorithm\":13,"
	"\"digestType\":2,\"digest\":\"ABCDEF\"}]},"
	"\"entities\":[{\"roles\":[\"registrar\"],\"handle\":\"9999\",\"publicIds\":[{\"type\":"
	"\"IANA Registrar "
	"ID\",\"identifier\":\"9999\"}],\"vcardArray\":[\"vcard\",[[\"version\",{},"
	"\"text\",\"4.0\"],[\"fn\",{},\"text\",\"Registrar Ltd\"]]],\"entities\":[{\"roles\":"
	"[\"abuse\"],\"vcardArray\":[\"vcard\",[[\"tel\",{},\"uri\",\"tel:+1.5555\"],[\"email\",{},"
	"\"text\",\"abuse@registrar.example\"]]]}]}],"
	"\"redacted\":[{\"name\":{\"type\":\"Registrant Email\"},\"method\":\"removal\"}],"
	"\"links\":[{\"rel\":\"related\",\"type\":\"application/rdap+json\",\"href\":"
	"\"https://rdap.registrar.example/domain/EXAMPLE.COM\"}]}";

TEST(an_rdap_domain_is_read)
{
	struct arena a = { 0 };
	struct registration r;
	struct err err = { 0 };

	CHECK_INT(rdap_read(&a, str_of(domain_reply), &r, &err), 0);
	CHECK(r.is_found);
	CHECK_STR(r.object, "example.com");
	CHECK_STR(r.registrar, "Registrar Ltd");
	CHECK_STR(r.registrar_id, "9999");
	CHECK_STR(r.abuse_email, "abuse@registrar.example");
	CHECK_STR(r.abuse_phone, "+1.5555");
	CHECK_INT(r.created_us, at("2001-02-03T04:05:06Z"));
	CHECK_INT(r.changed_us, at("2021-02-03T04:05:06Z"));
	CHECK_INT(r.expires_us, at("2031-02-03T04:05:06Z"));
	CHECK_INT(r.status_count, 2);
	CHECK(registration_has_status(&r, "client transfer prohibited"));
	CHECK_INT(r.name_server_count, 2);
	CHECK_STR(r.name_servers[0], "ns1.example.net");
	CHECK(r.says_signed && r.is_signed);
	CHECK_STR(r.ds[0], "12345 13 2 abcdef");
	CHECK_STR(r.redacted[0], "Registrant Email");
	CHECK_STR(r.referral, "https://rdap.registrar.example/domain/EXAMPLE.COM");
	CHECK_INT(rdap_read(&a, STR_LIT("{\"a\":1}"), &r, &err), ERR_SYNTAX);
	CHECK_INT(rdap_read(&a, STR_LIT("<html>"), &r, &err), ERR_SYNTAX);
	arena_release(&a);
}

TEST(rdap_networks_and_systems_have_their_own_names)
{
	struct arena a = { 0 };
	struct registration r;
	struct err err = { 0 };

	CHECK_INT(rdap_read(&a,
			    STR_LIT("{\"objectClassName\":\"ip network\",\"startAddress\":"
				    "\"9.0.0.0\",\"endAddress\":\"9.0.0.255\",\"country\":\"US\","
				    "\"name\":\"NET\"}"),
			    &r, &err),
		  0);
	CHECK_STR(r.object, "9.0.0.0 - 9.0.0.255");
	CHECK_STR(r.holder, "NET");
	CHECK_INT(rdap_read(&a,
			    STR_LIT("{\"objectClassName\":\"autnum\",\"startAutnum\":64500,"
				    "\"handle\":\"AS64500\"}"),
			    &r, &err),
		  0);
	CHECK_STR(r.object, "AS64500");
	arena_release(&a);
}

TEST(the_longest_suffix_says_which_rdap_server)
{
	static const char file[] =
		"{\"services\":[[[\"com\"],[\"http://a.example\"]],"
		"[[\"co.uk\",\"UK\"],[\"http://b.example/\",\"https://c.example\"]]]}";
	struct arena a = { 0 };
	struct rdap_bootstrap bootstrap = { 0 };
	struct err err = { 0 };
	struct str url;

	CHECK_INT(rdap_bootstrap_read(&a, str_of(file), &bootstrap, &err), 0);
	CHECK_INT(rdap_url(&a, &bootstrap, RDAP_DOMAIN, STR_LIT("x.com"), &url), 0);
	CHECK_STR(url, "http://a.example/domain/x.com");
	CHECK_INT(rdap_url(&a, &bootstrap, RDAP_NAMESERVER, STR_LIT("ns.x.co.uk"), &url), 0);
	CHECK_STR(url, "https://c.example/nameserver/ns.x.co.uk");
	CHECK_INT(rdap_url(&a, &bootstrap, RDAP_DOMAIN, STR_LIT("x.de"), &url), -ENOENT);
	CHECK_INT(rdap_url(&a, &bootstrap, RDAP_AUTNUM, STR_LIT("AS64500"), &url), -ENOENT);
	CHECK_INT(rdap_url(&a, NULL, RDAP_DOMAIN, STR_LIT("example.com"), &url), 0);
	CHECK_STR(url, "https://rdap.verisign.com/com/v1/domain/example.com");
	CHECK_INT(rdap_bootstrap_read(&a, STR_LIT("{\"services\":[[[\"com\"],[]]]}"), &bootstrap,
				      &err),
		  ERR_SYNTAX);
	CHECK_INT(rdap_bootstrap_read(&a, STR_LIT("[]"), &bootstrap, &err), ERR_SYNTAX);
	CHECK_INT(rdap_object_of(STR_LIT("2001:db8::1")), RDAP_IP);
	CHECK_INT(rdap_object_of(STR_LIT("as64500")), RDAP_AUTNUM);
	CHECK_INT(rdap_object_of(STR_LIT("as.example")), RDAP_DOMAIN);
	arena_release(&a);
}

TEST(the_smallest_network_says_which_rdap_server)
{
	static const char networks[] =
		"{\"services\":[[[\"45.0.0.0/8\",\"2a00::/12\"],[\"https://wide.example/\"]],"
		"[[\"45.76.0.0/16\",\"2a0e:97c0::/32\"],[\"http://x.example\","
		"\"https://narrow.example/\"]]]}";
	static const char numbers[] = "{\"services\":[[[\"64496-64511\",\"7\"],"
				      "[\"https://as.example/\"]]]}";
	static const struct {
		const char *name, *url; /* NULL: nobody */
		enum rdap_object object;
		bool is_given; /* by the files above; else as compiled in */
	} rows[] = {
		{ "45.76.1.2", "https://narrow.example/ip/45.76.1.2", RDAP_IP, true },
		{ "45.77.1.2", "https://wide.example/ip/45.77.1.2", RDAP_IP, true },
		{ "46.0.0.1", NULL, RDAP_IP, true },
		{ "2a0e:97c0::1", "https://narrow.example/ip/2a0e:97c0::1", RDAP_IP, true },
		{ "2a01::1", "https://wide.example/ip/2a01::1", RDAP_IP, true },
		{ "2b00::1", NULL, RDAP_IP, true },
		{ "as7", "https://as.example/autnum/7", RDAP_AUTNUM, true },
		{ "AS64496", "https://as.example/autnum/64496", RDAP_AUTNUM, true },
		{ "AS64511", "https://as.example/autnum/64511", RDAP_AUTNUM, true },
		{ "AS64512", NULL, RDAP_AUTNUM, true },
		{ "AS8", NULL, RDAP_AUTNUM, true },
		{ "193.0.6.139", "https://rdap.db.ripe.net/ip/193.0.6.139", RDAP_IP, false },
		{ "1.1.1.1", "https://rdap.apnic.net/ip/1.1.1.1", RDAP_IP, false },
		{ "8.8.8.8", "https://rdap.arin.net/registry/ip/8.8.8.8", RDAP_IP, false },
		{ "200.3.14.10", "https://rdap.lacnic.net/rdap/ip/200.3.14.10", RDAP_IP, false },
		{ "196.216.2.1", "https://rdap.afrinic.net/rdap/ip/196.216.2.1", RDAP_IP, false },
		{ "240.0.0.1", NULL, RDAP_IP, false },
		{ "2001:67c:2e8::1", "https://rdap.db.ripe.net/ip/2001:67c:2e8::1", RDAP_IP,
		  false },
		{ "fd00::1", NULL, RDAP_IP, false },
		{ "as3333", "https://rdap.db.ripe.net/autnum/3333", RDAP_AUTNUM, false },
		{ "as4608", "https://rdap.apnic.net/autnum/4608", RDAP_AUTNUM, false },
		{ "as4200000000", NULL, RDAP_AUTNUM, false },
	};
	struct arena a = { 0 };
	struct rdap_bootstrap bootstrap = { 0 };
	struct err err = { 0 };

	CHECK_INT(rdap_bootstrap_read(&a, str_of(networks), &bootstrap, &err), 0);
	CHECK_INT(rdap_bootstrap_read(&a, str_of(numbers), &bootstrap, &err), 0);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct str url = STR_NONE;
		int code = rdap_url(&a, rows[i].is_given ? &bootstrap : NULL, rows[i].object,
				    str_of(rows[i].name), &url);

		test_row("%s", rows[i].name);
		CHECK_INT(code, rows[i].url ? 0 : -ENOENT);
		CHECK_STR(url, rows[i].url ? rows[i].url : "");
	}
	CHECK_INT(rdap_bootstrap_read(
			  &a, STR_LIT("{\"services\":[[[\"1.2.3.4/8\"],[\"https://x/\"]]]}"),
			  &bootstrap, &err),
		  ERR_SYNTAX);
	CHECK_INT(bootstrap.network_count, 4);
	arena_release(&a);
}

TEST(whois_replies_of_several_shapes_are_read)
{
	static const struct {
		const char *text, *registrar, *expires, *status;
		size_t name_servers;
	} rows[] = {
		{ "Domain Name: EXAMPLE.COM\r\nRegistrar: R Ltd\r\nRegistry Expiry Date: "
		  "2031-02-03T04:05:06Z\r\nDomain Status: clientHold "
		  "https://icann.org/epp#clientHold"
		  "\r\nName Server: NS1.EXAMPLE.NET\r\nName Server: NS2.EXAMPLE.NET\r\n",
		  "R Ltd", "2031-02-03T04:05:06Z", "client hold", 2 },
		{ "    Registrar:\n        R Ltd t/a R [Tag = R]\n\n    Relevant dates:\n"
		  "        Expiry date:  03-Feb-2031\n\n    Registration status:\n        "
		  "Registered "
		  "until expiry date.\n\n    Name servers:\n        ns1.example.net   192.0.2.1\n"
		  "        ns2.example.net\n\n",
		  "R Ltd t/a R [Tag = R]", "2031-02-03T00:00:00Z", "registered until expiry date.",
		  2 },
		{ "[Domain Name]                   EXAMPLE.JP\n[Name Server]   ns1.example.ne.jp\n"
		  "[Expires on]                    2031/02/03\n[Status]      Active\n",
		  "", "2031-02-03T00:00:00Z", "active", 1 },
		{ "Domain name:\n   EXAMPLE.TK is Active\n\nDomain registered: 02/23/2001\n"
		  "Record will expire on: 02/03/2031\n\nDomain Nameservers:\n   NS1.EXAMPLE.NET\n",
		  "", "2031-02-03T00:00:00Z", "active", 1 },
		{ "domain.............: example.fi\nstatus.............: Registered\n"
		  "expires............: 3.2.2031 04:05:06\n\nNameservers\n\n"
		  "nserver............: ns1.example.net [OK]\n",
		  "", "2031-02-03T04:05:06Z", "active", 1 },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct registration r;

		test_row("%s", rows[i].text);
		CHECK_INT(whois_read(&a, str_of(rows[i].text), &r), 0);
		CHECK(r.is_found);
		CHECK_STR(r.registrar, rows[i].registrar);
		CHECK_INT(r.expires_us, at(rows[i].expires));
		CHECK_STR(r.status[0], rows[i].status);
		CHECK_INT(r.name_server_count, rows[i].name_servers);
	}
	arena_release(&a);
}

TEST(whois_says_free_refers_and_is_asked_its_own_way)
{
	struct arena a = { 0 };
	struct registration r;

	CHECK_INT(whois_read(&a, STR_LIT("No match for \"X.COM\".\r\n"), &r), 0);
	CHECK(!r.is_found);
	CHECK_INT(whois_read(&a, STR_LIT("%ERROR:101: no entries found\n"), &r), 0);
	CHECK(!r.is_found);
	CHECK_INT(whois_read(&a, STR_LIT("<html>go away</html>"), &r), ERR_SYNTAX);
	CHECK_INT(whois_read(&a, STR_LIT("Too many requests"), &r), ERR_SYNTAX);
	CHECK_STR(whois_referral(&a, STR_LIT("domain: COM\nwhois:  whois.registry.example\n")),
		  "whois.registry.example");
	CHECK_STR(whois_referral(&a, STR_LIT("Registrar WHOIS Server: whois://w.example.net\n")),
		  "w.example.net");
	CHECK_STR(whois_referral(&a, STR_LIT("whois: 127.0.0.1:25\n")), "");
	CHECK_STR(whois_referral(&a, STR_LIT("whois: localhost\n")), "");
	CHECK_STR(whois_query(&a, STR_LIT("whois.denic.de"), STR_LIT("x.de")), "-T dn,ace x.de");
	CHECK_STR(whois_query(&a, STR_LIT("whois.example"), STR_LIT("x.example")), "x.example");
	arena_release(&a);
}
