/* SPDX-License-Identifier: Apache-2.0 */
/** Findings: one row per (domain, check, subject), however often it is seen. */
#ifndef DSS_STORE_FINDING_H
#define DSS_STORE_FINDING_H

#include "base/uuid.h"
#include "model/check.h"
#include "store/store.h"

/* Stored numbers: append only. */
enum finding_status {
	FINDING_OPEN,
	FINDING_FIXED,
	FINDING_RETIRED, /**< its check is no more */
	FINDING_ACCEPTED,
	FINDING_FALSE_POSITIVE,
	FINDING_STATUSES
};
/** By number; ends with NULL. */
extern const char *const finding_status_words[];

struct finding_row {
	struct uuid id;
	int64_t workspace, domain;
	struct str name; /**< of the domain: joined, not stored here */
	struct str check_id;
	struct str subject; /**< stable from scan to scan; empty: the domain itself */
	enum severity severity;
	enum finding_status status;
	struct str text, evidence; /**< of its last sight; evidence is JSON, or empty */
	int64_t first_seen, last_seen;
	int64_t closed_at;                /**< of fixed and retired; 0: none */
	struct uuid opened_by, closed_by; /**< scans */
	struct str reason, decided_by;    /**< of accepted and false positive */
	int64_t until;                    /**< of accepted; 0: for ever */
	int64_t version;
};

/** All conditions must hold. */
struct finding_filter {
	int64_t workspace;
	int64_t domain; /**< 0: any */
	struct str
		check_prefix; /**< "mail.spf.present", or "mail." for all that begin so; empty: any */
	struct str tag;       /**< of the domain; empty: any */
	int status;           /**< enum finding_status; -1: any */
	int min_severity;     /**< enum severity; 0: any */
};

/** Fills id and version. -EEXIST: the domain has one of this check and subject. */
int finding_insert(struct store_tx *tx, struct finding_row *row, struct err *err) MUST_USE;
/** The same for who has read the domain's findings in this transaction (sql_sure). */
int finding_insert_new(struct store_tx *tx, struct finding_row *row, struct err *err) MUST_USE;
/** All but names and first sight; raises version in *row. -ESTALE unless row->version is the stored one. */
int finding_update(struct store_tx *tx, struct finding_row *row, struct err *err) MUST_USE;
/** The same for a row that was read in this transaction (sql_sure). */
int finding_update_read(struct store_tx *tx, struct finding_row *row, struct err *err) MUST_USE;
/** sql_foresee of finding_of_domain; and what was foreseen is so no more. */
int finding_foresee(struct store_tx *tx, int64_t domain, struct err *err) MUST_USE;
void finding_forget(struct store_tx *tx, int64_t domain);
/** Only last_seen: what a rescan does to each finding that is still there. Versions stay. */
int finding_seen(struct store_tx *tx, const struct uuid *ids, size_t count, int64_t at,
		 struct err *err) MUST_USE;
/** -ENOENT: none, or of another workspace. */
int finding_get(struct store_tx *tx, int64_t workspace, struct uuid id, struct finding_row *ret,
		struct err *err) MUST_USE;
/** All of a domain, whatever their status, by check and subject. */
int finding_of_domain(struct store_tx *tx, int64_t domain, struct finding_row **ret,
		      size_t *ret_count, struct err *err) MUST_USE;
/** Worst first, the newest first among equals. -EINVAL: page->after is no place in this list. */
int finding_list(struct store_tx *tx, const struct finding_filter *filter, const struct page *page,
		 struct finding_row **ret, size_t *ret_count, struct str *ret_next,
		 struct err *err) MUST_USE;

struct finding_group {
	struct str check_id;
	enum severity severity; /**< of the worst */
	int64_t domains, findings;
};
/** By check, the worst and then the most frequent first; of the filter workspace and status (not any)
 * are asked. */
int finding_groups(struct store_tx *tx, const struct finding_filter *filter,
		   struct finding_group **ret, size_t *ret_count, struct err *err) MUST_USE;
/** sql_foresee of finding_decided. */
int finding_foresee_decided(struct store_tx *tx, int64_t domain, struct err *err) MUST_USE;
/** Those of a domain that are accepted, or false positives. */
int finding_decided(struct store_tx *tx, int64_t domain, struct finding_row **ret,
		    size_t *ret_count, struct err *err) MUST_USE;
/** Accepted ones whose time is over. */
int finding_lapsed(struct store_tx *tx, int64_t now, unsigned limit, struct finding_row **ret,
		   size_t *ret_count, struct err *err) MUST_USE;

#endif
