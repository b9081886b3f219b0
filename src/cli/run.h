/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A run of a command that works through a scanner: loop, signals, resolver, output, progress, and
 * what the exit code will be. The command gives the scanner's events and the inputs.
 */
#ifndef DSS_CLI_RUN_H
#define DSS_CLI_RUN_H

#include "cli/command.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "children/scanner.h"
#include "net/unbound.h"
#include "report/report.h"
#include "settings/definitions.h"

struct signals;

struct run {
	const struct call *call;
	uv_loop_t loop;
	struct output output;
	struct progress progress;
	struct scanner_configuration configuration;
	struct external external; /**< tools and APIs, with their keys */
	struct scanner_process *scanner;
	struct runner *runner; /**< of what the scanner has run by others */
	struct unbound *unbound;
	struct signals *signals;
	const struct report_format *format; /**< of commands that report */
	bool has_reported;
	bool is_quiet;
	bool is_over;         /**< ends run_wait */
	bool was_interrupted; /**< by SIGINT or SIGTERM */
	bool has_reached_fail_on, is_incomplete;
	int broken; /**< enum exit_code that beats all others, 0: none */
};

/**
 * @work  enum scanner_work; fills the configuration from the settings
 * 0, or an exit code after having said why.
 */
int run_open(struct run *run, const struct call *call, enum scanner_work work) MUST_USE;
/** Our own Unbound unless --resolver names others. */
int run_start_resolver(struct run *run) MUST_USE;
int run_start_scanner(struct run *run, const struct scanner_process_events *events,
		      void *data) MUST_USE;
/** Runs the loop until is_over. */
void run_wait(struct run *run);
/** Everything is stopped and closed; returns the exit code. */
int run_close(struct run *run);

/** Say it (the bar steps aside) and end the run with this exit code. */
void run_break(struct run *run, int exit_code, const char *format, ...) PRINTF(3, 4);
/** A warning; not with -q. */
void run_warn(struct run *run, const char *format, ...) PRINTF(2, 3);
/** Write results; a failure breaks the run. */
void run_write(struct run *run, struct str bytes);
/** Write one report in one piece, with what separates it from the one before; an empty one is none. */
void run_report(struct run *run, struct str report);
/** What makes the run's reports a whole; once, after the last. */
void run_report_end(struct run *run);

/* Events of a scanner whose data begins with a struct run (children/scanner.h). */

/** Warnings always, the rest with -v. */
void run_on_log(void *data, const struct scanner_log *log);
/** The run is over; broken when the scanner did not end well. */
void run_on_gone(void *data, int exit_code, bool is_crash, const char *why);

/** The list to read: --list, "-" among the operands, or standard input when there are none and it
 * is no terminal; NULL: none. An exit code when that contradicts itself. */
int run_list(struct run *run, bool has_operands, bool has_dash, const char **ret_path) MUST_USE;

#endif
