/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The scanner: a process that asks strangers, judges, renders, and can do nothing else. It is told
 * everything by frames (children/protocol.h) on descriptor SCANNER_FD, enters its sandbox before the first
 * question, and leaves when its parent does.
 *
 * scanner.c is the process and its frames; one file a kind of work: scanning.c, asking.c, judging.c;
 * running.c: what others run for it; options.c: how much a scan asks.
 */
#ifndef DSS_ROLES_SCANNER_SCANNER_H
#define DSS_ROLES_SCANNER_SCANNER_H

#include "ask/runs.h"
#include "children/protocol.h"
#include "formats/registry/rdap.h"
#include "loop/frames.h"
#include "report/report.h"
#include "scan/engine.h"

struct answers;
struct work;

struct scanner {
	uv_loop_t loop;
	struct timers timers;
	struct frames *channel;
	struct arena arena; /* what lives as long as the process */
	struct scanner_configuration configuration;
	const struct report_format *format; /* NULL: verdicts are sent as plain data */
	struct report_options report;
	struct scan_limits limits;
	struct network *allowed;
	struct egress egress;
	struct paces *paces;           /* NULL: its own */
	struct trust *trust;           /* NULL: nothing is asked over HTTP */
	struct str bootstrap_texts[4]; /* read before the sandbox closes, parsed inside */
	size_t bootstrap_count;
	struct rdap_bootstrap bootstrap;
	struct gate *gate;
	struct engine *engine;
	struct answers *answers; /* asking.c */
	struct work *works;      /* scanning.c */
	struct gate_run *runs;   /* running.c */
	size_t runs_out;
	uint64_t last_run;
	struct timer progress;
	struct str *vantage; /* what this machine cannot ask */
	size_t vantage_count;
	size_t running; /* inputs under way */
	struct gate_probe probe;
	bool is_configured, is_finishing;
	bool is_over;  /* no frame counts any more */
	bool is_alone; /* dss is gone: nobody reads what is queued */
	int exit_code;
};

/** Runs until its work is done; returns the exit code of the process. */
int scanner_main(void);

/** Queue a frame to dss. */
void scanner_put(struct scanner *scanner, const struct frame *frame);
/** A body by its descriptor, as a frame to dss. */
void scanner_send(struct scanner *scanner, enum scanner_frame type, uint64_t number,
		  const struct desc *desc, const void *body);
void scanner_log(struct scanner *scanner, enum scanner_log_level level, const char *format, ...)
	PRINTF(3, 4);
/** Tell dss why there is no going on, and leave. */
void scanner_fatal(struct scanner *scanner, int exit_code, const char *format, ...) PRINTF(3, 4);
/** Inputs have ended: when all have and FINISH has come, the process leaves. */
void scanner_ended(struct scanner *scanner, size_t inputs);

/** Its own, or those of the configuration. */
const struct scanner_options *scanner_options_of(const struct scanner *scanner, bool has_own,
						 const struct scanner_options *own);
/** Which checks take part; options must outlive what it is used for. */
struct selection options_selection(struct arena *a, const struct scanner_options *options,
				   struct str domain);
/** -EINVAL: no such profile. */
int options_limits(const struct scanner_options *options, struct scan_limits *ret,
		   struct err *err) MUST_USE;
/** Without the scan's time. */
struct scan_request options_request(const struct scanner_options *options, struct str domain);

/* One kind of work each; frame bodies are hostile, a bad one is fatal. */
int scanning_start(struct scanner *scanner, const struct frame *frame) MUST_USE;
int scanning_cancel(struct scanner *scanner, const struct frame *frame) MUST_USE;
/** Of scans that have run for a while. */
void scanning_progress(struct scanner *scanner, struct arena *a, struct scanner_progress *progress);
int asking_start(struct scanner *scanner, const struct frame *frame) MUST_USE;
void asking_flush(struct scanner *scanner);
/** The runs of the gate go to dss. */
struct gate_runs running_of(struct scanner *scanner);
int running_take(struct scanner *scanner, const struct frame *frame) MUST_USE;
int judging_start(struct scanner *scanner, const struct frame *frame) MUST_USE;

/** Render and send one ended scan or judgement. */
struct scan_report {
	uint64_t number;
	struct report_place place;
	struct str profile;
	const struct scan_request *request;
	struct verdicts *verdicts; /**< the policy is applied to them */
	const struct check_policy *policy;
	int64_t elapsed_us;
	bool wants_verdicts; /* plain data, whatever the format */
	const struct judged_since *since;
	size_t since_count;
};
void scanning_report(struct scanner *scanner, struct arena *a, const struct scan_report *report);
/* What the scan before saw, for the judges: as of struct scanner_scan. */
void scanning_before(struct arena *a, const struct str *before, size_t before_count,
		     struct scan_request *request);

#endif
