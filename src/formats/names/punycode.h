/* SPDX-License-Identifier: Apache-2.0 */
/** Punycode (RFC 3492): one label's code points as ASCII, without the "xn--". */
#ifndef DSS_FORMATS_NAMES_PUNYCODE_H
#define DSS_FORMATS_NAMES_PUNYCODE_H

#include "formats/names/unicode.h"

/** ERR_LIMIT: numbers overflow. */
int punycode_encode(const uint32_t *points, size_t len, struct buf *out) MUST_USE;
/** ERR_SYNTAX: no Punycode. Labels of more than 1,024 octets are refused. */
int punycode_decode(struct arena *a, struct str text, struct code_points *out) MUST_USE;

#endif
