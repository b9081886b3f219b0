/* SPDX-License-Identifier: Apache-2.0 */
/** Rules: which events go to which channels, and when. What the texts mean: app/rule.h. */
#ifndef DSS_STORE_RULE_H
#define DSS_STORE_RULE_H

#include "base/uuid.h"
#include "model/check.h"
#include "store/store.h"

struct rule_row {
	int64_t no;
	struct uuid id;
	int64_t workspace;
	struct str name;        /**< once in the workspace */
	struct str events;      /**< patterns of event types: "finding.*", with blanks between */
	struct str immediate;   /**< those that wait for no digest; likewise */
	struct str selector;    /**< app/selector.h */
	struct str area;        /**< check id or its first words; empty: any */
	enum severity severity; /**< the least */
	int64_t digest_s;       /**< 0: each event by itself */
	struct str digest_at;   /**< app/digest.h; empty: windows of digest_s */
	bool is_enabled;
	int64_t since;     /**< event.sequence: only later ones */
	int64_t *channels; /**< channel.no, rising */
	struct str *names; /**< theirs; not asked when it is written */
	size_t channel_count;
	int64_t created_at, version;
};

/** Fills no, id, since, created_at, version. -EEXIST: the name is taken. */
int rule_insert(struct store_tx *tx, struct rule_row *row, struct err *err) MUST_USE;
/** -ENOENT: none, or of another workspace. */
int rule_get(struct store_tx *tx, int64_t workspace, struct uuid id, struct rule_row *ret,
	     struct err *err) MUST_USE;
int rule_find(struct store_tx *tx, int64_t workspace, struct str name, struct rule_row *ret,
	      struct err *err) MUST_USE;
int rule_count(struct store_tx *tx, int64_t workspace, int64_t *ret, struct err *err) MUST_USE;
/** In the order of their making. */
int rule_list(struct store_tx *tx, int64_t workspace, const struct page *page,
	      struct rule_row **ret, size_t *ret_count, struct str *ret_next,
	      struct err *err) MUST_USE;
/** Those of all workspaces that are enabled and have a channel that is. */
int rule_active(struct store_tx *tx, struct rule_row **ret, size_t *ret_count,
		struct err *err) MUST_USE;
/** All that a person sets. -ESTALE, -EEXIST as channel_update. */
int rule_update(struct store_tx *tx, struct rule_row *row, struct err *err) MUST_USE;
/** -ENOENT. */
int rule_delete(struct store_tx *tx, int64_t no, struct err *err) MUST_USE;

#endif
