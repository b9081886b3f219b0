/* SPDX-License-Identifier: Apache-2.0 */
/* Which keys does a zone have, and what does it tell its parent about them? */
#include "world.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const struct {
	const char *word;
	ldns_signing_algorithm algorithm;
	uint16_t bits;
} algorithms[] = {
	{ "ecdsa256", LDNS_SIGN_ECDSAP256SHA256, 256 },
	{ "ecdsa384", LDNS_SIGN_ECDSAP384SHA384, 384 },
	{ "ed25519", LDNS_SIGN_ED25519, 256 },
	{ "ed448", LDNS_SIGN_ED448, 456 },
	{ "rsasha1", LDNS_SIGN_RSASHA1, 2048 },
	{ "rsasha1-nsec3", LDNS_SIGN_RSASHA1_NSEC3, 2048 },
	{ "rsasha256", LDNS_SIGN_RSASHA256, 2048 },
	{ "rsasha512", LDNS_SIGN_RSASHA512, 2048 },
};

static const struct {
	const char *word;
	ldns_hash hash;
} digests[] = { { "sha1", LDNS_SHA1 }, { "sha256", LDNS_SHA256 }, { "sha384", LDNS_SHA384 } };

static ldns_key *key_read(const char *path)
{
	FILE *file = fopen(path, "r");
	ldns_key *key = NULL;

	if (!file)
		return NULL;
	if (ldns_key_new_frm_fp(&key, file) != LDNS_STATUS_OK)
		key = NULL;
	fclose(file);
	return key;
}

/* Whoever comes first: a scenario that starts at the same time uses the same key. */
static void key_write(const char *path, const ldns_key *key)
{
	char *draft = pool_format("%s.XXXXXX", path);
	int fd = mkstemp(draft);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	if (!file)
		fatal("%s: %s", draft, strerror(errno));
	ldns_key_print(file, key);
	if (fclose(file) || (link(draft, path) && errno != EEXIST))
		fatal("%s: cannot be written", path);
	unlink(draft);
	free(draft);
}

/* Keys are kept in the build directory, so that a scenario starts fast the next time. */
static ldns_key *key_make(const struct world *world, const struct zone *zone, const char *word,
			  size_t length, const char *role)
{
	const char *bits = zone_option(zone, "bits"), *who = zone_option(zone, "key");
	ldns_key *key;
	size_t i = 0;
	char *path, *folder = pool_format("%s/internet-keys", world->build);
	uint16_t size;

	while (i < sizeof(algorithms) / sizeof(*algorithms) &&
	       (strncmp(algorithms[i].word, word, length) || algorithms[i].word[length]))
		i++;
	if (i == sizeof(algorithms) / sizeof(*algorithms))
		fatal("%s: unknown algorithm \"%.*s\"", zone->where, (int)length, word);
	size = bits ? (uint16_t)atoi(bits) : algorithms[i].bits;
	mkdir(folder, 0755);
	path = pool_format("%s/%s%s-%s-%u-%s", folder, zone->name, who ? who : "",
			   algorithms[i].word, size, role);
	key = key_read(path);
	if (!key) {
		key = ldns_key_new_frm_algorithm(algorithms[i].algorithm, size);
		if (!key)
			fatal("%s: no key of %u bits for %s", zone->where, size, word);
		key_write(path, key);
		ldns_key_deep_free(key);
		key = key_read(path);
		if (!key)
			fatal("%s: cannot be read", path);
	}
	ldns_key_set_pubkey_owner(key, ldns_dname_new_frm_str(zone->name));
	ldns_key_set_origttl(key, 3600);
	ldns_key_set_inception(key, (uint32_t)(time(NULL) + zone->sig_from));
	ldns_key_set_expiration(key, (uint32_t)(time(NULL) + zone->sig_to));
	free(path);
	free(folder);
	return key;
}

static void publish(struct zone *zone, ldns_key *key, uint16_t flags, bool is_signing)
{
	ldns_rr *rr;

	ldns_key_set_flags(key, flags);
	rr = ldns_key2rr(key);
	ldns_rr_set_ttl(rr, 3600);
	ldns_key_set_keytag(key, ldns_calc_keytag(rr));
	ldns_rr_list_push_rr(zone->dnskeys, rr);
	zone_add_rr(zone, rr);
	if (is_signing)
		ldns_key_list_push_key(zone->keys, key);
}

static void add_ds(struct zone *zone, const ldns_rr *dnskey, const char *list)
{
	char *copy = pool_text(list), *save = NULL;

	for (char *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		ldns_rr *ds = ldns_key_rr2ds(dnskey, LDNS_SHA256);
		bool is_known = !strcmp(word, "wrong");

		if (is_known) { /* right key tag, another digest */
			ldns_rdf_data(ldns_rr_rdf(ds, 3))[0] ^= 0xff;
		} else if (!strcmp(word, "unknown-digest")) { /* no such digest type */
			ldns_rdf_data(ldns_rr_rdf(ds, 2))[0] = 200;
			is_known = true;
		}
		for (size_t i = 0; i < sizeof(digests) / sizeof(*digests); i++)
			if (!strcmp(digests[i].word, word)) {
				ldns_rr_free(ds);
				ds = ldns_key_rr2ds(dnskey, digests[i].hash);
				is_known = true;
			}
		if (!is_known)
			fatal("%s: ds=%s: known are sha1 sha256 sha384 wrong unknown-digest",
			      zone->where, word);
		ldns_rr_set_ttl(ds, 86400);
		ldns_rr_list_push_rr(zone->ds, ds);
	}
	free(copy);
}

static void add_cds(struct zone *zone, const ldns_rr *dnskey, const char *how)
{
	ldns_rr *cds = ldns_key_rr2ds(dnskey, LDNS_SHA256), *cdnskey = ldns_rr_clone(dnskey);

	if (!strcmp(how, "delete")) { /* RFC 8078 section 4 */
		zone_add_text(zone, "@ CDS 0 0 0 00", zone->where);
		zone_add_text(zone, "@ CDNSKEY 0 3 0 AA==", zone->where);
		return;
	}
	if (!strcmp(how, "mismatch") || !strcmp(how, "pending"))
		ldns_rdf_data(ldns_rr_rdf(cds, 3))[0] ^= 0xff;
	else if (*how && strcmp(how, "unsigned"))
		fatal("%s: cds=%s: known are delete mismatch pending unsigned", zone->where, how);
	ldns_rr_set_type(cds, LDNS_RR_TYPE_CDS);
	ldns_rr_set_type(cdnskey, LDNS_RR_TYPE_CDNSKEY);
	zone_add_rr(zone, cds);
	if (strcmp(how, "pending"))
		zone_add_rr(zone, cdnskey);
}

/* KeyTrap (CVE-2023-50387): many keys with one key tag. They need not be points on the curve. */
static void add_colliding_keys(struct zone *zone, long count)
{
	ldns_rr *real = ldns_rr_list_rr(zone->dnskeys, 0);
	uint16_t tag = ldns_calc_keytag(real);

	for (long i = 0; i < count; i++) {
		ldns_rr *fake = ldns_rr_clone(real);
		uint8_t *key = ldns_rdf_data(ldns_rr_rdf(fake, 3));
		uint32_t word;

		key[0] = (uint8_t)i;
		key[1] = (uint8_t)(i >> 8);
		key[2] ^= 0x5a;
		key[40] = key[41] = 0;
		/* The tag is a sum of words with carry (RFC 4034 appendix B): one word fits it. */
		word = (uint32_t)(tag - ldns_calc_keytag(fake) - 2) & 0xffff;
		do {
			word = (word + 1) & 0xffff;
			key[40] = (uint8_t)(word >> 8);
			key[41] = (uint8_t)word;
		} while (ldns_calc_keytag(fake) != tag);
		zone_add_rr(zone, fake);
		ldns_rr_free(fake);
	}
}

static void set_times(struct zone *zone)
{
	const char *from = zone_option(zone, "sig-from"), *to = zone_option(zone, "sig-to");

	zone->sig_from = from ? number_parse(from, zone->where) : -86400;
	zone->sig_to = to ? number_parse(to, zone->where) : 21 * 86400;
	if (zone_option(zone, "expired")) {
		zone->sig_from = -30 * 86400;
		zone->sig_to = -2 * 86400;
	} else if (zone_option(zone, "future")) {
		zone->sig_from = 2 * 86400;
		zone->sig_to = 30 * 86400;
	}
}

static void read_nsec3(struct zone *zone, const char *value)
{
	char *end;

	zone->is_nsec3 = true;
	zone->nsec3_iterations = (uint16_t)strtoul(value, &end, 10);
	if (*end != ',')
		return;
	for (end++; end[0] && end[1] && zone->nsec3_salt_length < 32; end += 2) {
		char digits[3] = { end[0], end[1], '\0' };

		zone->nsec3_salt[zone->nsec3_salt_length++] = (uint8_t)strtoul(digits, NULL, 16);
	}
}

static void sign_with(struct world *world, struct zone *zone, const char *list, bool is_signing)
{
	char *copy = pool_text(list), *save = NULL;
	const char *ds = zone_option(zone, "ds");
	bool is_split = zone_option(zone, "zsk") != NULL;

	for (char *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		publish(zone,
			key_make(world, zone, word, strlen(word), is_signing ? "ksk" : "idle"), 257,
			is_signing);
		if (is_signing && !zone_option(zone, "no-ds"))
			add_ds(zone,
			       ldns_rr_list_rr(zone->dnskeys,
					       ldns_rr_list_rr_count(zone->dnskeys) - 1),
			       ds ? ds : "sha256");
		if (is_split && is_signing)
			publish(zone, key_make(world, zone, word, strlen(word), "zsk"), 256, true);
	}
	free(copy);
}

void keys_make(struct world *world, struct zone *zone)
{
	const char *sign = zone_option(zone, "sign"), *more = zone_option(zone, "publish");
	const char *cds = zone_option(zone, "cds"), *trap = zone_option(zone, "keytrap");

	if (!sign)
		return;
	set_times(zone);
	zone->is_signed = true;
	zone->keys = ldns_key_list_new();
	zone->dnskeys = ldns_rr_list_new();
	zone->ds = ldns_rr_list_new();
	zone->is_compact = zone_option(zone, "compact") != NULL;
	zone->is_opt_out = zone_option(zone, "opt-out") != NULL;
	if (zone_option(zone, "nsec3"))
		read_nsec3(zone, zone_option(zone, "nsec3"));
	sign_with(world, zone, *sign ? sign : "ecdsa256", true);
	if (more)
		sign_with(world, zone, more, false);
	if (zone_option(zone, "revoke")) { /* RFC 5011: retired, and the parent still names it */
		publish(zone, key_make(world, zone, "ecdsa256", 8, "revoked"), 257 | 128, true);
		add_ds(zone,
		       ldns_rr_list_rr(zone->dnskeys, ldns_rr_list_rr_count(zone->dnskeys) - 1),
		       "sha256");
	}
	if (cds)
		add_cds(zone, ldns_rr_list_rr(zone->dnskeys, 0), cds);
	if (trap)
		add_colliding_keys(zone, number_parse(trap, zone->where));
}
