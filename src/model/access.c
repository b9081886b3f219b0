/* SPDX-License-Identifier: Apache-2.0 */
/* What are roles and scopes called, and which role has which scope? */
#include "model/access.h"

#include "base/err.h"

const char *const role_words[] = {
	[ROLE_VIEWER] = "viewer", [ROLE_AUDITOR] = "auditor", [ROLE_OPERATOR] = "operator",
	[ROLE_ADMIN] = "admin",   [ROLE_COUNT] = NULL,
};

static const struct {
	uint32_t bit;
	const char *word;
	enum role least;
} scopes[] = {
#define SCOPE_ROW(name, bit, word, role) { SCOPE_##name, word, role },
	SCOPES(SCOPE_ROW)
#undef SCOPE_ROW
};
_Static_assert(ARRAY_COUNT(scopes) == SCOPE_COUNT, "SCOPE_COUNT counts the rows of SCOPES");

uint32_t role_scopes(enum role role)
{
	uint32_t all = role == ROLE_AUDITOR ? SCOPE_AUDIT_READ : 0;

	for (size_t i = 0; i < ARRAY_COUNT(scopes); i++)
		if (scopes[i].least == ROLE_VIEWER ||
		    (role != ROLE_AUDITOR && role >= scopes[i].least))
			all |= scopes[i].bit;
	return all;
}

int role_parse(struct str word, enum role *ret)
{
	for (size_t i = 0; i < ROLE_COUNT; i++) {
		if (str_eq(str_of(role_words[i]), word)) {
			*ret = (enum role)i;
			return 0;
		}
	}
	return ERR_SYNTAX;
}

const char *scope_word(enum scope scope)
{
	for (size_t i = 0; i < ARRAY_COUNT(scopes); i++)
		if (scopes[i].bit == (uint32_t)scope)
			return scopes[i].word;
	return "?";
}

int scope_parse(struct str word, uint32_t *ret)
{
	if (str_eq(word, STR_LIT("*"))) {
		*ret = (UINT32_C(1) << SCOPE_COUNT) - 1;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_COUNT(scopes); i++) {
		if (str_eq(str_of(scopes[i].word), word)) {
			*ret = scopes[i].bit;
			return 0;
		}
	}
	return ERR_SYNTAX;
}
