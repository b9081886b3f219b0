/* SPDX-License-Identifier: Apache-2.0 */
/* Which events does a rule want? */
#include "app/match.h"

#include "app/selector.h"
#include "model/grade.h"
#include "model/policy.h"

enum { GRADES_FELL = 2 };

/* ---- patterns ---- */

static struct str noun_of(struct str type)
{
	return str_first(type, (size_t)MAX(str_find_char(type, '.'), 0));
}

static bool is_routine(struct str type)
{
	static const char *const patterns[] = { "scan.*", "batch.*", "schedule.fired",
						"domain.updated" };

	for (size_t i = 0; i < ARRAY_COUNT(patterns); i++)
		if (policy_glob(str_of(patterns[i]), type))
			return true;
	return false;
}

static bool pattern_fits(struct str pattern, struct str type)
{
	if (!policy_glob(pattern, type))
		return false;
	return !is_routine(type) || str_eq(noun_of(pattern), noun_of(type));
}

bool match_patterns(struct str patterns, struct str type)
{
	struct str pattern;

	while (str_word(&patterns, &pattern))
		if (pattern_fits(pattern, type))
			return true;
	return false;
}

static bool fits_anything(struct str pattern)
{
	/* Types that are told of later stand here before: a rule may name them already. */
	static const char *const types[] = {
#define TYPE_WORD(name, number, word) word,
		EVENTS(TYPE_WORD)
#undef TYPE_WORD
			"registration.changed",
		"certificate.observed",
		"certificate.unexpected",
		"certificate.overdue",
		"subdomain.discovered",
		"reputation.listed",
		"reputation.delisted",
	};

	for (size_t i = 0; i < ARRAY_COUNT(types); i++)
		if (policy_glob(pattern, str_of(types[i])))
			return true;
	return false;
}

int match_patterns_check(struct str patterns, struct err *err)
{
	struct str rest = patterns, pattern;

	if (patterns.len > MATCH_PATTERNS_BYTES)
		return err_set(err, ERR_LIMIT, "up to %d characters", MATCH_PATTERNS_BYTES);
	while (str_word(&rest, &pattern))
		if (!fits_anything(pattern))
			return err_set(
				err, ERR_SYNTAX,
				"column %zu: no event is called \"%.*s\": events are noun.verb, "
				"such as finding.opened, finding.*, *.expiring",
				(size_t)(pattern.data - patterns.data) + 1,
				STR(str_first(pattern, 40)));
	return 0;
}

/* ---- what an event says ---- */

/* A member's text, of JSON that we wrote; not decoded. */
static struct str member(struct str data, struct str key)
{
	ptrdiff_t at = str_find(data, key), end;
	struct str rest;

	if (at < 0)
		return STR_NONE;
	rest = str_from(data, (size_t)at + key.len);
	end = str_find_char(rest, '"');
	return end < 0 ? STR_NONE : str_first(rest, (size_t)end);
}

struct str match_check(const struct event_row *event)
{
	return member(event->data, STR_LIT("\"check\":\""));
}

bool match_is_baseline(const struct event_row *event)
{
	return str_find(event->data, STR_LIT("\"baseline\":true")) >= 0;
}

static int grade_of(struct str word)
{
	for (int grade = GRADE_F; grade <= GRADE_A_PLUS; grade++)
		if (str_eq(str_of(grade_word((enum grade)grade)), word))
			return MIN(grade, (int)GRADE_A); /* A+ and A are one letter */
	return 0;
}

/* By how many letters did the grade fall? Negative: it rose. */
static int fell(const struct event_row *event)
{
	int before, after;

	if (event->type != EVENT_GRADE_CHANGED)
		return 0;
	before = grade_of(member(event->data, STR_LIT("\"before\":\"")));
	after = grade_of(member(event->data, STR_LIT("\"after\":\"")));
	return before && after ? before - after : 0;
}

enum severity match_severity(const struct event_row *event)
{
	static const struct {
		int type;
		enum severity severity;
	} worth[] = {
		{ EVENT_DOMAIN_UNREACHABLE, SEVERITY_HIGH },
		{ EVENT_SCAN_FAILED, SEVERITY_MEDIUM },
		{ EVENT_ACCEPTANCE_EXPIRED, SEVERITY_MEDIUM },
		{ EVENT_DNSSEC_BROKEN, SEVERITY_CRITICAL },
		{ EVENT_TAKEOVER_SUSPECTED, SEVERITY_CRITICAL },
		{ EVENT_SCHEDULE_MISSED, SEVERITY_MEDIUM },
		{ EVENT_WORKER_LOST, SEVERITY_LOW },
		{ EVENT_DEAD_LETTERED, SEVERITY_MEDIUM },
		{ EVENT_DELIVERY_FAILED, SEVERITY_HIGH },
		{ EVENT_DELIVERY_DISABLED, SEVERITY_HIGH },
	};

	if (event->severity >= SEVERITY_INFO && event->severity <= SEVERITY_CRITICAL)
		return (enum severity)event->severity;
	for (size_t i = 0; i < ARRAY_COUNT(worth); i++)
		if (worth[i].type == event->type)
			return worth[i].severity;
	if (fell(event) > 0)
		return fell(event) >= GRADES_FELL ? SEVERITY_HIGH : SEVERITY_MEDIUM;
	return SEVERITY_INFO;
}

/* Where an event that names no check belongs. */
static struct str area_of_type(struct str type)
{
	static const struct {
		const char *pattern, *area;
	} areas[] = {
		{ "mx.*", "mail" },         { "nameserver.*", "dns" },
		{ "record.*", "dns" },      { "dnssec.*", "dnssec" },
		{ "certificate.*", "tls" }, { "registration.*", "registration" },
		{ "subdomain.*", "dns" },   { "takeover.*", "dns" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(areas); i++)
		if (policy_glob(str_of(areas[i].pattern), type))
			return str_of(areas[i].area);
	return STR_NONE;
}

static bool is_in_area(struct str area, const struct event_row *event, struct str type)
{
	struct str check = match_check(event);

	if (!area.len)
		return true;
	if (!check.len)
		return str_eq(area, area_of_type(type));
	if (str_eq(area, str_of(area_word(area_of(check)))))
		return true;
	return str_starts(check, area) && (check.len == area.len || check.data[area.len] == '.');
}

/* ---- the answer ---- */

enum match_answer match_event(const struct rule_row *rule, const struct event_row *event)
{
	struct str type = str_of(event_word(event->type));

	if (!type.len || event->type == EVENT_SCAN_PROGRESS)
		return MATCH_NO;
	if (event->workspace != rule->workspace || event->sequence <= rule->since)
		return MATCH_NO;
	if (match_is_baseline(event) || !match_patterns(rule->events, type))
		return MATCH_NO;
	if (match_severity(event) < rule->severity || !is_in_area(rule->area, event, type))
		return MATCH_NO;
	if ((!rule->digest_s && !rule->digest_at.len) || match_patterns(rule->immediate, type) ||
	    (rule->immediate.len && fell(event) >= GRADES_FELL))
		return MATCH_NOW;
	return MATCH_DIGEST;
}

static bool has_tag(const struct domain_row *domain, struct str tag)
{
	for (size_t i = 0; i < domain->tag_count; i++)
		if (str_eq(domain->tags[i], tag))
			return true;
	return false;
}

bool match_domain(struct arena *a, const struct rule_row *rule, const struct domain_row *domain,
		  bool *ret_is_broken)
{
	struct domain_filter filter = { 0 };

	*ret_is_broken = false;
	if (str_eq_nocase(rule->selector, STR_LIT("all")))
		return true;
	if (selector_read(a, rule->selector, &filter, NULL) < 0) {
		*ret_is_broken = true;
		return true;
	}
	return domain && (!filter.tag.len || has_tag(domain, filter.tag)) &&
	       (!filter.owner.len || str_eq(domain->owner, filter.owner)) &&
	       (!filter.name_glob.len || policy_glob(filter.name_glob, domain->name));
}
