/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The names of a zone that comes by transfer (AXFR, RFC 5936): the messages of one answer one after the
 * other, in constant memory. What is no transfer of this zone is an error that says why: another id or
 * zone, an rcode, a record of elsewhere, an end with another SOA than the beginning, records behind the
 * end. Records beyond ZONE_STREAM_RECORDS are one too. Pure.
 */
#ifndef DSS_FORMATS_DNS_ZONE_STREAM_H
#define DSS_FORMATS_DNS_ZONE_STREAM_H

#include "formats/dns/message.h"

enum { ZONE_STREAM_RECORDS = 4000000, ZONE_STREAM_SOA_BYTES = 2 * DNS_NAME_WIRE_BYTES + 20 };

/** All zero but zone, id and takes_all before the first message. */
struct zone_stream {
	struct str zone; /**< in the form of name.h; must outlive it */
	uint16_t id;     /**< of the question */
	/** All names that own records, as from a zone file (zonefile.h); else those that are delegated:
	 * owners of NS below the zone's own name. */
	bool takes_all;
	uint64_t messages, records, names;
	uint32_t serial;
	bool is_complete;
	uint8_t soa[ZONE_STREAM_SOA_BYTES]; /* the first one's data, names expanded */
	size_t soa_len;
	char last[DNS_NAME_TEXT_BYTES]; /* the name that was given before */
	size_t last_len;
};

/**
 * The next message. Names that it adds are appended to out, each with a line feed behind it; of names
 * that follow each other none comes twice. Wildcards and names with a label that begins with "_" are
 * left out. 0: it goes on; 1: the zone is complete; ERR_SYNTAX, ERR_LIMIT, -EACCES (an rcode): err says
 * what the server did.
 */
int zone_stream_take(struct zone_stream *stream, struct str message, struct buf *out,
		     struct err *err) MUST_USE;

#endif
