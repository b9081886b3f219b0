/* SPDX-License-Identifier: Apache-2.0 */
/** Channels: where events go, with what is needed to speak to their receivers, and how they fare. */
#ifndef DSS_STORE_CHANNEL_H
#define DSS_STORE_CHANNEL_H

#include "base/desc.h"
#include "base/uuid.h"
#include "store/store.h"

/* Stored numbers: append only. */
enum channel_kind {
	CHANNEL_WEBHOOK, /**< Standard Webhooks: signed JSON by POST */
	CHANNEL_SLACK,   /**< an incoming webhook of Slack's shape */
	CHANNEL_MAIL,
	CHANNEL_AMQP,   /**< the broker's exchange dss.events */
	CHANNEL_SCRIPT, /**< a program of the operator's */
	CHANNEL_KINDS
};
/** By number; ends with NULL. */
extern const char *const channel_kind_words[];

/** What a channel is told besides its secrets; others than its kind's are empty. */
struct channel_settings {
	struct str *to; /**< mail: addresses */
	size_t to_count;
	bool is_to_owner; /**< mail: to the domain's owner, where that is an address */
	struct str
		template_text; /**< webhook: the body, as report/notice.h reads it; empty: ours */
	struct str media_type; /**< of what the template gives */
	struct str script;     /**< name of a file in the scripts' folder */
	int64_t heartbeat_s;   /**< a message when nothing was told for so long; 0: none */
	struct str shown;      /**< where it goes, for people, without what is secret */
};
extern const struct desc channel_settings_desc;

/** Never shown again. */
struct channel_secrets {
	struct str url;      /**< webhook, slack */
	struct str signing;  /**< webhook: "whsec_…" */
	struct str previous; /**< the one before it, good for a while longer */
	int64_t previous_until;
};
extern const struct desc channel_secrets_desc;

struct channel_row {
	int64_t no;
	struct uuid id;
	int64_t workspace;
	struct str name; /**< once in the workspace */
	enum channel_kind kind;
	struct channel_settings settings;
	bool is_enabled;
	struct str reason;    /**< why DSS disabled it; empty: it did not */
	int64_t failures;     /**< attempts that failed, in a row */
	int64_t rest_until;   /**< nothing is sent before; 0: none */
	int64_t delivered_at; /**< 0: never */
	int64_t created_at, version;
};

/** Fills no, id, created_at, version. -EEXIST: the name is taken. */
int channel_insert(struct store_tx *tx, struct channel_row *row,
		   const struct channel_secrets *secrets, struct err *err) MUST_USE;
/** -ENOENT: none, or of another workspace. */
int channel_get(struct store_tx *tx, int64_t workspace, struct uuid id, struct channel_row *ret,
		struct err *err) MUST_USE;
int channel_find(struct store_tx *tx, int64_t workspace, struct str name, struct channel_row *ret,
		 struct err *err) MUST_USE;
int channel_by_no(struct store_tx *tx, int64_t no, struct channel_row *ret,
		  struct err *err) MUST_USE;
int channel_secrets_get(struct store_tx *tx, int64_t no, struct channel_secrets *ret,
			struct err *err) MUST_USE;
int channel_count(struct store_tx *tx, int64_t workspace, int64_t *ret, struct err *err) MUST_USE;
/** Those of all workspaces that DSS disabled. */
int channel_count_disabled(struct store_tx *tx, int64_t *ret, struct err *err) MUST_USE;
/** In the order of their making. */
int channel_list(struct store_tx *tx, int64_t workspace, const struct page *page,
		 struct channel_row **ret, size_t *ret_count, struct str *ret_next,
		 struct err *err) MUST_USE;
/** All that a person sets; secrets NULL: they stay. -ESTALE unless row->version is the stored one;
 * raises it in *row. Enabling it forgets its failures. -EEXIST: the name is taken. */
int channel_update(struct store_tx *tx, struct channel_row *row,
		   const struct channel_secrets *secrets, struct err *err) MUST_USE;
/** With its deliveries. -ENOENT. */
int channel_delete(struct store_tx *tx, int64_t no, struct err *err) MUST_USE;

/* ---- how it fares; version stays ---- */

/** delivered_at 0: it stays. */
int channel_fared(struct store_tx *tx, int64_t no, int64_t failures, int64_t rest_until,
		  int64_t delivered_at, struct err *err) MUST_USE;
/** By DSS. *ret_was_enabled: it was not disabled yet. */
int channel_disable(struct store_tx *tx, int64_t no, struct str reason, bool *ret_was_enabled,
		    struct err *err) MUST_USE;
/** Enabled ones of all workspaces. */
int channel_enabled(struct store_tx *tx, struct channel_row **ret, size_t *ret_count,
		    struct err *err) MUST_USE;
/** Enabled ones of all workspaces that have a delivery due and do not rest. */
int channel_due(struct store_tx *tx, struct channel_row **ret, size_t *ret_count,
		struct err *err) MUST_USE;

#endif
