/* SPDX-License-Identifier: Apache-2.0 */
/**
 * TSIG (RFC 8945): the last record of a message, which signs it with a shared secret. Here are the key's
 * file, the record, and the octets that are hashed; the hashing is net/tsig_stream.h's. Pure.
 */
#ifndef DSS_FORMATS_DNS_TSIG_H
#define DSS_FORMATS_DNS_TSIG_H

#include "base/err.h"
#include "base/str.h"

enum {
	TSIG_MAC_BYTES = 64, /**< of the longest algorithm */
	TSIG_FUDGE_S = 300,  /**< section 10 */
	TSIG_UNSIGNED = 99,  /**< messages of a stream between two signed ones: section 5.3.1 */
	TSIG_SECRET_BYTES = 512
};

/** What the error of a record says besides an rcode (section 3). */
enum tsig_error { TSIG_BADSIG = 16, TSIG_BADKEY = 17, TSIG_BADTIME = 18, TSIG_BADTRUNC = 22 };

struct tsig_key {
	struct str name;      /**< in the form of name.h */
	struct str algorithm; /**< "hmac-sha256" */
	struct str secret;    /**< octets */
};

/** Octets of a whole MAC; 0: an algorithm that is not spoken here. */
size_t tsig_mac_bytes(struct str algorithm) MUST_USE;

/**
 * The one key of a file, in whichever of these forms, with their comments:
 *
 *	key "name" { algorithm hmac-sha256; secret "base64"; };		BIND
 *	key:								Knot DNS (id), NSD and Unbound (name)
 *	  - id: name
 *	    algorithm: hmac-sha256
 *	    secret: base64
 *	hmac-sha256:name:base64						dig -y
 *
 * Without an algorithm it is hmac-sha256. 0; ERR_SYNTAX, ERR_LIMIT: err says what is wrong, never the secret.
 */
int tsig_key_read(struct arena *a, struct str text, struct tsig_key *ret, struct err *err) MUST_USE;

struct tsig {
	struct str key, algorithm; /**< in the form of name.h */
	uint64_t signed_s;         /**< 48 bits: seconds since 1970 */
	uint16_t fudge_s;
	struct str mac;
	uint16_t original_id;
	uint16_t error; /**< enum tsig_error, or an rcode */
	struct str other;
	size_t start; /**< of the record in its message */
};

/** 1: the message ends with one; 0: it has none; ERR_SYNTAX, ERR_LIMIT: the message or the record is
 * broken, or it stands elsewhere than last (section 5.1). Names in the arena, the rest views. */
int tsig_read(struct arena *a, struct str message, struct tsig *ret) MUST_USE;
/** Append the record to the message in out and count it there. ERR_SYNTAX: no name. */
int tsig_put(struct buf *out, const struct tsig *tsig) MUST_USE;

/** What is hashed, appended to out (section 4.3): a MAC before it, with its length; the message as it was
 * before it was signed; and of the record all that counts, or its times alone (later messages of a stream). */
void tsig_prior_put(struct buf *out, struct str mac);
void tsig_message_put(struct buf *out, struct str message, const struct tsig *tsig);
int tsig_variables_put(struct buf *out, const struct tsig *tsig) MUST_USE;
void tsig_timers_put(struct buf *out, const struct tsig *tsig);

#endif
