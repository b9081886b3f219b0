/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Names of headers whose standards are drafts: if they change, they change here.
 *	draft-ietf-httpapi-ratelimit-headers-10: RateLimit, RateLimit-Policy
 *	draft-ietf-httpapi-idempotency-key-header-07: Idempotency-Key
 */
#ifndef DSS_ROLES_API_DRAFTS_H
#define DSS_ROLES_API_DRAFTS_H

#define DRAFT_RATELIMIT "RateLimit"
#define DRAFT_RATELIMIT_POLICY "RateLimit-Policy"
/** left, seconds until reset */
#define DRAFT_RATELIMIT_FORMAT "\"default\";r=%u;t=%u"
/** quota, window in seconds */
#define DRAFT_RATELIMIT_POLICY_FORMAT "\"default\";q=%u;w=%u"
#define DRAFT_IDEMPOTENCY_KEY "Idempotency-Key"

#endif
