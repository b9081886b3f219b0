/* SPDX-License-Identifier: Apache-2.0 */
/* Does each name server speak the protocol as resolvers need it? RFC 8906, RFC 9210. */
#include "checks/derived/responders.h"

enum {
	UDP,
	TCP,
	SAME_SOURCE,
	RECURSION,
	AXFR,
	UPWARD_REFERRAL,
	EDNS,
	EDNS_SIZE,
	UNKNOWN_TYPE,
	UNKNOWN_OPCODE,
	AAAA,
	QNAME_CASE,
	COOKIES,
	SOFTWARE_VERSION
};

enum {
	TYPE_UNKNOWN = 65280,
	TYPE_UNKNOWN_TOO = 65281,
	LARGEST_SANE_SIZE = 4096,
	EDNS_FLAG_DO = 0x8000
};

/* clang-format off */
static const struct check checks[] = {
	[UDP] = {
		.id = "dns.ns.udp",
		.severity = SEVERITY_HIGH,
		.title = "Every name server answers over UDP",
		.source = "RFC 1035 section 4.2.1",
		.why = "Each resolver that picks the silent server waits for a time-out before it tries another.",
		.how = "Each address of each server is asked for the zone's SOA and NS records over UDP; silent is who answers none of them, nor over TCP, while another server answers.",
		.fix = { { "firewall", "Let UDP port 53 in, and answers out." } },
	},
	[TCP] = {
		.id = "dns.ns.tcp",
		.severity = SEVERITY_MEDIUM,
		.title = "Every name server answers over TCP",
		.source = "RFC 7766 section 5; RFC 9210 section 3",
		.why = "Large answers, such as signed ones, cannot be had without TCP.",
		.how = "The zone's SOA and NS records are asked for over TCP from servers that answer over UDP.",
		.fix = { { "firewall", "Let TCP port 53 in." } },
	},
	[SAME_SOURCE] = {
		.id = "dns.ns.same-source",
		.severity = SEVERITY_MEDIUM,
		.title = "Answers come from the address that was asked",
		.source = "RFC 2181 section 4.1",
		.why = "Resolvers drop an answer from another address: to them the server is silent.",
		.how = "The source address of every UDP answer is compared with the address asked.",
		.fix = { { "bind", "listen-on { 192.0.2.53; }; query-source address 192.0.2.53;" } },
	},
	[RECURSION] = {
		.id = "dns.ns.recursion",
		.severity = SEVERITY_HIGH,
		.title = "No name server resolves for strangers",
		.source = "RFC 5358 section 4",
		.why = "Open resolvers amplify attacks on others, and their caches can be poisoned.",
		.how = "Each server is asked with RD for the SOA of the parent zone, which it does not serve.",
		.fix = { { "bind", "recursion no;" }, { "knot", "Knot DNS does not resolve: ask who answers instead of it." } },
	},
	[AXFR] = {
		.id = "dns.ns.axfr",
		.severity = SEVERITY_HIGH,
		.title = "Zone transfers to strangers are refused",
		.source = "RFC 5936 section 5",
		.why = "A transfer gives away every name in the zone, internal ones included.",
		.how = "A zone transfer is asked for over TCP and stopped as soon as records come.",
		.fix = { { "bind", "allow-transfer { none; };" }, { "nsd", "provide-xfr: only for your secondaries" } },
		.is_active = true,
	},
	[UPWARD_REFERRAL] = {
		.id = "dns.ns.upward-referral",
		.severity = SEVERITY_LOW,
		.title = "No name server refers upwards",
		.source = "Zonemaster test case DELEGATION06; practice",
		.why = "A referral to the root helps nobody, and serves as an amplifier.",
		.how = "Each server is asked without RD for the SOA of the parent zone.",
		.fix = { { "bind", "additional-from-cache no; or an upgrade: REFUSED is the answer since 9.10" } },
	},
	[EDNS] = {
		.id = "dns.ns.edns",
		.severity = SEVERITY_MEDIUM,
		.title = "EDNS is answered, and what is unknown in it is handled",
		.source = "RFC 6891 section 6.1; RFC 8906 section 8.2",
		.why = "Resolvers fall back to plain DNS, slowly, or fail where DNSSEC is needed.",
		.how = "The SOA is asked for with EDNS version 0, version 1 (BADVERS is right), an unknown option and an unknown flag (both to be ignored).",
		.fix = { { "firewall", "Switch off the inspection that drops EDNS versions, options and flags." } },
	},
	[EDNS_SIZE] = {
		.id = "dns.ns.edns-size",
		.severity = SEVERITY_LOW,
		.title = "The EDNS buffer size is sane and respected",
		.source = "RFC 6891 section 7; RFC 9715 section 3",
		.why = "Larger packets are fragmented and lost, and fragments can be forged.",
		.how = "The advertised size is read; a large answer is asked for with 512 octets, which must come truncated or fit.",
		.fix = { { "bind", "edns-udp-size 1232; max-udp-size 1232;" }, { "nsd", "ipv4-edns-size: 1232" } },
	},
	[UNKNOWN_TYPE] = {
		.id = "dns.ns.unknown-type",
		.severity = SEVERITY_LOW,
		.title = "Unknown record types get an empty answer",
		.source = "RFC 3597 section 2; RFC 8906 section 8.1.2",
		.why = "New types (HTTPS was one) cannot be introduced where servers drop or refuse what they do not know.",
		.how = "The apex is asked for type 65280: NOERROR without records is right.",
		.fix = { { "firewall", "Let queries of every type pass." } },
	},
	[UNKNOWN_OPCODE] = {
		.id = "dns.ns.unknown-opcode",
		.severity = SEVERITY_LOW,
		.title = "Unknown opcodes get NOTIMP",
		.source = "RFC 8906 section 8.1.4",
		.why = "Silence looks like an outage to whoever tries something new.",
		.how = "A query with opcode 15 is sent.",
		.fix = { { "firewall", "Let queries of every opcode pass." } },
	},
	[AAAA] = {
		.id = "dns.ns.aaaa",
		.severity = SEVERITY_MEDIUM,
		.title = "Queries for AAAA are answered like others",
		.source = "RFC 4074 section 4",
		.why = "A dropped or denied AAAA query delays or breaks every dual-stack client.",
		.how = "The apex is asked for AAAA: NOERROR, with or without records, is right.",
		.fix = { { "load balancer", "Upgrade, or answer NOERROR without data for AAAA." } },
	},
	[QNAME_CASE] = {
		.id = "dns.ns.qname-case",
		.severity = SEVERITY_LOW,
		.title = "The query name comes back in its letter case",
		.source = "RFC 4343 section 4.1; RFC 1035 section 7.3",
		.why = "Resolvers mix case to tell forged answers; a server that changes it takes that guard away.",
		.how = "Query names are sent in random letter case and compared with the answers' question section.",
		.fix = { { "server", "Copy the question section as it came." } },
	},
	[COOKIES] = {
		.id = "dns.ns.cookies",
		.severity = SEVERITY_INFO,
		.title = "DNS cookies are offered",
		.source = "RFC 7873 section 5.2",
		.why = "Cookies keep off-path forgers out and let servers limit others' queries only.",
		.how = "The SOA is asked for with a client cookie; a server cookie should come back.",
		.fix = { { "bind", "answer-cookie yes;" }, { "knot", "mod-cookies" } },
	},
	[SOFTWARE_VERSION] = {
		.id = "dns.ns.software-version",
		.severity = SEVERITY_INFO,
		.title = "The server does not tell its software's version",
		.source = "RFC 4892 section 1.2",
		.why = "It tells attackers which faults to try first.",
		.how = "version.bind is asked for in class CHAOS.",
		.fix = { { "bind", "version none;" }, { "nsd", "hide-version: yes" } },
	},
};
/* clang-format on */

struct probe {
	struct str zone, parent;
	const struct responder *server;
	char address[ADDRESS_TEXT_BYTES];
};

static const struct fact *ask_server(struct judge *j, const struct probe *p, uint16_t type,
				     uint32_t flags)
{
	return try_dns_at(j, p->server->address, p->zone, type, flags);
}

static bool is_answered(const struct fact *fact)
{
	return fact && (fact_is_answer(fact) || fact->failure == FAILURE_SERVFAIL);
}

/* Two questions of one sort that both time out, where a plain one is answered over UDP, are no lost
 * packet. The second is asked only when the first was left. */
static bool drops(struct judge *j, const struct probe *p, const struct fact *first, struct str name,
		  uint16_t type, uint32_t flags)
{
	const struct fact *plain, *second;

	if (first->failure != FAILURE_TIMEOUT)
		return false;
	plain = ask_server(j, p, DNS_SOA, 0);
	second = try_dns_at(j, p->server->address, name, type, flags);
	return is_answered(plain) && second && second->failure == FAILURE_TIMEOUT;
}

static void judge_udp(struct judge *j, const struct probe *p)
{
	const struct fact *soa = ask_server(j, p, DNS_SOA, 0), *ns = ask_server(j, p, DNS_NS, 0);

	if (is_answered(soa) || is_answered(ns))
		pass(j, UDP, p->server->name);
	else if (soa && ns && p->server->has_answered)
		fail(j, UDP, p->server->name, "%.*s (%s) answers over TCP, but not over UDP",
		     STR(p->server->name), p->address);
	else if (soa && ns)
		give_up(j, soa);
}

/* A truncated answer, which says to ask over TCP, is one: the server is there. */
static bool is_there(struct judge *j, const struct probe *p)
{
	return p->server->has_answered || is_answered(ask_server(j, p, DNS_SOA, DNS_QUERY_NO_TCP));
}

static void judge_tcp(struct judge *j, const struct probe *p)
{
	const struct fact *soa = ask_server(j, p, DNS_SOA, DNS_QUERY_TCP), *ns;

	if (!soa)
		return;
	if (is_answered(soa)) {
		pass(j, TCP, p->server->name);
		return;
	}
	ns = ask_server(j, p, DNS_NS, DNS_QUERY_TCP);
	if (!ns)
		return;
	cite(j, soa);
	if (is_answered(ns) || !is_there(j, p))
		give_up(j, soa);
	else
		fail(j, TCP, p->server->name, "%.*s (%s) does not answer over TCP: %s",
		     STR(p->server->name), p->address, failure_word((enum failure)soa->failure));
}

static void judge_source(struct judge *j, const struct probe *p)
{
	const struct fact *soa = ask_server(j, p, DNS_SOA, 0);

	if (!soa)
		return;
	if (soa->dns_at && soa->dns_at->saw_other_source)
		fail(j, SAME_SOURCE, p->server->name,
		     "an answer to what %.*s (%s) was asked came from another address",
		     STR(p->server->name), p->address);
	else if (fact_is_answer(soa))
		pass(j, SAME_SOURCE, p->server->name);
	else
		give_up(j, soa);
}

/* The parent's SOA is data that the server does not have, unless it serves the parent as well. Who drops
 * such questions gives nothing away: the check has then passed. */
static bool ask_foreign(struct judge *j, const struct probe *p, unsigned check, uint32_t flags,
			const struct dns_answer **ret)
{
	const struct fact *fact = try_dns_at(j, p->server->address, p->parent, DNS_SOA, flags);

	if (!fact)
		return false;
	if (fact_is_answer(fact)) {
		*ret = fact->dns_at;
		return true;
	}
	if (fact->failure == FAILURE_SERVFAIL || drops(j, p, fact, p->parent, DNS_NS, flags))
		pass(j, check, p->server->name);
	else
		give_up(j, fact);
	return false;
}

static void judge_recursion(struct judge *j, const struct probe *p)
{
	const struct dns_answer *answer;

	if (!ask_foreign(j, p, RECURSION, DNS_QUERY_RD, &answer))
		return;
	expect(j, RECURSION, p->server->name,
	       !answer->has_recursion || answer->is_authoritative || answer->rcode != DNS_NOERROR ||
		       !answer->count,
	       "%.*s (%s) resolved %.*s SOA for a stranger", STR(p->server->name), p->address,
	       STR(p->parent));
}

static void judge_upward(struct judge *j, const struct probe *p)
{
	const struct dns_answer *answer;
	bool is_upward = false;

	if (!ask_foreign(j, p, UPWARD_REFERRAL, 0, &answer))
		return;
	for (size_t i = 0; i < answer->authority_count && !answer->is_authoritative; i++)
		is_upward |= answer->authority[i].type == DNS_NS &&
			     str_eq(answer->authority[i].owner, STR_LIT("."));
	expect(j, UPWARD_REFERRAL, p->server->name, !is_upward || answer->count,
	       "%.*s (%s) refers to the root servers", STR(p->server->name), p->address);
}

/* Who closes the connection instead of an answer has given nothing away. */
static void judge_axfr(struct judge *j, const struct probe *p)
{
	const struct fact *fact = try_axfr(j, p->server->address, p->zone);

	if (!fact)
		return;
	if (fact_is_answer(fact))
		expect(j, AXFR, p->server->name, !fact->axfr->is_transferred,
		       "%.*s (%s) transferred %u records of the zone", STR(p->server->name),
		       p->address, fact->axfr->record_count);
	else if (fact->failure == FAILURE_RESET || fact->failure == FAILURE_REFUSED)
		pass(j, AXFR, p->server->name);
	else
		give_up(j, fact);
}

static void expect_edns(struct judge *j, const struct probe *p, uint32_t flag, uint16_t rcode,
			const char *what)
{
	const struct fact *fact = ask_server(j, p, DNS_SOA, flag);
	struct str got;

	if (!fact)
		return;
	if (drops(j, p, fact, p->zone, DNS_NS, flag)) {
		fail(j, EDNS, p->server->name, "%.*s (%s) does not answer %s", STR(p->server->name),
		     p->address, what);
		return;
	}
	if (!fact_is_answer(fact)) {
		give_up(j, fact);
		return;
	}
	got = dns_rcode_text(j->arena, fact->dns_at->rcode);
	expect(j, EDNS, p->server->name, fact->dns_at->rcode == rcode,
	       "%.*s (%s) answers %s with %.*s", STR(p->server->name), p->address, what, STR(got));
	if (flag == DNS_QUERY_EDNS_OPTION) /* RFC 6891 section 6.1.2: ignored */
		expect(j, EDNS, p->server->name, !fact->dns_at->echoes_option,
		       "%.*s (%s) gives an unknown EDNS option back", STR(p->server->name),
		       p->address);
	if (flag == DNS_QUERY_EDNS_FLAG) /* RFC 6891 section 6.1.4: sent as zero */
		expect(j, EDNS, p->server->name, !(fact->dns_at->edns_flags & ~EDNS_FLAG_DO),
		       "%.*s (%s) gives an unknown EDNS flag back", STR(p->server->name),
		       p->address);
}

static void judge_edns(struct judge *j, const struct probe *p)
{
	const struct dns_answer *soa = ask_dns_at(j, p->server->address, p->zone, DNS_SOA, 0);

	if (!soa)
		return;
	expect(j, EDNS, p->server->name, soa->has_edns && soa->rcode != DNS_FORMERR,
	       "%.*s (%s) answers without EDNS", STR(p->server->name), p->address);
	if (!soa->has_edns)
		return;
	expect_edns(j, p, DNS_QUERY_EDNS_VERSION_1, DNS_BADVERS, "EDNS version 1");
	expect_edns(j, p, DNS_QUERY_EDNS_OPTION, soa->rcode, "an unknown EDNS option");
	expect_edns(j, p, DNS_QUERY_EDNS_FLAG, soa->rcode, "an unknown EDNS flag");
}

static void judge_size(struct judge *j, const struct probe *p)
{
	const struct dns_answer *soa = ask_dns_at(j, p->server->address, p->zone, DNS_SOA, 0);
	const struct dns_answer *large =
		ask_dns_at(j, p->server->address, p->zone, DNS_DNSKEY,
			   DNS_QUERY_DO | DNS_QUERY_EDNS_512 | DNS_QUERY_NO_TCP);

	if (soa && soa->has_edns) {
		cite(j, soa);
		expect(j, EDNS_SIZE, p->server->name,
		       soa->edns_size >= 512 && soa->edns_size <= LARGEST_SANE_SIZE,
		       "%.*s (%s) advertises a buffer of %u octets", STR(p->server->name),
		       p->address, soa->edns_size);
	}
	if (large && large->has_edns) {
		cite(j, large);
		expect(j, EDNS_SIZE, p->server->name, large->size_bytes <= 512,
		       "%.*s (%s) sent %u octets where 512 were allowed", STR(p->server->name),
		       p->address, large->size_bytes);
	}
}

static void expect_rcode(struct judge *j, const struct probe *p, unsigned check,
			 const struct fact *fact, uint16_t rcode, const char *what)
{
	struct str got;

	if (!fact_is_answer(fact) && fact->failure != FAILURE_SERVFAIL) {
		give_up(j, fact);
		return;
	}
	got = fact_is_answer(fact) ? dns_rcode_text(j->arena, fact->dns_at->rcode)
				   : STR_LIT("SERVFAIL");
	cite(j, fact);
	expect(j, check, p->server->name, fact_is_answer(fact) && fact->dns_at->rcode == rcode,
	       "%.*s (%s) answers %s with %.*s", STR(p->server->name), p->address, what, STR(got));
}

/* What a lame server refuses says nothing of the sort of query. */
static bool serves_zone(struct judge *j, const struct probe *p)
{
	const struct dns_answer *soa = ask_dns_at(j, p->server->address, p->zone, DNS_SOA, 0);

	return soa && soa->rcode == DNS_NOERROR && soa->is_authoritative;
}

/* The sorts of query that are dropped or answered wrongly where others are answered well. */
static void judge_odd_queries(struct judge *j, const struct probe *p)
{
	static const struct {
		unsigned check;
		uint16_t type, second_type;
		uint32_t flags;
		uint16_t rcode;
		const char *what;
	} queries[] = {
		{ UNKNOWN_TYPE, TYPE_UNKNOWN, TYPE_UNKNOWN_TOO, 0, DNS_NOERROR, "an unknown type" },
		{ UNKNOWN_OPCODE, DNS_SOA, DNS_NS, DNS_QUERY_OPCODE_15, DNS_NOTIMP,
		  "an unknown opcode" },
		{ AAAA, DNS_AAAA, DNS_AAAA, 0, DNS_NOERROR, "a query for AAAA" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(queries); i++) {
		uint32_t second = queries[i].check == AAAA ? DNS_QUERY_RD : queries[i].flags;
		const struct fact *fact;

		about(j, queries[i].check);
		fact = ask_server(j, p, queries[i].type, queries[i].flags);
		if (!fact || (queries[i].rcode == DNS_NOERROR && !serves_zone(j, p)))
			continue;
		if (drops(j, p, fact, p->zone, queries[i].second_type, second))
			fail(j, queries[i].check, p->server->name, "%.*s (%s) does not answer %s",
			     STR(p->server->name), p->address, queries[i].what);
		else
			expect_rcode(j, p, queries[i].check, fact, queries[i].rcode,
				     queries[i].what);
	}
}

static void judge_case(struct judge *j, const struct probe *p)
{
	const struct dns_answer *soa = ask_dns_at(j, p->server->address, p->zone, DNS_SOA, 0);

	if (soa && soa->has_question)
		expect(j, QNAME_CASE, p->server->name, soa->is_case_kept,
		       "%.*s (%s) changes the letter case of the query name", STR(p->server->name),
		       p->address);
}

static void judge_cookie(struct judge *j, const struct probe *p)
{
	const struct dns_answer *soa =
		ask_dns_at(j, p->server->address, p->zone, DNS_SOA, DNS_QUERY_COOKIE);

	if (soa)
		expect(j, COOKIES, p->server->name, soa->cookie.len > 0,
		       "%.*s (%s) sends no server cookie", STR(p->server->name), p->address);
}

static bool has_digit(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (char_is_digit(text.data[i]))
			return true;
	return false;
}

/* Who fails or drops the question does not tell. */
static void judge_version(struct judge *j, const struct probe *p)
{
	const struct fact *fact = try_dns_at(j, p->server->address, STR_LIT("version.bind"),
					     DNS_TXT, DNS_QUERY_CHAOS);
	struct str version = STR_NONE;

	if (!fact)
		return;
	if (!fact_is_answer(fact) && fact->failure != FAILURE_SERVFAIL &&
	    !drops(j, p, fact, STR_LIT("version.server"), DNS_TXT, DNS_QUERY_CHAOS)) {
		give_up(j, fact);
		return;
	}
	for (size_t i = 0; fact_is_answer(fact) && i < fact->dns_at->count; i++) {
		const struct dns_rr *rr = &fact->dns_at->rr[i];

		if (rr->type == DNS_TXT && !rr->is_malformed && has_digit(rr->txt.text))
			version = rr->txt.text;
	}
	cite(j, fact);
	expect(j, SOFTWARE_VERSION, p->server->name, !version.len, "%.*s (%s) says it is \"%.*s\"",
	       STR(p->server->name), p->address, STR(str_first(version, 80)));
}

/* Each group of probes can leave only its own checks unknown. */
static const struct {
	unsigned char check;
	void (*judge)(struct judge *j, const struct probe *p);
} groups[] = {
	{ UDP, judge_udp },
	{ TCP, judge_tcp },
	{ SAME_SOURCE, judge_source },
	{ RECURSION, judge_recursion },
	{ AXFR, judge_axfr },
	{ UPWARD_REFERRAL, judge_upward },
	{ EDNS, judge_edns },
	{ EDNS_SIZE, judge_size },
	{ UNKNOWN_TYPE, judge_odd_queries },
	{ QNAME_CASE, judge_case },
	{ COOKIES, judge_cookie },
	{ SOFTWARE_VERSION, judge_version },
};

/* What it left unanswered was asked with EDNS. */
static void judge_silent(struct judge *j, const struct probe *p)
{
	const struct fact *plain;

	about(j, UDP, EDNS);
	plain = ask_server(j, p, DNS_SOA, DNS_QUERY_NO_EDNS);
	about_all(j);
	if (!plain)
		return;
	if (is_answered(plain))
		fail(j, EDNS, p->server->name, "%.*s (%s) does not answer queries with EDNS",
		     STR(p->server->name), p->address);
	else
		fail(j, UDP, p->server->name, "%.*s (%s) answers nothing, over UDP or TCP",
		     STR(p->server->name), p->address);
}

static void judge_server(struct judge *j, struct probe *p)
{
	address_text(&p->server->address, p->address);
	if (p->server->is_silent) {
		judge_silent(j, p);
		return;
	}
	for (size_t i = 0; i < ARRAY_COUNT(groups); i++) {
		about(j, groups[i].check);
		groups[i].judge(j, p);
	}
	about_all(j);
}

static void judge(struct judge *j)
{
	const struct zone *zone = derive_zone(j, j->domain);
	const struct responders *responders =
		zone && zone->parent.len ? derive_responders(j, zone->apex) : NULL;

	for (size_t i = 0; responders && i < responders->count; i++) {
		struct probe p = {
			.zone = zone->apex,
			.parent = zone->parent,
			.server = &responders->servers[i],
		};

		judge_server(j, &p);
	}
}

const struct family family_dns_server = FAMILY("dns.ns", checks, judge);
