/* SPDX-License-Identifier: Apache-2.0 */
/* Is the domain's registration safe, and for how long? RFC 9083, RFC 5731, RFC 3915. */
#include "base/clock.h"
#include "checks/derived/registration_of.h"
#include "formats/names/psl.h"

enum {
	EXPIRY,
	HOLD,
	REDEMPTION,
	LOCK_TRANSFER,
	LOCK_UPDATE,
	NS_MISMATCH,
	ABUSE_CONTACT,
	AGE,
	UNSUPPORTED,
	CHANGED
};

enum { DAYS_CRITICAL = 3, DAYS_HIGH = 14, DAYS_MEDIUM = 30, DAYS_NEW = 30, DAY_BYTES = 10 };

static const int64_t day_us = 86400ll * 1000000;

/* clang-format off */
static const struct check checks[] = {
	[EXPIRY] = {
		.id = "reg.expiry",
		.severity = SEVERITY_HIGH,
		.title = "The registration does not expire soon",
		.source = "RFC 9083 section 4.5",
		.why = "When it has expired, web, mail and everything below the name stop, and somebody else may take it.",
		.how = "The expiration date that the registry gives by RDAP, else by WHOIS, else the owner (registration_expires): below 30 days medium, 14 high, 3 critical.",
		.fix = { { "registrar", "Renew the domain, and let it renew by itself." } },
	},
	[HOLD] = {
		.id = "reg.status.hold",
		.severity = SEVERITY_CRITICAL,
		.title = "The registration is not on hold",
		.source = "RFC 5731 section 2.3; RFC 8056",
		.why = "A domain on hold is not in the DNS.",
		.how = "The registry's status is searched for client hold and server hold.",
		.fix = { { "registrar", "Ask the registrar why: an unpaid bill, unverified contact data, or a court's order." } },
	},
	[REDEMPTION] = {
		.id = "reg.status.redemption",
		.severity = SEVERITY_CRITICAL,
		.title = "The registration is not about to be deleted",
		.source = "RFC 3915 section 2; RFC 8056",
		.why = "After the redemption period anybody can register the name.",
		.how = "The registry's status is searched for redemption period and pending delete.",
		.fix = { { "registrar", "Have the domain restored at once." } },
	},
	[LOCK_TRANSFER] = {
		.id = "reg.lock.transfer",
		.severity = SEVERITY_MEDIUM,
		.title = "Transfers to another registrar are locked",
		.source = "RFC 5731 section 2.3",
		.why = "Without the lock a stolen password or code is enough to take the domain away.",
		.how = "The status is searched for client or server transfer prohibited, where the registry publishes such locks.",
		.fix = { { "registrar", "Switch the transfer lock on." } },
	},
	[LOCK_UPDATE] = {
		.id = "reg.lock.update",
		.severity = SEVERITY_LOW,
		.title = "Changes and deletion are locked",
		.source = "RFC 5731 section 2.3",
		.why = "Whoever gets into the registrar's account could point the domain elsewhere, or delete it.",
		.how = "The status is searched for update prohibited and delete prohibited, of client or server, where the "
		       "registry publishes such locks.",
		.fix = { { "registrar", "Switch the locks on; for key domains order the registry's lock." } },
	},
	[NS_MISMATCH] = {
		.id = "reg.ns-mismatch",
		.severity = SEVERITY_MEDIUM,
		.title = "Registry and DNS name the same servers and keys",
		.source = "RFC 9083 sections 5.2 and 5.3",
		.why = "The two differ when a change is stuck on its way, or somebody made one that was not meant.",
		.how = "Name servers of the registration are compared with the domain's NS records, and whether it says to be signed "
		       "with its DS records.",
		.fix = { { "registrar", "Enter the name servers and DS records that the zone has." } },
	},
	[ABUSE_CONTACT] = {
		.id = "reg.abuse-contact",
		.severity = SEVERITY_INFO,
		.title = "The registrar says where abuse is reported",
		.source = "RFC 9083 section 5.1",
		.why = "Who notices phishing below the name needs somebody to tell.",
		.how = "Mail address or telephone of the role abuse, where the registry names a registrar by number.",
		.fix = { { "registrar", "Ask the registrar to publish its contact." } },
	},
	[AGE] = {
		.id = "reg.age",
		.severity = SEVERITY_INFO,
		.title = "The domain is not newly registered",
		.source = "RFC 9083 section 4.5",
		.why = "Receivers of mail and browsers distrust new names.",
		.how = "The registration date: less than 30 days ago is new.",
		.fix = { { "mail", "Raise the amount of mail slowly." } },
	},
	[UNSUPPORTED] = {
		.id = "reg.unsupported",
		.severity = SEVERITY_INFO,
		.title = "The registry tells when the registration expires",
		.source = "RFC 9083 section 4.5; RFC 9224; RFC 9537",
		.why = "Where it does not, nobody is warned by it.",
		.how = "A reply by RDAP or WHOIS with an expiration date; what it says to withhold is named.",
		.fix = { { "calendar", "Note the date of the registrar's bill." } },
	},
	[CHANGED] = {
		.id = "reg.changed",
		.severity = SEVERITY_HIGH,
		.title = "The registration is as it was at the scan before",
		.source = "RFC 9083 section 5.3",
		.why = "Who gets hold of the registration first changes its registrar, its holder or its name servers.",
		.how = "Registrar, holder, name servers and the registration date that the registry gives are compared with those of "
		       "the scan before, of the same source. What is withheld, in one of the two, is no change.",
		.fix = { { "registrar", "If nobody of yours did that: call the registrar now, and have the domain locked." } },
	},
};
/* clang-format on */

static struct str day_text(struct judge *j, int64_t at_us)
{
	char at[TIME_TEXT_BYTES];

	return str_copy(j->arena, str_first(str_of(clock_text(at_us, at)), DAY_BYTES));
}

static void judge_expiry(struct judge *j, const struct registration *r, struct str domain)
{
	int64_t expires = r->expires_us ? r->expires_us : j->request->expected.registration_us,
		left = expires - j->at_us, days = left / day_us;
	struct str redacted = r->redacted_count ? r->redacted[0] : STR_LIT("");
	struct str day = day_text(j, expires);

	if (!r->expires_us) {
		if (!expires)
			unknown(j, EXPIRY, "the registry gives no date");
		fail(j, UNSUPPORTED, domain, "the registry gives no expiration date%s%.*s",
		     redacted.len ? "; withheld: " : "", STR(redacted));
		if (!expires)
			return;
	} else {
		pass(j, UNSUPPORTED, domain);
	}
	if (left < 0)
		fail_as(j, EXPIRY, SEVERITY_CRITICAL, domain, "expired %lld days ago, on %.*s",
			(long long)-days, STR(day));
	else if (days < DAYS_MEDIUM)
		fail_as(j, EXPIRY,
			days < DAYS_CRITICAL ? SEVERITY_CRITICAL
			: days < DAYS_HIGH   ? SEVERITY_HIGH
					     : SEVERITY_MEDIUM,
			domain, "expires in %lld days, on %.*s", (long long)days, STR(day));
	else
		pass(j, EXPIRY, domain);
}

static bool has_any(const struct registration *r, const char *one, const char *other)
{
	return registration_has_status(r, one) || registration_has_status(r, other);
}

/* Registries of countries have words of their own; those of generic names publish EPP's. */
static bool publishes_locks(const struct registration *r, struct str domain)
{
	for (size_t i = 0; i < r->status_count; i++)
		if (str_find(r->status[i], STR_LIT("prohibited")) >= 0)
			return true;
	return r->status_count && dns_name_last_labels(domain, 1).len > 2;
}

static void judge_status(struct judge *j, const struct registration *r, struct str domain)
{
	bool is_fixed = has_any(r, "client update prohibited", "server update prohibited") &&
			has_any(r, "client delete prohibited", "server delete prohibited");

	if (!r->status_count)
		return;
	expect(j, HOLD, domain, !has_any(r, "client hold", "server hold"), "%s",
	       registration_has_status(r, "client hold") ? "client hold" : "server hold");
	expect(j, REDEMPTION, domain, !has_any(r, "redemption period", "pending delete"), "%s",
	       registration_has_status(r, "redemption period") ? "redemption period"
							       : "pending delete");
	if (!publishes_locks(r, domain))
		return;
	expect(j, LOCK_TRANSFER, domain,
	       has_any(r, "client transfer prohibited", "server transfer prohibited"),
	       "no transfer lock");
	expect(j, LOCK_UPDATE, domain, is_fixed, "updates or deletion are not locked");
}

static bool has_server(const struct dns_answer *ns, struct str name)
{
	for (size_t i = 0; i < ns->count; i++)
		if (str_eq(ns->rr[i].name, name))
			return true;
	return false;
}

static void judge_servers(struct judge *j, const struct registration *r, struct str domain)
{
	const struct dns_answer *ns = ask_dns(j, domain, DNS_NS), *ds = ask_dns(j, domain, DNS_DS);
	bool is_same = true;

	if (!ns || !ds || !ns->count)
		return;
	for (size_t i = 0; i < r->name_server_count; i++)
		is_same &= has_server(ns, r->name_servers[i]);
	is_same &= r->name_server_count == REGISTRATION_ITEMS || r->name_server_count == ns->count;
	cite(j, r);
	if (r->name_server_count)
		expect(j, NS_MISMATCH, STR_LIT("name servers"), is_same,
		       "the registry lists %zu, of which the zone has not all, or more",
		       r->name_server_count);
	if (r->says_signed)
		expect(j, NS_MISMATCH, STR_LIT("DS"), r->is_signed == (ds->count > 0), "%s",
		       r->is_signed ? "the registry says signed, and there is no DS"
				    : "there is a DS, and the registry says unsigned");
}

static bool is_listed(const struct registration *r, struct str name)
{
	for (size_t i = 0; i < r->name_server_count; i++)
		if (str_eq(r->name_servers[i], name))
			return true;
	return false;
}

/* Of as many as are kept: more cannot be compared. */
static bool has_same_servers(const struct registration *one, const struct registration *other)
{
	if (one->name_server_count == REGISTRATION_ITEMS)
		return true;
	for (size_t i = 0; i < one->name_server_count; i++)
		if (!is_listed(other, one->name_servers[i]))
			return false;
	return one->name_server_count == other->name_server_count;
}

static struct str servers_text(struct judge *j, const struct registration *r)
{
	struct buf out;

	buf_init(&out, j->arena);
	for (size_t i = 0; i < r->name_server_count; i++)
		buf_printf(&out, "%s%.*s", i ? ", " : "", STR(r->name_servers[i]));
	return buf_str(&out);
}

static void compare(struct judge *j, const char *what, struct str before, struct str now)
{
	if (before.len && now.len)
		expect(j, CHANGED, str_of(what), str_eq(before, now), "was %.*s, is %.*s",
		       STR(before), STR(now));
}

static void judge_changed(struct judge *j, const struct registration *before,
			  const struct registration *now, struct str domain)
{
	bool has_ids = before->registrar_id.len && now->registrar_id.len;
	struct str was = servers_text(j, before), is = servers_text(j, now);

	pass(j, CHANGED, domain);
	if (!has_ids || !str_eq(before->registrar_id, now->registrar_id))
		compare(j, "registrar", before->registrar, now->registrar);
	compare(j, "holder", before->holder, now->holder);
	if (was.len && is.len && !has_same_servers(before, now))
		fail(j, CHANGED, STR_LIT("name servers"), "were %.*s, are %.*s", STR(was), STR(is));
	if (before->created_us && now->created_us && now->created_us - before->created_us >= day_us)
		fail(j, CHANGED, STR_LIT("registration"), "registered anew, on %.*s",
		     STR(day_text(j, now->created_us)));
}

/* What the source that answered now said at the scan before; NULL: nothing. */
static const struct registration *said_before(struct judge *j, const struct registration_of *of,
					      struct str domain)
{
	const struct registration *before =
		of->is_by_whois ? before_whois(j, domain) : before_rdap(j, domain, 0);

	return before && before->is_found ? before : NULL;
}

static void judge(struct judge *j)
{
	struct str domain = registrable_domain(j->domain);
	const struct registration *r, *before;
	const struct registration_of *of;

	if (!domain.len)
		return;
	if (!before_rdap(j, domain, 0) && !before_whois(j, domain))
		about(j, EXPIRY, HOLD, REDEMPTION, LOCK_TRANSFER, LOCK_UPDATE, NS_MISMATCH,
		      ABUSE_CONTACT, AGE, UNSUPPORTED);
	of = derive_registration_of(j, domain);
	if (!of)
		return;
	r = of->registration;
	if (!r) {
		unknown(j, EXPIRY, "the registry has neither an RDAP nor a WHOIS server");
		fail(j, UNSUPPORTED, domain, "the registry has neither an RDAP nor a WHOIS server");
		return;
	}
	if (!r->is_found)
		return;
	before = said_before(j, of, domain);
	if (before)
		judge_changed(j, before, r, domain);
	judge_expiry(j, r, domain);
	judge_status(j, r, domain);
	if (r->created_us)
		expect(j, AGE, domain, j->at_us - r->created_us >= DAYS_NEW * day_us,
		       "registered %lld days ago",
		       (long long)((j->at_us - r->created_us) / day_us));
	if (r->registrar_id.len)
		expect(j, ABUSE_CONTACT, domain, r->abuse_email.len || r->abuse_phone.len,
		       "%.*s names neither mail address nor telephone",
		       STR(r->registrar.len ? r->registrar : STR_LIT("the registrar")));
	about(j, NS_MISMATCH);
	judge_servers(j, r, domain);
}

const struct family family_reg = FAMILY("reg", checks, judge);
