/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The facts of scans in a file: what `dss scan --facts FILE` writes and `dss judge FILE` reads. A
 * scan is a line "dss-facts 1", its request, then its facts, each behind its length, and a length of
 * zero. Scans follow one another, so files may be joined end to end.
 *
 * Reading is of hostile bytes: lengths are bounded by what is there and by FACTS_FILE_BYTES. What a
 * newer version wrote is refused with ERR_VERSION, never read in part.
 *
 *	struct facts_file file = { .rest = bytes };
 *	while ((code = facts_file_scan(a, &file, &scan, &err)) > 0)
 *		while ((code = facts_file_fact(a, &file, &fact, &err)) > 0)
 *			…
 */
#ifndef DSS_FACTS_FILE_H
#define DSS_FACTS_FILE_H

#include "facts/fact.h"

enum {
	FACTS_FILE_VERSION = 1,
	FACTS_FILE_BYTES = 16 << 20 /**< of one fact or request */
};

/** What was scanned, as far as judging again needs it. */
struct facts_scan {
	struct str domain;
	int64_t at_us; /**< the scan's time, UTC */
	bool is_active;
	const struct str *dkim_selectors; /**< given by the user */
	size_t dkim_selector_count;
	struct str profile; /**< that it was scanned by; empty: not told */
};

void facts_file_begin(struct buf *out, const struct facts_scan *scan);
void facts_file_put(struct buf *out, const struct fact *fact);
/** The same of a fact that fact_encode() has written: for who passes facts on unread. */
void facts_file_put_encoded(struct buf *out, struct str fact);
void facts_file_end(struct buf *out);

/** Set rest to the file's bytes, which must outlive what is read. */
struct facts_file {
	struct str rest;
	bool is_in_scan;
};

/** The next scan, behind facts that were not read: 1; 0 at the end of the file; ERR_SYNTAX,
 * ERR_LIMIT, ERR_VERSION with the reason. */
int facts_file_scan(struct arena *a, struct facts_file *file, struct facts_scan *ret,
		    struct err *err) MUST_USE;
/** The next fact of the scan: 1; 0 at its end; errors as above, also when the file ends before. */
int facts_file_fact(struct arena *a, struct facts_file *file, struct fact *ret,
		    struct err *err) MUST_USE;
/** The same without decoding it: the view is what fact_decode() reads. */
int facts_file_encoded(struct facts_file *file, struct str *ret, struct err *err) MUST_USE;

#endif
