/* SPDX-License-Identifier: Apache-2.0 */
/** Workspaces, their quotas and what of them is used. A new store has one, `default`. */
#ifndef DSS_STORE_WORKSPACE_H
#define DSS_STORE_WORKSPACE_H

#include "base/uuid.h"
#include "store/store.h"

enum { WORKSPACE_DEFAULT = 1 };

struct quotas { /**< 0: no limit */
	int64_t max_domains, max_scans_per_day;
	int64_t max_scans_in_flight;     /**< running at once; more wait */
	int64_t max_requests_per_minute; /**< of one key or session */
};

struct workspace_row {
	int64_t no;
	struct uuid id;
	struct str name;
	int64_t created_at, version;
	struct quotas quotas;
	int64_t domains, scans_today; /**< scans_today is 0 again on a new UTC day */
};

/** Fills no, id, created_at, version. -EEXIST: the name is taken. */
int workspace_insert(struct store_tx *tx, struct workspace_row *row, struct err *err) MUST_USE;
/** -ENOENT. */
int workspace_get(struct store_tx *tx, int64_t no, struct workspace_row *ret,
		  struct err *err) MUST_USE;
int workspace_find(struct store_tx *tx, struct str name, struct workspace_row *ret,
		   struct err *err) MUST_USE;
int workspace_by_id(struct store_tx *tx, struct uuid id, struct workspace_row *ret,
		    struct err *err) MUST_USE;
/** In the order of their making; ret_next: octets for the next page's `after`, empty at the end. */
int workspace_list(struct store_tx *tx, const struct page *page, struct workspace_row **ret,
		   size_t *ret_count, struct str *ret_next, struct err *err) MUST_USE;
/** Name and quotas; -ESTALE unless row->version is the stored one; raises it in *row. -EEXIST. */
int workspace_update(struct store_tx *tx, struct workspace_row *row, struct err *err) MUST_USE;
/** -EALREADY: it still has domains, users or keys; -EPERM: the default one. */
int workspace_delete(struct store_tx *tx, int64_t no, struct err *err) MUST_USE;
/** Take so much of a quota, or -EDQUOT with err naming quota, limit and use; negative gives back. */
int workspace_use_domains(struct store_tx *tx, int64_t no, int64_t count, struct err *err) MUST_USE;
int workspace_use_scans(struct store_tx *tx, int64_t no, int64_t count, struct err *err) MUST_USE;
/** sql_foresee of what workspace_use reads. */
int workspace_foresee(struct store_tx *tx, int64_t no, struct err *err) MUST_USE;
/** Both at once, either may be 0, and once in a closure: a database behind a network is not waited for
 * when it was foreseen. */
int workspace_use(struct store_tx *tx, int64_t no, int64_t domains, int64_t scans,
		  struct err *err) MUST_USE;

#endif
