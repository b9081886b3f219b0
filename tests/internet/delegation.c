/* SPDX-License-Identifier: Apache-2.0 */
/* Where do the root, the TLDs, the reverse zones, delegations, addresses and PTR records come from? */
#include "world.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char made_servers[][3][40] = {
	{ "a.root-servers.net", "198.41.0.4", "2001:503:ba3e::2:30" },
	{ "b.root-servers.net", "170.247.170.2", "2801:1b8:10::b" },
	{ "a.gtld-servers.net", "192.5.6.30", "2001:503:a83e::2:30" },
	{ "b.gtld-servers.net", "192.33.14.30", "2001:503:231d::2:30" },
};

struct zone *world_zone(const struct world *world, const uint8_t *lower_name)
{
	size_t at;

	if (!world->zone_slots)
		return NULL;
	at = (size_t)bytes_hash(lower_name, name_length(lower_name), 2) & (world->zone_slots - 1);
	for (; world->zone_index[at]; at = (at + 1) & (world->zone_slots - 1))
		if (name_equal(world->zone_index[at]->apex, lower_name))
			return world->zone_index[at];
	return NULL;
}

static void index_zone(struct world *world, struct zone *zone)
{
	struct zone *first = world_zone(world, zone->apex);
	size_t at;

	if (first) {
		while (first->variant)
			first = first->variant;
		first->variant = zone;
		return;
	}
	at = (size_t)bytes_hash(zone->apex, zone->apex_length, 2) & (world->zone_slots - 1);
	while (world->zone_index[at])
		at = (at + 1) & (world->zone_slots - 1);
	world->zone_index[at] = zone;
}

static void add_made_servers(struct world *world)
{
	for (size_t i = 0; i < sizeof(made_servers) / sizeof(*made_servers); i++) {
		struct server *server;

		world->server = pool_grow(world->server, world->server_count, sizeof(*server));
		server = &world->server[world->server_count];
		*server = (struct server){ .name = pool_text(made_servers[i][0]),
					   .number = world->server_count++ };
		server->ip = pool_zalloc(2 * sizeof(*server->ip));
		for (size_t k = 0; k < 2; k++)
			ip_parse(made_servers[i][k + 1], &server->ip[server->ip_count++]);
	}
}

static void add_option(struct zone *zone, const char *name, const char *value)
{
	zone->option = pool_grow(zone->option, zone->option_count, sizeof(*zone->option));
	zone->option[zone->option_count++] = (struct option){ pool_text(name), pool_text(value) };
}

static void made_zone(struct world *world, const uint8_t *apex)
{
	struct zone *zone = world_zone(world, apex);
	size_t first = world->server_count - (*apex ? 2 : 4);

	if (!zone) {
		zone = pool_zalloc(sizeof(*zone));
		zone->apex_length = name_length(apex);
		zone->apex = memcpy(pool_zalloc(zone->apex_length), apex, zone->apex_length);
		zone->name = name_text(zone->apex);
		zone->where = zone->name;
		zone->is_made = true;
		add_option(zone, "sign", "ecdsa256");
		add_option(zone, "key", *apex ? "tld" : "root");
		if (*apex) {
			add_option(zone, "nsec3", "");
			add_option(zone, "opt-out", "");
		}
		world->zone = pool_grow(world->zone, world->zone_count, sizeof(zone));
		world->zone[world->zone_count++] = zone;
		index_zone(world, zone);
	}
	if (zone->server_count)
		return;
	for (size_t i = 0; i < 2; i++) {
		zone->server = pool_grow(zone->server, zone->server_count, sizeof(struct server *));
		zone->server[zone->server_count++] = &world->server[first + i];
	}
}

static void make_zones(struct world *world)
{
	size_t declared = world->zone_count;
	uint8_t name[NAME_BYTES];

	/* The array moved: what points into it is set anew. */
	while (world->zone_slots < (declared + 64) * 4)
		world->zone_slots = world->zone_slots ? world->zone_slots * 2 : 64;
	world->zone_index = pool_zalloc(world->zone_slots * sizeof(*world->zone_index));
	for (size_t i = 0; i < declared; i++)
		index_zone(world, world->zone[i]);
	made_zone(world, (const uint8_t *)"");
	for (size_t i = 0; i < declared; i++) {
		const uint8_t *tld = world->zone[i]->apex;

		while (*tld && tld[1 + *tld])
			tld += 1 + *tld;
		if (*tld)
			made_zone(world, tld);
	}
	name_from_text("net.", name); /* the made servers' own */
	made_zone(world, name);
	name_from_text("in-addr.arpa.", name);
	made_zone(world, name);
	name_from_text("ip6.arpa.", name);
	made_zone(world, name);
}

/* The deepest declared zone around the name; of a zone's apex, the zone above with strictly. */
static struct zone *enclosing(const struct world *world, const uint8_t *lower_name, bool strictly)
{
	struct zone *zone = NULL;

	if (strictly)
		lower_name = name_parent(lower_name);
	for (; lower_name && !zone; lower_name = name_parent(lower_name))
		zone = world_zone(world, lower_name);
	return zone;
}

static bool zone_has(const struct zone *zone, const uint8_t *lower_name, uint16_t type)
{
	const struct node *node = zone_node(zone, lower_name);

	return node && node_set(node, type);
}

static void add_addresses(struct zone *zone, const uint8_t *owner, const struct ip *ip,
			  size_t count)
{
	uint8_t lower[NAME_BYTES];
	bool has_any;

	memcpy(lower, owner, name_length(owner));
	name_lower(lower);
	has_any = zone_has(zone, lower, LDNS_RR_TYPE_A) || zone_has(zone, lower, LDNS_RR_TYPE_AAAA);
	for (size_t i = 0; i < count && !has_any; i++) {
		bool is_v4 = ip[i].family == AF_INET;

		zone_add(zone, owner, is_v4 ? LDNS_RR_TYPE_A : LDNS_RR_TYPE_AAAA, 3600, ip[i].bytes,
			 is_v4 ? 4 : 16);
	}
}

static void add_host_records(const struct world *world, const char *host, const struct ip *ip,
			     size_t count)
{
	uint8_t owner[NAME_BYTES], lower[NAME_BYTES];
	struct zone *zone;

	if (!name_from_text(host, owner))
		fatal("%s: no name of a host", host);
	memcpy(lower, owner, name_length(owner));
	name_lower(lower);
	for (zone = enclosing(world, lower, false); zone; zone = zone->variant)
		add_addresses(zone, owner, ip, count);
}

static void add_ptr(const struct world *world, const struct ip *ip, const char *target)
{
	uint8_t wire[NAME_BYTES], owner[NAME_BYTES];
	char name[128] = "", *end = name;
	struct zone *zone;

	if (ip->family == AF_INET)
		snprintf(name, sizeof(name), "%u.%u.%u.%u.in-addr.arpa.", ip->bytes[3],
			 ip->bytes[2], ip->bytes[1], ip->bytes[0]);
	for (int i = 15; ip->family == AF_INET6 && i >= 0; i--)
		end += snprintf(end, 5, "%x.%x.", ip->bytes[i] & 15u, ip->bytes[i] >> 4);
	if (ip->family == AF_INET6)
		snprintf(end, 10, "ip6.arpa.");
	if (!name_from_text(name, owner) || !name_from_text(target, wire))
		fatal("%s: no name for a PTR record", target);
	zone = enclosing(world, owner, false);
	zone_add(zone, owner, LDNS_RR_TYPE_PTR, 3600, wire, name_length(wire));
}

static void add_hosts(const struct world *world)
{
	for (size_t i = 0; i < world->server_count; i++) {
		const struct server *server = &world->server[i];

		if (server->is_unlisted)
			continue;
		add_host_records(world, server->name, server->ip, server->ip_count);
		for (size_t k = 0; k < server->ip_count; k++)
			add_ptr(world, &server->ip[k], server->name);
	}
	for (size_t i = 0; i < world->host_count; i++) {
		const struct host *host = &world->host[i];

		if (host->is_unlisted)
			continue;
		add_host_records(world, host->name, host->ip, host->ip_count);
		for (size_t k = 0; k < host->ip_count && host->has_ptr; k++)
			add_ptr(world, &host->ip[k], host->ptr);
	}
}

static void complete_apex(struct zone *zone)
{
	if (!zone_has(zone, zone->apex, LDNS_RR_TYPE_NS) && !zone_option(zone, "no-soa"))
		for (size_t i = 0; i < zone->server_count; i++)
			zone_add_text(zone, pool_format("@ NS %s.", zone->server[i]->name),
				      zone->where);
	if (!zone_has(zone, zone->apex, LDNS_RR_TYPE_SOA) && !zone_option(zone, "no-soa") &&
	    zone->server_count)
		zone_add_text(
			zone,
			pool_format("@ SOA %s. hostmaster.%s 2026010101 14400 3600 1209600 3600",
				    zone->server[0]->name,
				    strcmp(zone->name, ".") ? zone->name : "root-servers.net."),
			zone->where);
}

/* Addresses for a name server's name: of the server or host lines, or of the zone itself. */
static void add_glue(const struct world *world, struct zone *parent, const uint8_t *target)
{
	uint8_t lower[NAME_BYTES];
	const struct zone *home;
	const struct node *node;

	memcpy(lower, target, name_length(target));
	name_lower(lower);
	if (!name_is_below(lower, parent->apex))
		return;
	home = enclosing(world, lower, false);
	node = home ? zone_node(home, lower) : NULL;
	if (!node || home == parent)
		return;
	for (const struct rrset *set = node->sets; set; set = set->next)
		for (size_t i = 0; i < set->count; i++)
			if (set->type == LDNS_RR_TYPE_A || set->type == LDNS_RR_TYPE_AAAA)
				zone_add(parent, target, set->type, 172800, set->rr[i].data,
					 set->rr[i].length);
}

/* glue=NAME/ADDRESS,…: what the parent says, whatever the child has. */
static void add_given_glue(struct zone *parent, const char *list, const char *where)
{
	char *copy = pool_text(list), *save = NULL;

	for (char *item = strtok_r(copy, ",", &save); item; item = strtok_r(NULL, ",", &save)) {
		char *slash = strchr(item, '/');
		uint8_t owner[NAME_BYTES];
		struct ip ip;

		if (slash)
			*slash = '\0';
		if (!slash || !name_from_text(item, owner) || !ip_parse(slash + 1, &ip))
			fatal("%s: glue=NAME/ADDRESS,NAME/ADDRESS", where);
		zone_add(parent, owner, ip.family == AF_INET ? LDNS_RR_TYPE_A : LDNS_RR_TYPE_AAAA,
			 172800, ip.bytes, ip.family == AF_INET ? 4 : 16);
	}
	free(copy);
}

static void add_ns(const struct world *world, struct zone *parent, const struct zone *zone,
		   const uint8_t *target)
{
	zone_add(parent, zone->apex, LDNS_RR_TYPE_NS, 172800, target, name_length(target));
	if (!zone_option(zone, "no-glue") && !zone_option(zone, "glue"))
		add_glue(world, parent, target);
}

static void delegate(const struct world *world, struct zone *parent, const struct zone *zone)
{
	const char *names = zone_option(zone, "parent-ns"), *glue = zone_option(zone, "glue");
	const struct node *node = zone_node(zone, zone->apex);
	const struct rrset *ns = node ? node_set(node, LDNS_RR_TYPE_NS) : NULL;
	char *copy = names ? pool_text(names) : NULL, *save = NULL;
	uint8_t target[NAME_BYTES];

	for (char *name = copy ? strtok_r(copy, ",", &save) : NULL; name;
	     name = strtok_r(NULL, ",", &save)) {
		if (!name_from_text(name, target))
			fatal("%s: parent-ns=%s", zone->where, names);
		add_ns(world, parent, zone, target);
	}
	for (size_t i = 0; !names && ns && i < ns->count; i++)
		add_ns(world, parent, zone, ns->rr[i].data);
	if (glue)
		add_given_glue(parent, glue, zone->where);
	for (size_t i = 0; i < zone->line_count; i++)
		if (zone->line[i][0] == '^') {
			char *domain = pool_text(zone->name), *text, *at;

			domain[strlen(domain) - 1] = '\0';
			text = macro_expand(world, zone->line[i] + 1, domain, -1);
			at = text + strspn(text, " \t");
			if (*at == '@') /* the child's name, in the parent's zone */
				at = pool_format("%s%s", zone->name, at + 1);
			zone_add_text(parent, at, zone->where);
			free(domain);
		}
}

static void delegate_all(const struct world *world)
{
	for (size_t i = 0; i < world->zone_count; i++) {
		struct zone *zone = world->zone[i], *first = world_zone(world, zone->apex);
		struct zone *parent = *zone->apex ? enclosing(world, zone->apex, true) : NULL;

		zone->parent = parent;
		if (zone_option(first, "no-delegation"))
			continue;
		for (; parent; parent = parent->variant) {
			if (zone == first)
				delegate(world, parent, zone);
			for (size_t k = 0; zone->ds && k < ldns_rr_list_rr_count(zone->ds); k++)
				zone_add_rr(parent, ldns_rr_list_rr(zone->ds, k));
		}
	}
}

/* multi-signer (RFC 8901 model 2): every provider publishes all providers' keys. */
static void share_keys(const struct world *world)
{
	for (size_t i = 0; i < world->zone_count; i++) {
		struct zone *zone = world->zone[i];

		if (!zone_option(zone, "multi-signer"))
			continue;
		for (struct zone *other = world_zone(world, zone->apex); other;
		     other = other->variant)
			for (size_t k = 0;
			     other->dnskeys && k < ldns_rr_list_rr_count(other->dnskeys); k++)
				zone_add_rr(zone, ldns_rr_list_rr(other->dnskeys, k));
	}
}

static void serve_zone(struct server *server, struct zone *zone)
{
	size_t at;

	if ((server->zone_count + 1) * 2 > server->zone_slots) {
		struct zone **old = server->zone;
		size_t slots = server->zone_slots;

		server->zone_slots = slots ? slots * 2 : 16;
		server->zone = pool_zalloc(server->zone_slots * sizeof(zone));
		server->zone_count = 0;
		for (size_t i = 0; i < slots; i++)
			if (old[i])
				serve_zone(server, old[i]);
		free(old);
	}
	at = (size_t)bytes_hash(zone->apex, zone->apex_length, 3) & (server->zone_slots - 1);
	while (server->zone[at])
		at = (at + 1) & (server->zone_slots - 1);
	server->zone[at] = zone;
	server->zone_count++;
}

/** From what the scenario says to a world that can be served. */
void world_complete(struct world *world)
{
	add_made_servers(world); /* moves the servers: zones point to them by number until here */
	scenario_bind(world);
	make_zones(world);
	for (size_t i = 0; i < world->zone_count; i++)
		zone_load(world, world->zone[i]);
	for (size_t i = 0; i < world->zone_count; i++)
		complete_apex(world->zone[i]);
	add_hosts(world);
	for (size_t i = 0; i < world->zone_count; i++)
		keys_make(world, world->zone[i]);
	share_keys(world);
	delegate_all(world);
	for (size_t i = 0; i < world->zone_count; i++) {
		zone_index(world->zone[i]);
		zone_sign(world->zone[i]);
		for (size_t k = 0; k < world->zone[i]->server_count; k++)
			serve_zone(world->zone[i]->server[k], world->zone[i]);
	}
}
