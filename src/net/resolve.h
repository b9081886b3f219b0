/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A host's addresses by a resolver that we trust, for requests to whom the operator named: the sender's
 * receivers, the runner's APIs. Scanned hosts are asked for through ask/ instead, where each answer is a
 * fact.
 *
 * What a name leads to is judged where it is connected to (net/socket.h), not here.
 */
#ifndef DSS_NET_RESOLVE_H
#define DSS_NET_RESOLVE_H

#include "net/dns_client.h"

enum {
	RESOLVE_ADDRESSES = 8,
	RESOLVE_RESOLVERS = 3,
	RESOLVE_FILE_BYTES = 256 << 10,
	RESOLVE_TIMEOUT_US = 5000000
};

/** What the machine says, read once, before the sandbox closes. */
struct resolve_files {
	struct dns_destination resolvers[RESOLVE_RESOLVERS];
	size_t resolver_count;
	struct str hosts; /**< text of /etc/hosts, heap */
};

/** NULL: /etc/resolv.conf and /etc/hosts; a missing file is an empty one. Without a resolver it is
 * 127.0.0.1, as resolv.conf(5) has it. */
void resolve_files_read(const char *resolv_conf, const char *hosts, struct resolve_files *ret);
void resolve_files_release(struct resolve_files *files);
/** The addresses of a name in the text of a hosts file (hosts(5)); returns their count. Pure. */
size_t resolve_hosts_find(struct str text, struct str name,
			  struct address ret[static RESOLVE_ADDRESSES]);

struct resolve {
	struct dns_client *client;
	const struct dns_destination *resolvers;
	size_t resolver_count;
	struct str hosts; /**< none: nothing is taken from there */
};

struct resolving;

/** IPv4 first. None: failure says why, DNS_FAILURE_NONE when the name has no address. */
typedef void resolve_callback(void *context, const struct address *addresses, size_t count,
			      enum dns_failure failure);

/**
 * @name  in the form of formats/dns/name.h; "localhost" is the loopback (RFC 6761 section 6.3)
 * The callback is called once, never from within; resolving_cancel before. 0; negative codes of
 * dns_client_ask.
 */
int resolve_start(const struct resolve *resolve, uv_loop_t *loop, struct str name,
		  resolve_callback *callback, void *context, struct resolving **ret) MUST_USE;
void resolving_cancel(struct resolving *resolving);

#endif
