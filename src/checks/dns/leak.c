/* SPDX-License-Identifier: Apache-2.0 */
/* Does the zone tell the world what was meant for the inside? RFC 1918, RFC 6890. */
#include "checks/derived/mail_hosts.h"
#include "checks/derived/name_servers.h"
#include "formats/special.h"

enum { PRIVATE_ADDRESS, TXT_LEAK };

/* clang-format off */
static const struct check checks[] = {
	[PRIVATE_ADDRESS] = {
		.id = "dns.zone.private-address",
		.severity = SEVERITY_MEDIUM,
		.title = "Public names have public addresses",
		.source = "RFC 1918 section 5; RFC 6890 section 2.2",
		.why = "Visitors reach a machine of their own network or nobody, and the inside network is described to attackers.",
		.how = "The addresses of the domain, of www, of its mail hosts and of its name servers are compared with the special-purpose blocks.",
		.fix = { { "zone", "Publish the public address; serve inside names from an inside view." } },
	},
	[TXT_LEAK] = {
		.id = "dns.zone.txt-leak",
		.severity = SEVERITY_LOW,
		.title = "TXT records hold no secrets and no left-over tokens",
		.source = "practice; draft-ietf-dnsop-domain-verification-techniques",
		.why = "A secret in the DNS is public; tokens show which services a company uses, and may prove ownership to somebody who left.",
		.how = "TXT records of the domain are searched for private keys, shapes of access tokens, passwords, several tokens of one service and tokens that are used once.",
		.fix = { { "zone", "Revoke the secret, then delete the record. Delete tokens that are no longer needed." } },
	},
};
/* clang-format on */

static void judge_address(struct judge *j, struct str name, const struct address *address)
{
	const struct special_block *block = special_block_of(address);
	char text[ADDRESS_TEXT_BYTES];

	expect(j, PRIVATE_ADDRESS, name, !block, "%.*s has the address %s (%s)", STR(name),
	       address_text(address, text), block ? block->name : "");
}

static void judge_name(struct judge *j, struct str name)
{
	static const uint16_t types[] = { DNS_A, DNS_AAAA };

	for (size_t t = 0; t < ARRAY_COUNT(types); t++) {
		const struct dns_answer *answer = ask_dns(j, name, types[t]);

		for (size_t i = 0; answer && i < answer->count; i++)
			if (!answer->rr[i].is_malformed)
				judge_address(j, name, &answer->rr[i].address);
	}
}

static void judge_hosts(struct judge *j)
{
	const struct mail_hosts *mail = derive_mail_hosts(j, j->domain);
	const struct zone *zone = derive_zone(j, j->domain);
	const struct name_servers *servers =
		zone && zone->parent.len ? derive_name_servers(j, zone->apex) : NULL;

	for (size_t i = 0; mail && i < mail->count; i++)
		judge_name(j, mail->hosts[i].name);
	for (size_t i = 0; servers && i < servers->count; i++)
		judge_name(j, servers->servers[i].name);
}

/* What follows prefix, in characters that a token may have, is at least rest long. */
struct secret {
	struct str prefix;
	const char *what;
	unsigned char rest;
	bool is_text; /**< any case, and any character but a blank follows */
};

static const struct secret secrets[] = {
	{ STR_INIT("AKIA"), "an AWS access key", 16, false },
	{ STR_INIT("ASIA"), "an AWS access key", 16, false },
	{ STR_INIT("ghp_"), "a GitHub token", 36, false },
	{ STR_INIT("gho_"), "a GitHub token", 36, false },
	{ STR_INIT("ghu_"), "a GitHub token", 36, false },
	{ STR_INIT("ghs_"), "a GitHub token", 36, false },
	{ STR_INIT("ghr_"), "a GitHub token", 36, false },
	{ STR_INIT("github_pat_"), "a GitHub token", 40, false },
	{ STR_INIT("glpat-"), "a GitLab token", 20, false },
	{ STR_INIT("xoxb-"), "a Slack token", 20, false },
	{ STR_INIT("xoxp-"), "a Slack token", 20, false },
	{ STR_INIT("xoxa-"), "a Slack token", 20, false },
	{ STR_INIT("xoxs-"), "a Slack token", 20, false },
	{ STR_INIT("sk_live_"), "a Stripe key", 20, false },
	{ STR_INIT("rk_live_"), "a Stripe key", 20, false },
	{ STR_INIT("AIza"), "a Google API key", 35, false },
	{ STR_INIT("npm_"), "an npm token", 36, false },
	{ STR_INIT("-----BEGIN PRIVATE KEY"), "a private key", 0, true },
	{ STR_INIT("-----BEGIN RSA PRIVATE KEY"), "a private key", 0, true },
	{ STR_INIT("-----BEGIN EC PRIVATE KEY"), "a private key", 0, true },
	{ STR_INIT("-----BEGIN DSA PRIVATE KEY"), "a private key", 0, true },
	{ STR_INIT("-----BEGIN OPENSSH PRIVATE KEY"), "a private key", 0, true },
	{ STR_INIT("-----BEGIN ENCRYPTED PRIVATE KEY"), "a private key", 0, true },
	{ STR_INIT("hooks.slack.com/services/"), "a Slack webhook", 20, true },
	{ STR_INIT("password="), "a password", 4, true },
	{ STR_INIT("password:"), "a password", 4, true },
	{ STR_INIT("passwd="), "a password", 4, true },
	{ STR_INIT("pwd="), "a password", 4, true },
	{ STR_INIT("secret_key="), "a secret key", 8, true },
	{ STR_INIT("api_key="), "an API key", 8, true },
	{ STR_INIT("apikey="), "an API key", 8, true },
};

static bool is_token_character(char c)
{
	return char_is_alpha(c) || char_is_digit(c) || c == '-' || c == '_';
}

static bool is_secret_at(struct str text, size_t at, const struct secret *secret)
{
	struct str here = str_from(text, at), rest = str_from(here, secret->prefix.len);
	size_t length = 0;

	if (at && is_token_character(text.data[at - 1]))
		return false; /* inside a longer word */
	if (!(secret->is_text ? str_starts_nocase(here, secret->prefix)
			      : str_starts(here, secret->prefix)))
		return false;
	if (secret->is_text && secret->rest)
		rest = str_trim(rest);
	while (length < rest.len && (secret->is_text ? !char_is_space(rest.data[length])
						     : is_token_character(rest.data[length])))
		length++;
	return length >= secret->rest;
}

static bool judge_secrets(struct judge *j, struct str text)
{
	for (size_t at = 0; at < text.len; at++)
		for (size_t i = 0; i < ARRAY_COUNT(secrets); i++) {
			if (!is_secret_at(text, at, &secrets[i]))
				continue;
			fail_as(j, TXT_LEAK, SEVERITY_HIGH, secrets[i].prefix,
				"a TXT record holds what looks like %s: \"%.*s...\"",
				secrets[i].what, STR(secrets[i].prefix));
			return true;
		}
	return false;
}

/* Tokens by which a certificate authority checks control of a domain once. */
static const struct str once[] = {
	STR_INIT("globalsign-domain-verification="),
	STR_INIT("_globalsign-domain-verification="),
	STR_INIT("swisssign-check="),
};

/* "google-site-verification=": up to the sign, where the name says what it is for; else empty. */
static struct str token_name(struct str text)
{
	ptrdiff_t end = str_find_char(text, '=');
	struct str name = end > 0 ? str_first(text, (size_t)end) : STR_NONE;

	if (str_find_nocase(name, STR_LIT("verif")) < 0)
		return STR_NONE;
	for (size_t i = 0; i < name.len; i++)
		if (!is_token_character(name.data[i]))
			return STR_NONE;
	return name;
}

static void judge_token(struct judge *j, const struct dns_answer *txt, size_t at)
{
	struct str text = txt->rr[at].txt.text, name = token_name(text);
	unsigned count = 0;

	for (size_t i = 0; i < ARRAY_COUNT(once); i++)
		if (str_starts_nocase(text, once[i]))
			fail_as(j, TXT_LEAK, SEVERITY_INFO, once[i],
				"%.*s is needed only while a certificate is issued", STR(once[i]));
	for (size_t i = 0; name.len && i < txt->count; i++)
		count += str_eq_nocase(token_name(txt->rr[i].txt.text), name);
	if (count > 1)
		fail_as(j, TXT_LEAK, SEVERITY_INFO, str_lower(j->arena, name),
			"%u tokens of %.*s: are all of them in use?", count, STR(name));
}

static void judge_texts(struct judge *j)
{
	const struct dns_answer *txt = ask_dns(j, j->domain, DNS_TXT);

	if (!txt || dns_is_nxdomain(txt))
		return;
	pass(j, TXT_LEAK, STR_NONE);
	for (size_t i = 0; i < txt->count; i++) {
		if (txt->rr[i].is_malformed || judge_secrets(j, txt->rr[i].txt.text))
			continue;
		judge_token(j, txt, i);
	}
}

static void judge(struct judge *j)
{
	about(j, PRIVATE_ADDRESS);
	judge_name(j, j->domain);
	if (!str_starts(j->domain, STR_LIT("www.")))
		judge_name(j, dns_name_child(j->arena, STR_LIT("www"), j->domain));
	judge_hosts(j);
	about(j, TXT_LEAK);
	judge_texts(j);
	about_all(j);
}

const struct family family_dns_leak = FAMILY("dns.zone", checks, judge);
