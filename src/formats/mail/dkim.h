/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DKIM key records (RFC 6376 section 3.6.1, RFC 8301, RFC 8463): the tags of
 * selector._domainkey.domain TXT, and what the public key in p= is. Pure.
 */
#ifndef DSS_FORMATS_MAIL_DKIM_H
#define DSS_FORMATS_MAIL_DKIM_H

#include "formats/dns/message.h"
#include "formats/mail/tags.h"

enum dkim_key_type { DKIM_KEY_OTHER, DKIM_KEY_RSA, DKIM_KEY_ED25519 };

struct dkim_key {
	struct tag_list tags;
	bool has_version;     /**< v=DKIM1 is there; it may be left out */
	uint8_t type;         /**< enum dkim_key_type */
	struct str type_text; /**< k= as written, "rsa" when absent */
	bool has_hashes;      /**< h= is there */
	bool allows_sha1, allows_sha256;
	bool is_revoked;       /**< p= is empty */
	bool is_testing;       /**< t=y */
	bool is_strict;        /**< t=s: i= must not be a subdomain of d= */
	bool serves_mail;      /**< s= is absent or has "*" or "email" */
	struct str notes;      /**< n= as written */
	struct str octets;     /**< p= decoded */
	unsigned rsa_bits;     /**< of the modulus */
	uint64_t rsa_exponent; /**< UINT64_MAX: larger */
	bool is_pkcs1;         /**< RSA key without its SubjectPublicKeyInfo wrapper */
	struct str
		key_problem; /**< why p= is no key of its type; empty when it is, or is revoked */
};

/**
 * Parse one record. 0 with *ret; -ENOMSG: no key record (another version, or no tags at all);
 * -EBADMSG: the tag list is broken, err names the tag and its offset. A key that does not decode is
 * no failure: ret->key_problem.
 */
int dkim_key_parse(struct arena *a, struct str text, struct dkim_key *ret,
		   struct err *err) MUST_USE;

/**
 * The one key record among TXT records: texts with another version or without p= do not count when
 * another is a key. -ENOMSG: none; -EEXIST: several (section 3.6.2.2: undefined what happens).
 */
int dkim_select(struct arena *a, const struct dns_answer *txt, struct dkim_key *ret,
		struct err *err) MUST_USE;

/** RSA key in DER, SubjectPublicKeyInfo (RFC 5280 section 4.1) or RSAPublicKey (RFC 8017 appendix
 * A.1.1): bits of the modulus and the exponent. 0 or ERR_SYNTAX. */
int rsa_key_read(struct str der, unsigned *ret_bits, uint64_t *ret_exponent,
		 bool *ret_is_pkcs1) MUST_USE;

#endif
