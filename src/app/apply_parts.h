/* SPDX-License-Identifier: Apache-2.0 */
/** The inside of applying a text: apply_read.c reads it, apply_plan.c compares, apply_run.c does it. */
#ifndef DSS_APP_APPLY_PARTS_H
#define DSS_APP_APPLY_PARTS_H

#include "app/apply.h"
#include "app/channel.h"
#include "app/domain.h"
#include "app/policy.h"
#include "app/policy_document.h"
#include "app/rule.h"
#include "app/schedule.h"

enum { APPLY_OBJECTS = 50000 };

/** One object that the text names, or that is to go. */
struct apply_object {
	enum applied_kind kind;
	struct str name;
	struct str pointer; /**< in the request */
	union {
		struct domain_input domain;
		struct schedule_input schedule;
		struct policy_input policy;
		struct channel_input channel;
		struct rule_input rule;
	};
	struct uuid id;  /**< of what is stored */
	int64_t version; /**< 0: it is not there */
};

struct apply_text {
	struct apply_object *objects; /**< by kind, in the order of applied_order */
	size_t count;
	bool has[APPLIED_KINDS]; /**< sections that stand there */
};

/** Kinds as they are made: what others name first. */
extern const enum applied_kind applied_order[APPLIED_KINDS];

/** -EINVAL with the problem. */
int apply_read(struct arena *a, const struct apply_input *input, struct apply_text *ret,
	       struct problem *problem) MUST_USE;

#endif
