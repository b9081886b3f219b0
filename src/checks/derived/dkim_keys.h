/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DKIM keys of a domain: those at the selectors given with the request and at the usual ones
 * (data/dkim-selectors.txt). The DNS does not list selectors, so that none is found says nothing, unless
 * _domainkey itself does not exist (RFC 8020).
 */
#ifndef DSS_CHECKS_DERIVED_DKIM_KEYS_H
#define DSS_CHECKS_DERIVED_DKIM_KEYS_H

#include "checks/derived.h"

struct dkim_selector {
	struct str name;  /**< "s1._domainkey.example.com" */
	bool is_given;    /**< by the user */
	bool is_dangling; /**< an alias whose target does not exist */
	bool has_key;     /**< a text that looks like a key record, right or wrong */
	const struct dns_answer *answer;
};

struct dkim_keys {
	bool is_certainly_none;      /**< _domainkey.domain does not exist: nothing is below it */
	struct dkim_selector *found; /**< with a key, dangling, or given by the user */
	size_t count, keys;
	size_t usable;   /**< keys that are not revoked (RFC 6376 section 3.6.1: an empty p=) */
	bool is_partial; /**< a selector could not be asked: a gap was noted */
};

/** Is the text meant as a key record? Wildcards answer selectors with other texts. */
bool dkim_is_key_like(struct str text);

#endif
