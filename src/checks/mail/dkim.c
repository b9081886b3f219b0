/* SPDX-License-Identifier: Apache-2.0 */
/* Are the domain's DKIM keys usable and strong? RFC 6376 section 3.6, RFC 8301, RFC 8463. */
#include "checks/derived/dkim_keys.h"
#include "formats/mail/dkim.h"

enum { PRESENT, SYNTAX, KEY_PARSE, KEY_SIZE, SHA1, ED25519, TESTING, REVOKED, CNAME_DANGLING };

enum { RSA_REQUIRED_BITS = 1024, RSA_WANTED_BITS = 2048 };

/* clang-format off */
static const struct check checks[] = {
	[PRESENT] = {
		.id = "mail.dkim.present",
		.severity = SEVERITY_INFO,
		.title = "The domain publishes a DKIM key",
		.source = "RFC 6376 section 3.6.2",
		.why = "Signed mail survives forwarding and passes DMARC.",
		.how = "The selectors given and the usual ones are asked for. That none is found is unknown, unless _domainkey itself does not exist.",
		.fix = { { "mail server", "Create a key pair and publish SELECTOR._domainkey TXT \"v=DKIM1; p=…\"." } },
	},
	[SYNTAX] = {
		.id = "mail.dkim.syntax",
		.severity = SEVERITY_MEDIUM,
		.title = "Key records follow their grammar, one at each selector",
		.source = "RFC 6376 sections 3.6.1 and 3.6.2.2",
		.why = "Receivers cannot check signatures made with that key.",
		.how = "The tags of each key record are parsed.",
		.fix = { { "zone", "Publish the record as the signer printed it, in one TXT record." } },
	},
	[KEY_PARSE] = {
		.id = "mail.dkim.key-parse",
		.severity = SEVERITY_HIGH,
		.title = "The public keys can be decoded",
		.source = "RFC 6376 section 3.6.1",
		.why = "Every signature made with that key fails.",
		.how = "p= is decoded as base64 and as a key of the type in k=.",
		.fix = { { "zone", "Publish the whole key: long TXT records are split into strings, not cut." } },
	},
	[KEY_SIZE] = {
		.id = "mail.dkim.key-size",
		.severity = SEVERITY_HIGH,
		.title = "RSA keys have at least 2,048 bits",
		.source = "RFC 8301 section 3.2",
		.why = "Keys below 1,024 bits are ignored by receivers and can be broken; 1,024 bits are too few for the years to come.",
		.how = "The modulus of each RSA key is measured: below 1,024 bits is high, below 2,048 medium.",
		.fix = { { "opendkim", "opendkim-genkey -b 2048 -s SELECTOR" } },
	},
	[SHA1] = {
		.id = "mail.dkim.sha1",
		.severity = SEVERITY_MEDIUM,
		.title = "Keys allow SHA-256",
		.source = "RFC 8301 section 3.1",
		.why = "Receivers no longer accept SHA-1, so signatures made with that key fail.",
		.how = "h= of each key record is read.",
		.fix = { { "zone", "Remove h=, or write h=sha256." } },
	},
	[ED25519] = {
		.id = "mail.dkim.ed25519",
		.severity = SEVERITY_INFO,
		.title = "A second key uses Ed25519",
		.source = "RFC 8463",
		.why = "It is short, strong, and ready for the day when RSA is not.",
		.how = "k= of each key record is read.",
		.fix = { { "mail server", "Sign with a second selector, k=ed25519." } },
	},
	[TESTING] = {
		.id = "mail.dkim.testing",
		.severity = SEVERITY_LOW,
		.title = "Keys are not in test mode",
		.source = "RFC 6376 section 3.6.1",
		.why = "Receivers may treat signed mail like unsigned mail.",
		.how = "t=y is looked for in each key record.",
		.fix = { { "zone", "Remove t=y." } },
	},
	[REVOKED] = {
		.id = "mail.dkim.revoked",
		.severity = SEVERITY_INFO,
		.title = "No revoked key is left",
		.source = "RFC 6376 section 3.6.1",
		.why = "An empty p= says that the key is gone; the record can go as well after a while.",
		.how = "An empty p= is looked for in each key record.",
		.fix = { { "zone", "Remove the record when no mail signed with it is under way." } },
	},
	[CNAME_DANGLING] = {
		.id = "mail.dkim.cname-dangling",
		.severity = SEVERITY_HIGH,
		.title = "Selectors that are aliases lead somewhere",
		.source = "practice",
		.why = "Whoever can register the target signs mail for the domain.",
		.how = "The alias at each selector is followed.",
		.fix = { { "zone", "Remove the alias, or set up the key at the provider again." } },
	},
};
/* clang-format on */

static void judge_size(struct judge *j, struct str name, const struct dkim_key *key)
{
	if (key->rsa_bits < RSA_REQUIRED_BITS)
		fail(j, KEY_SIZE, name, "the RSA key has %u bits", key->rsa_bits);
	else if (key->rsa_bits < RSA_WANTED_BITS)
		fail_as(j, KEY_SIZE, SEVERITY_MEDIUM, name, "the RSA key has %u bits",
			key->rsa_bits);
	else
		pass(j, KEY_SIZE, name);
}

static void judge_key(struct judge *j, struct str name, const struct dkim_key *key)
{
	pass(j, SYNTAX, name);
	expect(j, TESTING, name, !key->is_testing, "t=y: the key is in test mode");
	expect(j, REVOKED, name, !key->is_revoked, "p= is empty: the key is revoked");
	if (key->is_revoked)
		return;
	expect(j, SHA1, name, key->allows_sha256, "h= does not allow sha256");
	expect(j, KEY_PARSE, name, !key->key_problem.len, "p=: %.*s", STR(key->key_problem));
	if (key->type == DKIM_KEY_RSA && !key->key_problem.len)
		judge_size(j, name, key);
}

/* Returns whether it is an Ed25519 key. */
static bool judge_selector(struct judge *j, const struct dkim_selector *selector)
{
	struct dkim_key key;
	struct err err = { 0 };
	int code;

	cite(j, selector->answer);
	expect(j, CNAME_DANGLING, selector->name, !selector->is_dangling,
	       "%.*s is an alias of a name that does not exist", STR(selector->name));
	if (!selector->has_key)
		return false;
	code = dkim_select(j->arena, selector->answer, &key, &err);
	if (code < 0) {
		fail(j, SYNTAX, selector->name, "%s",
		     code == -EEXIST ? "several key records at one selector"
		     : err.text[0]   ? err.text
				     : "no key record");
		return false;
	}
	judge_key(j, selector->name, &key);
	return key.type == DKIM_KEY_ED25519 && !key.is_revoked;
}

static void judge_present(struct judge *j, const struct dkim_keys *keys)
{
	if (keys->keys)
		pass(j, PRESENT, STR_NONE);
	else if (keys->is_certainly_none)
		fail(j, PRESENT, STR_NONE, "no key exists under _domainkey.%.*s", STR(j->domain));
	else
		unknown(j, PRESENT, "no key at the usual selectors; give one with --dkim-selector");
}

static void judge(struct judge *j)
{
	const struct dns_answer *txt = ask_dns(j, j->domain, DNS_TXT);
	const struct dkim_keys *keys;
	bool has_ed25519 = false;

	if (!txt || dns_is_nxdomain(txt))
		return;
	keys = derive_dkim_keys(j, j->domain);
	if (!keys)
		return;
	judge_present(j, keys);
	for (size_t i = 0; i < keys->count; i++)
		has_ed25519 |= judge_selector(j, &keys->found[i]);
	if (has_ed25519)
		pass(j, ED25519, STR_NONE);
	else if (keys->keys && !keys->is_partial)
		fail(j, ED25519, STR_NONE, "no Ed25519 key is among the %zu found", keys->keys);
}

const struct family family_mail_dkim = FAMILY("mail.dkim", checks, judge);
