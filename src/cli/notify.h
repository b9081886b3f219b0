/* SPDX-License-Identifier: Apache-2.0 */
/** What the files of `dss notify` share. */
#ifndef DSS_CLI_NOTIFY_H
#define DSS_CLI_NOTIFY_H

#include "cli/task.h"

#define CHANNELS_PATH "/api/v1/channels"
#define RULES_PATH "/api/v1/rules"
#define DELIVERIES_PATH "/api/v1/deliveries"

/** The members of a rule that flags set, into an object that is open; EXIT_DONE or EXIT_USAGE. */
int notify_filter_put(struct task *task, struct json *w);
/** A rule of this name and for this channel, as the flags say. selector: instead of theirs; empty:
 * theirs. */
int notify_rule_make(struct task *task, struct str name, struct str channel, struct str selector);
/** What a rule would have sent: a line. */
int notify_preview_say(struct task *task, struct str rule);
/** dss notify rules … */
int notify_rules(struct task *task);
/** Send a test and say how it went. data: an unsigned, for how many seconds it is waited; NULL: long. */
int notify_test_one(struct task *task, struct str name, void *data);
/**
 * For `dss domains add --mail`: the channels and rules for these addresses, made where they are missing,
 * with a test each. The tags that domains need for them are appended to *tags. *ret_tested: raised to the
 * exit code of a test that failed or waits.
 */
int notify_mail_begin(struct task *task, struct setting_value *tags, int *ret_tested);

#endif
