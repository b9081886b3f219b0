/* SPDX-License-Identifier: Apache-2.0 */
/**
 * check_host() (RFC 7208 section 4): what does a receiver say to one client, sender and domain? The
 * DNS is reached through a callback, so that evaluation is pure and may be run again when more
 * answers are in.
 */
#ifndef DSS_FORMATS_MAIL_SPF_EVAL_H
#define DSS_FORMATS_MAIL_SPF_EVAL_H

#include "formats/mail/spf.h"

/**
 * The DNS as seen by evaluation and by the counting walk (spf_tree.h). name is in the form of
 * formats/dns/name.h; type is TXT, A, AAAA, MX or PTR; CNAMEs have been followed.
 * Returns 0 with an answer (NXDOMAIN and no data are answers), -EAGAIN: asked, not here yet, -EIO:
 * it could not be had. The same question gives the same reply within one run.
 */
struct spf_dns {
	int (*lookup)(void *ctx, struct str name, uint16_t type, const struct dns_answer **ret);
	void *ctx;
};

enum spf_result {
	SPF_RESULT_PENDING, /**< answers are outstanding; all that could be asked was asked */
	SPF_NONE,
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR,
	SPF_PERMERROR
};

struct spf_request {
	struct address client;
	struct str helo;
	struct str sender;   /**< MAIL FROM; empty: postmaster@helo (section 2.4) */
	struct str domain;   /**< empty: that of the sender, or helo */
	struct str receiver; /**< %{r} */
	int64_t unix_time;   /**< %{t} */
};

struct spf_verdict {
	uint8_t result;         /**< enum spf_result */
	struct str domain;      /**< whose record decided */
	struct str term;        /**< that matched or failed; empty when none did */
	struct str problem;     /**< temperror, permerror: what was wrong */
	struct str explanation; /**< SPF_FAIL: the expanded exp= text; empty when there is none */
	unsigned lookups, voids;
};

/** "pass", "softfail" …, static. */
const char *spf_result_text(enum spf_result result);

/** Everything in *ret is in the arena, or a view into request and answers. Recursion is bounded by
 * the limit of ten lookups. */
void spf_check_host(struct arena *a, const struct spf_request *request, const struct spf_dns *dns,
		    struct spf_verdict *ret);

#endif
