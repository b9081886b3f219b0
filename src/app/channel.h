/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Channels of a workspace: where events go. What goes there: app/rule.h; what went: app/delivery.h.
 *
 * Secrets come in by value and are never given out again, but for a webhook's signing secret that was made
 * here, once, to whoever had it made.
 */
#ifndef DSS_APP_CHANNEL_H
#define DSS_APP_CHANNEL_H

#include "app/app.h"
#include "store/channel.h"
#include "store/delivery.h"

enum {
	CHANNEL_NAME_BYTES = 80,
	CHANNELS = 100, /**< of one workspace */
	CHANNEL_ADDRESSES = 20,
	CHANNEL_URL_BYTES = 2048,
	CHANNEL_TEMPLATE_BYTES = 32768,
	CHANNEL_PREVIOUS_S = 86400 /**< how long the signing secret before the last is good */
};

struct channel_input { /**< has_…: given */
	bool has_name, has_kind, has_url, has_signing, has_to, has_to_owner, has_template,
		has_media_type, has_script, has_heartbeat, has_enabled;
	struct str name;
	struct str kind; /**< its word; a channel keeps its kind */
	struct str url;  /**< webhook, slack: https:// or http:// */
	/** webhook: "whsec_" and 24 to 64 octets in base64; empty: one is made. Of a channel that has one the
	 * old one is good for CHANNEL_PREVIOUS_S more. */
	struct str signing;
	struct str *to; /**< mail */
	size_t to_count;
	bool is_to_owner;
	struct str template_text, media_type; /**< webhook */
	struct str script;                    /**< name of a file in the scripts' folder */
	int64_t heartbeat_s;                  /**< 0: none; else a minute to a year */
	bool is_enabled;
};

/** name, kind and what the kind needs. *ret_signing: a signing secret that was made; else empty.
 * -EEXIST: the name; -EDQUOT: there are CHANNELS of them. */
int app_channel_add(struct app *app, const struct actor *actor, struct arena *a,
		    const struct channel_input *input, struct channel_row *ret,
		    struct str *ret_signing, struct problem *problem) MUST_USE;
/** By id (chn_…) or name. */
int app_channel_get(struct app *app, const struct actor *actor, struct arena *a,
		    struct str name_or_id, struct channel_row *ret,
		    struct problem *problem) MUST_USE;
int app_channel_list(struct app *app, const struct actor *actor, struct arena *a,
		     const struct page *page, struct channel_row **ret, size_t *ret_count,
		     struct str *ret_next, struct problem *problem) MUST_USE;
/** Enabling it forgets its failures. version 0: whatever is stored. */
int app_channel_update(struct app *app, const struct actor *actor, struct arena *a,
		       struct str name_or_id, int64_t version, const struct channel_input *input,
		       struct channel_row *ret, struct str *ret_signing,
		       struct problem *problem) MUST_USE;
/** With its deliveries. */
int app_channel_delete(struct app *app, const struct actor *actor, struct str name_or_id,
		       int64_t version, struct problem *problem) MUST_USE;
/** A message that says that it is a test, now, whatever the channel rests for. -EALREADY: the channel is
 * disabled. */
int app_channel_test(struct app *app, const struct actor *actor, struct arena *a,
		     struct str name_or_id, struct delivery_row *ret,
		     struct problem *problem) MUST_USE;

/** One by id or name, for the files of app/. -ENOENT. */
int channel_named(struct store_tx *tx, int64_t workspace, struct str name_or_id,
		  struct channel_row *ret, struct err *err) MUST_USE;

#endif
