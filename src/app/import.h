/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Many domains at once. The caller reads rows (NDJSON, CSV) and hands them over a thousand at a time;
 * each thousand is one transaction, and each row gets its outcome: a bad row spoils no other. What is
 * held between the thousands is a bit a domain, so memory does not grow with the rows.
 *
 *	app_import_begin(app, actor, IMPORT_UPSERT, false, &import, problem)
 *	app_import_rows(import, a, rows, count, problem)	again and again
 *	app_import_end(import, &removed, problem)		or app_import_abandon(import)
 */
#ifndef DSS_APP_IMPORT_H
#define DSS_APP_IMPORT_H

#include "app/domain.h"

enum { IMPORT_ROWS = 1000 };

enum import_mode {
	IMPORT_ADD,    /**< what is there stays as it is */
	IMPORT_UPSERT, /**< what is there takes the fields that a row gives */
	IMPORT_REPLACE /**< the same; at the end what no row named is deleted, history kept */
};
/** By number; ends with NULL. */
extern const char *const import_mode_words[];

enum import_outcome {
	IMPORT_ADDED,
	IMPORT_UPDATED,
	IMPORT_UNCHANGED,
	IMPORT_EXISTS, /**< there already, and left as it is (IMPORT_ADD) */
	IMPORT_REJECTED,
	IMPORT_OUTCOMES
};
extern const char *const import_outcome_words[];

struct import_row {
	size_t line; /**< the caller's, for people */
	struct domain_input input;
	/** A row that the caller could not read: error is filled, and it is rejected. */
	bool is_unreadable;
	/* set by app_import_rows */
	enum import_outcome outcome;
	struct str name;          /**< as stored; empty when it is no name */
	struct str note;          /**< what was more than a name; may be empty */
	struct field_error error; /**< of a rejected row */
};

struct import;

/** is_dry: nothing is stored; outcomes are what they would be. The app must outlive it. */
int app_import_begin(struct app *app, const struct actor *actor, enum import_mode mode, bool is_dry,
		     struct import **ret, struct problem *problem) MUST_USE;
/** At most IMPORT_ROWS. Outcomes and their texts are in the arena. When it fails nothing of these
 * rows is stored, and they can be given again. */
int app_import_rows(struct import *import, struct arena *a, struct import_row *rows, size_t count,
		    struct problem *problem) MUST_USE;
/** How many rows ended so, until now. */
size_t app_import_count(const struct import *import, enum import_outcome outcome);
/**
 * Ends it, whatever it returns. *ret_removed: domains that IMPORT_REPLACE deleted. -EINVAL: none was
 * deleted, because rows were rejected: a misspelt name must not delete a domain.
 */
int app_import_end(struct import *import, int64_t *ret_removed, struct problem *problem) MUST_USE;
/** Ends it where it is: what was stored stays, nothing is deleted. NULL is allowed. */
void app_import_abandon(struct import *import);

#endif
