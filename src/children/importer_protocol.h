/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a command and its child `dss-net importer` say to each other: frames (loop/frame.h) whose bodies
 * are structs below, as children/protocol.h does for the scanner. One child brings one zone.
 *
 *	dss			importer
 *	FETCH ──▶				once, first
 *		  ◀── NAMES			any number; good for nothing before DONE
 *		  ◀── DONE			then exit status 0
 *		  ◀── FATAL			instead: why not, for people
 *
 * The importer connects under the address policy (net/socket.h); an address that the order gives as one
 * is the operator's word and is exempt, as a resolver's is. The end of the stream means that dss is gone.
 */
#ifndef DSS_CHILDREN_IMPORTER_PROTOCOL_H
#define DSS_CHILDREN_IMPORTER_PROTOCOL_H

#include "base/desc.h"

enum {
	IMPORTER_PROTOCOL = 1,
	IMPORTER_NAMES_BYTES = 512 << 10, /**< of a NAMES frame */
	IMPORTER_BYTES = 60 << 20         /**< of all names together */
};

enum importer_frame {
	/* dss to importer */
	IMPORTER_FETCH = 1, /**< struct importer_order */
	/* importer to dss */
	IMPORTER_NAMES = 16, /**< struct importer_names */
	IMPORTER_DONE = 17,  /**< struct importer_done */
	IMPORTER_FATAL = 18  /**< struct importer_fatal; the importer leaves after it */
};

struct importer_order {
	struct str zone; /**< in the form of formats/dns/name.h */
	struct str host; /**< an address, or a host's name */
	uint16_t port;   /**< 0: 53 */
	bool takes_all;  /**< all names, not only those that are delegated */
	/** TSIG; empty: none. The secret stands here by value and nowhere else. */
	struct str key_name, key_algorithm, key_secret;
	struct str *allow_networks; /**< "10.0.0.0/8": inside networks that names may lead to */
	size_t allow_network_count;
	uint32_t timeout_ms, silence_ms; /**< 0: as net/zone_fetch.h has them */
};

struct importer_names {
	struct str text; /**< in the form of formats/dns/name.h, a line feed behind each */
};

struct importer_done {
	uint64_t messages, records, names;
	uint32_t serial;
};

struct importer_fatal {
	uint8_t exit_code; /**< of dss: 2 usage, 3 the server's doing, 5 otherwise */
	struct str text;
};

extern const struct desc importer_order_desc, importer_names_desc, importer_done_desc,
	importer_fatal_desc;

#endif
