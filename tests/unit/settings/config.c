/* SPDX-License-Identifier: Apache-2.0 */
/* Are configuration files read as they mean, and refused where they are wrong, by line and key? */
#include "settings/config.h"
#include "tests/test.h"

static const char *variable_name, *variable_text;

static const char *variable(const char *name)
{
	return variable_name && !strcmp(name, variable_name) ? variable_text : NULL;
}

static int parse(struct arena *a, const char *text, struct config *ret, struct err *err)
{
	return config_parse(a, STR_LIT("dss.yaml"), str_of(text), ret, err);
}

TEST(wrong_files_are_refused_with_line_column_and_key)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{ "scna: {}",
		  "dss.yaml line 1 column 1: no setting is called scna; did you mean scan?" },
		{ "scan:\n  profle: dns",
		  "dss.yaml line 2 column 3: no setting is called scan.profle; did you mean "
		  "scan.profile?" },
		{ "# first\nserver:\n  rate_per_host: 3",
		  "dss.yaml line 3 column 3: no setting is called server.rate_per_host; did you "
		  "mean scan.rate_per_host?" },
		{ "zzzz: 1", "dss.yaml line 1 column 1: no setting is called zzzz" },
		{ "scan.profile: dns", "dss.yaml line 1 column 1: write \"scan.profile\" as its "
				       "group and a name below it" },
		{ "scan:\n  profile: dsn",
		  "dss.yaml line 2 column 12: scan.profile: \"dsn\" is none of" },
		{ "scan:\n  rate_per_host: many",
		  "dss.yaml line 2 column 18: scan.rate_per_host: \"many\" is no number from 0 to "
		  "100000" },
		{ "scan:\n  rate_per_host: [1]",
		  "dss.yaml line 2 column 18: scan.rate_per_host takes one value, not a list" },
		{ "scan:\n  rate_per_host: {a: 1}", "dss.yaml line 2 column 18: scan.rate_per_host "
						    "takes a value, not keys below it" },
		{ "scan:\n  rate_per_host:",
		  "dss.yaml line 2 column 17: scan.rate_per_host: the value is empty" },
		{ "scan: 3", "dss.yaml line 1 column 7: scan is a group: its keys stand below it" },
		{ "scan: [profile]",
		  "dss.yaml line 1 column 7: scan is a group: its keys stand below it" },
		{ "scan:\n  profile: dns\n  profile: mail",
		  "dss.yaml line 3 column 3: scan.profile stands twice" },
		{ "scan: {}\nlog: {}\nscan: {}", "dss.yaml line 3 column 1: scan stands twice" },
		{ "scan:\n  allow_networks: [10.0.0.0/8, 10.0.0.1/8]",
		  "dss.yaml line 2 column 32: scan.allow_networks: " },
		{ "scan:\n  allow_networks: [[10.0.0.0/8]]",
		  "dss.yaml line 2 column 20: scan.allow_networks is a list of values" },
		{ "scan:\n  resolvers: [\"192.0.2.1,192.0.2.2\"]",
		  "dss.yaml line 2 column 15: scan.resolvers: a comma in one value" },
		{ "data: &here /a", "dss.yaml line 1 column 7: anchors (&) are not read" },
		{ "data: *here", "dss.yaml line 1 column 7: aliases (*) are not read" },
		{ "data: !!str /a", "dss.yaml line 1 column 7: tags (!) are not read" },
		{ "data: \"/a\\nb\"", "dss.yaml line 1 column 7: a control character" },
		{ "data: |\n  /a\n  /b\n", "dss.yaml line 1 column 7: a control character" },
		{ "data: /a\n---\ndata: /b", "dss.yaml line 2 column 1: a second document" },
		{ "- data", "dss.yaml line 1 column 1: a configuration is made of keys" },
		{ "data", "dss.yaml line 1 column 1: a configuration is made of keys" },
		{ "[a]: b", "dss.yaml line 1 column 1: a key is a word" },
		{ "scan:\n\tprofile: dns", "dss.yaml line 2 column 1: this is not YAML: " },
		{ "scan:\n  resolvers: [", "line 3 column 1: this is not YAML: " },
		{ "data: \xff", "this is not YAML: " },
		{ "store:\n  url: postgres://u:secret@host/dss", "store.url: " },
		{ "store:\n  url: sqlite:",
		  "store.url: a URL begins with sqlite:, postgresql: and goes on" },
		{ "server:\n  public_url: https://u:secret@dss.example/",
		  "server.public_url: a password does not belong in a URL" },
		{ "server:\n  listen: localhost:80", "server.listen: " },
		{ "server:\n  listen: unix:run", "server.listen: \"unix:run\" is no socket" },
		{ "client:\n  password: hunter2", "no setting is called client" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct config config;
		struct err err = { 0 };

		test_row("%s", rows[i].text);
		CHECK(parse(&a, rows[i].text, &config, &err) < 0);
		if (str_find(str_of(err.text), str_of(rows[i].error)) < 0)
			CHECK_STR(str_of(err.text), rows[i].error);
		CHECK(str_find(str_of(err.text), STR_LIT("secret")) < 0);
		CHECK(str_find(str_of(err.text), STR_LIT("hunter2")) < 0);
	}
	arena_release(&a);
}

TEST(size_and_depth_have_bounds)
{
	struct arena a = { 0 };
	struct buf text;
	struct config config;
	struct err err = { 0 };

	buf_init(&text, &a);
	while (text.len <= CONFIG_BYTES_MAX)
		buf_put_lit(&text, "# a comment\n");
	CHECK_INT(config_parse(&a, STR_LIT("big"), buf_str(&text), &config, &err), ERR_LIMIT);
	text.len = 0;
	buf_put_lit(&text, "data: ");
	for (size_t i = 0; i <= CONFIG_VALUE_BYTES_MAX; i++)
		buf_put_char(&text, 'a');
	CHECK_INT(config_parse(&a, STR_LIT("long"), buf_str(&text), &config, &err), ERR_LIMIT);
	text.len = 0;
	for (size_t i = 0; i < 100000; i++)
		buf_put_char(&text, '[');
	CHECK_INT(config_parse(&a, STR_LIT("deep"), buf_str(&text), &config, &err), ERR_SYNTAX);
	text.len = 0;
	buf_put_lit(&text, "scan: ");
	for (size_t i = 0; i < 50000; i++)
		buf_put_lit(&text, "{a: ");
	CHECK_INT(config_parse(&a, STR_LIT("deep"), buf_str(&text), &config, &err), ERR_SYNTAX);
	arena_release(&a);
}

TEST(right_files_are_read)
{
	struct arena a = { 0 };
	struct config config;
	struct err err = { 0 };

	CHECK_INT(parse(&a, "", &config, &err), 0);
	CHECK_INT(parse(&a, "# nothing\n", &config, &err), 0);
	CHECK_INT(parse(&a, "scan:\n  # nothing\nlog: {}\n", &config, &err), 0);
	CHECK_INT(parse(&a,
			"---\ndata: /srv/dss\n"
			"scan:\n"
			"  profile: 'standard'\n"
			"  resolvers:\n"
			"    - 192.0.2.1\n"
			"    - \"[2001:db8::1]:53\"\n"
			"  allow_networks: 10.0.0.0/8, 192.168.0.0/16\n"
			"  root_hints: \"\"\n"
			"  trust_anchor: ~\n"
			"  dkim_selectors: []\n"
			"  timeout: 1.5s\n"
			"log: {level: debug}\n",
			&config, &err),
		  0);
	CHECK_STR(config.values[SETTING_DATA].text, "/srv/dss");
	CHECK_INT(config.values[SETTING_DATA].line, 2);
	CHECK_INT(config.values[SETTING_RESOLVER].count, 2);
	CHECK_STR(config.values[SETTING_RESOLVER].list[1], "[2001:db8::1]:53");
	CHECK_STR(config.values[SETTING_RESOLVER].text, "192.0.2.1,[2001:db8::1]:53");
	CHECK_INT(config.values[SETTING_ALLOW_NETWORK].count, 2);
	CHECK(config.is_set[SETTING_ROOT_HINTS] && !config.values[SETTING_ROOT_HINTS].text.len);
	CHECK(config.is_set[SETTING_TRUST_ANCHOR] && !config.values[SETTING_TRUST_ANCHOR].text.len);
	CHECK(config.is_set[SETTING_DKIM_SELECTOR] && !config.values[SETTING_DKIM_SELECTOR].count);
	CHECK_INT(config.values[SETTING_TIMEOUT].number, 1500);
	CHECK(!config.is_set[SETTING_RATE]);
	arena_release(&a);
}

static const struct setting_value *rate_of(struct arena *a, const struct config *config,
					   const char *flag)
{
	char *words[] = { (char *)(uintptr_t)flag };
	struct settings *settings = ARENA_NEW(a, struct settings);

	CHECK_INT(settings_read(a, FOR_SCAN, flag ? 1 : 0, words,
				&(struct settings_sources){ variable, config }, settings, NULL),
		  0);
	return &settings->values[SETTING_RATE];
}

TEST(a_flag_beats_a_variable_beats_the_file_beats_the_default)
{
	struct arena a = { 0 };
	const struct setting_value *rate;
	struct config config;

	CHECK_INT(parse(&a, "scan:\n  rate_per_host: 2\n", &config, NULL), 0);
	rate = rate_of(&a, NULL, NULL);
	CHECK(rate->number == 0 && rate->origin == ORIGIN_DEFAULT);
	rate = rate_of(&a, &config, NULL);
	CHECK(rate->number == 2 && rate->origin == ORIGIN_FILE && rate->line == 2);
	variable_name = "DSS_RATE";
	variable_text = "3";
	rate = rate_of(&a, &config, NULL);
	CHECK(rate->number == 3 && rate->origin == ORIGIN_VARIABLE);
	CHECK_STR(str_of(rate->variable), "DSS_RATE");
	variable_name = "DSS_SCAN_RATE_PER_HOST";
	rate = rate_of(&a, &config, NULL);
	CHECK(rate->number == 3 && rate->origin == ORIGIN_VARIABLE);
	CHECK_STR(str_of(rate->variable), "DSS_SCAN_RATE_PER_HOST");
	rate = rate_of(&a, &config, "--rate=4");
	CHECK(rate->number == 4 && rate->origin == ORIGIN_FLAG);
	variable_name = NULL;
	arena_release(&a);
}

/* Takes the "#" away before each key; what has no default stays. */
static struct str uncommented(struct arena *a, struct str text)
{
	struct str line, key;
	struct buf out;

	buf_init(&out, a);
	while (str_split(&text, '\n', &line)) {
		key = str_trim(line);
		if (key.len > 1 && key.data[0] == '#' && char_is_alpha(key.data[1]))
			buf_printf(&out, "%s%.*s\n", line.data[0] == ' ' ? "  " : "",
				   STR(str_from(key, 1)));
		else
			buf_printf(&out, "%.*s\n", STR(line));
	}
	return buf_str(&out);
}

TEST(the_template_holds_every_key_and_its_default)
{
	struct arena a = { 0 };
	struct config config;
	struct settings defaults;
	struct buf out;
	struct err err = { 0 };

	buf_init(&out, &a);
	config_put_template(&out);
	CHECK_INT(config_parse(&a, STR_LIT("template"), buf_str(&out), &config, &err), 0);
	for (size_t i = 0; i < SETTING_COUNT; i++)
		CHECK(!config.is_set[i]);
	CHECK_INT(config_parse(&a, STR_LIT("template"), uncommented(&a, buf_str(&out)), &config,
			       &err),
		  0);
	CHECK_INT(settings_read(&a, FOR_ALL, 0, NULL,
				&(struct settings_sources){ .variable = variable }, &defaults,
				NULL),
		  0);
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		if (!setting_rows[i].key)
			continue;
		test_row("%s", setting_rows[i].key);
		CHECK(config.is_set[i]);
		CHECK(str_eq(config.values[i].text, defaults.values[i].text) ||
		      setting_rows[i].type == TYPE_SWITCH);
		CHECK_INT(config.values[i].number, defaults.values[i].number);
		CHECK_INT(config.values[i].is_on, defaults.values[i].is_on);
	}
	arena_release(&a);
}

TEST(what_is_shown_reads_back_as_the_same)
{
	static const char text[] = "data: \"/a b: #\\\"c\"\n"
				   "scan:\n"
				   "  resolvers: [\"[2001:db8::1]:53\", 192.0.2.1]\n"
				   "  rate_per_host: 7\n";
	struct arena a = { 0 };
	struct config config, again;
	struct settings settings;
	struct buf out;
	struct err err = { 0 };

	CHECK_INT(parse(&a, text, &config, &err), 0);
	CHECK_INT(settings_read(&a, FOR_CONFIG, 0, NULL,
				&(struct settings_sources){ variable, &config }, &settings, &err),
		  0);
	buf_init(&out, &a);
	config_put_values(&out, &settings, true);
	CHECK(str_find(buf_str(&out), STR_LIT("# dss.yaml line 4\n")) > 0);
	CHECK(str_find(buf_str(&out), STR_LIT("# default\n")) > 0);
	CHECK_INT(config_parse(&a, STR_LIT("shown"), buf_str(&out), &again, &err), 0);
	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (setting_rows[i].key && setting_rows[i].type != TYPE_SWITCH)
			CHECK(str_eq(again.values[i].text, settings.values[i].text));
	arena_release(&a);
}

static const char *const *handed;

static const char *handed_variable(const char *name)
{
	for (const char *const *at = handed; *at; at++)
		if (str_starts(str_of(*at), str_of(name)) && (*at)[strlen(name)] == '=')
			return *at + strlen(name) + 1;
	return NULL;
}

TEST(variables_hand_every_setting_to_a_child)
{
	char *words[] = { (char *)(uintptr_t) "--rate=9", (char *)(uintptr_t) "--listen=[::1]:80",
			  (char *)(uintptr_t) "--resolver=192.0.2.1",
			  (char *)(uintptr_t) "--resolver=192.0.2.2" };
	struct arena a = { 0 };
	struct settings parent, child;

	CHECK_INT(settings_read(&a, FOR_CONFIG, 4, words,
				&(struct settings_sources){ .variable = variable }, &parent, NULL),
		  0);
	handed = settings_variables(&a, &parent);
	CHECK_INT(settings_read(&a, FOR_CONFIG, 0, NULL,
				&(struct settings_sources){ .variable = handed_variable }, &child,
				NULL),
		  0);
	CHECK_INT(child.values[SETTING_RATE].number, 9);
	CHECK_STR(child.values[SETTING_LISTEN].text, "[::1]:80");
	CHECK_INT(child.values[SETTING_RESOLVER].count, 2);
	CHECK_STR(child.values[SETTING_RESOLVER].list[1], "192.0.2.2");
	CHECK(child.values[SETTING_TIMEOUT].origin == ORIGIN_DEFAULT);
	arena_release(&a);
}
