/* SPDX-License-Identifier: Apache-2.0 */
/* What do our readers make of replies, records and JSON of others? One answer a line of input. */
#include "base/json.h"
#include "facts/registry.h"
#include "formats/json_read.h"
#include "formats/mail/mta_sts.h"
#include "formats/registry/rdap.h"
#include "formats/registry/whois.h"
#include "formats/web/header.h"
#include "tests/file.h"
#include "base/desc.h"

#include <stdio.h>
#include <stdlib.h>

enum { LINE_BYTES = 65536 };

static void put_registration(struct arena *a, int code, const struct registration *registration)
{
	struct buf out;
	struct json w;

	buf_init(&out, a);
	json_init(&w, &out);
	if (code < 0)
		json_null(&w);
	else
		desc_json(&w, &registration_desc, registration);
	printf("%.*s\n", STR(buf_str(&out)));
}

/* "whois PATH", "rdap PATH", "json PATH": files; "sts TEXT", "type TEXT": texts. */
static void case_run(struct arena *a, struct str kind, struct str rest)
{
	const struct json_value *value;
	struct registration registration = { 0 };
	struct mta_sts_record record;
	struct err err = { 0 };
	struct str text = rest;
	int code;

	if (!str_eq(kind, STR_LIT("sts")) && !str_eq(kind, STR_LIT("type")) &&
	    test_file_read(a, str_cstring(a, rest), &text) < 0)
		abort();
	if (str_eq(kind, STR_LIT("whois"))) {
		code = whois_read(a, text, &registration);
		put_registration(a, code, &registration);
	} else if (str_eq(kind, STR_LIT("rdap"))) {
		code = rdap_read(a, text, &registration, &err);
		put_registration(a, code, &registration);
	} else if (str_eq(kind, STR_LIT("json"))) {
		printf("%s\n", json_read(a, text, &value, &err) < 0 ? "refused" : "read");
	} else if (str_eq(kind, STR_LIT("sts"))) {
		code = mta_sts_parse(a, text, &record, &err);
		printf("%.*s\n", STR(code < 0 ? STR_LIT("-") : record.id));
	} else {
		printf("%.*s\n", STR(web_media_type(a, text)));
	}
}

int main(void)
{
	static char line[LINE_BYTES];

	while (fgets(line, sizeof line, stdin)) {
		struct str rest = str_of(line), kind = STR_NONE;
		struct arena a = { 0 };

		rest.len -= rest.len && rest.data[rest.len - 1] == '\n';
		(void)str_split(&rest, ' ', &kind);
		case_run(&a, kind, rest);
		arena_release(&a);
	}
	return 0;
}
