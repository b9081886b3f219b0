/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Mails as they are written: header fields (RFC 5322), text beyond ASCII in them (RFC 2047), and bodies as
 * quoted-printable (RFC 2045 section 6.7). Lines end in CR LF and have 78 octets at most. Whatever the text
 * has in it, it stays in the one field or body that it is written into: controls, line ends among them,
 * become blanks or are encoded. Pure.
 */
#ifndef DSS_FORMATS_MAIL_MIME_H
#define DSS_FORMATS_MAIL_MIME_H

#include "base/str.h"

/** "Name: text": as it stands when it is printable ASCII that nobody takes for an encoded word, else in
 * encoded words. name is ours. */
void mime_field_text(struct buf *out, const char *name, struct str text);
/** "Name: display <address>"; without a display "Name: address". The address is a plain one
 * (formats/mail/address.h). */
void mime_field_mailbox(struct buf *out, const char *name, struct str display, struct str address);
/** "Name: a,\r\n b": plain addresses, one a line. */
void mime_field_addresses(struct buf *out, const char *name, const struct str *addresses,
			  size_t count);
/** "Date: Sun, 22 Nov 2026 12:00:00 +0000". */
void mime_field_date(struct buf *out, int64_t at_us);
/** UTF-8 text with LF between its lines. */
void mime_quoted_printable(struct buf *out, struct str text);

#endif
