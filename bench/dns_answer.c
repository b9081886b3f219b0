/* SPDX-License-Identifier: Apache-2.0 */
/* What does it cost to read an answer into what facts keep? The peer reads the same octets into its
 * own structs. */
#include <ldns/ldns.h>

#include "formats/dns/message.h"

#include <sys/resource.h>
#include <time.h>

enum { ROUNDS = 400000, RECORDS = 8, FRESH = 64 };

static const char head[] = "\x12\x34\x81\x80\0\1\0\x8\0\0\0\1\7example\3com\0";
static const char opt[] = "\0\0\x29\4\xd0\0\0\x80\0\0\0";

static struct str packet_make(struct arena *a, uint16_t type)
{
	struct buf out, rdata;
	struct dns_writer writer = { .out = &out, .limit = DNS_MESSAGE_BYTES };

	buf_init(&out, a);
	buf_put(&out, head, sizeof head - 1);
	buf_put_char(&out, 0);
	buf_put_char(&out, (char)type);
	buf_put_lit(&out, "\0\1");
	for (unsigned i = 0; i < RECORDS; i++) {
		struct dns_rr rr = {
			.owner = STR_LIT("example.com"), .type = type, .klass = 1, .ttl = 300
		};

		buf_init(&rdata, a);
		if (type == DNS_A)
			buf_printf(&rdata, "%c%c%c%c", 192, 1, 2, (int)i);
		else if (type == DNS_MX)
			buf_printf(&rdata, "%c%c%cmail%u%c%c", 0, 10, 5, i, 0xc0, 12);
		else
			buf_printf(&rdata, "%cv=spf1 include:_spf%u.example.com ~all", 37, i);
		rr.rdata = buf_str(&rdata);
		if (dns_writer_put(&writer, &rr) < 0)
			abort();
	}
	buf_put(&out, opt, sizeof opt - 1);
	return buf_str(&out);
}

static void read_ours(struct str packet, uint16_t type)
{
	struct dns_query query = { .name = STR_LIT("example.com"), .type = type };
	struct dns_answer answer;
	struct arena a = { 0 };

	for (unsigned i = 0; i < ROUNDS; i++) {
		if (i % FRESH == 0)
			arena_release(&a);
		if (dns_answer_read(&a, packet, &query, &answer, NULL) < 0 ||
		    answer.count != RECORDS)
			abort();
	}
	arena_release(&a);
}

static void read_ldns(struct str packet, uint16_t type __attribute__((unused)))
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		ldns_pkt *theirs = NULL;

		if (ldns_wire2pkt(&theirs, (const uint8_t *)packet.data, packet.len) !=
		    LDNS_STATUS_OK)
			abort();
		ldns_pkt_free(theirs);
	}
}

static double seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void measure(const char *what, const char *peer, void (*read)(struct str, uint16_t),
		    struct str packet, uint16_t type)
{
	double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	struct rusage usage;

	read(packet, type);
	wall = seconds(CLOCK_MONOTONIC) - wall;
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	getrusage(RUSAGE_SELF, &usage);
	printf("%s %d %.4f %.7f %ld%s\n", what, ROUNDS, wall, cpu * 1000 / ROUNDS, usage.ru_maxrss,
	       peer);
}

int main(void)
{
	static const struct {
		const char *what;
		uint16_t type;
	} rows[] = { { "read_8_A", DNS_A }, { "read_8_MX", DNS_MX }, { "read_8_TXT", DNS_TXT } };
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct str packet = packet_make(&a, rows[i].type);

		measure(rows[i].what, "", read_ours, packet, rows[i].type);
		measure(rows[i].what, " ldns", read_ldns, packet, rows[i].type);
	}
	arena_release(&a);
	return 0;
}
