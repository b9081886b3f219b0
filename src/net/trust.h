/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Whom do TLS connections trust: the certificates of authorities, and what is wrong with a peer's chain.
 *
 * trust_prepare reads the file before the sandbox closes; the certificates are parsed at the first
 * handshake, inside of it.
 */
#ifndef DSS_NET_TRUST_H
#define DSS_NET_TRUST_H

#include "base/address.h"

#include <openssl/ssl.h>

enum { TRUST_FILE_BYTES = 4 << 20, TRUST_NAMES = 32 };

/** Bits of trust_peer.faults. */
enum trust_fault {
	TRUST_EXPIRED = 1,
	TRUST_NOT_YET = 2,
	TRUST_NAME = 4,
	TRUST_SELF_SIGNED = 8,
	TRUST_ISSUER = 16,
	TRUST_WEAK = 32,
	TRUST_CHAIN = 64
};

struct trust;

/** Read the bundle of PEM certificates at path; NULL: the system's. Also readies OpenSSL, so that nothing is
 * opened later. 0, or a negative code with err. */
int trust_prepare(const char *path, struct trust **ret, struct err *err) MUST_USE;
void trust_free(struct trust *trust);

/** What is to be known of a peer's certificate. Strings are in the arena. */
struct trust_peer {
	struct arena *arena;
	struct str host;        /**< the name that the certificate must have */
	struct address address; /**< or the address */
	bool is_strict;         /**< faults end the handshake */
	uint32_t faults;        /**< enum trust_fault */
	struct str subject, issuer;
	int64_t not_before_us, not_after_us;
	struct str *names;
	size_t name_count;
	uint8_t sha256[32];
	bool is_seen; /**< a certificate came */
};

/** Make ctx verify its peer against trust and tell peer, which outlives the handshake: there is one. */
int trust_watch(struct trust *trust, SSL_CTX *ctx, struct trust_peer *peer) MUST_USE;

#endif
