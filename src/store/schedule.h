/* SPDX-License-Identifier: Apache-2.0 */
/** Schedules: what is scanned when, and which tick of them is next. */
#ifndef DSS_STORE_SCHEDULE_H
#define DSS_STORE_SCHEDULE_H

#include "base/uuid.h"
#include "store/store.h"

/** What becomes of a tick at which nobody fired. Stored numbers: append only. */
enum missed_policy { MISSED_SKIP, MISSED_ONCE, MISSED_ALL };
/** By number; ends with NULL. */
extern const char *const missed_policy_words[];

struct schedule_row {
	struct uuid id;
	int64_t workspace;
	struct str name; /**< once in the workspace */
	struct str cron, zone;
	struct str blackouts; /**< formats/blackout.h; empty: none */
	struct str selector;  /**< app/selector.h */
	int64_t jitter_s;
	int profile;  /**< enum profile_number; -1: each domain's, else the settings' */
	int priority; /**< enum scan_priority */
	enum missed_policy missed;
	bool is_enabled;
	int64_t next_at;            /**< when the next fire is due, jitter included; 0: never */
	int64_t next_tick;          /**< the tick that it stands for: cron's own time */
	int64_t last_at, last_tick; /**< 0: none */
	int64_t created_at, version;
};

/** Fills created_at, version, and id where it is nil. -EEXIST: the name is taken. */
int schedule_insert(struct store_tx *tx, struct schedule_row *row, struct err *err) MUST_USE;
/** -ENOENT: none, or of another workspace. */
int schedule_get(struct store_tx *tx, int64_t workspace, struct uuid id, struct schedule_row *ret,
		 struct err *err) MUST_USE;
int schedule_find(struct store_tx *tx, int64_t workspace, struct str name, struct schedule_row *ret,
		  struct err *err) MUST_USE;
/** How many a workspace has. */
int schedule_count(struct store_tx *tx, int64_t workspace, int64_t *ret, struct err *err) MUST_USE;
/** In the order of their making; workspace 0: those of all. */
int schedule_list(struct store_tx *tx, int64_t workspace, const struct page *page,
		  struct schedule_row **ret, size_t *ret_count, struct str *ret_next,
		  struct err *err) MUST_USE;
/** All that a person sets, and next_…; -ESTALE unless row->version is the stored one; raises it in
 * *row. -EEXIST: the name is taken. */
int schedule_update(struct store_tx *tx, struct schedule_row *row, struct err *err) MUST_USE;
/** -ENOENT. */
int schedule_delete(struct store_tx *tx, struct uuid id, struct err *err) MUST_USE;
/** Enabled ones of all workspaces that are due, soonest first. */
int schedule_due(struct store_tx *tx, int64_t now, unsigned limit, struct schedule_row **ret,
		 size_t *ret_count, struct err *err) MUST_USE;
/** When the next enabled one is due; 0: none. */
int schedule_next_due(struct store_tx *tx, int64_t *ret, struct err *err) MUST_USE;
/**
 * On to another tick: next_… as given, and, when last_tick is not 0, that one has fired now. -ESTALE
 * unless the schedule waits for `tick` still. Version stays.
 */
int schedule_move(struct store_tx *tx, struct uuid id, int64_t tick, int64_t last_tick,
		  int64_t next_tick, int64_t next_at, struct err *err) MUST_USE;

#endif
