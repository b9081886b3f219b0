/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A run of scans: inputs come from the command line and a list (scan_inputs.c), results go out
 * (scan_results.c), scan.c begins and ends it. An input holds a slot from when it is taken until
 * its record is written, so slots bound memory and are the scanner's credit.
 */
#ifndef DSS_CLI_SCAN_H
#define DSS_CLI_SCAN_H

#include "cli/before.h"
#include "cli/input.h"
#include "cli/journal.h"
#include "cli/run.h"
#include "report/report.h"

struct scan_slot {
	uint64_t number; /**< 0: free */
	struct arena arena;
	struct report_place place;
	struct str domain, output;
	bool is_sent, is_done;
	unsigned deaths; /**< of scanners that had it */
};

struct scan_run {
	struct run run;
	struct input *input; /**< the list, or NULL */
	struct journal *journal;
	struct before before;
	struct output facts;
	struct scan_slot *slots;
	size_t slot_count, used;
	size_t next_operand;
	uint64_t last_number, next_written, skipped;
	bool is_ready, is_finishing, is_pumping;
};

/** Take as many inputs as there are free slots; finish when all are through. */
void scan_pump(struct scan_run *scan);
void scan_slot_send(struct scan_run *scan, struct scan_slot *slot);
/** Its record is there: write it, now or when those before it are. */
void scan_slot_end(struct scan_run *scan, struct scan_slot *slot);
/** The slot with this number, NULL: none. */
struct scan_slot *scan_slot_of(struct scan_run *scan, uint64_t number);

extern const struct scanner_process_events scan_events;

#endif
