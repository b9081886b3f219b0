/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Scans: asking for one, watching it, stopping it; and below what the worker does with it. What is
 * accepted here ends exactly once, whatever dies meanwhile.
 */
#ifndef DSS_APP_SCAN_H
#define DSS_APP_SCAN_H

#include "app/app.h"
#include "store/history.h"
#include "model/policy.h"
#include "store/scan.h"

struct scan_input {
	struct str name;     /**< as people type it (formats/names/input.h) */
	struct str profile;  /**< its word; empty: the domain's, else the settings' */
	struct str priority; /**< its word; empty: high, somebody waits for it */
	struct str recheck;  /**< a check's id, or a prefix of some: only that; empty: all */
	bool is_active;      /**< consent to active questions: needs the proof of control */
	bool is_fresh;       /**< past the caches */
};

/**
 * 0: accepted; 1: one is open already, and *ret is it (rechecks are accepted beside others). A name that
 * is no domain of the workspace is added. -EDQUOT: domains, or scans of this day.
 */
int app_scan_start(struct app *app, const struct actor *actor, struct arena *a,
		   const struct scan_input *input, struct scan_row *ret,
		   struct problem *problem) MUST_USE;
/** id: "scn_…". */
int app_scan_get(struct app *app, const struct actor *actor, struct arena *a, struct str id,
		 struct scan_row *ret, struct problem *problem) MUST_USE;
/** What it found: verdicts_decode (model/judgement.h) reads it. Empty: it judged nothing. */
int app_scan_verdicts(struct app *app, const struct actor *actor, struct arena *a, struct str id,
		      struct scan_row *ret, struct str *ret_verdicts,
		      struct problem *problem) MUST_USE;
struct scan_choice {
	struct str domain; /**< a name; empty: any */
	struct str batch;  /**< "bat_…"; empty: any */
	struct str status; /**< its word, or "open"; empty: any */
};
/** Newest first; -EINVAL: a bad cursor ("/cursor"), "/status", "/batch". */
int app_scan_list(struct app *app, const struct actor *actor, struct arena *a,
		  const struct scan_choice *choice, const struct page *page, struct scan_row **ret,
		  size_t *ret_count, struct str *ret_next, struct problem *problem) MUST_USE;
/** A queued one has ended on return; a running one is asked to stop. -EALREADY: it is final. */
int app_scan_cancel(struct app *app, const struct actor *actor, struct arena *a, struct str id,
		    struct scan_row *ret, struct problem *problem) MUST_USE;

/* ---- the worker's half: for all workspaces; a call is one transaction, however many scans ---- */

/** A message that came. */
struct scan_taking {
	struct uuid scan;
	/** 0: it is this worker's now. Else ack the message without effect: -EALREADY: it is final (it was
	 * given up too often, or cancelled: that is stored now), or runs elsewhere; -ENOENT: no such scan. */
	int code;
	struct scan_row row;
	/* Of 0: what holds for its domain. */
	struct check_policy policy;
	struct expectations expectations;
	bool wants_proof; /**< a token is out: look for the record of model/proof.h */
	/** Of tools and APIs, in the domain's last facts, where its profile asks them: fact_encode_stable(). */
	struct str *before;
	size_t before_count;
};
/** queued → running; event scan.started, but for scans of a batch. */
int app_scan_take(struct app *app, struct arena *a, struct uuid worker, struct scan_taking *takings,
		  size_t count, struct err *err) MUST_USE;
/** Running scans of this worker that are to stop. */
int app_scan_cancel_asked(struct app *app, struct arena *a, struct uuid worker, struct uuid **ret,
			  size_t *ret_count, struct err *err) MUST_USE;
/** How far a scan is that has run for a while. */
struct scan_telling {
	struct uuid scan;
	int64_t token;
	unsigned asked, answered; /**< questions */
	unsigned judged, checks;
};
/** Events scan.progress, each in the place of the scan's last one. Of scans that are another's, or have
 * ended, nothing is told. */
int app_scan_tell(struct app *app, const struct scan_telling *tellings, size_t count,
		  struct err *err) MUST_USE;
/** Drain: it waits again. is_to_publish: for the relay; else its message goes back to the bus
 * (bus_give_back after this). -ESTALE. */
int app_scan_release(struct app *app, struct uuid scan, int64_t token, bool is_to_publish,
		     struct err *err) MUST_USE;
/** A scanner died with it. *ret_deaths: so many did by now. -ESTALE. */
int app_scan_count_death(struct app *app, struct uuid scan, int64_t token, int *ret_deaths,
			 struct err *err) MUST_USE;

struct outcome_finding {
	struct str check_id;
	struct str subject; /**< empty: the domain itself */
	struct str text;
	struct str evidence; /**< JSON; may be empty */
	enum severity severity;
	/** A policy accepts it: its POLICY_BY name, why, and until when (0: for ever). Empty: none. */
	struct str accepted_by, reason;
	int64_t until;
};

/** How a scan ended, and what it found: ready to store. */
struct scan_outcome {
	struct uuid scan;
	int64_t token;
	enum scan_status status; /**< final */
	struct str error;        /**< for people, when failed */
	int64_t started_at, ended_at;
	/* of one that judged (done, incomplete); else all zero */
	int grade;
	int score; /**< -1: none */
	struct area_points areas[SCAN_AREAS];
	int64_t gaps;
	struct str algorithm;
	struct str verdicts;     /**< verdicts_encode() */
	const struct str *facts; /**< fact_encode_stable() in the order of facts_order() */
	size_t fact_count;
	struct str volatile_blob; /**< facts_encode_volatile() */
	const struct str
		*settled; /**< ids of checks that may close findings: passed, not-applicable,
					  or failed without a gap */
	size_t settled_count;
	const struct str *known; /**< ids of all checks of today, sorted; NULL: not said. A finding
					  of another check is retired */
	size_t known_count;
	const struct outcome_finding *findings;
	size_t finding_count;
	bool has_proof;           /**< it was wanted, and the record was asked for and answered */
	const struct str *proofs; /**< its texts */
	size_t proof_count;
	const struct expiry_row *expiries; /**< kind, subject, at */
	size_t expiry_count;
};

struct scan_stored {
	bool is_stale;   /**< another worker has it, or it has ended: nothing was stored */
	bool is_new_set; /**< its facts were not those of the scan before */
	size_t opened, closed, changed; /**< findings; changes of facts */
};

/**
 * In one transaction: results, facts, findings opened, kept, closed and reopened, changes, expiries, the
 * domains' summaries, the batches' counts, events. Ack the messages after it, stale ones too.
 *
 * A finding that is seen: new ones open; fixed and retired ones open again; accepted ones stay accepted
 * until their time; false positives stay. What a policy accepts is accepted by it, until it does so no more.
 * One that is not seen is fixed when its check is among the
 * settled ones, and left alone otherwise. A check outside the scan's profile or recheck is not
 * among them.
 *
 * Changes come from the difference to the domain's last facts; the first scan is a silent baseline. A
 * recheck changes findings and nothing else of the domain.
 */
int app_scan_end(struct app *app, const struct scan_outcome *outcomes, size_t count,
		 struct scan_stored *ret, struct err *err) MUST_USE;

#endif
