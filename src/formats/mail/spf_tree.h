/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The whole tree of an SPF record, walked for counting: every include and the redirect are followed
 * whether or not something would match before them, so that the numbers are those of the worst
 * client (RFC 7208 section 4.6.4). No sender is known: targets whose macros depend on one are
 * counted, not followed.
 */
#ifndef DSS_FORMATS_MAIL_SPF_TREE_H
#define DSS_FORMATS_MAIL_SPF_TREE_H

#include "formats/mail/spf_eval.h"

enum {
	SPF_TREE_LOOKUPS = 40, /**< terms that are asked for; further ones make it "at least" */
	SPF_TREE_DEPTH = 20,   /**< nested includes */
	SPF_TREE_NETWORKS = 1000
};

enum spf_node_error {
	SPF_NODE_OK,
	SPF_NODE_PENDING,     /**< TXT not here yet */
	SPF_NODE_UNREACHABLE, /**< TXT could not be had: its subtree is not counted */
	SPF_NODE_NXDOMAIN,    /**< the name does not exist */
	SPF_NODE_MISSING,     /**< no SPF record at the name */
	SPF_NODE_MULTIPLE,    /**< more than one */
	SPF_NODE_SYNTAX,      /**< detail names the term */
	SPF_NODE_LOOP,        /**< it is its own ancestor */
	SPF_NODE_MACRO,       /**< its name depends on the sender */
	SPF_NODE_BAD_NAME,    /**< its domain-spec is no domain name */
	SPF_NODE_TOO_DEEP     /**< beyond SPF_TREE_DEPTH: not followed */
};

enum spf_node_reach { SPF_NODE_ROOT, SPF_NODE_INCLUDE, SPF_NODE_REDIRECT };

enum { SPF_NODE_NONE = UINT32_MAX };

struct spf_node {
	struct str domain;        /**< as written when error is MACRO or BAD_NAME */
	struct str text;          /**< the record; empty when there is none */
	struct spf_record record; /**< when error is OK */
	uint32_t parent;          /**< index, SPF_NODE_NONE for the root */
	uint8_t reach;            /**< enum spf_node_reach */
	char qualifier;           /**< of the include */
	bool is_authorising; /**< reached through "+" includes and redirects only: its pass is one */
	uint8_t error;       /**< enum spf_node_error */
	struct str detail;   /**< SPF_NODE_SYNTAX: what is wrong */
	unsigned own_lookups; /**< terms of this record alone */
	unsigned lookups;     /**< with everything below it */
};

/** A network that a mechanism names. */
struct spf_network {
	struct network network;
	uint32_t node;
	char qualifier;
	bool is_authorised; /**< "+" all the way: mail from it passes */
};

/** A target that the DNS has nothing for. */
struct spf_void {
	struct str name;
	uint32_t node;
	uint8_t kind; /**< enum spf_kind of the term */
};

struct spf_tree {
	struct spf_node *nodes; /**< [0] is the root; a parent stands before its children */
	size_t count;
	unsigned lookups; /**< of the root: to be compared with SPF_LOOKUPS */
	bool is_at_least; /**< the walk was cut: lookups is a lower bound */
	bool is_partial;  /**< something could not be had, or depends on the sender: lookups and
			     voids are lower bounds */
	bool is_pending;  /**< something is outstanding */
	struct spf_void
		*voids; /**< TXT, a, mx, exists targets without records of any address family */
	size_t void_count;
	unsigned mx_max;        /**< most MX records of one mx term */
	struct str mx_max_name; /**< its target */
	uint32_t all_pass_node; /**< where "+all" is reached, SPF_NODE_NONE when nowhere */
	uint32_t ptr_node;      /**< first record with ptr, or SPF_NODE_NONE */
	char all; /**< what happens at the end: of the root, or along its redirects; 0 when
				    there is no "all" */
	struct spf_network *networks; /**< ip4 and ip6 terms, at most SPF_TREE_NETWORKS */
	size_t network_count;
	uint64_t ipv4_addresses;   /**< that authorised ip4 terms hold, overlaps counted twice */
	uint32_t widest4, widest6; /**< authorised networks with the shortest prefix, as index into
				      networks, or SPF_NODE_NONE */
};

/** "no SPF record" …, static: for findings. */
const char *spf_node_error_text(enum spf_node_error error);

/** Walk from domain, a name in our form. Asks everything it can at once; when ret->is_pending, run it
 * again later. Everything in *ret is in the arena or a view into answers. */
void spf_tree_walk(struct arena *a, struct str domain, const struct spf_dns *dns,
		   struct spf_tree *ret);

#endif
