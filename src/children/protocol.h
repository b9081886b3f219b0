/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What `dss` and its child `dss-net scanner` say to each other: frames (loop/frame.h) whose bodies
 * are structs below, encoded by their descriptors. Both sides read bodies as hostile. Fields are
 * only added; a change that an older side would misread raises SCANNER_PROTOCOL, which is the
 * frames' version.
 *
 *	dss			scanner
 *	CONFIGURE ──▶				once, first
 *		  ◀── READY			sandboxed, resolver chosen; nothing is asked before
 *	SCAN, ASK, JUDGE ──▶			as many as the credit allows
 *	CANCEL ──▶				one SCAN ends now, as cancelled
 *		  ◀── FACTS, VERDICTS		of one scan, each once, if wanted
 *		  ◀── RESULT, ANSWERS		rendered bytes, written out as they are
 *		  ◀── PROGRESS, LOG
 *		  ◀── RUN, UNRUN		a tool or keyed API for a question: children/runner_protocol.h
 *	RAN ──▶					what came of it
 *	FINISH ──▶				no more requests will come
 *		  ◀── the last results, then exit status 0
 *
 * Credit: dss never has more inputs out than `in_flight`, where an input counts from its request
 * until the bytes of its RESULT or ANSWERS frame are written. So both sides' memory is bounded by
 * in_flight, however slow the reader of our output is; the scanner just queues its frames.
 * Order: any; results come as scans finish. dss restores the order of inputs when asked to.
 * The end of the stream without FINISH means that dss is gone: the scanner leaves at once.
 *
 * A command sends CONFIGURE with `format` and gets rendered bytes; the options of all its scans
 * stand there once. A worker leaves `format` empty, gives each SCAN its own options, and gets
 * VERDICTS: plain data (model/judgement.h), without the score, which the reader computes itself.
 *
 * What the scanner sends is hostile: children/scanner.h says what is checked.
 */
#ifndef DSS_CHILDREN_PROTOCOL_H
#define DSS_CHILDREN_PROTOCOL_H

#include "model/definition.h"
#include "model/judgement.h"
#include "model/policy.h"

enum {
	SCANNER_PROTOCOL = 2,
	SCANNER_FD = 3,      /**< the scanner's end of the stream; 2 is standard error */
	SCANNER_PACES_FD = 4 /**< the map of paces (net/paces.h), if the configuration has one */
};

/** Frame types, with the struct of the body. */
enum scanner_frame {
	/* dss to scanner */
	SCANNER_CONFIGURE = 1, /**< struct scanner_configuration */
	SCANNER_SCAN = 2,      /**< struct scanner_scan; several may follow in one write */
	SCANNER_ASK = 3,       /**< struct scanner_ask: a block of lines */
	SCANNER_JUDGE = 4,     /**< struct scanner_judge */
	SCANNER_FINISH = 5,    /**< empty */
	SCANNER_CANCEL = 6,    /**< struct scanner_cancel */
	SCANNER_RAN = 7,       /**< struct run_result */
	/* scanner to dss */
	SCANNER_READY = 16,    /**< struct scanner_ready */
	SCANNER_RESULT = 17,   /**< struct scanner_result: one scan or judgement has ended */
	SCANNER_ANSWERS = 18,  /**< struct scanner_answers: a run of inputs of ASK has ended */
	SCANNER_FACTS = 19,    /**< struct scan_facts of one scan, before its RESULT */
	SCANNER_PROGRESS = 20, /**< struct scanner_progress; at most ten a second */
	SCANNER_LOG = 21,      /**< struct scanner_log */
	SCANNER_FATAL = 22,    /**< struct scanner_fatal; the scanner leaves after it */
	SCANNER_VERDICTS = 23, /**< struct scanner_verdicts of one scan, before its RESULT */
	SCANNER_RUN = 24,      /**< struct run_request */
	SCANNER_UNRUN = 25     /**< struct run_number */
};

enum { PROGRESS_AFTER_MS = 1000, PROGRESS_SCANS = 1024 };

enum scanner_work { SCANNER_WORK_SCAN, SCANNER_WORK_ASK, SCANNER_WORK_JUDGE };

/** How much one scan asks and judges. */
struct scanner_options {
	struct str profile; /**< "standard", "dns", … : scan/profile.h */
	struct str *only;   /**< check ids or prefixes that take part; none: all */
	size_t only_count;
	struct str *skip; /**< check ids or prefixes that do not */
	size_t skip_count;
	uint32_t timeout_ms;   /**< deadline of a scan; 0: the profile's */
	bool is_active;        /**< consent to active questions */
	bool is_fresh;         /**< take nothing that was asked before this scan began */
	bool wants_proof;      /**< among the facts is the record of model/proof.h */
	struct str *selectors; /**< DKIM selectors besides the built-in ones */
	size_t selector_count;
	struct check_policy policy;       /**< of all domains that these options are for */
	struct expectations expectations; /**< of the domain; those of the policy fill them up */
};

/** Everything that a scanner needs to know; it reads no file, no environment, no flags. */
struct scanner_configuration {
	uint8_t work;                   /**< enum scanner_work; JUDGE never opens a socket */
	struct scanner_options options; /**< of scans that bring none of their own */
	struct str *resolvers;          /**< "192.0.2.1", "[2001:db8::1]:53", …; checked by dss */
	size_t resolver_count;
	struct str *allow_networks; /**< "10.0.0.0/8": private networks that may be asked */
	size_t allow_network_count;
	uint32_t rate;      /**< questions a second to one address; 0: the profile's */
	bool has_paces;     /**< they are shared: the map is at SCANNER_PACES_FD */
	uint32_t in_flight; /**< inputs that dss will have out at most; see above */
	/* Rendering (report/report.h) */
	struct str format;     /**< of report/report.h; empty: VERDICTS instead */
	struct str list;       /**< the file of the inputs, as the user named it; empty: none */
	struct str fields;     /**< "domain,grade,findings.id"; empty: all */
	uint32_t verdict_mask; /**< findings and checks shown: 1 << enum verdict; 0: the format's */
	uint32_t width;        /**< columns of the terminal, 0: none */
	bool has_colour, is_verbose;
	bool is_single;       /**< the run's only scan: text says what to do next */
	bool wants_facts;     /**< send FACTS */
	uint32_t progress_ms; /**< send PROGRESS so often, as a sign of life; 0: never */
	struct str ca_file;   /**< certificates of authorities; empty: the system's */
	struct str
		rdap_bootstrap; /**< file of RFC 9224, or a folder of them; empty: as compiled in */
	struct definitions definitions; /**< of tools and APIs; without secrets */
};

/** Scan one domain. */
struct scanner_scan {
	uint64_t number;   /**< from 1, never used twice; names the result */
	struct str input;  /**< as the user wrote it, for the record */
	uint64_t line;     /**< of the list that it stands in; 0: in none */
	struct str domain; /**< our form of the name (formats/names/input.h) */
	bool has_options;  /**< its own; otherwise those of the configuration */
	struct scanner_options options;
	struct str *
		before; /**< facts of the scan before, by fact_encode() or its stable form (facts/compared.h) */
	size_t before_count;
};

enum { SCANNER_BEFORE = 64 /**< facts before, at most */ };

struct scanner_cancel {
	uint64_t number; /**< of a SCAN; one that has ended meanwhile is ignored */
};

/**
 * Ask the same question about many subjects. Each line of `lines` (LF or CRLF; the last one may
 * lack its LF) is the value of the first text field of the question's arguments: the name, zone,
 * host or URL. The other arguments stand in `prototype`. Each line counts as one input, also an
 * empty one (skipped without output), a bad one and one that starts with '#' (skipped).
 */
struct scanner_ask {
	uint64_t first_line;  /**< number of the first line in the user's input, from 1 */
	struct str prototype; /**< question_key() of a question about "." */
	struct str lines;     /**< at most 1 MiB; whole lines */
};

/** The facts of one scan: what `--facts` stores and `dss judge` judges. */
struct scan_facts {
	uint64_t number; /**< of the scan in this run */
	struct str domain;
	int64_t at_us; /**< the scan's time: judging uses it, not today's */
	bool is_active;
	struct str profile;
	struct str *facts; /**< each by fact_encode() */
	size_t fact_count;
	struct str text; /**< or: lines that fact_parse() reads */
	/** Not empty: the facts are stable forms, in the order of facts_order(), and this is the rest of
	 * them (facts/volatile.h). */
	struct str volatile_blob;
};

struct scanner_judge {
	uint64_t number;
	struct scan_facts facts;
	bool has_options; /**< its own; otherwise those of the configuration */
	struct scanner_options options;
	bool wants_verdicts;        /**< VERDICTS, whatever the format: nothing is rendered */
	struct judged_since *since; /**< what the report is to tell of failed checks */
	size_t since_count;
	struct str *before; /**< as of struct scanner_scan */
	size_t before_count;
};

struct scanner_ready {
	uint32_t pid;
	struct str resolver; /**< for people: who answers, "127.0.0.1 (own)" */
	struct str *limits;  /**< what this machine cannot ask at all: "IPv6", "port 25" */
	size_t limit_count;
};

enum scan_state { SCAN_DONE, SCAN_INCOMPLETE, SCAN_FAILED, SCAN_CANCELLED };

struct scanner_result {
	uint64_t number;
	uint8_t state;     /**< enum scan_state */
	bool has_findings; /**< worst is of a finding */
	uint8_t worst;     /**< enum severity of the worst finding */
	struct str grade;  /**< "A+" …; empty: none */
	struct str error;  /**< for people, when failed */
	struct str output; /**< one rendered report, without the format's separator */
};

/** What was found, as plain data; text and json are made of it elsewhere. */
struct scanner_verdicts {
	uint64_t number;
	int64_t elapsed_us;
	struct judgement judgement; /**< its score is empty */
};

/** Lines of ASK that are done, whole JSON lines in any order. Sent at 256 KiB, or 20 ms after the
 * first byte. */
struct scanner_answers {
	uint64_t finished; /**< input lines that this frame ends, skipped ones included */
	uint64_t answered; /**< of these: the asked party answered */
	uint64_t theirs;   /**< of these: it failed */
	uint64_t ours;     /**< of these: we could not ask; makes the run incomplete */
	uint64_t rejected; /**< of these: bad input; each also gives a LOG frame */
	struct str output;
};

/** How far one scan is. */
struct scan_progress {
	uint64_t number;
	uint32_t asked, answered; /**< questions so far; answered ones are among those asked */
	uint32_t judged, checks;  /**< checks whose verdict stands, and all that take part */
};

struct scanner_progress {
	uint64_t asked, answered; /**< questions of all scans so far */
	uint32_t running;         /**< scans */
	struct scan_progress
		*scans;    /**< who wants VERDICTS: scans that run for PROGRESS_AFTER_MS */
	size_t scan_count; /**< PROGRESS_SCANS at most */
};

enum scanner_log_level { SCANNER_LOG_DEBUG, SCANNER_LOG_INFO, SCANNER_LOG_WARNING };

struct scanner_log {
	uint8_t level;   /**< enum scanner_log_level */
	struct str text; /**< one line; may hold foreign bytes: the sink encodes them */
};

struct scanner_fatal {
	uint8_t exit_code; /**< of dss: 2 usage, 5 otherwise */
	struct str text;
};

extern const struct desc scanner_configuration_desc, scanner_scan_desc, scanner_ask_desc,
	scan_facts_desc, scanner_judge_desc, scanner_cancel_desc, scanner_ready_desc,
	scanner_result_desc, scanner_verdicts_desc, scanner_answers_desc, scanner_progress_desc,
	scanner_log_desc, scanner_fatal_desc;

#endif
