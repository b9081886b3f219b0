/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The scenario in memory: servers, hosts, zones and faults, as read from the scenario's folder
 * (scenario.c), filled in with root, TLDs and reverse zones (delegation.c), signed (sign.c), and
 * answered from (answer.c, server.c). Everything lives until the process ends.
 *
 * Parsing and signing use ldns on purpose: an implementation independent of the program under test.
 */
#ifndef INTERNET_WORLD_H
#define INTERNET_WORLD_H

#include <stdbool.h> /* before ldns, which has a bool of its own otherwise */

#include <ldns/ldns.h>
#include <stddef.h>
#include <stdint.h>

enum { NAME_BYTES = 256 };

struct ip {
	int family; /* AF_INET or AF_INET6 */
	uint8_t bytes[16];
};

/** One record. Its time to live is its own: an RRset with unequal ones can be served. */
struct rr {
	uint32_t ttl;
	uint16_t length;
	uint8_t *data;
};

struct rrset {
	uint16_t type;
	size_t count;
	struct rr *rr;
	size_t sig_count;
	struct rr *sig;
	struct rrset *next;
};

struct node {
	uint8_t *name;  /* lower case: what is compared */
	uint8_t *owner; /* as written: what is sent */
	size_t length;
	struct rrset *sets;
	bool is_cut;         /* NS below the apex */
	bool is_occluded;    /* below a cut: glue */
	bool is_empty;       /* an empty non-terminal */
	struct node *denial; /* the node with its NSEC3 record */
};

struct fault {
	const struct fault_kind *kind;
	long number;
	char *text;
	uint8_t *zone, *name; /* filters, lower case, or NULL */
	int type;             /* filter; -1: none; -2: types that nobody has assigned */
	uint8_t *extra;       /* records in wire form, for lying */
	size_t extra_length;
};

struct zone;

struct server {
	char *name;
	struct ip *ip;
	size_t ip_count;
	const char *engine, *version, *nsid, *mailbox;
	bool is_unlisted; /* no address records made for it */
	struct fault *fault;
	size_t fault_count;
	bool is_silent, has_no_tcp;
	struct zone **zone; /* hash by name */
	size_t zone_slots, zone_count;
	size_t number;
};

struct host {
	char *name, *ptr;
	struct ip *ip;
	size_t ip_count;
	bool has_ptr, is_silent;
	bool is_unlisted; /* no address records made for it */
};

struct option {
	char *name, *value;
};

struct zone {
	char *name;    /* "example.com." or "." */
	uint8_t *apex; /* lower case wire */
	size_t apex_length;
	struct option *option;
	size_t option_count;
	struct server **server;
	size_t server_count;
	char **line; /* inline records and changes */
	size_t line_count;
	const char *where; /* file:line of the directive, for errors */
	bool is_made;      /* root, TLD or reverse zone that no directive names */

	struct zone *parent;
	struct zone *variant; /* the next zone of the same name */
	struct node **node;   /* hash by name */
	size_t node_slots, node_count;
	struct node **order; /* canonical order of the names in the NSEC chain */
	size_t order_count;
	struct node **hashed; /* NSEC3 nodes by hash */
	size_t hashed_count;

	ldns_key_list *keys;
	ldns_rr_list *dnskeys, *ds;
	int64_t sig_from, sig_to; /* seconds from now */
	bool is_signed, is_nsec3, is_compact, is_opt_out;
	uint16_t nsec3_iterations;
	uint8_t nsec3_salt[32];
	uint8_t nsec3_salt_length;
};

struct world {
	const char *folder, *build, *run; /* scenario, build directory, temporary folder */
	struct server *server;
	size_t server_count;
	struct host *host;
	size_t host_count;
	struct zone **zone;
	size_t zone_count;
	char **web; /* lines for web.py: folder, tab, directive */
	size_t web_count;
	struct option *macro;
	size_t macro_count;
	struct zone **zone_index; /* hash by name, first variant */
	size_t zone_slots;
};

/* pool.c: memory and words */
void fatal(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void *pool_zalloc(size_t size);
void *pool_grow(void *array, size_t count, size_t size); /* room for count + 1 */
char *pool_text(const char *text);
char *pool_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool ip_parse(const char *text, struct ip *ret);
const char *ip_text(const struct ip *ip, char out[64]);
bool ip_equal(const struct ip *a, const struct ip *b);
long number_parse(const char *text, const char *where); /* with suffix s m h d w y */

/* name.c: names in wire form */
size_t name_length(const uint8_t *name);
bool name_from_text(const char *text, uint8_t out[NAME_BYTES]);
char *name_text(const uint8_t *name);
void name_lower(uint8_t *name);
bool name_equal(const uint8_t *a, const uint8_t *b);
bool name_is_below(const uint8_t *name, const uint8_t *parent); /* or equal */
unsigned name_labels(const uint8_t *name);
const uint8_t *name_parent(const uint8_t *name);      /* NULL above the root */
int name_compare(const uint8_t *a, const uint8_t *b); /* RFC 4034 section 6.1 */
uint64_t bytes_hash(const void *bytes, size_t length, uint64_t seed);

/* scenario.c */
void scenario_read(struct world *world);
void scenario_bind(struct world *world); /* zones point to servers: no server is added after */
const char *zone_option(const struct zone *zone, const char *name);
struct server *server_find(struct world *world, const char *name);
char *macro_expand(const struct world *world, const char *text, const char *domain, long i);
char **words_split(char *line, size_t *ret_count);
char *folder_file(const struct world *world, const char *name, const char *suffix);

/* zone.c */
void zone_load(struct world *world, struct zone *zone);
struct node *zone_node(const struct zone *zone, const uint8_t *lower_name);
struct node *zone_node_make(struct zone *zone, const uint8_t *name);
struct rrset *node_set(const struct node *node, uint16_t type);
void zone_add_text(struct zone *zone, const char *rr_text, const char *where);
void zone_add_rr(struct zone *zone, const ldns_rr *rr);
void zone_add(struct zone *zone, const uint8_t *owner, uint16_t type, uint32_t ttl,
	      const void *data, size_t length);
void rrset_add_sig(struct rrset *set, uint32_t ttl, const void *data, size_t length);
void zone_remove(struct zone *zone, const uint8_t *owner, int type);
void zone_index(struct zone *zone);
struct zone *world_zone(const struct world *world, const uint8_t *lower_name);

/* delegation.c */
void world_complete(struct world *world);

/* keys.c */
void keys_make(struct world *world, struct zone *zone);
/* sign.c */
void zone_sign(struct zone *zone);
void rrset_sign(struct zone *zone, const uint8_t *owner, struct rrset *set);
size_t nsec_bitmap(const struct node *node, const uint16_t *more, size_t more_count,
		   uint8_t out[8192]);
ldns_rr_list *rrset_to_ldns(const uint8_t *owner, const struct rrset *set);
/* denial.c */
void zone_make_denial(struct zone *zone);
struct node *nsec_covering(const struct zone *zone, const uint8_t *lower_name);
struct node *nsec3_find(const struct zone *zone, const uint8_t *lower_name, bool *ret_exact);

#endif
