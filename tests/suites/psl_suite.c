/* SPDX-License-Identifier: Apache-2.0 */
/* Is the registrable domain of a name what the cases of psl.py want? */
#include "formats/dns/name.h"
#include "formats/names/idna.h"
#include "formats/names/psl.h"

enum { LINE_BYTES = 4096 };

/* As a person types it: U-labels, any case; a name that is none has no registrable domain. */
static struct str registrable_of(struct arena *a, struct str typed)
{
	struct str name, text;

	if (idna_to_ascii(a, typed, IDNA_NAMES, &text, NULL) < 0 ||
	    dns_name_parse(a, text, &name, NULL) < 0)
		return STR_NONE;
	return registrable_domain(name);
}

static bool case_run(struct arena *a, struct str typed, struct str wanted)
{
	struct str got = registrable_of(a, typed), name = STR_NONE;

	if (wanted.len && idna_to_ascii(a, wanted, IDNA_NAMES, &name, NULL) < 0)
		abort();
	if (str_eq(got, name))
		return true;
	printf("%.*s: got \"%.*s\", wanted \"%.*s\"\n", STR(typed), STR(got), STR(name));
	return false;
}

static struct str field_of(struct str *rest)
{
	struct str field;

	if (!str_split(rest, '\t', &field))
		abort();
	return str_eq(field, STR_LIT("-")) ? STR_NONE : field;
}

int main(void)
{
	static char line[LINE_BYTES];
	unsigned passed = 0, failed = 0;

	while (fgets(line, sizeof line, stdin)) {
		struct arena a = { 0 };
		struct str rest, typed, wanted;

		line[strcspn(line, "\n")] = 0;
		rest = str_of(line);
		typed = field_of(&rest);
		wanted = field_of(&rest);
		if (case_run(&a, typed, wanted))
			passed++;
		else
			failed++;
		arena_release(&a);
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed;
}
