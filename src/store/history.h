/* SPDX-License-Identifier: Apache-2.0 */
/** What scans leave behind besides findings: what changed, and what expires when. */
#ifndef DSS_STORE_HISTORY_H
#define DSS_STORE_HISTORY_H

#include "base/uuid.h"
#include "model/check.h"
#include "store/store.h"

struct change_row {
	int64_t no; /**< filled by change_insert */
	int64_t workspace, domain;
	struct str name;  /**< of the domain: joined, not stored here */
	struct uuid scan; /**< that saw it */
	int64_t at;
	int kind;                   /**< enum change_kind (facts/diff.h) */
	struct str question, field; /**< "dns example.com MX", "records" */
	struct str before, after;   /**< empty: none */
	enum severity severity;
};

struct change_filter {
	int64_t workspace;
	int64_t domain;   /**< 0: any */
	int64_t from, to; /**< at or after, before; 0: any time */
};

int change_insert(struct store_tx *tx, struct change_row *row, struct err *err) MUST_USE;
/** Newest first. -EINVAL: page->after is no place in this list. */
int change_list(struct store_tx *tx, const struct change_filter *filter, const struct page *page,
		struct change_row **ret, size_t *ret_count, struct str *ret_next,
		struct err *err) MUST_USE;
/** Of the oldest `limit` those before the time go. */
int change_expire(struct store_tx *tx, int64_t before, unsigned limit, int64_t *ret_gone,
		  struct err *err) MUST_USE;

/* Stored numbers: append only. */
enum expiry_kind {
	EXPIRY_CERTIFICATE,
	EXPIRY_REGISTRATION,
	EXPIRY_RRSIG,
	EXPIRY_KEY,
	EXPIRY_KINDS
};
/** By number; ends with NULL. */
extern const char *const expiry_kind_words[];

struct expiry_row {
	int64_t workspace, domain;
	struct str name; /**< of the domain: joined, not stored here */
	enum expiry_kind kind;
	struct str subject;
	int64_t at;
};

/** All of a domain at once: what is not among the rows goes. Of the rows kind, subject and at are
 * read. Nothing is written when nothing changed. */
int expiry_replace(struct store_tx *tx, int64_t workspace, int64_t domain,
		   const struct expiry_row *rows, size_t count, struct err *err) MUST_USE;
/** All of a domain, by kind and subject. */
int expiry_of_domain(struct store_tx *tx, int64_t domain, struct expiry_row **ret,
		     size_t *ret_count, struct err *err) MUST_USE;
/** sql_foresee of it. */
int expiry_foresee(struct store_tx *tx, int64_t domain, struct err *err) MUST_USE;
/** When the next reminder of what ends at `at` is, after a time; 0: there is none. They come when a
 * fraction of its lifetime is left (30, 10 and 3 of the 90 days of a certificate; 30, 7 and one of a year's
 * registration), and when it is over. lifetime_us 0: not known, that of its kind. */
int64_t expiry_reminder(enum expiry_kind kind, int64_t at, int64_t lifetime_us, int64_t after);

struct expiry_due {
	struct expiry_row row;
	bool is_planned; /**< false: when it is to be reminded of was never worked out */
	bool is_deleted; /**< its domain */
};
/** Of all workspaces: those of which a reminder is due. */
int expiry_due(struct store_tx *tx, unsigned limit, struct expiry_due **ret, size_t *ret_count,
	       struct err *err) MUST_USE;
/** remind_at 0: never again. */
int expiry_remind(struct store_tx *tx, const struct expiry_row *row, int64_t remind_at,
		  struct err *err) MUST_USE;
/** Soonest first, those before `before` (0: all). -EINVAL: page->after is no place in this list. */
int expiry_list(struct store_tx *tx, int64_t workspace, int64_t before, const struct page *page,
		struct expiry_row **ret, size_t *ret_count, struct str *ret_next,
		struct err *err) MUST_USE;

#endif
