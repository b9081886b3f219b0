/* SPDX-License-Identifier: Apache-2.0 */
/* What does the private resolver's configuration say? unbound.conf(5). */
#include "net/unbound_config.h"

/* Settings that never change; those with values follow in unbound_config_write. */
static const char fixed[] =
	/* Nothing outside of this process: it runs as it is, in front of us. */
	"server:\n"
	"  username: \"\"\n"
	"  chroot: \"\"\n"
	"  directory: \"/\"\n"
	"  pidfile: \"\"\n"
	"  use-syslog: no\n"
	"  logfile: \"\"\n"
	"  verbosity: 0\n"
	"  access-control: 0.0.0.0/0 refuse\n"
	"  access-control: ::/0 refuse\n"
	"  access-control: 127.0.0.0/8 allow\n"
	"  so-reuseport: yes\n"
	"  hide-identity: yes\n"
	"  hide-version: yes\n"
	/* Failures explain themselves; the text of an extended error needs the log level. */
	"  ede: yes\n"
	"  val-log-level: 2\n"
	"  log-servfail: no\n"
	/* Answers are evidence: whole, as the servers gave them, private addresses included, which
	 * is why private-address is not set. */
	"  minimal-responses: no\n"
	"  rrset-roundrobin: no\n"
	"  unblock-lan-zones: no\n"
	"  deny-any: no\n"
	"  serve-expired: no\n"
	"  prefetch: no\n"
	"  qname-minimisation: yes\n"
	"  aggressive-nsec: yes\n"
	"  harden-glue: yes\n"
	"  harden-dnssec-stripped: yes\n"
	"  edns-buffer-size: 1232\n"
	"  max-udp-size: 4096\n"
	/* A server that was down is asked again soon: scans come back to look. */
	"  infra-host-ttl: 120\n"
	"  infra-cache-numhosts: 200000\n"
	"  cache-max-ttl: 3600\n"
	"  cache-max-negative-ttl: 300\n"
	"  trust-anchor-signaling: no\n"
	"  root-key-sentinel: no\n"
	"  incoming-num-tcp: 256\n"
	"  outgoing-num-tcp: 128\n";

/* Root zone keys 2017 and 2024, https://data.iana.org/root-anchors/root-anchors.xml */
static const char anchors[] =
	"  trust-anchor: \". IN DS 20326 8 2 "
	"E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\"\n"
	"  trust-anchor: \". IN DS 38696 8 2 "
	"683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16\"\n";

static bool network_holds(const struct network *outer, const struct network *inner)
{
	return outer->prefix <= inner->prefix && network_has(outer, &inner->base);
}

/* Depth: one more bit of prefix each, at most 128. */
static void deny(struct buf *out, const struct policy *policy, struct network network)
{
	char text[ADDRESS_TEXT_BYTES];
	bool is_cut = false;

	for (size_t i = 0; i < policy->allowed_count; i++) {
		if (network_holds(&policy->allowed[i], &network))
			return;
		is_cut |= network_holds(&network, &policy->allowed[i]);
	}
	if (!is_cut) {
		buf_printf(out, "  do-not-query-address: %s/%u\n",
			   address_text(&network.base, text), network.prefix);
		return;
	}
	network.prefix++;
	deny(out, policy, network);
	network.base.bytes[(network.prefix - 1) / 8] |=
		(uint8_t)(0x80 >> ((network.prefix - 1) % 8));
	deny(out, policy, network);
}

void unbound_config_denied(struct buf *out, const struct policy *policy)
{
	static const struct policy none;
	const struct special_block *blocks;
	size_t count;

	blocks = special_blocks(&count);
	/* Loopback is one of the blocks; unbound's own switch for it knows no exceptions. */
	buf_put_lit(out, "  do-not-query-localhost: no\n");
	for (size_t i = 0; i < count; i++)
		deny(out, policy ? policy : &none, blocks[i].network);
}

void unbound_config_write(struct buf *out, const struct unbound_config *config)
{
	unsigned threads = MAX(config->threads, 1u), slabs = 1;
	unsigned range = MIN(8192u, MAX(config->descriptors / threads, 600u) - 500);

	while (slabs < threads)
		slabs *= 2;
	buf_put(out, fixed, sizeof fixed - 1);
	buf_printf(out, "  interface: 127.0.0.1@%u\n", config->port);
	buf_printf(out, "  num-threads: %u\n", threads);
	buf_printf(out, "  outgoing-range: %u\n  num-queries-per-thread: %u\n", range,
		   MAX(range / 2, 16u));
	buf_printf(out, "  rrset-cache-size: %zu\n  msg-cache-size: %zu\n  key-cache-size: %zu\n",
		   config->cache_bytes / 2, config->cache_bytes / 4, config->cache_bytes / 8);
	buf_printf(out,
		   "  rrset-cache-slabs: %u\n  msg-cache-slabs: %u\n  key-cache-slabs: %u\n"
		   "  infra-cache-slabs: %u\n",
		   slabs, slabs, slabs, slabs);
	buf_printf(out, "  do-ip6: %s\n", config->has_ipv6 ? "yes" : "no");
	if (config->root_hints)
		buf_printf(out, "  root-hints: \"%s\"\n", config->root_hints);
	if (!config->trust_anchor)
		buf_put(out, anchors, sizeof anchors - 1);
	else if (config->trust_anchor[0])
		buf_printf(out, "  trust-anchor-file: \"%s\"\n", config->trust_anchor);
	buf_printf(out, "  module-config: \"%siterator\"\n",
		   config->trust_anchor && !config->trust_anchor[0] ? "" : "validator ");
	buf_printf(out,
		   "  local-zone: \"" UNBOUND_READY_NAME ".\" static\n"
		   "  local-data: '" UNBOUND_READY_NAME ". 0 IN TXT \"%s\"'\n",
		   config->token);
	unbound_config_denied(out, config->policy);
	buf_put_lit(out, "remote-control:\n  control-enable: no\n");
}
