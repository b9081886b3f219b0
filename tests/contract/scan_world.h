/* SPDX-License-Identifier: Apache-2.0 */
/** Scans of one domain that a worker takes and ends, and what the store shows after each. */
#ifndef DSS_TESTS_CONTRACT_SCAN_WORLD_H
#define DSS_TESTS_CONTRACT_SCAN_WORLD_H

#include "app/scan.h"
#include "tests/contract/scan_rows.h"

enum { LINES = 8, IDS = 8, ROWS_MAX = 64 };

#define NAME "example.com"

/** One scan as a table says it. */
struct step {
	const char *findings[LINES]; /* "check subject severity text" */
	const char *settled[IDS];    /* ids of checks */
	const char *facts[LINES];    /* as vectors write them */
	const char *known[IDS];      /* none: not said */
	enum scan_status status;     /* 0: done */
	int grade;
	const char *recheck;
	const char *accepted; /* all of them, by this policy ("policy corporate"); NULL: none */
	int64_t until;        /* so long after the scan's beginning; 0: for ever */
};

/** A domain, a worker, and what of the store is looked at after a scan. */
struct world {
	struct rows rows;
	struct app app;
	struct uuid worker;
	int64_t domain, seen_event;
	int profile; /**< of scans that are queued from here on */
	struct uuid batch;
	struct scan_stored stored;
	struct scan_row last;
	/* for closures */
	struct str recheck;
	struct finding_row *findings;
	struct event_row *events;
	struct change_row *changes;
	size_t finding_count, event_count, change_count;
	struct domain_row row;
};

void world_open(struct world *w);
void world_close(struct world *w);
/** A scan that the worker runs. */
struct scan_row world_take(struct world *w, const char *recheck);
/** The same, with what holds for the domain. */
struct scan_taking world_taking(struct world *w, const char *recheck);
/** It ends as the step says; then the world is looked at. */
void world_end(struct world *w, const struct step *step, const struct scan_row *scan);
/** A whole scan; then what it told is in w->events. */
void world_scan(struct world *w, const struct step *step);
/** Reads what stands in the store into the world: for rows_read. */
int world_look(struct store_tx *tx, void *world, struct err *err);
/** The finding of that check; fails the test when there is none. */
const struct finding_row *world_finding(const struct world *w, const char *check);
/** The types of w->events in order, as words. */
void world_told(const struct world *w, const char *expected);

#endif
