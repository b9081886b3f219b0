/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Selectors worth asking for: data/dkim-selectors.txt, compiled in. The DNS lists no selectors (RFC
 * 6376 section 3.1), so what is not found here may still exist.
 */
#ifndef DSS_FORMATS_MAIL_DKIM_SELECTORS_H
#define DSS_FORMATS_MAIL_DKIM_SELECTORS_H

#include "base/str.h"

/** The most common first. */
const struct str *dkim_selectors(size_t *ret_count);

#endif
