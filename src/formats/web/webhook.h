/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Standard Webhooks 1.0.0: what of it is text. A message has an id that stays the same in every attempt, the
 * time of the attempt, and a signature: base64 of HMAC-SHA-256 over "id.timestamp.body" with the octets that
 * a secret "whsec_BASE64" stands for. Several secrets give several signatures, with a blank between, so that
 * a receiver can change from one to the next. Pure.
 */
#ifndef DSS_FORMATS_WEB_WEBHOOK_H
#define DSS_FORMATS_WEB_WEBHOOK_H

#include "base/err.h"
#include "base/str.h"

#define WEBHOOK_SECRET_PREFIX "whsec_"

enum { WEBHOOK_KEY_LEAST = 24, WEBHOOK_KEY_MOST = 64 /**< octets of a key */ };

/** The key of "whsec_…", appended to out. ERR_SYNTAX: no such text; ERR_LIMIT: too short or too long a key.
 * err does not show the secret. */
int webhook_secret_read(struct buf *out, struct str secret, struct err *err) MUST_USE;
/** The secret of a key. */
void webhook_secret_put(struct buf *out, struct str key);
/** What is signed: "id.timestamp.body". */
void webhook_content_put(struct buf *out, struct str id, int64_t timestamp_s, struct str body);
/** One signature of many: "v1,BASE64". */
void webhook_signature_put(struct buf *out, struct str mac);

#endif
