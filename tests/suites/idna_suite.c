/* SPDX-License-Identifier: Apache-2.0 */
/* Do to-ASCII and to-Unicode give what the cases of idna.py want? */
#include "formats/names/idna.h"
#include "tests/suites/unhex.h"

enum { FIELDS = 5, LINE_BYTES = 65536 };

static bool is_as_wanted(int code, struct str got, struct str wanted, struct str status)
{
	if (str_eq(status, STR_LIT("error")))
		return code < 0;
	return code == 0 && str_eq(got, wanted);
}

static bool case_run(struct arena *a, const struct str fields[static FIELDS])
{
	struct str source = unhex(a, fields[0]), shown = STR_NONE, name = STR_NONE;
	struct err err = { 0 }, err2 = { 0 };
	int shown_code = idna_to_unicode(a, source, IDNA_STRICT, &shown, &err);
	int name_code = idna_to_ascii(a, source, IDNA_STRICT, &name, &err2);

	if (is_as_wanted(shown_code, shown, unhex(a, fields[1]), fields[2]) &&
	    is_as_wanted(name_code, name, unhex(a, fields[3]), fields[4]))
		return true;
	printf("%.*s: toUnicode \"%.*s\" (%s), wanted %.*s \"%.*s\"; toASCII \"%.*s\" (%s), wanted "
	       "%.*s \"%.*s\"\n",
	       STR(source), STR(shown), err.text, STR(fields[2]), STR(unhex(a, fields[1])),
	       STR(name), err2.text, STR(fields[4]), STR(unhex(a, fields[3])));
	return false;
}

int main(void)
{
	static char line[LINE_BYTES];
	unsigned passed = 0, failed = 0;

	while (fgets(line, sizeof line, stdin)) {
		struct arena a = { 0 };
		struct str fields[FIELDS], rest;

		line[strcspn(line, "\n")] = 0;
		rest = str_of(line);
		for (size_t i = 0; i < FIELDS; i++)
			if (!str_split(&rest, '\t', &fields[i]))
				abort();
		if (case_run(&a, fields))
			passed++;
		else
			failed++;
		arena_release(&a);
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed;
}
