/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Reports: what a scan found, written in one of several formats. One file and one line of the table
 * a format. Rendering is pure: it reads structs and writes bytes into a buf; who calls it stores or
 * sends them. The formats' shapes are contracts: docs/schema/scan.schema.json, additive only.
 *
 * A run of several scans is prefix, report, separator, report, …, suffix; with no report at all it
 * is prefix, suffix. Reports that are empty count as none. So a run is streamed, and is valid
 * whenever it is ended.
 */
#ifndef DSS_REPORT_REPORT_H
#define DSS_REPORT_REPORT_H

#include "checks/score.h"
#include "model/judgement.h"
#include "report/fields.h"

struct report_options {
	bool is_verbose;
	bool has_colour;       /**< text: terminal colours */
	bool is_single;        /**< text: the run's only scan: say what to do next */
	unsigned width;        /**< text: columns, 0: 100 */
	unsigned verdict_mask; /**< checks and findings to show, 1 << enum verdict; 0: the format's
				*/
	struct fields fields;  /**< json, jsonl: which members; none: all */
};

/** Where a domain comes from: for formats that point there. */
struct report_place {
	struct str input; /**< the name as the user wrote it; empty: the domain */
	struct str list;  /**< the file that it stands in, as the user named it; empty: in none */
	uint64_t line;    /**< in the list, from 1; 0: in none */
};

struct report_input {
	const struct scan_request *request;
	struct report_place place;
	struct str profile;
	int64_t elapsed_us;
	struct str error; /**< not empty: the scan failed, and there is nothing else to tell */
	const struct verdicts *verdicts;
	const struct score *score;
	const struct str *limits; /**< what this machine cannot ask at all: "port 25" */
	size_t limit_count;
	const struct judged_since *since; /**< of failed checks, as far as is known */
	size_t since_count;
	struct report_options options;
};

/** NULL: not known. */
const struct judged_since *report_since(const struct report_input *input,
					const struct check *check);

struct report_format {
	const char *name; /**< of -f */
	const char *help;
	const char *prefix, *separator, *suffix;
	/** What follows the prefix and is too long for a constant; NULL: nothing. */
	void (*begin)(struct buf *out);
	/** One report, with its last newline if the format has one; nothing where it has nothing to
	 * say (a list of findings). */
	void (*render)(struct buf *out, const struct report_input *input);
	/** The record of an input that was never scanned (a bad name); NULL: none in this format.
	 */
	void (*reject)(struct buf *out, const struct report_place *place, struct str why);
};

/** Ends with a name of NULL. */
extern const struct report_format report_formats[];
const struct report_format *report_format_find(struct str name);
/** Append what stands before a run's next report, which is not empty: the first one, or another. */
void report_lead(struct buf *out, const struct report_format *format, bool is_first);

#endif
