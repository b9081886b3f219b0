/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Settings: one table says for each its flag, key in a configuration file, variable, type, default,
 * help and commands. The parser of the command line, the reader of configuration files, the help
 * and `dss config` are driven by it; a new setting is one line in SETTINGS.
 *
 * A value comes from the flag, else the variable, else the configuration file (settings/config.h),
 * else the default. A setting is called by its key where it has one: scan.rate_per_host has the
 * variable DSS_SCAN_RATE_PER_HOST. The flag makes a variable too (--rate: DSS_RATE), which comes
 * second. Lists add up over repeated flags and split at commas. Values are checked when they are
 * read; what is wrong is said with the flag, variable, or line of the file it came from.
 *
 * Secrets are never values: a setting of type SECRET names a file that holds one (settings/secret.h).
 */
#ifndef DSS_SETTINGS_SETTING_H
#define DSS_SETTINGS_SETTING_H

#include "base/address.h"
#include "base/err.h"
#include "base/log.h"
#include "model/access.h"
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
	FOR_SERVE = 1 << 6,
	FOR_API = 1 << 7,
	FOR_WORKER = 1 << 8,
	FOR_SCHEDULER = 1 << 9,
	FOR_CONFIG = 1 << 10, /**< with it, all settings that have a key */
	FOR_DOMAINS = 1 << 11,
	FOR_SCANS = 1 << 12,
	FOR_FINDINGS = 1 << 13,
	FOR_SCHEDULE = 1 << 14,
	FOR_DIFF = 1 << 15,
	FOR_EXPIRY = 1 << 16,
	FOR_QUEUE = 1 << 17,
	FOR_DB = 1 << 18,
	FOR_KEYS = 1 << 19,
	FOR_USERS = 1 << 20,
	FOR_AUDIT = 1 << 21,
	FOR_REPORT = 1 << 22,
	FOR_NOTIFIER = 1 << 23,
	FOR_NOTIFY = 1 << 24,
	FOR_POLICY = 1 << 27,
	FOR_APPLY = 1 << 28,
	FOR_ALL = 0x7fffffff,
	/** What `dss serve` starts: it takes their settings and hands them on. */
	FOR_ROLES = FOR_SERVE | FOR_API | FOR_WORKER | FOR_SCHEDULER | FOR_NOTIFIER,
	/** What opens the store. */
	FOR_NOUNS = FOR_DOMAINS | FOR_SCANS | FOR_FINDINGS | FOR_SCHEDULE | FOR_DIFF | FOR_EXPIRY |
		    FOR_QUEUE | FOR_DB | FOR_KEYS | FOR_USERS | FOR_AUDIT | FOR_REPORT |
		    FOR_NOTIFY | FOR_POLICY | FOR_APPLY,
	FOR_STORE = FOR_ROLES | FOR_NOUNS,
	/** Those of them that ask the API. */
	FOR_CLIENT = FOR_NOUNS & ~FOR_DB
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
	TYPE_FOLDER,   /**< a path */
	TYPE_SECRET,   /**< a path of a file that holds a secret */
	TYPE_RESOLVER, /**< list of IP or IP:PORT */
	TYPE_NETWORK,  /**< list of networks, or addresses */
	TYPE_LISTEN,   /**< IP:PORT, or unix:/PATH */
	TYPE_URL       /**< begins with one of .choices, and holds no password */
};

/*
 * X(NAME, letter, "flag", "key", type, for, is_common, "VALUE", default, choices, least, most, "help")
 * In the order of the help and of `dss config`. A flag or a key of NULL: there is none. Keys are
 * "group.name" or "name", lower case, digits and "_". is_common ones stand in the short help, at
 * most twelve a command.
 */
#define SETTINGS(X)                                                                                \
	X(LIST, 0, "list", NULL, TYPE_FILE, FOR_SCAN | FOR_ASK, true, "FILE", NULL, NULL, 0, 0,    \
	  "read names from FILE, one a line; - is standard input")                                 \
	X(PROFILE, 0, "profile", "scan.profile", TYPE_CHOICE,                                      \
	  FOR_WORKER | FOR_SCHEDULER | FOR_SCAN, true, "NAME", "standard", profile_words, 0, 0,    \
	  "what is asked; standard asks all that needs no consent")                                \
	X(ONLY, 0, "only", NULL, TYPE_WORDS, FOR_SCAN | FOR_JUDGE, true, "IDS", NULL, NULL, 0, 0,  \
	  "run only these checks (ids or prefixes, dss checks lists them)")                        \
	X(SKIP, 0, "skip", NULL, TYPE_WORDS, FOR_SCAN | FOR_JUDGE, false, "IDS", NULL, NULL, 0, 0, \
	  "leave these checks out")                                                                \
	X(FORMAT, 'f', "format", NULL, TYPE_CHOICE, FOR_SCAN | FOR_JUDGE | FOR_REPORT, true,       \
	  "FORMAT", "text", settings_formats, 0, 0, "how results are written")                     \
	X(CHECKS_FORMAT, 'f', "format", NULL, TYPE_CHOICE, FOR_CHECKS, true, "FORMAT", "text",     \
	  settings_checks_formats, 0, 0, "how checks are written; md is the reference")            \
	X(OUTPUT, 'o', "output", NULL, TYPE_FILE,                                                  \
	  FOR_SCAN | FOR_ASK | FOR_JUDGE | FOR_CHECKS | FOR_REPORT, true, "FILE", NULL, NULL, 0,   \
	  0, "write results to FILE instead of standard output")                                   \
	X(FIELDS, 0, "fields", NULL, TYPE_TEXT, FOR_SCAN | FOR_ASK | FOR_JUDGE, true, "LIST",      \
	  NULL, NULL, 0, 0, "json, jsonl: write only these members (domain,grade,findings.id)")    \
	X(FAIL_ON, 0, "fail-on", NULL, TYPE_CHOICE, FOR_SCAN | FOR_JUDGE, true, "SEVERITY", NULL,  \
	  severity_words, 0, 0, "exit with 1 on a finding of this severity or above")              \
	X(STATUS, 0, "status", NULL, TYPE_CHOICES, FOR_SCAN | FOR_JUDGE, false, "VERDICTS", NULL,  \
	  verdict_words, 0, 0, "show only checks with these verdicts")                             \
	X(RESOLVER, 0, "resolver", "scan.resolvers", TYPE_RESOLVER,                                \
	  FOR_WORKER | FOR_SCAN | FOR_ASK | FOR_DOCTOR, true, "IP[:PORT]", NULL, NULL, 0, 0,       \
	  "ask these validating resolvers instead of an own Unbound")                              \
	X(ROOT_HINTS, 0, "root-hints", "scan.root_hints", TYPE_FILE,                               \
	  FOR_WORKER | FOR_SCAN | FOR_ASK | FOR_DOCTOR, false, "FILE", NULL, NULL, 0, 0,           \
	  "name servers of the root, for the own Unbound; default: built in")                      \
	X(TRUST_ANCHOR, 0, "trust-anchor", "scan.trust_anchor", TYPE_FILE,                         \
	  FOR_WORKER | FOR_SCAN | FOR_ASK | FOR_DOCTOR, false, "FILE", NULL, NULL, 0, 0,           \
	  "DS or DNSKEY records of the root; default: the system's, or built in")                  \
	X(CA_FILE, 0, "ca-file", "scan.ca_file", TYPE_FILE, FOR_WORKER | FOR_SCAN | FOR_ASK,       \
	  false, "FILE", NULL, NULL, 0, 0,                                                         \
	  "certificates of authorities (PEM) for HTTPS; default: the system's")                    \
	X(RDAP_BOOTSTRAP, 0, "rdap-bootstrap", "scan.rdap_bootstrap", TYPE_FILE,                   \
	  FOR_WORKER | FOR_SCAN | FOR_ASK, false, "FILE", NULL, NULL, 0, 0,                        \
	  "which RDAP server is in charge: dns.json of IANA, or a folder; default: built in")      \
	X(EXTERNAL_DEFINITIONS, 0, "definitions", "external.definitions", TYPE_FOLDER,             \
	  FOR_WORKER | FOR_SCAN | FOR_ASK | FOR_DOCTOR, false, "FOLDER", NULL, NULL, 0, 0,         \
	  "definitions of external tools and APIs besides those that are built in")                \
	X(EXTERNAL_KEYS, 0, "keys", "external.keys", TYPE_FOLDER,                                  \
	  FOR_WORKER | FOR_SCAN | FOR_ASK | FOR_DOCTOR, false, "FOLDER", NULL, NULL, 0, 0,         \
	  "keys of APIs, each in a file with the key's name")                                      \
	X(EXTERNAL_OFF, 0, "external-off", "external.off", TYPE_WORDS,                             \
	  FOR_WORKER | FOR_SCAN | FOR_ASK | FOR_DOCTOR, false, "NAMES", NULL, NULL, 0, 0,          \
	  "external tools and APIs that are not used")                                             \
	X(RATE, 0, "rate", "scan.rate_per_host", TYPE_NUMBER, FOR_WORKER | FOR_SCAN | FOR_ASK,     \
	  false, "N", "0", NULL, 0, 100000,                                                        \
	  "questions a second to one address; 0 is the polite default")                            \
	X(TIMEOUT, 0, "timeout", "scan.timeout", TYPE_SECONDS, FOR_WORKER | FOR_SCAN | FOR_ASK,    \
	  false, "TIME", "0", NULL, 0, 3600000,                                                    \
	  "deadline of one scan (90, 1.5s, 500ms, 15m); 0 is the profile's")                       \
	X(IN_FLIGHT, 0, "in-flight", "scan.in_flight", TYPE_NUMBER,                                \
	  FOR_WORKER | FOR_SCAN | FOR_ASK, false, "N", "0", NULL, 0, 100000,                       \
	  "inputs worked on at once; 0: 64 scans, 1000 questions")                                 \
	X(CONCURRENCY, 0, "concurrency", "worker.concurrency", TYPE_NUMBER, FOR_WORKER, true, "N", \
	  "0", NULL, 0, 256, "scanners, each a process of its own; 0: one a core")                 \
	X(ALLOW_NETWORK, 0, "allow-network", "scan.allow_networks", TYPE_NETWORK,                  \
	  FOR_WORKER | FOR_SCAN | FOR_ASK | FOR_DOMAINS, false, "CIDR", NULL, NULL, 0, 0,          \
	  "private networks that may be asked")                                                    \
	X(ACTIVE, 0, "active", NULL, TYPE_SWITCH, FOR_SCANS | FOR_SCAN | FOR_ASK | FOR_JUDGE,      \
	  true, NULL, NULL, NULL, 0, 0,                                                            \
	  "also run active checks: you say that you may; reports state it")                        \
	X(DKIM_SELECTOR, 0, "dkim-selector", "scan.dkim_selectors", TYPE_WORDS,                    \
	  FOR_WORKER | FOR_SCAN | FOR_JUDGE, false, "NAME", NULL, NULL, 0, 0,                      \
	  "DKIM selectors to look for besides the usual ones")                                     \
	X(POLICY, 0, "policy", NULL, TYPE_FILE, FOR_SCAN | FOR_JUDGE, false, "FILE", NULL, NULL,   \
	  0, 0, "severities, checks that are off, findings that are accepted (docs/policies.md)")  \
	X(BEFORE, 0, "before", NULL, TYPE_FILE, FOR_SCAN, false, "FILE", NULL, NULL, 0, 0,         \
	  "facts of an earlier scan (--facts): what is new since then is told")                    \
	X(FACTS, 0, "facts", NULL, TYPE_FILE, FOR_SCAN, false, "FILE", NULL, NULL, 0, 0,           \
	  "keep what was seen in FILE, for dss judge")                                             \
	X(STATE, 0, "state", NULL, TYPE_FILE, FOR_SCAN, false, "FILE", NULL, NULL, 0, 0,           \
	  "note finished inputs in FILE and skip those that it names: resumes a run")              \
	X(ORDERED, 0, "ordered", NULL, TYPE_SWITCH, FOR_SCAN | FOR_JUDGE, false, NULL, NULL, NULL, \
	  0, 0, "write results in the order of the inputs")                                        \
	X(OF_STORE, 0, "store", NULL, TYPE_SWITCH, FOR_JUDGE, true, NULL, NULL, NULL, 0, 0,        \
	  "judge each domain's last stored scan, and say since when checks fail")                  \
	X(DATA, 0, "data", "data", TYPE_FOLDER, FOR_JUDGE | FOR_STORE, true, "FOLDER", NULL, NULL, \
	  0, 0, "where all is kept; default /var/lib/dss for root, else ~/.local/share/dss")       \
	X(STORE, 0, "store", "store.url", TYPE_URL, FOR_STORE, false, "URL", NULL,                 \
	  settings_store_urls, 0, 0, "the store; default: SQLite in the data folder")              \
	X(BUS, 0, "bus", "bus.url", TYPE_URL, FOR_ROLES | FOR_QUEUE | FOR_DOCTOR, false, "URL",    \
	  "embedded", settings_bus_urls, 0, 0,                                                     \
	  "the queue: embedded, or amqp[s]://USER@HOST[,HOST...]/VHOST of RabbitMQ")               \
	X(BUS_PASSWORD, 0, "bus-password-file", "bus.password_file", TYPE_SECRET,                  \
	  FOR_ROLES | FOR_DOCTOR, false, "FILE", NULL, NULL, 0, 0,                                 \
	  "holds the password of the URL's user; credential bus.password")                         \
	X(BUS_CA, 0, "bus-ca-file", "bus.ca_file", TYPE_FILE, FOR_ROLES | FOR_DOCTOR, false,       \
	  "FILE", NULL, NULL, 0, 0, "amqps: CA certificates in PEM; default: the system's")        \
	X(LISTEN, 0, "listen", "server.listen", TYPE_LISTEN, FOR_API, true, "ADDRESS",             \
	  "127.0.0.1:8053", NULL, 0, 0, "IP:PORT or unix:/PATH where the API is served")           \
	X(PUBLIC_URL, 0, "public-url", "server.public_url", TYPE_URL, FOR_API | FOR_NOTIFIER,      \
	  false, "URL", NULL, settings_web_urls, 0, 0,                                             \
	  "what links to the API and the web pages begin with")                                    \
	X(BEHIND_PROXY, 0, "behind-proxy", "server.behind_proxy", TYPE_SWITCH, FOR_API, false,     \
	  NULL, NULL, NULL, 0, 0, "another server speaks TLS and sets X-Forwarded-For")            \
	X(TLS_CERTIFICATE, 0, "tls-certificate", "server.tls_certificate", TYPE_FILE, FOR_API,     \
	  false, "FILE", NULL, NULL, 0, 0, "certificates for TLS, PEM, ours first")                \
	X(TLS_KEY, 0, "tls-key", "server.tls_key_file", TYPE_SECRET, FOR_API, false, "FILE", NULL, \
	  NULL, 0, 0, "the certificate's key, PEM")                                                \
	X(REQUEST_RATE, 0, "request-rate", "server.request_rate", TYPE_NUMBER, FOR_API, false,     \
	  "N", "100", NULL, 0, 1000000, "requests a second of one key or address; 0: no limit")    \
	X(REQUEST_BURST, 0, "request-burst", "server.request_burst", TYPE_NUMBER, FOR_API, false,  \
	  "N", "500", NULL, 1, 1000000, "requests of one key or address that may come at once")    \
	X(CONNECTIONS, 0, "connections", "server.connections", TYPE_NUMBER, FOR_API, false, "N",   \
	  "4096", NULL, 16, 100000, "connections at a time")                                       \
	X(API_THREADS, 0, "threads", "server.threads", TYPE_NUMBER, FOR_API, false, "N", "0",      \
	  NULL, 0, 256, "threads that answer; 0: by the machine")                                  \
	X(BACKLOG, 0, "backlog", "server.backlog", TYPE_NUMBER, FOR_API, false, "N", "10000000",   \
	  NULL, 0, 1000000000, "scans that may wait; then new ones get 503; 0: no limit")          \
	X(KEEP_SCANS, 0, "keep-scans", "retention.scans", TYPE_NUMBER, FOR_SCHEDULER, false,       \
	  "DAYS", "400", NULL, 0, 36500,                                                           \
	  "days until a scan goes; a domain keeps its last; 0: never")                             \
	X(KEEP_EVENTS, 0, "keep-events", "retention.events", TYPE_NUMBER, FOR_SCHEDULER, false,    \
	  "DAYS", "90", NULL, 0, 36500, "days until an event goes; 0: never")                      \
	X(KEEP_AUDIT, 0, "keep-audit", "retention.audit", TYPE_NUMBER, FOR_SCHEDULER, false,       \
	  "DAYS", "1095", NULL, 0, 36500, "days until a row of the audit trail goes; 0: never")    \
	X(KEEP_KEYS, 0, "keep-keys", "retention.keys", TYPE_NUMBER, FOR_SCHEDULER, false, "DAYS",  \
	  "90", NULL, 0, 36500, "days until a key that has expired or was revoked goes; 0: never") \
	X(KEEP_LETTERS, 0, "keep-letters", "retention.dead_letters", TYPE_NUMBER, FOR_SCHEDULER,   \
	  false, "DAYS", "90", NULL, 0, 36500, "days until a dead letter goes; 0: never")          \
	X(KEEP_DELIVERIES, 0, "keep-deliveries", "retention.deliveries", TYPE_NUMBER,              \
	  FOR_SCHEDULER, false, "DAYS", "30", NULL, 0, 36500,                                      \
	  "days until what was sent leaves the log; 0: never")                                     \
	X(SMTP, 0, "smtp", "notify.smtp", TYPE_URL, FOR_NOTIFIER, true, "URL", NULL,               \
	  settings_smtp_urls, 0, 0,                                                                \
	  "where mail is handed in: smtp://USER@HOST:PORT (STARTTLS) or smtps:// (TLS at once)")   \
	X(SMTP_PASSWORD, 0, "smtp-password-file", "notify.smtp_password_file", TYPE_SECRET,        \
	  FOR_NOTIFIER, false, "FILE", NULL, NULL, 0, 0, "holds the password of the URL's user")   \
	X(SMTP_CLEAR, 0, "smtp-clear", "notify.smtp_clear", TYPE_SWITCH, FOR_NOTIFIER, false,      \
	  NULL, NULL, NULL, 0, 0, "speak to it without TLS: a relay on this machine")              \
	X(MAIL_FROM, 0, "mail-from", "notify.mail_from", TYPE_TEXT, FOR_NOTIFIER, true, "ADDRESS", \
	  NULL, NULL, 0, 0, "who mail is from")                                                    \
	X(SCRIPTS, 0, "scripts", "notify.scripts", TYPE_FOLDER, FOR_NOTIFIER, false, "FOLDER",     \
	  NULL, NULL, 0, 0, "where the programs are that channels may call; default: none is")     \
	X(NOTIFY_NETWORK, 0, "notify-network", "notify.allow_networks", TYPE_NETWORK,              \
	  FOR_NOTIFIER, false, "CIDR", NULL, NULL, 0, 0, "private networks that may be sent to")   \
	X(NOTIFY_RESOLVER, 0, "notify-resolver", "notify.resolvers", TYPE_RESOLVER, FOR_NOTIFIER,  \
	  false, "IP[:PORT]", NULL, NULL, 0, 0,                                                    \
	  "who finds the addresses of receivers; default: the machine's")                          \
	X(NOTIFY_CA, 0, "notify-ca-file", "notify.ca_file", TYPE_FILE, FOR_NOTIFIER, false,        \
	  "FILE", NULL, NULL, 0, 0,                                                                \
	  "certificates of authorities (PEM) for receivers; default: the system's")                \
	X(LOG_LEVEL, 0, "log-level", "log.level", TYPE_CHOICE, FOR_ROLES, true, "LEVEL", "info",   \
	  log_level_words, 0, 0, "the least severe events that are logged")                        \
	X(LOG_FORMAT, 0, "log-format", "log.format", TYPE_CHOICE, FOR_ROLES, false, "FORMAT",      \
	  "auto", settings_log_formats, 0, 0, "auto is text on a terminal, else JSON lines")       \
	X(SERVER, 0, "server", "client.server", TYPE_URL, FOR_JUDGE | FOR_CLIENT, true, "URL",     \
	  NULL, settings_server_urls, 0, 0, "ask this server's API instead of the data folder")    \
	X(TOKEN, 0, "token-file", "client.token_file", TYPE_SECRET, FOR_CLIENT, false, "FILE",     \
	  NULL, NULL, 0, 0, "holds the API key for --server")                                      \
	X(LISTING_FORMAT, 'f', "format", NULL, TYPE_CHOICE,                                        \
	  FOR_CLIENT & ~(FOR_EXPIRY | FOR_REPORT | FOR_APPLY), true, "FORMAT", "text",             \
	  settings_listing_formats, 0, 0, "how what is found is written")                          \
	X(EXPIRY_FORMAT, 'f', "format", NULL, TYPE_CHOICE, FOR_EXPIRY, true, "FORMAT", "text",     \
	  settings_expiry_formats, 0, 0, "how it is written; ics is for calendars")                \
	X(LISTING_LIMIT, 0, "limit", NULL, TYPE_NUMBER, FOR_CLIENT & ~FOR_REPORT, false, "N", "0", \
	  NULL, 0, 1000000000, "list at most so many; 0: all")                                     \
	X(TAG, 0, "tag", NULL, TYPE_WORDS,                                                         \
	  FOR_NOTIFY | FOR_JUDGE | FOR_DOMAINS | FOR_SCANS | FOR_FINDINGS | FOR_SCHEDULE |         \
		  FOR_REPORT,                                                                      \
	  true, "TAGS", NULL, NULL, 0, 0,                                                          \
	  "domains with this tag; of add and import: the tags to give")                            \
	X(UNTAG, 0, "remove", NULL, TYPE_WORDS, FOR_DOMAINS, false, "TAGS", NULL, NULL, 0, 0,      \
	  "tag: the tags to take away")                                                            \
	X(OWNER, 0, "owner", NULL, TYPE_TEXT, FOR_DOMAINS | FOR_REPORT, true, "TEXT", NULL, NULL,  \
	  0, 0, "whose they are: a mail address, a team")                                          \
	X(NOTES, 0, "notes", NULL, TYPE_TEXT, FOR_DOMAINS, false, "TEXT", NULL, NULL, 0, 0,        \
	  "add: what to know about it")                                                            \
	X(ITS_PROFILE, 0, "profile", NULL, TYPE_CHOICE, FOR_DOMAINS | FOR_SCANS | FOR_SCHEDULE,    \
	  true, "NAME", NULL, profile_words, 0, 0,                                                 \
	  "what is asked; default: each domain's own, else scan.profile")                          \
	X(MATCH, 0, "match", NULL, TYPE_TEXT, FOR_DOMAINS, true, "TEXT", NULL, NULL, 0, 0,         \
	  "list: names that contain this")                                                         \
	X(GRADE, 0, "grade", NULL, TYPE_TEXT, FOR_DOMAINS, true, "GRADE", NULL, NULL, 0, 0,        \
	  "list: domains with this grade")                                                         \
	X(DAILY, 0, "daily", NULL, TYPE_SWITCH, FOR_DOMAINS, false, NULL, NULL, NULL, 0, 0,        \
	  "add: scan it each day from now on (tag and schedule daily)")                            \
	X(PURGE, 0, "purge", NULL, TYPE_SWITCH, FOR_DOMAINS, false, NULL, NULL, NULL, 0, 0,        \
	  "rm: with all scans and findings, for ever")                                             \
	X(IMPORT_MODE, 0, "mode", NULL, TYPE_CHOICE, FOR_DOMAINS, true, "MODE", "add",             \
	  settings_import_modes, 0, 0,                                                             \
	  "import: what becomes of domains that are there or missing")                             \
	X(AXFR, 0, "axfr", NULL, TYPE_TEXT, FOR_DOMAINS, false, "ZONE@SERVER", NULL, NULL, 0, 0,   \
	  "import: the names that a zone delegates, by transfer from its server")                  \
	X(TSIG, 0, "tsig", NULL, TYPE_SECRET, FOR_DOMAINS, false, "FILE", NULL, NULL, 0, 0,        \
	  "import: the key of the transfer, as BIND or Knot DNS write it")                         \
	X(ALL_NAMES, 0, "all-names", NULL, TYPE_SWITCH, FOR_DOMAINS, false, NULL, NULL, NULL, 0,   \
	  0, "import: of a transfer every name, not only those that are delegated")                \
	X(APPLY_FILE, 'f', "file", NULL, TYPE_FILE, FOR_APPLY, true, "FILE", NULL, NULL, 0, 0,     \
	  "what there should be; - is standard input")                                             \
	X(PRUNE, 0, "prune", NULL, TYPE_SWITCH, FOR_APPLY, true, NULL, NULL, NULL, 0, 0,           \
	  "also remove what an earlier run made and the file names no more")                       \
	X(DRY_RUN, 0, "dry-run", NULL, TYPE_SWITCH, FOR_DOMAINS | FOR_APPLY, false, NULL, NULL,    \
	  NULL, 0, 0, "import, apply: only say what would be done")                                \
	X(ALL, 0, "all", NULL, TYPE_SWITCH, FOR_SCANS, true, NULL, NULL, NULL, 0, 0,               \
	  "start: scans of every domain")                                                          \
	X(PRIORITY, 0, "priority", NULL, TYPE_CHOICE, FOR_SCANS | FOR_SCHEDULE, false, "WORD",     \
	  NULL, settings_priorities, 0, 0, "who goes first")                                       \
	X(FRESH, 0, "fresh", NULL, TYPE_SWITCH, FOR_SCANS, false, NULL, NULL, NULL, 0, 0,          \
	  "start: ask everything again, past the caches")                                          \
	X(WAIT, 0, "wait", NULL, TYPE_SWITCH, FOR_SCANS, true, NULL, NULL, NULL, 0, 0,             \
	  "start: watch until it has ended")                                                       \
	X(SCAN_STATE, 0, "state", NULL, TYPE_TEXT, FOR_SCANS, true, "STATE", NULL, NULL, 0, 0,     \
	  "list: queued, running, done, incomplete, failed or cancelled")                          \
	X(OF_DOMAIN, 0, "domain", NULL, TYPE_TEXT, FOR_SCANS | FOR_FINDINGS, false, "NAME", NULL,  \
	  NULL, 0, 0, "list, accept, reopen: of this domain")                                      \
	X(OF_CHECK, 0, "check", NULL, TYPE_TEXT, FOR_FINDINGS, true, "ID", NULL, NULL, 0, 0,       \
	  "list: of this check, or of those that begin so")                                        \
	X(FINDING_STATUS, 0, "status", NULL, TYPE_TEXT, FOR_FINDINGS, true, "STATUS", NULL, NULL,  \
	  0, 0, "list: open, fixed, retired, accepted or false-positive")                          \
	X(MIN_SEVERITY, 0, "min", NULL, TYPE_CHOICE, FOR_NOTIFY | FOR_FINDINGS, true, "SEVERITY",  \
	  NULL, severity_words, 0, 0, "list: of this severity or above")                           \
	X(REASON, 0, "reason", NULL, TYPE_TEXT, FOR_FINDINGS, true, "TEXT", NULL, NULL, 0, 0,      \
	  "accept: why it may stay")                                                               \
	X(UNTIL, 0, "until", NULL, TYPE_TEXT, FOR_FINDINGS, true, "DATE", NULL, NULL, 0, 0,        \
	  "accept: when it counts again (2027-03-01, or 90d from now)")                            \
	X(FALSE_POSITIVE, 0, "false-positive", NULL, TYPE_SWITCH, FOR_FINDINGS, false, NULL, NULL, \
	  NULL, 0, 0, "accept: it is not there; it never counts again")                            \
	X(MAIL_TO, 0, "mail", NULL, TYPE_WORDS, FOR_NOTIFY | FOR_DOMAINS, true, "ADDRESSES", NULL, \
	  NULL, 0, 0, "add: tell them by mail")                                                    \
	X(TO_OWNER, 0, "to-owner", NULL, TYPE_SWITCH, FOR_NOTIFY, false, NULL, NULL, NULL, 0, 0,   \
	  "add: mail to each domain's owner, where that is an address")                            \
	X(HOOK_URL, 0, "url", NULL, TYPE_TEXT, FOR_NOTIFY, true, "URL", NULL, NULL, 0, 0,          \
	  "add: a webhook; a URL that is secret comes by --url-file")                              \
	X(HOOK_URL_FILE, 0, "url-file", NULL, TYPE_SECRET, FOR_NOTIFY, true, "FILE", NULL, NULL,   \
	  0, 0, "add: holds the URL of a webhook")                                                 \
	X(SLACK_URL_FILE, 0, "slack-url-file", NULL, TYPE_SECRET, FOR_NOTIFY, true, "FILE", NULL,  \
	  NULL, 0, 0, "add: holds the URL of an incoming webhook of Slack")                        \
	X(SIGNING_FILE, 0, "secret-file", NULL, TYPE_SECRET, FOR_NOTIFY, false, "FILE", NULL,      \
	  NULL, 0, 0, "add, rotate: holds the webhook's secret, whsec_…; default: one is made")    \
	X(TEMPLATE, 0, "template", NULL, TYPE_FILE, FOR_NOTIFY, false, "FILE", NULL, NULL, 0, 0,   \
	  "add: the webhook's body in words of Mustache")                                          \
	X(MEDIA_TYPE, 0, "media-type", NULL, TYPE_TEXT, FOR_NOTIFY, false, "TYPE", NULL, NULL, 0,  \
	  0, "add: of the template; default application/json")                                     \
	X(AMQP, 0, "amqp", NULL, TYPE_SWITCH, FOR_NOTIFY, false, NULL, NULL, NULL, 0, 0,           \
	  "add: the exchange dss.events of the broker")                                            \
	X(SCRIPT, 0, "script", NULL, TYPE_TEXT, FOR_NOTIFY, false, "NAME", NULL, NULL, 0, 0,       \
	  "add: a program in the folder notify.scripts")                                           \
	X(HEARTBEAT, 0, "heartbeat", NULL, TYPE_SECONDS, FOR_NOTIFY, false, "TIME", NULL, NULL, 0, \
	  31622400000, "add: a message when nothing was told for so long")                         \
	X(RULE_EVENTS, 0, "events", NULL, TYPE_TEXT, FOR_NOTIFY, true, "PATTERNS", NULL, NULL, 0,  \
	  0, "which: \"finding.* *.expiring\"; default: all news")                                 \
	X(IMMEDIATE, 0, "immediate", NULL, TYPE_TEXT, FOR_NOTIFY, false, "PATTERNS", NULL, NULL,   \
	  0, 0, "those that wait for no digest; none: all wait")                                   \
	X(RULE_AREA, 0, "area", NULL, TYPE_TEXT, FOR_NOTIFY, false, "AREA", NULL, NULL, 0, 0,      \
	  "only of this area, or of checks that begin so: mail, mail.spf")                         \
	X(DIGEST, 0, "digest", NULL, TYPE_SECONDS, FOR_NOTIFY, true, "TIME", NULL, NULL, 0,        \
	  604800000, "gather events for so long; 0: each by itself; default 15m")                  \
	X(DIGEST_AT, 0, "digest-at", NULL, TYPE_TEXT, FOR_NOTIFY, false, "TIME", NULL, NULL, 0, 0, \
	  "gather until then: \"daily 08:00 Europe/Berlin\", \"weekly mon 07:30\"")                \
	X(RULE_TO, 0, "to", NULL, TYPE_WORDS, FOR_NOTIFY, false, "CHANNELS", NULL, NULL, 0, 0,     \
	  "rules add: where to")                                                                   \
	X(PREVIEW_DAYS, 0, "days", NULL, TYPE_NUMBER, FOR_NOTIFY, false, "N", "7", NULL, 1, 90,    \
	  "test, rules preview: how far to look back")                                             \
	X(DELIVERY_STATE, 0, "state", NULL, TYPE_TEXT, FOR_NOTIFY, false, "STATE", NULL, NULL, 0,  \
	  0, "log: open, waiting, sending, delivered or failed")                                   \
	X(CRON, 0, "cron", NULL, TYPE_TEXT, FOR_SCHEDULE, true, "EXPRESSION", NULL, NULL, 0, 0,    \
	  "add: five fields, or @daily")                                                           \
	X(ZONE, 0, "tz", NULL, TYPE_TEXT, FOR_SCHEDULE, true, "ZONE", NULL, NULL, 0, 0,            \
	  "add: time zone of the fields, Europe/Berlin; default UTC")                              \
	X(JITTER, 0, "jitter", NULL, TYPE_SECONDS, FOR_SCHEDULE, true, "TIME", NULL, NULL, 0,      \
	  86400000, "add: each run is later by up to so much (90s, 60m)")                          \
	X(SELECT, 0, "select", NULL, TYPE_TEXT,                                                    \
	  FOR_NOTIFY | FOR_SCHEDULE | FOR_SCANS | FOR_POLICY, true, "SELECTOR", NULL, NULL, 0, 0,  \
	  "all, tag:corp, owner:TEXT or name:*.example.com")                                       \
	X(MISSED, 0, "missed", NULL, TYPE_CHOICE, FOR_SCHEDULE, false, "POLICY", NULL,             \
	  settings_missed, 0, 0, "add: a run that was missed is skipped, or made up for once")     \
	X(SINCE, 0, "since", NULL, TYPE_TEXT, FOR_DIFF, true, "TIME", "7d", NULL, 0, 0,            \
	  "changes since then: 7d, 12h, 2026-11-01")                                               \
	X(WITHIN, 0, "within", NULL, TYPE_TEXT, FOR_EXPIRY, true, "TIME", "30d", NULL, 0, 0,       \
	  "what expires until then: 30d, 2027-03-01")                                              \
	X(SCOPES, 0, "scope", NULL, TYPE_WORDS, FOR_KEYS, true, "SCOPES", NULL, NULL, 0, 0,        \
	  "create: what the key may do (domains:read,scans:write); default: all of its role")      \
	X(ROLE, 0, "role", NULL, TYPE_CHOICE, FOR_KEYS | FOR_USERS, true, "ROLE", NULL,            \
	  role_words, 0, 0, "of the key or person")                                                \
	X(EXPIRES, 0, "expires", NULL, TYPE_TEXT, FOR_KEYS, true, "DATE", NULL, NULL, 0, 0,        \
	  "create: when the key ends (2027-03-01, 90d); default: never")                           \
	X(PASSWORD, 0, "password-file", NULL, TYPE_SECRET, FOR_USERS, true, "FILE", NULL, NULL, 0, \
	  0, "holds the password; default: you are asked, without echo")                           \
	X(YES, 0, "yes", NULL, TYPE_SWITCH, FOR_DB, false, NULL, NULL, NULL, 0, 0,                 \
	  "restore: replace the store that is there")                                              \
	X(ORIGIN, 0, "origin", NULL, TYPE_SWITCH, FOR_CONFIG, true, NULL, NULL, NULL, 0, 0,        \
	  "say where each value comes from")                                                       \
	X(CONFIG, 'c', "config", NULL, TYPE_FILE,                                                  \
	  FOR_SCAN | FOR_ASK | FOR_DOCTOR | FOR_CONFIG | FOR_STORE, false, "FILE", NULL, NULL, 0,  \
	  0, "configuration; default /etc/dss/dss.yaml, else ~/.config/dss/dss.yaml")              \
	X(COLOR, 0, "color", NULL, TYPE_CHOICE, FOR_ALL, false, "WHEN", "auto", settings_when, 0,  \
	  0, "colours: auto is on a terminal, unless NO_COLOR or TERM=dumb say no")                \
	X(PROGRESS, 0, "progress", NULL, TYPE_CHOICE, FOR_SCAN | FOR_ASK | FOR_JUDGE, false,       \
	  "HOW", "auto", settings_progress, 0, 0,                                                  \
	  "on standard error: auto is a bar on a terminal, json a line a second")                  \
	X(QUIET, 'q', "quiet", NULL, TYPE_SWITCH, FOR_ALL, false, NULL, NULL, NULL, 0, 0,          \
	  "no warnings and no progress")                                                           \
	X(VERBOSE, 'v', "verbose", NULL, TYPE_SWITCH, FOR_ALL, true, NULL, NULL, NULL, 0, 0,       \
	  "show everything")

enum setting {
#define X(name, ...) SETTING_##name,
	SETTINGS(X)
#undef X
		SETTING_COUNT
};

struct setting_row {
	char letter;            /**< 0: none */
	const char *flag, *key; /**< NULL: none */
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
extern const char *const settings_formats[], *const settings_checks_formats[];
extern const char *const settings_when[], *const settings_progress[];
extern const char *const settings_bus_urls[];
extern const char *const settings_smtp_urls[];
extern const char *const settings_store_urls[], *const settings_web_urls[];
extern const char *const settings_log_formats[], *const settings_listing_formats[];
extern const char *const settings_expiry_formats[];
extern const char *const settings_server_urls[], *const settings_import_modes[];
extern const char *const settings_priorities[], *const settings_missed[];

enum setting_origin { ORIGIN_DEFAULT, ORIGIN_FILE, ORIGIN_VARIABLE, ORIGIN_FLAG };

struct setting_value {
	enum setting_origin origin;
	struct str text;  /**< as given, lists of a file with commas; empty: not set, no default */
	uint64_t number;  /**< NUMBER; SECONDS in ms; CHOICE: index; CHOICES: bits by index */
	bool is_on;       /**< SWITCH */
	struct str *list; /**< lists, each element trimmed */
	size_t count;
	unsigned line;        /**< of the file, with ORIGIN_FILE */
	const char *variable; /**< its name, with ORIGIN_VARIABLE */
};

struct settings {
	struct setting_value values[SETTING_COUNT];
	struct str *operands; /**< what is no flag, in order; all after "--" */
	size_t operand_count;
	bool wants_help, wants_full_help; /**< -h, --help: nothing else was checked */
	struct str file;                  /**< the configuration file that was read; empty: none */
};

enum { SETTINGS_LIST_MAX = 4096 };

/** "DSS_SCAN_RATE_PER_HOST" of the key, else "DSS_FAIL_ON" of the flag; returns out. */
enum { SETTING_VARIABLE_BYTES = 48 };
const char *setting_variable(const struct setting_row *row,
			     char out[static SETTING_VARIABLE_BYTES]);
/** "DSS_RATE" of the flag, where setting_variable is another; NULL: there is none. */
const char *setting_short_variable(const struct setting_row *row,
				   char out[static SETTING_VARIABLE_BYTES]);

/** Is it a setting of one of these commands? */
static inline bool setting_applies(const struct setting_row *row, unsigned commands)
{
	return row->commands & commands || (commands & FOR_CONFIG && row->key);
}

struct config;

/** Where values come from besides flags. */
struct settings_sources {
	const char *(*variable)(const char *name); /**< of the environment; returns NULL: not set */
	const struct config *config;               /**< NULL: no configuration file */
};

/**
 * Read a command's flags, variables, and configuration.
 *
 * @commands  bits of enum settings_for
 * @words     what follows the command's name; must outlive *ret
 * 0; ERR_SYNTAX: err says what was wrong and what may have been meant. Nothing is written.
 */
int settings_read(struct arena *a, unsigned commands, int word_count, char *const *words,
		  const struct settings_sources *sources, struct settings *ret,
		  struct err *err) MUST_USE;

/**
 * The same from this process's environment and the configuration file: the one that --config names,
 * else /etc/dss/dss.yaml, else dss.yaml in $XDG_CONFIG_HOME/dss or ~/.config/dss, when it is there.
 * No file is read for commands without --config. The folder of data and the URL of the store have
 * their defaults afterwards.
 */
int settings_load(struct arena *a, unsigned commands, int word_count, char *const *words,
		  struct settings *ret, struct err *err) MUST_USE;

#define SETTINGS_SYSTEM_CONFIG "/etc/dss/dss.yaml"
/** The user's own configuration file, whether it is there or not; NULL: the user has no home. */
const char *settings_own_config(struct arena *a);

/**
 * The settings that have a key and are not at their defaults, as NAME=VALUE variables ended by
 * NULL: a child that gets them, and --config /dev/null, reads the same values.
 */
const char *const *settings_variables(struct arena *a, const struct settings *settings);

/** What a command's help says besides its flags. */
struct settings_help {
	const char *name, *usage, *summary,
		*more;     /**< more: examples, in the full help; may be NULL */
	unsigned commands; /**< bits of enum settings_for */
};

/** -h: the common flags. --help: all, with variables, defaults and exit codes. */
void settings_put_help(struct buf *out, const struct settings_help *help, bool is_full);

#endif
