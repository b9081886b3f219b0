/* SPDX-License-Identifier: Apache-2.0 */
/** The text of the private resolver's unbound.conf. Pure. See unbound.h. */
#ifndef DSS_NET_UNBOUND_CONFIG_H
#define DSS_NET_UNBOUND_CONFIG_H

#include "net/policy.h"

/** The name that only our instance answers, with the token as its TXT record. */
#define UNBOUND_READY_NAME "ready.dss.invalid"

struct unbound_config {
	uint16_t port;            /**< on 127.0.0.1 */
	const char *root_hints;   /**< path; NULL: built in */
	const char *trust_anchor; /**< path; NULL: built in; "": do not validate */
	const char *token;        /**< letters and digits */
	const struct policy *policy;
	unsigned threads;
	size_t cache_bytes;
	unsigned descriptors; /**< how many the process may open */
	bool has_ipv6;
};

/** Append the text. Paths must hold no quote and no line break. */
void unbound_config_write(struct buf *out, const struct unbound_config *config);

/**
 * Append "do-not-query-address" lines for every denied block, less the policy's exceptions: a block
 * that an exception cuts is written as the networks around it.
 */
void unbound_config_denied(struct buf *out, const struct policy *policy);

#endif
