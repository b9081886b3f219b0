/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What DSS does, whoever asks: API, command line, scheduler and worker call the same functions. Each
 * checks role and scope, validates, and runs ONE store transaction with its events and audit rows in
 * it. No HTTP, no flags. What belongs to another workspace is not there: -ENOENT.
 *
 * All take the app, who acts, and (where they return memory) the arena that owns it. A struct problem
 * says what was wrong. Codes:
 *	-EINVAL		problem->errors say what, field by field (422)
 *	-ENOENT		not there (404)			-EEXIST		it is there already (409)
 *	-ESTALE		another version is stored (412)	-EALREADY	its state forbids it (409)
 *	-EACCES		a role or scope is missing (403)	-EDQUOT		over quota (429)
 *	-EPERM		never allowed (409)		-EAGAIN		wait first: problem->retry_us (429)
 *	-ENOBUFS	too much waits already: problem->retry_us (503)
 *	-EBUSY, -EIO, -ENOSPC …	the store cannot now (503)
 */
#ifndef DSS_APP_APP_H
#define DSS_APP_APP_H

#include "base/uuid.h"
#include "model/access.h"
#include "model/check.h"
#include "store/store.h"

#include <stdatomic.h>

struct app {
	struct store *store;
	bool is_bus_outside;      /**< the queue is no table of the store (bus/bus.h) */
	int default_profile;      /**< enum profile_number of scans and domains that name none */
	int64_t idempotency_us;   /**< how long answers are kept for repeats */
	int64_t finding_grace_us; /**< how long an acceptance may be over before it counts */
	int64_t session_idle_us;  /**< a session ends when it was not used for so long */
	int64_t session_max_us;   /**< and so long after the login */
	int64_t login_link_us;    /**< a one-time link is good for so long */
	int64_t backlog_most;     /**< scans that may wait (app/backlog.h); 0: any number */
	_Atomic int64_t backlog_look_us; /**< when they are counted next; monotonic */
	_Atomic bool is_backlog_full;
	_Atomic bool is_marking; /**< app_mark is at it */
};
/** The store (the caller's) and what the settings' defaults are. */
void app_init(struct app *app, struct store *store);

/**
 * Write what need not be written now, such as when a key was used last. One thread at a time does, and
 * the others go on: who reads does not wait for somebody who keeps all from writing. Failures are
 * nobody's: another request does it.
 */
void app_mark(struct app *app, store_work *work, void *context);

enum actor_kind {
	ACTOR_SYSTEM, /**< DSS itself: scheduler, worker */
	ACTOR_KEY,    /**< a program with an API key */
	ACTOR_USER,   /**< a person with a session */
	ACTOR_COMMAND /**< the command line on the data folder: who may read it may do all */
};

struct claim;

/** Who acts, and for which workspace. */
struct actor {
	enum actor_kind kind;
	int64_t workspace;
	struct uuid id;  /**< of the key or user */
	struct str name; /**< for audit and reasons */
	enum role role;
	uint32_t scopes;       /**< bits of enum scope: at most those of the role */
	bool is_applying;      /**< what it makes may be pruned (app/apply.h) */
	bool is_visitor;       /**< at work in another workspace than its own (app/workspace.h) */
	struct str request_id; /**< for logs and audit */
	struct str trace;      /**< W3C traceparent, goes with scans and events */
	/** The request may come twice (app/idempotency.h); NULL: it says nothing of it. */
	const struct claim *claim;
};

/** With all rights. kind: ACTOR_SYSTEM or ACTOR_COMMAND. */
struct actor actor_of_machine(enum actor_kind kind, int64_t workspace, struct str name);

/** What was wrong with a request, field by field. */
struct field_error {
	struct str pointer; /**< JSON Pointer: "/name", "/tags/3" */
	struct str code;    /**< stable word: "domain.syntax", "enum", "range", "too-long" … */
	struct str detail;  /**< for people, with where and what to do */
};
enum { PROBLEM_ERRORS = 64 };

/** All zero but the arena before a call. */
struct problem {
	struct arena *a; /**< owns the texts; it may be that of the call */
	struct field_error errors[PROBLEM_ERRORS];
	size_t count;     /**< more than fit are not kept */
	struct err err;   /**< the one line when there are no fields; also the sum of them */
	int64_t retry_us; /**< of -EAGAIN: how long to wait */
	int64_t version;  /**< of -ESTALE: what is stored */
};
void problem_init(struct problem *problem, struct arena *a);
/** Adds one; -EINVAL. pointer is copied. */
int problem_add(struct problem *problem, struct str pointer, const char *code, const char *format,
		...) PRINTF(4, 5);
/** 0, or -EINVAL when there are any. */
int problem_code(const struct problem *problem) MUST_USE;

/** Scope: 0, or -EACCES with the line that says which is missing. */
int actor_may(const struct actor *actor, enum scope scope, struct problem *problem) MUST_USE;
/** A page of 1 to 1,000 rows; "/limit". */
int page_check(const struct page *page, struct problem *problem) MUST_USE;
/** code as it is, but a store's -EINVAL is a bad cursor: "/cursor". */
int page_code(int code, struct problem *problem) MUST_USE;
/** Has the actor all scopes of a role? Nobody gives more rights than one has: -EACCES. */
int actor_covers(const struct actor *actor, enum role role, struct problem *problem) MUST_USE;
/** What one person reads: the id's text of a key or user, "command", "system". */
struct str actor_text(struct arena *a, const struct actor *actor);

#endif
