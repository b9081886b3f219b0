/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Logos for BIMI: the profile SVG Tiny Portable/Secure (draft-svg-tiny-ps-abrotman, sections 2 and 3): SVG
 * Tiny 1.2 that runs nothing, moves nothing and fetches nothing. The text is read tag by tag without
 * building a tree; what is no well-formed tag is a problem. Pure.
 */
#ifndef DSS_FORMATS_MAIL_SVG_LOGO_H
#define DSS_FORMATS_MAIL_SVG_LOGO_H

#include "base/err.h"
#include "base/str.h"

enum { SVG_LOGO_BYTES = 32 << 10 /**< BIMI group, "SVG file size": what mailbox providers take */ };

/** 0; -EBADMSG: err says the first thing that the profile does not allow, or asks for. */
int svg_logo_check(struct str text, struct err *err) MUST_USE;

#endif
