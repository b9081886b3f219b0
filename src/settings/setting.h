/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Settings: one table says for each its flag, variable, key in a configuration file, type, default,
 * help and commands. The parser of the command line, its help and the documentation are driven by
 * it; a new setting is one line in SETTINGS.
 *
 * A value comes from the flag, else the variable (DSS_…), else the default. Lists add up over
 * repeated flags and split at commas. Values are checked when they are read; what is wrong is said
 * with the flag or variable it came from.
 */
#ifndef DSS_SETTINGS_SETTING_H
#define DSS_SETTINGS_SETTING_H

#include "base/address.h"
#include "base/err.h"
#include "model/check.h"
#include "model/profile.h"

/** Commands that know a setting; bits. */
enum settings_for {
	FOR_SCAN = 1,
	FOR_ASK = 2,
	FOR_JUDGE = 4,
	FOR_CHECKS = 8,
	FOR_DOCTOR = 16,
	FOR_VERSION = 32,
	FOR_ALL = 0xffff
};

enum setting_type {
	TYPE_SWITCH,   /**< no value; in a variable: 1, 0, yes, no, true, false */
	TYPE_TEXT,     /**< any, not empty */
	TYPE_WORDS,    /**< list */
	TYPE_CHOICE,   /**< one of .choices */
	TYPE_CHOICES,  /**< list of .choices */
	TYPE_NUMBER,   /**< .least to .most */
	TYPE_SECONDS,  /**< a number with an optional fraction and unit ms, s, m; kept as ms */
	TYPE_FILE,     /**< a path; "-" is standard input or output */
	TYPE_RESOLVER, /**< list of IP or IP:PORT */
	TYPE_NETWORK   /**< list of networks, or addresses */
};

/*
 * X(NAME, letter, "flag", type, for, is_common, "VALUE", default, choices, least, most, "help")
 * In the order of the help; is_common ones stand in the short help, at most twelve a command.
 */
#define SETTINGS(X)                                                                                \
	X(LIST, 0, "list", TYPE_FILE, FOR_SCAN | FOR_ASK, true, "FILE", NULL, NULL, 0, 0,          \
	  "read names from FILE, one a line; - is standard input")                                 \
	X(PROFILE, 0, "profile", TYPE_CHOICE, FOR_SCAN, true, "NAME", "standard", profile_words,   \
	  0, 0, "what is asked; standard asks all that needs no consent")                          \
	X(ONLY, 0, "only", TYPE_WORDS, FOR_SCAN | FOR_JUDGE, true, "IDS", NULL, NULL, 0, 0,        \
	  "run only these checks (ids or prefixes, dss checks lists them)")                        \
	X(SKIP, 0, "skip", TYPE_WORDS, FOR_SCAN | FOR_JUDGE, true, "IDS", NULL, NULL, 0, 0,        \
	  "leave these checks out")                                                                \
	X(FORMAT, 'f', "format", TYPE_CHOICE, FOR_SCAN | FOR_JUDGE, true, "FORMAT", "text",        \
	  settings_formats, 0, 0, "how results are written")                                       \
	X(CHECKS_FORMAT, 'f', "format", TYPE_CHOICE, FOR_CHECKS, true, "FORMAT", "text",           \
	  settings_checks_formats, 0, 0, "how checks are written; md is the reference")            \
	X(OUTPUT, 'o', "output", TYPE_FILE, FOR_SCAN | FOR_ASK | FOR_JUDGE | FOR_CHECKS, true,     \
	  "FILE", NULL, NULL, 0, 0, "write results to FILE instead of standard output")            \
	X(FIELDS, 0, "fields", TYPE_TEXT, FOR_SCAN | FOR_ASK | FOR_JUDGE, true, "LIST", NULL,      \
	  NULL, 0, 0, "json, jsonl: write only these members (domain,grade,findings.id)")          \
	X(FAIL_ON, 0, "fail-on", TYPE_CHOICE, FOR_SCAN | FOR_JUDGE, true, "SEVERITY", NULL,        \
	  severity_words, 0, 0, "exit with 1 on a finding of this severity or above")              \
	X(STATUS, 0, "status", TYPE_CHOICES, FOR_SCAN | FOR_JUDGE, false, "VERDICTS", NULL,        \
	  verdict_words, 0, 0, "show only checks with these verdicts")                             \
	X(RESOLVER, 0, "resolver", TYPE_RESOLVER, FOR_SCAN | FOR_ASK | FOR_DOCTOR, true,           \
	  "IP[:PORT]", NULL, NULL, 0, 0,                                                           \
	  "ask these validating resolvers instead of an own Unbound")                              \
	X(ROOT_HINTS, 0, "root-hints", TYPE_FILE, FOR_SCAN | FOR_ASK, false, "FILE", NULL, NULL,   \
	  0, 0, "name servers of the root, for the own Unbound; default: built in")                \
	X(TRUST_ANCHOR, 0, "trust-anchor", TYPE_FILE, FOR_SCAN | FOR_ASK, false, "FILE", NULL,     \
	  NULL, 0, 0, "DS or DNSKEY records of the root; default: the system's, or built in")      \
	X(RATE, 0, "rate", TYPE_NUMBER, FOR_SCAN | FOR_ASK, false, "N", "0", NULL, 0, 100000,      \
	  "questions a second to one address; 0 is the polite default")                            \
	X(TIMEOUT, 0, "timeout", TYPE_SECONDS, FOR_SCAN | FOR_ASK, false, "TIME", "0", NULL, 0,    \
	  3600000, "deadline of one scan (90, 1.5s, 500ms, 15m); 0 is the profile's")              \
	X(IN_FLIGHT, 0, "in-flight", TYPE_NUMBER, FOR_SCAN | FOR_ASK, false, "N", "0", NULL, 0,    \
	  100000, "inputs worked on at once; 0: 64 scans, 1000 questions")                         \
	X(ALLOW_NETWORK, 0, "allow-network", TYPE_NETWORK, FOR_SCAN | FOR_ASK, false, "CIDR",      \
	  NULL, NULL, 0, 0, "private networks that may be asked")                                  \
	X(ACTIVE, 0, "active", TYPE_SWITCH, FOR_SCAN | FOR_JUDGE, true, NULL, NULL, NULL, 0, 0,    \
	  "also run active checks: you say that you may; reports state it")                        \
	X(DKIM_SELECTOR, 0, "dkim-selector", TYPE_WORDS, FOR_SCAN | FOR_JUDGE, false, "NAME",      \
	  NULL, NULL, 0, 0, "DKIM selectors to look for besides the usual ones")                   \
	X(FACTS, 0, "facts", TYPE_FILE, FOR_SCAN, false, "FILE", NULL, NULL, 0, 0,                 \
	  "keep what was seen in FILE, for dss judge")                                             \
	X(STATE, 0, "state", TYPE_FILE, FOR_SCAN, false, "FILE", NULL, NULL, 0, 0,                 \
	  "note finished inputs in FILE and skip those that it names: resumes a run")              \
	X(ORDERED, 0, "ordered", TYPE_SWITCH, FOR_SCAN | FOR_JUDGE, false, NULL, NULL, NULL, 0, 0, \
	  "write results in the order of the inputs")                                              \
	X(COLOR, 0, "color", TYPE_CHOICE, FOR_ALL, false, "WHEN", "auto", settings_when, 0, 0,     \
	  "colours: auto is on a terminal, unless NO_COLOR or TERM=dumb say no")                   \
	X(PROGRESS, 0, "progress", TYPE_CHOICE, FOR_SCAN | FOR_ASK | FOR_JUDGE, false, "HOW",      \
	  "auto", settings_progress, 0, 0,                                                         \
	  "on standard error: auto is a bar on a terminal, json a line a second")                  \
	X(QUIET, 'q', "quiet", TYPE_SWITCH, FOR_ALL, false, NULL, NULL, NULL, 0, 0,                \
	  "no warnings and no progress")                                                           \
	X(VERBOSE, 'v', "verbose", TYPE_SWITCH, FOR_ALL, true, NULL, NULL, NULL, 0, 0,             \
	  "show everything")

enum setting {
#define X(name, ...) SETTING_##name,
	SETTINGS(X)
#undef X
		SETTING_COUNT
};

struct setting_row {
	char letter; /**< 0: none */
	const char *flag;
	enum setting_type type;
	unsigned commands; /**< enum settings_for */
	bool is_common;
	const char *value; /**< what the help calls the value */
	const char *fallback;
	const char *const *choices;
	uint64_t least, most;
	const char *help;
};

extern const struct setting_row setting_rows[SETTING_COUNT];
extern const char *const settings_formats[],
	*const settings_checks_formats[], *const settings_when[], *const settings_progress[];

enum setting_origin { ORIGIN_DEFAULT, ORIGIN_VARIABLE, ORIGIN_FLAG };

struct setting_value {
	enum setting_origin origin;
	struct str text;  /**< as given; empty: not set and no default */
	uint64_t number;  /**< NUMBER; SECONDS in ms; CHOICE: index; CHOICES: bits by index */
	bool is_on;       /**< SWITCH */
	struct str *list; /**< lists, each element trimmed */
	size_t count;
};

struct settings {
	struct setting_value values[SETTING_COUNT];
	struct str *operands; /**< what is no flag, in order; all after "--" */
	size_t operand_count;
	bool wants_help, wants_full_help; /**< -h, --help: nothing else was checked */
};

enum { SETTINGS_LIST_MAX = 4096 };

/** "DSS_FAIL_ON" of "fail-on"; returns out. */
enum { SETTING_VARIABLE_BYTES = 48 };
const char *setting_variable(const struct setting_row *row,
			     char out[static SETTING_VARIABLE_BYTES]);

/**
 * Read a command's flags and variables.
 *
 * @command   one bit of enum settings_for
 * @words     what follows the command's name; must outlive *ret
 * @variable  looks up an environment variable, NULL: not set
 * 0; ERR_SYNTAX: err says what was wrong and what may have been meant. Nothing is written.
 */
int settings_read(struct arena *a, unsigned command, int word_count, char *const *words,
		  const char *(*variable)(const char *name), struct settings *ret,
		  struct err *err) MUST_USE;

/** What a command's help says besides its flags. */
struct settings_help {
	const char *name, *usage, *summary,
		*more; /**< more: examples, in the full help; may be NULL */
	unsigned command;
};

/** -h: the common flags. --help: all, with variables, defaults and exit codes. */
void settings_put_help(struct buf *out, const struct settings_help *help, bool is_full);

#endif
