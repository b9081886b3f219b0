/* SPDX-License-Identifier: Apache-2.0 */
/* Which commands are there, and which was called? */
#include "cli/command.h"

#include "base/nearest.h"

enum { COMMANDS = 64 };

const struct command commands[] = {
	{ { "scan", "dss scan [FLAGS] [DOMAIN...|-]",
	    "Scan domains: ask, judge, and say what is wrong and how to mend it.",
	    "Names are read from standard input for - or when none is given, line by line.\n\n"
	    "  dss scan example.com\n"
	    "  dss scan --list domains.txt --fail-on high -f jsonl -o out.jsonl\n"
	    "  dss scan - -f jsonl --fields domain,grade,findings.id < domains.txt\n",
	    FOR_SCAN },
	  scan_run },
	{ { "ask", "dss ask KIND [ARGUMENTS...] [NAME...|-]",
	    "Ask one question about many names; facts come as JSON Lines.",
	    "  dss ask dns MX example.com\n"
	    "  dss ask dns A < names.txt\n"
	    "  dss ask dns_at 192.0.2.1 SOA+tcp example.com\n"
	    "  dss ask axfr 192.0.2.1 example.com\n"
	    "  dss ask http https://example.com/\n"
	    "  dss ask rdap example.com\n"
	    "  dss ask http+body https://example.com/robots.txt\n",
	    FOR_ASK },
	  ask_run },
	{ { "judge", "dss judge [FLAGS] FILE... | --store [DOMAIN...]",
	    "Judge stored facts (dss scan --facts) with today's checks, without any network.",
	    "  dss scan example.com --facts example.facts\n"
	    "  dss judge example.facts --only mail\n"
	    "  dss judge --store example.com\n"
	    "  dss judge --store --tag corp -f jsonl\n"
	    "\n--store judges each domain's last scan in the data folder, and says since when "
	    "each\n"
	    "check that fails today would have failed. Without names and --tag: all domains.\n",
	    FOR_JUDGE },
	  judge_run },
	{ { "checks", "dss checks [list [WORD...] | show ID...]",
	    "What is checked, why, and how to mend it.",
	    "  dss checks list mail.spf\n"
	    "  dss checks show mail.spf.lookup-limit\n"
	    "  dss checks -f md > docs/checks.md\n",
	    FOR_CHECKS },
	  checks_run },
	{ { "doctor", "dss doctor", "What this machine can ask, and what it cannot.", NULL,
	    FOR_DOCTOR },
	  doctor_run },
	{ { "serve", "dss serve [FLAGS]",
	    "Run the services on this machine: API, workers, scheduler, store and queue.",
	    "  dss serve\n"
	    "  dss serve --data /srv/dss --listen 127.0.0.1:8080\n"
	    "\nSIGHUP reads the configuration again; SIGTERM lets the roles finish, then ends.\n",
	    FOR_ROLES },
	  serve_run },
	{ { "api", "dss api [FLAGS]", "Serve the API: REST, its reference at /docs, events.",
	    "  dss api --listen 127.0.0.1:8053\n"
	    "  dss api --listen unix:/run/dss.sock\n"
	    "\nAn address that is not loopback needs --behind-proxy, or --tls-certificate and\n"
	    "--tls-key. SIGTERM answers what was begun, then ends.\n",
	    FOR_API },
	  api_run },
	{ { "scheduler", "dss scheduler [FLAGS]",
	    "Fire schedules, expand batches, hand scans to the queue, give back what died.",
	    "  dss scheduler --data /srv/dss\n"
	    "\nSeveral may run: one leads. SIGTERM ends.\n",
	    FOR_SCHEDULER },
	  scheduler_run },
	{ { "notifier", "dss notifier [FLAGS]",
	    "Bring events to people and programs, as channels and rules say.",
	    "  dss notifier --smtp smtp://dss@mail.example.com:587 --mail-from dss@example.com\n"
	    "\nSeveral may run. SIGTERM lets what is being sent end.\n",
	    FOR_NOTIFIER },
	  notifier_run },
	{ { "domains",
	    "dss domains [list | add | rm | show | prove | tag | import | export | validate] ...",
	    "The domains that are watched.",
	    "  dss domains add example.com --tag corp --owner it@example.com\n"
	    "  dss domains list --tag corp\n"
	    "  dss domains tag example.com web mail --remove old\n"
	    "  dss domains import domains.csv\n"
	    "  dss domains import --axfr example.com@192.0.2.1 --tsig transfer.key\n"
	    "  dss domains export --tag corp | dss scan -\n",
	    FOR_DOMAINS },
	  domains_run },
	{ { "scans", "dss scans [list | batches | start | show | watch | cancel | results] ...",
	    "Scans by the services: ask for them, watch them, read their results.",
	    "  dss scans start example.com --wait\n"
	    "  dss scans start --tag corp\n"
	    "  dss scans list --state running\n",
	    FOR_SCANS },
	  scans_run },
	{ { "findings", "dss findings [list | groups | show | accept | reopen | recheck] ...",
	    "What is wrong with the domains, and what was decided about it.",
	    "  dss findings list --min high\n"
	    "  dss findings accept fnd_... --until 90d --reason \"CMS cannot\"\n"
	    "  dss findings accept mail.spf.all-pass --domain example.com --reason \"old "
	    "gateway\"\n",
	    FOR_FINDINGS },
	  findings_run },
	{ { "schedule", "dss schedule [list | add | pause | resume | run | rm] ...",
	    "Scans that begin by themselves.",
	    "  dss schedule add nightly --tag corp --cron \"30 2 * * *\" --tz Europe/Berlin\n"
	    "  dss schedule pause nightly\n",
	    FOR_SCHEDULE },
	  schedule_run },
	{ { "apply", "dss apply -f FILE [--dry-run] [--prune]",
	    "Make the services watch what a file says: domains, schedules, channels, rules, "
	    "policies.",
	    "  dss apply -f portfolio.yaml --dry-run\n"
	    "  dss apply -f portfolio.yaml --prune\n"
	    "\nWhat is missing is made, what differs is changed, what is not mentioned stays; a "
	    "second\n"
	    "run finds nothing to do. --prune removes what an earlier run made and the file names "
	    "no\n"
	    "more. docs/policies.md has the file.\n",
	    FOR_APPLY },
	  apply_run },
	{ { "policy", "dss policy [list | show NAME | set NAME FILE | rm NAME...]",
	    "What owners say of checks: severities, off, findings that are accepted, expectations.",
	    "  dss policy set corporate policy.yaml --select tag:corp\n"
	    "  dss policy show corporate\n"
	    "\nIt holds from each domain's next scan on; docs/policies.md has the file.\n",
	    FOR_POLICY },
	  policy_run },
	{ { "notify", "dss notify [list | add | test | log | redeliver | rotate | rm | rules] ...",
	    "Who is told what: channels, rules, and the log of what was sent.",
	    "  dss notify add ops --slack-url-file /etc/dss/slack.url --tag corp --min high "
	    "--digest "
	    "15m\n"
	    "  dss notify add hook --url https://hooks.example.com/dss --events \"finding.* "
	    "*.expiring\"\n"
	    "  dss notify add me --mail me@example.com\n"
	    "  dss notify test ops\n"
	    "  dss notify log ops\n"
	    "  dss notify rules preview ops --days 30\n",
	    FOR_NOTIFY },
	  notify_run },
	{ { "diff", "dss diff DOMAIN [--since TIME]", "What has changed about a domain.",
	    "  dss diff example.com --since 30d\n", FOR_DIFF },
	  diff_run },
	{ { "report", "dss report [DOMAIN] [--tag TAG] [-f FORMAT]",
	    "What the last scans found, as a report of one domain or of many.",
	    "  dss report example.com -f html -o report.html\n"
	    "  dss report --tag corp -f csv\n",
	    FOR_REPORT },
	  report_run },
	{ { "expiry", "dss expiry [--within TIME]",
	    "What expires soon: registrations, signatures, certificates.", NULL, FOR_EXPIRY },
	  expiry_run },
	{ { "queue", "dss queue [status | dead | retry ID...]",
	    "What waits, and what could not be delivered.", NULL, FOR_QUEUE },
	  queue_run },
	{ { "keys", "dss keys [list | create NAME | revoke ID...]", "Keys for programs.",
	    "  dss keys create ci --role operator --scope domains:read,scans:write --expires 90d\n",
	    FOR_KEYS },
	  keys_run },
	{ { "users", "dss users [list | add NAME | passwd NAME | rm NAME...]",
	    "People who may log in.", "  dss users add ada@example.com --role admin\n", FOR_USERS },
	  users_run },
	{ { "audit", "dss audit [list | verify]", "Who did what, and is that record whole?", NULL,
	    FOR_AUDIT },
	  audit_run },
	{ { "db", "dss db migrate | backup FILE | restore FILE | check | copy FROM TO",
	    "The store: up to date, copied, put back, checked, moved into another.",
	    "  dss db backup /srv/backup/dss.db\n"
	    "  dss db copy sqlite:/var/lib/dss postgresql://dss@db.example/dss\n",
	    FOR_DB },
	  db_run },
	{ { "worker", "dss worker [--concurrency N]",
	    "Scan what waits in the queue, and store what is found.",
	    "  dss worker --data /srv/dss\n"
	    "\nSIGTERM finishes what runs, within 20 seconds, and hands back the rest; a second "
	    "one\n"
	    "hands back now.\n",
	    FOR_WORKER },
	  worker_run },
	{ { "config", "dss config [show [--origin] | check [FILE] | init [FILE]]",
	    "What is configured, and where does it say so?",
	    "  dss config show --origin\n"
	    "  dss config check /etc/dss/dss.yaml\n"
	    "  dss config init\n",
	    FOR_CONFIG },
	  config_run },
	{ { "version", "dss version", "Which dss is this?", NULL, FOR_VERSION }, version_run },
	{ { NULL }, NULL },
};

static const struct command *command_find(struct str name)
{
	for (const struct command *command = commands; command->help.name; command++)
		if (str_eq(name, str_of(command->help.name)))
			return command;
	return NULL;
}

static int command_unknown(struct str name)
{
	const char *names[COMMANDS + 1];
	const char *near;
	size_t count = 0;

	for (; commands[count].help.name; count++)
		names[count] = commands[count].help.name;
	names[count] = NULL;
	near = nearest_word(name, names);
	if (near)
		return console_usage(NULL, "no command \"%.*s\"; did you mean %s?", STR(name),
				     near);
	if (str_find_char(name, '.') > 0)
		return console_usage(NULL, "no command \"%.*s\"; did you mean dss scan %.*s?",
				     STR(name), STR(name));
	return console_usage(NULL, "no command \"%.*s\"", STR(name));
}

static int command_call(struct arena *a, const struct command *command, int word_count,
			char *const *words)
{
	struct settings settings;
	struct err err;
	struct call call = {
		.arena = a, .settings = &settings, .word_count = word_count, .words = words
	};

	if (settings_load(a, command->help.commands, word_count - 1, words + 1, &settings, &err) <
	    0)
		return console_usage(command->help.name, "%s", err.text);
	if (settings.wants_help || settings.wants_full_help)
		return help_show(a, str_of(command->help.name), settings.wants_full_help);
	return command->run(&call);
}

static int first_word_run(struct arena *a, struct str word, int argc, char **argv)
{
	const struct command *command = command_find(word);

	if (str_eq(word, STR_LIT("-h")) || str_eq(word, STR_LIT("--help")))
		return help_show(a, STR_NONE, word.len > 2);
	if (str_eq(word, STR_LIT("--version")))
		command = command_find(STR_LIT("version"));
	if (str_eq(word, STR_LIT("help")))
		return help_show(a, argc > 2 ? str_of(argv[2]) : STR_NONE, true);
	if (!command && str_starts(word, STR_LIT("-")))
		return console_usage(NULL, "the first word is a command, not %.*s", STR(word));
	return command ? command_call(a, command, argc - 1, argv + 1) : command_unknown(word);
}

int cli_main(int argc, char **argv)
{
	struct arena a = { 0 };
	int code;

	if (argc < 2) {
		help_show(&a, STR_NONE, false);
		code = EXIT_USAGE;
	} else {
		code = first_word_run(&a, str_of(argv[1]), argc, argv);
	}
	arena_release(&a);
	return code;
}
