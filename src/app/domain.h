/* SPDX-License-Identifier: Apache-2.0 */
/** The domains of a workspace. Names are taken as people type them (formats/names/input.h). */
#ifndef DSS_APP_DOMAIN_H
#define DSS_APP_DOMAIN_H

#include "app/app.h"
#include "store/domain.h"

enum {
	DOMAIN_TAGS = 64, /**< of one domain */
	TAG_BYTES = 64,   /**< letters, digits, and - _ . : / inside; kept in lower case */
	OWNER_BYTES = 254,
	NOTES_BYTES = 8192,
	EXPECTATIONS_BYTES = 16384
};

/** What a person sets. has_…: given (as in a merge patch); given and empty removes. */
struct domain_input {
	struct str name;
	bool has_tags, has_owner, has_notes, has_profile, has_expectations;
	struct str *tags;
	size_t tag_count;
	struct str owner, notes;
	struct str profile; /**< its word */
	/** JSON object: "issuers" (names of CAs), "name_servers" (host names), "mail_provider" (text),
	 * "ports" (numbers). */
	struct str expectations;
};

/** 0; -EEXIST; -EDQUOT. */
int app_domain_add(struct app *app, const struct actor *actor, struct arena *a,
		   const struct domain_input *input, struct domain_row *ret,
		   struct problem *problem) MUST_USE;
int app_domain_get(struct app *app, const struct actor *actor, struct arena *a, struct str name,
		   struct domain_row *ret, struct problem *problem) MUST_USE;
/** filter->workspace is the actor's whatever it says. -EINVAL: a bad cursor ("/cursor"). */
int app_domain_list(struct app *app, const struct actor *actor, struct arena *a,
		    const struct domain_filter *filter, const struct page *page,
		    struct domain_row **ret, size_t *ret_count, struct str *ret_next,
		    struct problem *problem) MUST_USE;
/** @version  what the caller has read (-ESTALE when another is stored); 0: whatever is stored.
 * input->name is not asked: a domain keeps its name. What changes nothing raises no version. */
int app_domain_update(struct app *app, const struct actor *actor, struct arena *a, struct str name,
		      int64_t version, const struct domain_input *input, struct domain_row *ret,
		      struct problem *problem) MUST_USE;
/** purges: with its scans and findings, for ever; -EALREADY while a scan of it is open. Also of one
 * that is deleted already. */
int app_domain_delete(struct app *app, const struct actor *actor, struct str name, int64_t version,
		      bool purges, struct problem *problem) MUST_USE;

int app_domain_stats(struct app *app, const struct actor *actor, struct portfolio_stats *ret,
		     struct problem *problem) MUST_USE;
/** Tags in use, most domains first, at most 1,000. */
int app_domain_tags(struct app *app, const struct actor *actor, struct arena *a,
		    struct tag_count **ret, size_t *ret_count, struct problem *problem) MUST_USE;

/* ---- a name, before it is anybody's domain ---- */

/** Does the name have name servers? As its last scan here saw it: nothing is asked of the network. */
enum delegation { DELEGATION_UNKNOWN, DELEGATION_THERE, DELEGATION_MISSING };
extern const char *const delegation_words[];

struct name_verdict {
	bool is_valid;
	struct str name;        /**< as it would be stored */
	struct str note;        /**< what was more than a name; may be empty */
	struct str suffix;      /**< the public suffix that it is under */
	struct str registrable; /**< the registered domain; empty for a public suffix itself */
	bool is_suffix;         /**< it is a public suffix */
	bool is_there;          /**< it is a domain of the workspace */
	enum delegation delegation;
	int64_t delegation_at;    /**< when that was seen; 0: unknown */
	struct field_error error; /**< of one that is not valid */
};
/** looks: also for the delegation, which takes a millisecond. */
int app_name_check(struct app *app, const struct actor *actor, struct arena *a, struct str typed,
		   bool looks, struct name_verdict *ret, struct problem *problem) MUST_USE;
/** The same without a store: 0, or -EINVAL with *ret_error filled (pointer as given). A name that
 * was taken out of a wildcard, an address or a URL and is a public suffix is refused: nobody's. */
int domain_name_read(struct arena *a, struct str typed, struct str pointer, struct str *ret,
		     struct str *ret_note, struct field_error *ret_error) MUST_USE;

/* ---- proof of control ---- */

struct domain_proof {
	struct str record; /**< "_dss-challenge.example.com" */
	struct str text;   /**< what one TXT of it must say: "dss-proof=…" */
	int64_t proven_at; /**< 0: not yet */
};
/** What to publish; the token is made once and stays. */
int app_domain_proof(struct app *app, const struct actor *actor, struct arena *a, struct str name,
		     struct domain_proof *ret, struct problem *problem) MUST_USE;
/** The record was asked for and holds these texts: is it proven? A
 * domain of which the text is gone is no longer proven. */
int app_domain_prove(struct app *app, const struct actor *actor, struct str name,
		     const struct str *texts, size_t count, bool *ret_is_proven,
		     struct problem *problem) MUST_USE;

#endif
