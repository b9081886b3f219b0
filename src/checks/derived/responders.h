/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The addresses of a zone's servers, and which of them are silent. A server is silent only when it left
 * every question here, over UDP and TCP, unanswered while another server of the zone answered; that is
 * dns.ns.udp's finding, and other families leave silent servers out. One lost packet makes no one silent.
 */
#ifndef DSS_CHECKS_DERIVED_RESPONDERS_H
#define DSS_CHECKS_DERIVED_RESPONDERS_H

#include "checks/derived/name_servers.h"

enum { RESPONDERS = 32 };

struct responder {
	struct str name; /**< of the server */
	struct address address;
	bool is_in_parent, is_in_child;
	bool has_left_all; /**< every question failed */
	bool is_silent;    /**< the same, while another server answered */
	bool has_answered; /**< to at least one question; neither: not known (a gap was noted) */
};

struct responders {
	struct responder *servers; /**< in order of name, then address */
	size_t count;
	size_t answering; /**< how many have answered */
};

#endif
