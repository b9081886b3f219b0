/* SPDX-License-Identifier: Apache-2.0 */
/** Schedules of a workspace: what is scanned when. How they fire: app/plan.h, app/tick.h. */
#ifndef DSS_APP_SCHEDULE_H
#define DSS_APP_SCHEDULE_H

#include "app/app.h"
#include "app/plan.h"
#include "store/schedule.h"

enum { SCHEDULE_NAME_BYTES = 80, SCHEDULES = 1000 /**< of one workspace */ };

struct schedule_input { /**< has_…: given */
	bool has_name, has_cron, has_zone, has_blackouts, has_selector, has_jitter, has_profile,
		has_priority, has_missed, has_enabled;
	struct str name;
	struct str cron;      /**< formats/cron.h */
	struct str zone;      /**< "Europe/Berlin"; UTC when a new one gives none */
	struct str blackouts; /**< formats/blackout.h; empty: none */
	struct str selector;  /**< app/selector.h; a new one's default is "all" */
	int64_t jitter_s;     /**< 0 to PLAN_JITTER_S */
	struct str profile;   /**< its word; empty: each domain's own */
	struct str priority;  /**< its word; a new one's default is bulk */
	struct str missed;    /**< its word; a new one's default is once */
	bool is_enabled;      /**< false pauses it */
};

/** name and cron are needed. -EEXIST: the name; -EDQUOT: there are SCHEDULES of them. */
int app_schedule_add(struct app *app, const struct actor *actor, struct arena *a,
		     const struct schedule_input *input, struct schedule_row *ret,
		     struct problem *problem) MUST_USE;
/** By id (sch_…) or name. */
int app_schedule_get(struct app *app, const struct actor *actor, struct arena *a,
		     struct str name_or_id, struct schedule_row *ret,
		     struct problem *problem) MUST_USE;
int app_schedule_list(struct app *app, const struct actor *actor, struct arena *a,
		      const struct page *page, struct schedule_row **ret, size_t *ret_count,
		      struct str *ret_next, struct problem *problem) MUST_USE;
/** What is changed about its times, or taking it up again, lets it wait for the next tick from now
 * on: what it missed while it was paused is not made up for. version 0: whatever is stored. */
int app_schedule_update(struct app *app, const struct actor *actor, struct arena *a,
			struct str name_or_id, int64_t version, const struct schedule_input *input,
			struct schedule_row *ret, struct problem *problem) MUST_USE;
int app_schedule_delete(struct app *app, const struct actor *actor, struct str name_or_id,
			int64_t version, struct problem *problem) MUST_USE;
/** A batch now, besides its ticks, paused or not. */
int app_schedule_run(struct app *app, const struct actor *actor, struct str name_or_id,
		     struct uuid *ret_batch, struct problem *problem) MUST_USE;
/** Its next `count` (1 to 100) fires, as things stand; fewer when it never fires again. */
int app_schedule_upcoming(struct app *app, const struct actor *actor, struct arena *a,
			  struct str name_or_id, unsigned count, struct plan_fire **ret,
			  size_t *ret_count, struct problem *problem) MUST_USE;

#endif
