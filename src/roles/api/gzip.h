/* SPDX-License-Identifier: Apache-2.0 */
/** gzip (RFC 1952) by zlib, for answers. */
#ifndef DSS_ROLES_API_GZIP_H
#define DSS_ROLES_API_GZIP_H

#include "base/str.h"

enum { GZIP_LEAST = 1024 }; /**< shorter answers stay as they are */

struct gzip;

struct gzip *gzip_open(void);
/** Append what comes out for `part`; the last part ends the file. */
void gzip_put(struct gzip *gzip, struct str part, bool is_last, struct buf *out);
/** NULL is fine. */
void gzip_close(struct gzip *gzip);

#endif
