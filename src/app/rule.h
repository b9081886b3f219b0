/* SPDX-License-Identifier: Apache-2.0 */
/** Rules of a workspace: which events go to which channels. How they are read: app/match.h. */
#ifndef DSS_APP_RULE_H
#define DSS_APP_RULE_H

#include "app/app.h"
#include "store/event.h"
#include "store/rule.h"

enum {
	RULE_NAME_BYTES = 80,
	RULES = 200, /**< of one workspace */
	RULE_CHANNELS = 20,
	RULE_DIGEST_S = 900, /**< the default */
	RULE_DIGEST_MAX_S = 7 * 86400
};

struct rule_input { /**< has_…: given */
	bool has_name, has_events, has_immediate, has_selector, has_area, has_severity, has_digest,
		has_digest_at, has_channels, has_enabled;
	struct str name;
	struct str events; /**< app/match.h; empty or a new one's default: MATCH_EVENTS */
	struct str
		immediate; /**< likewise; a new one's default is MATCH_IMMEDIATE; "none": nothing */
	struct str selector;  /**< app/selector.h; a new one's default is "all" */
	struct str area;      /**< "mail", "mail.spf"; empty: any */
	struct str severity;  /**< its word; a new one's default is info */
	int64_t digest_s;     /**< 0: each event by itself; a new one's default is RULE_DIGEST_S */
	struct str digest_at; /**< app/digest.h; empty: windows of digest_s, the default */
	struct str *channels; /**< names or ids */
	size_t channel_count;
	bool is_enabled;
};

/** name and channels are needed. It counts for events from now on. -EEXIST: the name; -EDQUOT: there
 * are RULES of them. */
int app_rule_add(struct app *app, const struct actor *actor, struct arena *a,
		 const struct rule_input *input, struct rule_row *ret,
		 struct problem *problem) MUST_USE;
/** By id (rul_…) or name. */
int app_rule_get(struct app *app, const struct actor *actor, struct arena *a, struct str name_or_id,
		 struct rule_row *ret, struct problem *problem) MUST_USE;
int app_rule_list(struct app *app, const struct actor *actor, struct arena *a,
		  const struct page *page, struct rule_row **ret, size_t *ret_count,
		  struct str *ret_next, struct problem *problem) MUST_USE;
/** What happened while it was disabled stays untold. version 0: whatever is stored. */
int app_rule_update(struct app *app, const struct actor *actor, struct arena *a,
		    struct str name_or_id, int64_t version, const struct rule_input *input,
		    struct rule_row *ret, struct problem *problem) MUST_USE;
int app_rule_delete(struct app *app, const struct actor *actor, struct str name_or_id,
		    int64_t version, struct problem *problem) MUST_USE;

enum {
	PREVIEW_DAYS = 90,
	PREVIEW_EVENTS = 200000, /**< looked at, the newest */
	PREVIEW_MESSAGES = 50    /**< shown */
};

/** What would have been one message. */
struct preview_message {
	int64_t at; /**< when it would have gone */
	bool is_digest;
	int64_t events;
	struct event_row first; /**< of them */
};

struct preview {
	int64_t events;                   /**< that were looked at */
	bool is_cut;                      /**< there were more: the oldest were left out */
	int64_t from;                     /**< the first one's time */
	int64_t wanted;                   /**< of them */
	int64_t digests, alone;           /**< messages, to each channel of the rule */
	struct preview_message *messages; /**< the newest PREVIEW_MESSAGES, in order */
	size_t message_count;
};
/** What it would have sent in the last `days`, as domains are tagged and owned now. With an input
 * besides, as it would be then; name_or_id empty: a rule of the input alone. */
int app_rule_preview(struct app *app, const struct actor *actor, struct arena *a,
		     struct str name_or_id, const struct rule_input *input, unsigned days,
		     struct preview *ret, struct problem *problem) MUST_USE;

/** One by id or name, for the files of app/. -ENOENT. */
int rule_named(struct store_tx *tx, int64_t workspace, struct str name_or_id, struct rule_row *ret,
	       struct err *err) MUST_USE;

#endif
