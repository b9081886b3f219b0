/* SPDX-License-Identifier: Apache-2.0 */
/** Mail addresses that we send to and from (RFC 5321 section 4.1.2). Pure. */
#ifndef DSS_FORMATS_MAIL_ADDRESS_H
#define DSS_FORMATS_MAIL_ADDRESS_H

#include "base/str.h"

/**
 * Is it an address in its plain form: a local part of atoms and dots, at most 64 octets, and the name of a
 * host in ASCII with at least two labels, or an address literal; 254 octets at most? Quoted local parts,
 * comments, names beside it and anything beyond ASCII are none, so nothing that passes can be a header, a
 * command or a second address.
 */
bool mail_address_is_plain(struct str address);

#endif
