/* SPDX-License-Identifier: Apache-2.0 */
/* What are verdicts, severities and areas called, and what are areas worth? */
#include "model/check.h"

#include "base/err.h"

const char *const severity_words[] = { "info", "low", "medium", "high", "critical", NULL };
const char *const verdict_words[] = { "not-applicable", "pass", "fail", "unknown", NULL };

static const struct {
	const char *word;
	unsigned points;
} areas[] = {
	[AREA_DNS] = { "dns", 15 },   [AREA_DNSSEC] = { "dnssec", 15 },
	[AREA_MAIL] = { "mail", 25 }, [AREA_TLS] = { "tls", 20 },
	[AREA_WEB] = { "web", 15 },   [AREA_REGISTRATION] = { "registration", 10 },
	[AREA_NONE] = { "other", 0 },
};

/* The first word of a check's id says its area. */
static const struct {
	const char *prefix;
	enum area area;
} prefixes[] = {
	{ "dns", AREA_DNS },   { "sub", AREA_DNS },          { "takeover", AREA_DNS },
	{ "route", AREA_DNS }, { "dnssec", AREA_DNSSEC },    { "mail", AREA_MAIL },
	{ "tls", AREA_TLS },   { "caa", AREA_TLS },          { "http", AREA_WEB },
	{ "ports", AREA_WEB }, { "reg", AREA_REGISTRATION },
};

static int word_index(const char *const *words, size_t count, struct str word)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq_nocase(str_of(words[i]), word))
			return (int)i;
	return ERR_SYNTAX;
}

const char *severity_word(enum severity severity)
{
	return severity_words[severity];
}

int severity_parse(struct str word, enum severity *ret)
{
	int index = word_index(severity_words, ARRAY_COUNT(severity_words) - 1, word);

	TRY(index);
	*ret = (enum severity)index;
	return 0;
}

const char *verdict_word(enum verdict verdict)
{
	return verdict_words[verdict];
}

int verdict_parse(struct str word, enum verdict *ret)
{
	int index = word_index(verdict_words, ARRAY_COUNT(verdict_words) - 1, word);

	TRY(index);
	*ret = (enum verdict)index;
	return 0;
}

const char *area_word(enum area area)
{
	return areas[area].word;
}

unsigned area_points(enum area area)
{
	return areas[area].points;
}

enum area area_of(struct str check_id)
{
	ptrdiff_t dot = str_find_char(check_id, '.');
	struct str first = dot < 0 ? check_id : str_first(check_id, (size_t)dot);

	for (size_t i = 0; i < ARRAY_COUNT(prefixes); i++)
		if (str_eq(first, str_of(prefixes[i].prefix)))
			return prefixes[i].area;
	return AREA_NONE;
}
