/* SPDX-License-Identifier: Apache-2.0 */
/**
 * X.509 certificates as far as checks on them go (RFC 5280): names, validity, what they are for. Octets of
 * strangers are read by a reader of DER of its own, bounded by what is there; no signature is verified.
 * Pure.
 */
#ifndef DSS_FORMATS_CERTIFICATE_H
#define DSS_FORMATS_CERTIFICATE_H

#include "base/err.h"
#include "base/str.h"

enum { CERTIFICATES = 10, CERTIFICATE_NAMES = 64 };

struct certificate {
	struct str issuer, subject; /**< encoded names: equal when their octets are */
	int64_t not_before_us, not_after_us;
	struct str *names; /**< dNSName of the subject alternative name, lower case */
	size_t name_count;
	bool is_for_marks; /**< extended key usage 1.3.6.1.5.5.7.3.31 (BIMI) */
	bool has_logotype; /**< extension 1.3.6.1.5.5.7.1.12 (RFC 3709) */
	bool is_authority; /**< basic constraints */
};

/** One certificate in DER. 0 or ERR_SYNTAX. Views point into der, names are in the arena. */
int certificate_read(struct arena *a, struct str der, struct certificate *ret) MUST_USE;
/** Those of a PEM file, in order, at most CERTIFICATES. 0; ERR_SYNTAX, ERR_LIMIT; none is ERR_SYNTAX. */
int certificates_read_pem(struct arena *a, struct str text, struct certificate **ret,
			  size_t *ret_count, struct err *err) MUST_USE;

#endif
