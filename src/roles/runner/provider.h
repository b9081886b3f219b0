/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The provider of an API, as the runner knows it: how often it may be asked, until when it wants to be left
 * alone, and whether it is down. One a definition, for all scans together. Pure but for the times given.
 *
 * A provider that could not be reached, or answered 5xx, PROVIDER_FAILURES times in a row is left alone for
 * PROVIDER_REST_MS, twice as long each time, up to PROVIDER_REST_MOST_MS; then one run tries it again.
 */
#ifndef DSS_ROLES_RUNNER_PROVIDER_H
#define DSS_ROLES_RUNNER_PROVIDER_H

#include "model/definition.h"

enum {
	PROVIDER_FAILURES = 3,
	PROVIDER_REST_MS = 10000,
	PROVIDER_REST_MOST_MS = 600000,
	PROVIDER_HOLD_MS = 60000,       /**< after a 429 that does not say how long */
	PROVIDER_HOLD_MOST_MS = 3600000 /**< whatever it says */
};

struct provider {
	uint64_t name; /**< str_hash of the definition's name */
	struct definition_pace pace;
	int64_t next_us;  /**< monotonic: the next request is due then */
	int64_t until_us; /**< held, or resting, until then */
	int64_t day_us;   /**< when the day that is counted began */
	uint32_t today;   /**< requests of it */
	uint32_t failures;
	int64_t rest_us;
	bool is_down, is_trying;
};

enum provider_word {
	PROVIDER_NOW,
	PROVIDER_LATER, /**< at *ret_us, which is kept free for it */
	PROVIDER_HELD,  /**< it wants to be left alone until *ret_us */
	PROVIDER_DOWN,  /**< it failed; nobody asks it before *ret_us */
	PROVIDER_SPENT  /**< the day's requests are used up */
};

/**
 * May it be asked now?
 * @has_turn  a turn was taken before (PROVIDER_LATER), which has come; otherwise one is taken
 */
enum provider_word provider_take(struct provider *provider, bool has_turn, int64_t now_us,
				 int64_t *ret_us);
/** The turn that was taken last comes too late for whoever took it: it is the next one's. */
void provider_give_back(struct provider *provider);
/** It answered, whatever: it is there. */
void provider_answered(struct provider *provider);
/** It could not be reached, or said 5xx. */
void provider_failed(struct provider *provider, int64_t now_us);
/** It asks to wait; negative: it does not say how long. */
void provider_hold(struct provider *provider, int64_t now_us, int64_t wait_us);

#endif
