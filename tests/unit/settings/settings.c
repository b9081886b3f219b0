/* SPDX-License-Identifier: Apache-2.0 */
/* Do flags and variables say what they mean, and are wrong ones refused clearly? */
#include "settings/setting.h"
#include "tests/test.h"

static const char *variable_name, *variable_text;

static const char *variable(const char *name)
{
	return variable_name && !strcmp(name, variable_name) ? variable_text : NULL;
}

/* Words are separated by single spaces. */
static int read_line(struct arena *a, unsigned command, const char *line, struct settings *ret,
		     struct err *err)
{
	struct str rest = str_of(line), word;
	char **words = arena_array(a, 64, sizeof *words);
	int count = 0;

	while (rest.len && str_split(&rest, ' ', &word))
		words[count++] = (char *)(uintptr_t)str_cstring(a, word);
	return settings_read(a, command, count, words,
			     &(struct settings_sources){ .variable = variable }, ret, err);
}

TEST(wrong_words_are_refused_with_what_was_meant)
{
	static const struct {
		unsigned command;
		const char *line, *error;
	} rows[] = {
		{ FOR_SCAN, "--fromat json", "unknown flag --fromat; did you mean --format?" },
		{ FOR_SCAN, "--zzzzzzz", "unknown flag --zzzzzzz" },
		{ FOR_SCAN, "-x", "unknown flag -x" },
		{ FOR_SCAN, "-qx", "unknown flag -x" },
		{ FOR_ASK, "--fail-on high", "--fail-on is a flag of other commands" },
		{ FOR_SCAN, "a.example -f", "--format needs a value: --format FORMAT" },
		{ FOR_SCAN, "-f jsno",
		  "--format: \"jsno\" is none of text, json, jsonl, csv, md, html, "
		  "sarif, defectdojo; did you mean json?" },
		{ FOR_SCAN, "--fail-on grave",
		  "--fail-on: \"grave\" is none of info, low, medium, high, critical" },
		{ FOR_SCAN, "--status pass,failed",
		  "--status: \"failed\" is none of not-applicable, pass, fail, unknown; did you "
		  "mean fail?" },
		{ FOR_SCAN, "--rate -1", "--rate: \"-1\" is no number from 0 to 100000" },
		{ FOR_SCAN, "--rate 100001", "--rate: \"100001\" is no number from 0 to 100000" },
		{ FOR_SCAN, "--timeout 2h",
		  "--timeout: \"2h\" is no time up to 3600 s (90, 1.5s, 500ms, 15m)" },
		{ FOR_SCAN, "--timeout 3601",
		  "--timeout: \"3601\" is no time up to 3600 s (90, 1.5s, 500ms, 15m)" },
		{ FOR_SCAN, "--timeout .",
		  "--timeout: \".\" is no time up to 3600 s (90, 1.5s, 500ms, 15m)" },
		{ FOR_SCAN, "--output=", "--output: the value is empty" },
		{ FOR_SCAN, "--active=perhaps", "--active: \"perhaps\" is neither yes nor no" },
		{ FOR_SCAN, "--only a,,b", "--only: the value is empty" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct settings settings;
		struct err err = { 0 };

		test_row("%s", rows[i].line);
		CHECK(read_line(&a, rows[i].command, rows[i].line, &settings, &err) < 0);
		CHECK_STR(str_of(err.text), rows[i].error);
	}
	arena_release(&a);
}

TEST(addresses_and_networks_are_checked)
{
	static const struct {
		const char *line;
		bool is_right;
	} rows[] = {
		{ "--resolver 192.0.2.1", true },
		{ "--resolver 192.0.2.1:5353,[2001:db8::1]:53", true },
		{ "--resolver resolver.example", false },
		{ "--resolver 192.0.2.1:0x35", false },
		{ "--allow-network 10.0.0.0/8", true },
		{ "--allow-network 10.0.0.1/8", false },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct settings settings;
		struct err err = { 0 };
		int code = read_line(&a, FOR_SCAN, rows[i].line, &settings, &err);

		test_row("%s", rows[i].line);
		CHECK((code == 0) == rows[i].is_right);
		CHECK((err.text[0] == 0) == rows[i].is_right);
	}
	arena_release(&a);
}

TEST(right_words_are_read)
{
	struct arena a = { 0 };
	struct settings s;

	CHECK_INT(read_line(&a, FOR_SCAN,
			    "one.example -qvf json --only=mail,dns --only tls --fail-on high "
			    "--status fail,unknown --timeout 1.5s -o out.json - -- --two.example",
			    &s, NULL),
		  0);
	CHECK_INT(s.operand_count, 3);
	CHECK_STR(s.operands[0], "one.example");
	CHECK_STR(s.operands[1], "-");
	CHECK_STR(s.operands[2], "--two.example");
	CHECK(s.values[SETTING_QUIET].is_on && s.values[SETTING_VERBOSE].is_on);
	CHECK(!s.values[SETTING_ACTIVE].is_on);
	CHECK_STR(s.values[SETTING_FORMAT].text, "json");
	CHECK_INT(s.values[SETTING_FORMAT].number, 1);
	CHECK_INT(s.values[SETTING_ONLY].count, 3);
	CHECK_STR(s.values[SETTING_ONLY].list[2], "tls");
	CHECK_INT(s.values[SETTING_FAIL_ON].number, 3);
	CHECK_INT(s.values[SETTING_STATUS].number, 4 | 8);
	CHECK_INT(s.values[SETTING_TIMEOUT].number, 1500);
	CHECK_STR(s.values[SETTING_PROFILE].text, "standard");
	CHECK(s.values[SETTING_PROFILE].origin == ORIGIN_DEFAULT);
	CHECK_STR(s.values[SETTING_OUTPUT].text, "out.json");
	arena_release(&a);
}

TEST(times_are_read)
{
	static const struct {
		const char *line;
		uint64_t ms;
	} rows[] = { { "--timeout 90", 90000 },   { "--timeout 1.25", 1250 },
		     { "--timeout 500ms", 500 },  { "--timeout 15m", 900000 },
		     { "--timeout 0.5m", 30000 }, { "--timeout 0", 0 } };
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct settings s;

		test_row("%s", rows[i].line);
		CHECK_INT(read_line(&a, FOR_SCAN, rows[i].line, &s, NULL), 0);
		CHECK_INT(s.values[SETTING_TIMEOUT].number, rows[i].ms);
	}
	arena_release(&a);
}

TEST(a_flag_replaces_its_variable)
{
	struct arena a = { 0 };
	struct settings s;
	struct err err = { 0 };

	variable_name = "DSS_ONLY";
	variable_text = "dns";
	CHECK_INT(read_line(&a, FOR_SCAN, "", &s, &err), 0);
	CHECK_STR(s.values[SETTING_ONLY].list[0], "dns");
	CHECK(s.values[SETTING_ONLY].origin == ORIGIN_VARIABLE);
	CHECK_INT(read_line(&a, FOR_SCAN, "--only mail", &s, &err), 0);
	CHECK_INT(s.values[SETTING_ONLY].count, 1);
	CHECK_STR(s.values[SETTING_ONLY].list[0], "mail");
	variable_name = "DSS_FAIL_ON";
	variable_text = "grave";
	CHECK_INT(read_line(&a, FOR_SCAN, "", &s, &err), ERR_SYNTAX);
	CHECK(str_starts(str_of(err.text), STR_LIT("DSS_FAIL_ON: \"grave\" is none of")));
	CHECK_INT(read_line(&a, FOR_ASK, "", &s, &err), 0); /* not its setting */
	variable_name = NULL;
	arena_release(&a);
}

TEST(the_short_help_shows_at_most_twelve_flags)
{
	for (unsigned command = FOR_SCAN; command <= FOR_AUDIT; command <<= 1) {
		size_t common = 1; /* -h */

		for (size_t k = 0; k < SETTING_COUNT; k++)
			common += setting_rows[k].commands & command && setting_rows[k].is_common;
		test_row("command bit %u", command);
		CHECK(common <= 12);
	}
}

TEST(no_command_has_one_flag_twice)
{
	for (size_t i = 0; i < SETTING_COUNT; i++)
		for (size_t k = i + 1; k < SETTING_COUNT; k++) {
			const struct setting_row *a = &setting_rows[i], *b = &setting_rows[k];

			if (!a->flag || !b->flag)
				continue;
			test_row("%s %s", a->flag, b->flag);
			if (!(a->commands & b->commands) && !(a->key && b->key))
				continue;
			CHECK(strcmp(a->flag, b->flag) != 0);
			CHECK(!a->letter || a->letter != b->letter);
		}
}

TEST(every_setting_can_be_named_by_one_variable_of_its_own)
{
	char names[2 * SETTING_COUNT][SETTING_VARIABLE_BYTES];
	const struct setting_row *of[2 * SETTING_COUNT];
	size_t count = 0;

	for (size_t i = 0; i < SETTING_COUNT; i++) {
		const struct setting_row *row = &setting_rows[i];

		test_row("%s", setting_variable(row, names[count]));
		CHECK(row->flag || row->key);
		CHECK(strlen(names[count]) < SETTING_VARIABLE_BYTES - 1);
		of[count++] = row;
		if (setting_short_variable(row, names[count]))
			of[count++] = row;
	}
	for (size_t i = 0; i < count; i++)
		for (size_t k = i + 1; k < count; k++) {
			test_row("%s", names[i]);
			CHECK(strcmp(names[i], names[k]) != 0 ||
			      (of[i]->flag && of[k]->flag && !strcmp(of[i]->flag, of[k]->flag) &&
			       !(of[i]->commands & of[k]->commands)));
		}
}

TEST(help_ends_the_reading)
{
	struct arena a = { 0 };
	struct settings s;
	struct buf out;

	CHECK_INT(read_line(&a, FOR_SCAN, "-h --nonsense", &s, NULL), 0);
	CHECK(s.wants_help && !s.wants_full_help);
	CHECK_INT(read_line(&a, FOR_SCAN, "--help --nonsense", &s, NULL), 0);
	CHECK(s.wants_full_help);
	buf_init(&out, &a);
	settings_put_help(&out,
			  &(struct settings_help){ .name = "scan",
						   .usage = "dss scan",
						   .summary = "Scan.",
						   .commands = FOR_SCAN },
			  true);
	CHECK(str_find(buf_str(&out), STR_LIT("[scan.allow_networks, DSS_SCAN_ALLOW_NETWORKS]")) >
	      0);
	CHECK(str_find(buf_str(&out), STR_LIT("Exit codes: 0 done; 1")) > 0);
	arena_release(&a);
}
