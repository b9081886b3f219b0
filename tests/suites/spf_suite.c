/* SPDX-License-Identifier: Apache-2.0 */
/* Does check_host() give what the cases of spf.py want? */
#include "formats/mail/spf_eval.h"
#include "formats/mail/spf_macro.h"
#include "tests/suites/unhex.h"

enum { RECORDS = 512, FIELDS = 7, LINE_BYTES = 65536 };

struct record {
	struct str name, type, value;
};

struct zone {
	struct arena arena;
	struct record records[RECORDS];
	size_t count;
};

static struct str fields_of(struct str line, struct str fields[static FIELDS])
{
	for (size_t i = 0; i < FIELDS; i++)
		if (!str_split(&line, '\t', &fields[i]))
			fields[i] = STR_NONE;
	return fields[0];
}

static bool names_match(const struct zone *zone, const struct record *record, struct str name)
{
	struct str own;

	return spf_target_name((struct arena *)&zone->arena, record->name, &own) == 0 &&
	       str_eq(own, name);
}

static struct str own_form(struct arena *a, struct str text)
{
	struct str name = text;

	return spf_target_name(a, text, &name) == 0 ? name : STR_LIT(".");
}

static void record_read(struct arena *a, const struct record *record, struct dns_rr *rr)
{
	struct str rest = record->value, word;
	uint64_t number;

	if (rr->type == DNS_TXT) {
		rr->txt.text = unhex(a, rest);
	} else if (rr->type == DNS_MX) {
		if (!str_word(&rest, &word) || str_to_uint(word, 65535, &number) < 0)
			abort();
		rr->mx.preference = (uint16_t)number;
		rr->mx.host = own_form(a, str_trim(rest));
	} else if (rr->type == DNS_PTR) {
		rr->name = own_form(a, rest);
	} else if (address_parse(rest, &rr->address) < 0) {
		abort();
	}
}

static const char *type_name(uint16_t type)
{
	return type == DNS_TXT   ? "TXT"
	       : type == DNS_MX  ? "MX"
	       : type == DNS_PTR ? "PTR"
	       : type == DNS_A   ? "A"
				 : "AAAA";
}

static int lookup(void *ctx, struct str name, uint16_t type, const struct dns_answer **ret)
{
	struct zone *zone = ctx;
	struct dns_answer *answer = ARENA_NEW(&zone->arena, struct dns_answer);
	bool exists = false;

	answer->rr = arena_array(&zone->arena, RECORDS, sizeof *answer->rr);
	for (unsigned hops = 0; hops < 8; hops++) {
		struct str next = STR_NONE;

		for (size_t i = 0; i < zone->count; i++) {
			const struct record *record = &zone->records[i];

			if (!names_match(zone, record, name))
				continue;
			exists = true;
			if (str_eq(record->type, STR_LIT("CNAME")))
				next = own_form(&zone->arena, record->value);
			if (str_eq(record->type, STR_LIT("TIMEOUT")) && !answer->count)
				return -EIO;
			if (!str_eq(record->type, str_of(type_name(type))))
				continue;
			if (str_eq(record->value, STR_LIT("TIMEOUT")))
				return -EIO;
			answer->rr[answer->count].type = type;
			record_read(&zone->arena, record, &answer->rr[answer->count++]);
		}
		if (!next.len)
			break;
		name = next;
	}
	answer->rcode = exists ? DNS_NOERROR : DNS_NXDOMAIN;
	*ret = answer;
	return 0;
}

static bool is_wanted(struct str wanted, const char *result)
{
	struct str one;

	while (str_split(&wanted, ',', &one))
		if (str_eq(one, str_of(result)))
			return true;
	return false;
}

static bool case_run(struct zone *zone, const struct str fields[static FIELDS])
{
	struct arena *a = &zone->arena;
	struct spf_dns dns = { .lookup = lookup, .ctx = zone };
	struct spf_request request = { .helo = fields[3], .sender = fields[4] };
	struct spf_verdict verdict;
	const char *result;
	struct str wanted = fields[6];

	if (address_parse(fields[2], &request.client) < 0)
		abort();
	spf_check_host(a, &request, &dns, &verdict);
	result = spf_result_text(verdict.result);
	wanted = str_eq(wanted, STR_LIT("-")) ? STR_NONE : unhex(a, wanted);
	if (is_wanted(fields[5], result) && str_eq(wanted, verdict.explanation))
		return true;
	printf("%.*s: got %s (%.*s), wanted %.*s; explanation \"%.*s\", wanted \"%.*s\"\n",
	       STR(fields[1]), result, STR(verdict.problem), STR(fields[5]),
	       STR(verdict.explanation), STR(wanted));
	return false;
}

int main(void)
{
	static char line[LINE_BYTES];
	static struct zone zone;
	unsigned passed = 0, failed = 0;

	while (fgets(line, sizeof line, stdin)) {
		struct str fields[FIELDS], copy;

		line[strcspn(line, "\n")] = 0;
		copy = str_copy(&zone.arena, str_of(line));
		if (str_eq(fields_of(copy, fields), STR_LIT("scenario"))) {
			arena_release(&zone.arena);
			zone = (struct zone){ 0 };
		} else if (str_eq(fields[0], STR_LIT("rr"))) {
			if (zone.count == RECORDS)
				abort();
			zone.records[zone.count++] =
				(struct record){ fields[1], fields[2], fields[3] };
		} else if (case_run(&zone, fields)) {
			passed++;
		} else {
			failed++;
		}
	}
	arena_release(&zone.arena);
	printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed;
}
