/* SPDX-License-Identifier: Apache-2.0 */
/** The one encoder of text into HTML: for content and for quoted attributes. */
#ifndef DSS_BASE_HTML_H
#define DSS_BASE_HTML_H

#include "base/str.h"

void html_put(struct buf *out, struct str text);

#endif
