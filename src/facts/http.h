/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Questions over HTTP: one request, one response. A redirect is an answer, and its target another
 * question. Any response is an answer, whatever its status and whatever is wrong with the certificate:
 * tls.faults says so. Theirs: no connection, no handshake, no HTTP.
 */
#ifndef DSS_FACTS_HTTP_H
#define DSS_FACTS_HTTP_H

#include "base/address.h"
#include "formats/web/header.h"

/** What is kept of the response. */
enum http_flag {
	HTTP_BODY = 1, /**< the body, up to HTTP_BODY_BYTES; otherwise only its length */
	HTTP_BRIEF =
		2 /**< of the headers only those that say what the body is and where to go on */
};

enum {
	HTTP_BODY_BYTES = 256 << 10, /**< decoded; a longer body is cut and is_cut says so */
	HTTP_HEAD_BYTES = 32 << 10,  /**< of all header lines, also those before a final status */
	HTTP_HEADERS = 128
};

struct http_question {
	struct str url;        /**< canonical (formats/web/url.h) */
	struct address server; /**< who is asked; not set: an address that the URL's host has */
	uint32_t flags;        /**< enum http_flag */
};

/* X(NAME, "word"): a bit of tls_summary.faults each. Append only: stored. */
#define TLS_FAULTS(X)                                                                              \
	X(EXPIRED, "expired")                                                                      \
	X(NOT_YET, "not-yet-valid")                                                                \
	X(NAME, "wrong-name")                                                                      \
	X(SELF_SIGNED, "self-signed")                                                              \
	X(ISSUER, "unknown-issuer")                                                                \
	X(WEAK, "weak")       /* key or signature too weak to count */                             \
	X(CHAIN, "bad-chain") /* anything else in the chain */

enum tls_fault_bit {
#define X(name, word) TLS_BIT_##name,
	TLS_FAULTS(X)
#undef X
		TLS_FAULT_COUNT
};
enum tls_fault {
#define X(name, word) TLS_##name = 1u << TLS_BIT_##name,
	TLS_FAULTS(X)
#undef X
};

/** The word of one fault's bit, or NULL. */
const char *tls_fault_word(unsigned bit);

/** The connection's certificate, as far as a client must know it. */
struct tls_summary {
	struct str version; /**< "TLSv1.3"; empty: there was no TLS */
	uint32_t faults;    /**< enum tls_fault; 0: a client accepts it */
	struct str subject; /**< common name */
	struct str issuer;  /**< organisation, or common name */
	int64_t not_before_us, not_after_us;
	struct str *names; /**< of the subject alternative name: at most 32 */
	size_t name_count;
	struct str sha256; /**< 32 octets, of the certificate */
};

struct http_answer {
	uint16_t status;
	struct str media_type; /**< of Content-Type, lower case, without parameters */
	struct str location; /**< absolute, canonical; empty: there is none, or it is no http URL */
	struct web_header
		*headers; /**< in order; names in lower case; without what changes by itself */
	size_t header_count;
	uint32_t body_bytes; /**< decoded, as far as it was read */
	bool is_cut;         /**< the body goes on */
	struct str body;     /**< with HTTP_BODY */
	struct tls_summary tls;
};

extern const struct desc http_question_desc, http_answer_desc, web_header_desc, tls_summary_desc;

/** The value of the first header with this lower-case name, or nothing. */
struct str http_header(const struct http_answer *answer, const char *name);
/** "expired, wrong-name" in the arena; empty: no fault. */
struct str tls_faults_text(struct arena *a, uint32_t faults);

#endif
