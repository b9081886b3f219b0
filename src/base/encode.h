/* SPDX-License-Identifier: Apache-2.0 */
/** Octets as text: hexadecimal, base64, base32hex (RFC 4648). Writing never fails; reading is
 * strict about the alphabet, padding and stray bits, and returns ERR_SYNTAX. */
#ifndef DSS_BASE_ENCODE_H
#define DSS_BASE_ENCODE_H

#include "base/str.h"

/** Lower-case digits. */
void hex_put(struct buf *out, struct str octets);
/** Digits of any case, appended to out as octets. */
int hex_read(struct buf *out, struct str text) MUST_USE;
/** With padding (section 4). */
void base64_put(struct buf *out, struct str octets);
/** Padding must be complete; no blanks inside. */
int base64_read(struct buf *out, struct str text) MUST_USE;
/** Lower case, without padding, as NSEC3 has it (RFC 5155 section 3.3). */
void base32hex_put(struct buf *out, struct str octets);
int base32hex_read(struct buf *out, struct str text) MUST_USE;

#endif
