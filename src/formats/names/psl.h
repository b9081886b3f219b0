/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The public suffix list (publicsuffix.org; the snapshot of data/, compiled in): under which names
 * does anyone register? Names are in the form of formats/dns/name.h, results are views into them.
 * A name under no rule has its last label as public suffix (the list's rule "*").
 */
#ifndef DSS_FORMATS_NAMES_PSL_H
#define DSS_FORMATS_NAMES_PSL_H

#include "base/str.h"

/** When the snapshot was taken, for reports of stale data: "2026-08-19". */
#define PUBLIC_SUFFIX_LIST_DATE "2026-08-19"

/** Is the whole name a public suffix? The root is none. */
bool public_suffix_is(struct str name);
/** The public suffix that name is or is under; empty for the root. */
struct str public_suffix_of(struct str name);
/** The public suffix and one label: "example.co.uk" of "www.example.co.uk". Empty when name is a
 * public suffix itself, or the root. */
struct str registrable_domain(struct str name);
/** Is the suffix that applies listed by its private owner (github.io), not by a registry? */
bool public_suffix_is_private(struct str name);
/** Does a rule of the list name it, beside the rule "*"? */
bool public_suffix_is_listed(struct str name);

#endif
