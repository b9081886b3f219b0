/* SPDX-License-Identifier: Apache-2.0 */
/** Domains of a workspace: one row a name, kept (deleted_at) when it is deleted without purge. */
#ifndef DSS_STORE_DOMAIN_H
#define DSS_STORE_DOMAIN_H

#include "base/uuid.h"
#include "model/check.h"
#include "store/store.h"

enum { DOMAIN_NO_PROFILE = -1, DOMAIN_GRADES = 8 };

struct domain_row {
	int64_t no;
	struct uuid id;
	int64_t workspace;
	struct str name; /**< A-labels, lower case, no trailing dot */
	struct str owner, notes;
	int profile;             /**< enum profile_number or DOMAIN_NO_PROFILE */
	struct str expectations; /**< JSON object, as validated; empty: none */
	int64_t version, created_at, updated_at, deleted_at; /**< deleted_at 0: not deleted */
	struct str proof_token;
	int64_t proven_at; /**< 0: not proven */
	struct uuid scan;  /**< the last that judged something; all zero: none yet */
	int64_t scanned_at;
	int grade;        /**< enum grade */
	int score;        /**< -1: none */
	int64_t fact_set; /**< fact_set.no of that scan; 0: none */
	int64_t open[SEVERITY_CRITICAL + 1];
	int64_t expires_at; /**< the soonest; 0: none known */
	struct str *tags;   /**< sorted, each once */
	size_t tag_count;
};

enum domain_order { DOMAIN_BY_NAME, DOMAIN_BY_GRADE, DOMAIN_BY_SCANNED, DOMAIN_BY_EXPIRY };

/** All conditions must hold; zero or empty: not asked. */
struct domain_filter {
	int64_t workspace;
	struct str contains;  /**< part of the name */
	struct str name_glob; /**< "*.example.com": each star is any run of characters */
	struct str tag, owner;
	int grade; /**< enum grade; 0: any */
	int64_t expires_before, scanned_before;
	int64_t changed_since; /**< edited or scanned since */
	enum domain_order order;
	bool is_descending;
};

/** Fills no, id, version, times; sorts the tags. A deleted row of the name is brought back with
 * what *row says. -EEXIST: it is there. */
int domain_insert(struct store_tx *tx, struct domain_row *row, struct err *err) MUST_USE;
/** In two steps: sql_foresee of it, which fills the id, and the insert of the same row, which must follow
 * (on a server the row is there already) unless the closure fails. */
int domain_foresee_insert(struct store_tx *tx, struct domain_row *row, struct err *err) MUST_USE;
int domain_insert_foreseen(struct store_tx *tx, struct domain_row *row, struct err *err) MUST_USE;
/** -ENOENT: no such name, or deleted. */
int domain_find(struct store_tx *tx, int64_t workspace, struct str name, struct domain_row *ret,
		struct err *err) MUST_USE;
/** One that is deleted, and not purged. -ENOENT. */
int domain_find_deleted(struct store_tx *tx, int64_t workspace, struct str name,
			struct domain_row *ret, struct err *err) MUST_USE;
/** Is a scan of it queued or running? */
int domain_is_busy(struct store_tx *tx, int64_t no, bool *ret, struct err *err) MUST_USE;
/** The largest number that was given; 0: none yet. */
int domain_newest(struct store_tx *tx, int64_t *ret, struct err *err) MUST_USE;
/** Deleted ones too. */
int domain_get(struct store_tx *tx, int64_t no, struct domain_row *ret, struct err *err) MUST_USE;
/** sql_foresee of domain_find, and of it. */
int domain_foresee_name(struct store_tx *tx, int64_t workspace, struct str name,
			struct err *err) MUST_USE;
int domain_foresee(struct store_tx *tx, int64_t no, struct err *err) MUST_USE;
/** After domain_foresee_name: of the rest of what domain_find reads. *ret_no 0: there is none, or
 * nothing can be foreseen. */
int domain_foresee_rest(struct store_tx *tx, int64_t workspace, struct str name, int64_t *ret_no,
			struct err *err) MUST_USE;
/** -ENOENT: none, of another workspace, or deleted. */
int domain_by_id(struct store_tx *tx, int64_t workspace, struct uuid id, struct domain_row *ret,
		 struct err *err) MUST_USE;
/** Writes owner, notes, profile, expectations, tags, proof; -ESTALE unless row->version is the stored
 * one; raises it in *row. */
int domain_update(struct store_tx *tx, struct domain_row *row, struct err *err) MUST_USE;
/** The summary after a scan: scan … expires_at and open; version stays. */
int domain_summarise(struct store_tx *tx, const struct domain_row *row, struct err *err) MUST_USE;
/** purges: with all history, for ever (also a row that is deleted already). -ENOENT. */
int domain_delete(struct store_tx *tx, int64_t no, bool purges, struct err *err) MUST_USE;
enum { DOMAIN_NAMES_A_PAGE = 20000 };
/**
 * One page in the filter's order, names deciding among equals. A list by name that asks for a part of
 * names looks at DOMAIN_NAMES_A_PAGE of them: its page may have fewer rows, or none, and yet a next. By scanned: never scanned is the
 * longest ago. By expiry: soonest first, unknown last. ret_next: octets for the next page's
 * `after`; empty when this is the last. -EINVAL: `after` is no such octets for this order.
 */
int domain_list(struct store_tx *tx, const struct domain_filter *filter, const struct page *page,
		struct domain_row **ret, size_t *ret_count, struct str *ret_next,
		struct err *err) MUST_USE;
/** Only no, id, name, profile and proven_at, by rising no after `after_no`: what batch expansion walks. The
 * filter's order is not asked. */
int domain_walk(struct store_tx *tx, const struct domain_filter *filter, int64_t after_no,
		unsigned limit, struct domain_row **ret, size_t *ret_count,
		struct err *err) MUST_USE;
/** Tags of the workspace and how many domains have them, most first. */
struct tag_count {
	struct str tag;
	int64_t domains;
};
int domain_tags(struct store_tx *tx, int64_t workspace, unsigned limit, struct tag_count **ret,
		size_t *ret_count, struct err *err) MUST_USE;

struct portfolio_stats {
	int64_t domains, scanned;
	int64_t by_grade[DOMAIN_GRADES];     /**< by enum grade */
	int64_t open[SEVERITY_CRITICAL + 1]; /**< findings */
	int64_t expiring_30d;                /**< domains of which something does */
};
int domain_stats(struct store_tx *tx, int64_t workspace, struct portfolio_stats *ret,
		 struct err *err) MUST_USE;

#endif
