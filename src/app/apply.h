/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A portfolio as one text (docs/policies.md): domains, schedules, channels, rules and policies. Applying it
 * makes what is missing and changes what differs; what a member does not mention stays as it is. A second run
 * finds nothing to do.
 *
 * Each object is a transaction of its own, with the version that the plan was made of: who changed it
 * meanwhile ends the run with -ESTALE. What was done until then stays done, and a further run does the rest.
 *
 * Pruning takes away what applying once made and the text names no more, in the sections that the text
 * has. What a person made is never pruned, also when a text names and changes it. Domains keep their
 * history.
 */
#ifndef DSS_APP_APPLY_H
#define DSS_APP_APPLY_H

#include "app/app.h"
#include "store/policy.h"

enum apply_action { APPLY_NOTHING, APPLY_CREATE, APPLY_UPDATE, APPLY_DELETE, APPLY_ACTIONS };
/** By number; ends with NULL. */
extern const char *const apply_action_words[], *const applied_kind_words[];

struct apply_step {
	enum apply_action action;
	enum applied_kind kind;
	struct str name;
	struct str before, after; /**< JSON objects without secrets; empty: there is none */
	bool is_done;
};

struct apply_input {
	struct str text;  /**< YAML or JSON */
	struct str above; /**< what pointers begin with: where the text stands in a request */
	bool prunes;
	const char *const *check_ids; /**< that there are; ends with NULL */
	/** Can this template be? This layer does not render; NULL: nobody asks. */
	int (*template_check)(struct arena *a, struct str template, struct str media_type,
			      struct err *err);
};

struct apply_object;

struct apply_plan {
	struct apply_step *steps;     /**< in the order in which they are done */
	struct apply_object *objects; /* one a step: what app/apply_run.c does it with */
	size_t count;
	size_t counts[APPLY_ACTIONS];
};

/** What is to be done, and from which versions. -EINVAL: problem->errors say where and why. Needs the reading
 * scope of each section that the text has. */
int app_apply_plan(struct app *app, const struct actor *actor, struct arena *a,
		   const struct apply_input *input, struct apply_plan *ret,
		   struct problem *problem) MUST_USE;
/** Does it, step by step; steps that are done say so. The first that fails ends it: -ESTALE when its object was
 * changed meanwhile, otherwise what its own call gives; problem->err begins with its name. Needs the writing
 * scopes. */
int app_apply_run(struct app *app, const struct actor *actor, struct arena *a,
		  struct apply_plan *plan, struct problem *problem) MUST_USE;

#endif
