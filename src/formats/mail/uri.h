/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Where reports go: URIs in rua= and ruf= of DMARC (RFC 9989 section 4.7) and TLS-RPT (RFC 8460
 * section 3): mailto (RFC 6068) and https. Pure.
 */
#ifndef DSS_FORMATS_MAIL_URI_H
#define DSS_FORMATS_MAIL_URI_H

#include "base/err.h"
#include "base/str.h"

enum { MAIL_URIS = 32 };

enum mail_uri_scheme { MAIL_URI_OTHER, MAIL_URI_MAILTO, MAIL_URI_HTTPS };

struct mail_uri {
	struct str text;    /**< as written, without blanks around it */
	uint8_t scheme;     /**< enum mail_uri_scheme */
	struct str address; /**< mailto: local@domain, percent-decoded */
	struct str domain;  /**< of the address, or https host: canonical (formats/dns/name.h) */
	bool has_size;      /**< "!10m": a size limit of RFC 7489, gone in RFC 9989 */
	struct str problem; /**< what is wrong; empty when the URI can be used */
};

/** Read one URI; never fails: ret->problem says why it cannot be used. Without allow_size "!" is an
 * error. */
void mail_uri_read(struct arena *a, struct str text, bool allow_size, struct mail_uri *ret);
/** Read a list between commas, at most MAIL_URIS; returns how many, *ret is in the arena. */
size_t mail_uris_read(struct arena *a, struct str text, bool allow_size, struct mail_uri **ret);

#endif
