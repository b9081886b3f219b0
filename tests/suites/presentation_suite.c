/* SPDX-License-Identifier: Apache-2.0 */
/* Is record data read and written as the cases of presentation.py have it? */
#include "formats/dns/rdata.h"
#include "tests/suites/unhex.h"

enum { FIELDS = 5, LINE_BYTES = 1 << 18, OTHERS = 64 };

/* What is not asked of us, by name. */
struct others {
	struct str name[OTHERS];
	unsigned count[OTHERS];
	size_t used;
};

static void others_add(struct arena *a, struct others *others, struct str name)
{
	size_t i = 0;

	while (i < others->used && !str_eq(others->name[i], name))
		i++;
	if (i == OTHERS)
		abort();
	if (i == others->used)
		others->name[others->used++] = str_copy(a, name);
	others->count[i]++;
}

static int read_all(struct arena *a, uint16_t type, struct str text, struct dns_rr *ret,
		    struct err *err)
{
	struct dns_rr rr = { .type = type, .klass = DNS_CLASS_IN };

	TRY(dns_rdata_parse(a, &text, &rr, err));
	if (str_trim(text).len)
		return err_set(err, ERR_SYNTAX, "\"%.*s\" is left", STR(text));
	*ret = rr;
	return 0;
}

/* NULL, or what is wrong. */
static const char *good_run(struct arena *a, uint16_t type, struct str data, struct str expected,
			    struct err *err)
{
	struct dns_rr rr, again, wanted;

	if (read_all(a, type, data, &rr, err) < 0)
		return "refused";
	if (read_all(a, type, dns_rr_data_text(a, &rr), &again, err) < 0)
		return "its own text is refused";
	if (!str_eq(rr.rdata, again.rdata))
		return "its own text gives other octets";
	if (!expected.len)
		return NULL;
	if (read_all(a, type, expected, &wanted, err) < 0)
		return "the expected text is refused";
	return str_eq(rr.rdata, wanted.rdata) ? NULL : "the expected text gives other octets";
}

static bool case_run(struct arena *a, const struct str field[static FIELDS], uint16_t type)
{
	struct str data = unhex(a, field[3]);
	struct err err = { 0 };
	const char *wrong = NULL;
	struct dns_rr rr;

	if (!str_eq(field[0], STR_LIT("bad")))
		wrong = good_run(a, type, data, unhex(a, field[4]), &err);
	else if (read_all(a, type, data, &rr, &err) == 0)
		wrong = "not refused";
	if (wrong)
		printf("%.*s %.*s %.*s: %s %s\n", STR(field[1]), STR(field[2]), STR(data), wrong,
		       err.text);
	return !wrong;
}

int main(void)
{
	static char line[LINE_BYTES];
	static struct others others;
	unsigned passed = 0, failed = 0;
	struct arena a = { 0 }, names = { 0 };

	for (; fgets(line, sizeof line, stdin); arena_release(&a)) {
		struct str field[FIELDS] = { 0 }, rest = { line, strcspn(line, "\n") };
		uint16_t type;

		for (size_t i = 0; i < FIELDS; i++)
			(void)str_split(&rest, '\t', &field[i]);
		if (str_eq(field[0], STR_LIT("zone")))
			others_add(&names, &others, STR_LIT("(syntax of zone files)"));
		else if (dns_type_parse(field[2], &type) < 0 ||
			 (!rdata_layout(type) && !str_starts(field[2], STR_LIT("TYPE"))))
			others_add(&names, &others, field[2]);
		else if (case_run(&a, field, type))
			passed++;
		else
			failed++;
	}
	printf("not ours:");
	for (size_t i = 0; i < others.used; i++)
		printf(" %.*s %u", STR(others.name[i]), others.count[i]);
	printf("\n%u passed, %u failed\n", passed, failed);
	arena_release(&names);
	return failed || !passed;
}
