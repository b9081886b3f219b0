/* SPDX-License-Identifier: Apache-2.0 */
/* Who owns records in this zone file? */
#include "formats/dns/zonefile.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The line without its comment; counts parentheses outside of quotes (section 5.1). */
static struct str record_part(struct zonefile *zone, struct str line)
{
	bool is_quoted = false;

	for (size_t i = 0; i < line.len; i++) {
		char c = line.data[i];

		if (c == '\\')
			i++;
		else if (c == '"')
			is_quoted = !is_quoted;
		else if (is_quoted)
			continue;
		else if (c == ';')
			return str_first(line, i);
		else if (c == '(')
			zone->depth++;
		else if (c == ')' && zone->depth)
			zone->depth--;
	}
	return line;
}

static struct str word_take(struct str *rest)
{
	size_t start = 0, end;
	struct str word;

	while (start < rest->len && is_blank(rest->data[start]))
		start++;
	for (end = start; end < rest->len && !is_blank(rest->data[end]); end++)
		if (rest->data[end] == '\\')
			end++;
	end = MIN(end, rest->len);
	word = str_first(str_from(*rest, start), end - start);
	*rest = str_from(*rest, end);
	return word;
}

/* A last dot that no backslash stands before. */
static bool is_absolute(struct str name)
{
	size_t slashes = 0;

	if (!str_ends(name, STR_LIT(".")))
		return false;
	for (size_t i = name.len - 1; i-- > 0 && name.data[i] == '\\';)
		slashes++;
	return slashes % 2 == 0;
}

/* Without its last dot; relative ones below the origin; "@" is the origin itself. */
static int name_put(const struct zonefile *zone, struct str name, char *out, size_t *ret_len,
		    struct err *err)
{
	bool is_whole = is_absolute(name), is_origin = str_eq(name, STR_LIT("@"));
	struct str origin = str_bytes(zone->origin, zone->origin_len);
	size_t len;

	if (!is_whole && !zone->has_origin)
		return err_set(err, ERR_SYNTAX,
			       "\"%.*s\" is below the zone's name, which no $ORIGIN says",
			       STR(str_first(name, 60)));
	name = is_whole ? str_first(name, name.len - 1) : is_origin ? STR_NONE : name;
	if (name.len + 1 + origin.len > ZONEFILE_NAME_BYTES)
		return err_set(err, ERR_SYNTAX, "longer than any name");
	if (name.len)
		memcpy(out, name.data, name.len);
	len = name.len;
	if (!is_whole && origin.len) {
		if (len)
			out[len++] = '.';
		memmove(out + len, origin.data, origin.len);
		len += origin.len;
	}
	*ret_len = len;
	return 0;
}

static int directive_read(struct zonefile *zone, struct str word, struct str rest, struct err *err)
{
	char origin[ZONEFILE_NAME_BYTES];
	size_t len;

	if (str_eq_nocase(word, STR_LIT("$TTL")))
		return 0;
	if (!str_eq_nocase(word, STR_LIT("$ORIGIN")))
		return err_set(err, ERR_SYNTAX,
			       "%.*s is not followed: write out what it stands for",
			       STR(str_first(word, 20)));
	word = word_take(&rest);
	if (!word.len)
		return err_set(err, ERR_SYNTAX, "$ORIGIN without a name");
	TRY(name_put(zone, word, origin, &len, err));
	memcpy(zone->origin, origin, len);
	zone->origin_len = len;
	zone->has_origin = true;
	return 0;
}

/* Names that are there for a service or for any name, and the root, are no domains. */
static bool is_domain(struct str name)
{
	struct str label;

	if (!name.len)
		return false;
	while (str_split(&name, '.', &label))
		if (str_starts(label, STR_LIT("_")) || str_eq(label, STR_LIT("*")))
			return false;
	return true;
}

int zonefile_owner(struct zonefile *zone, struct str line, struct str *ret_owner, struct err *err)
{
	bool goes_on = zone->depth > 0;
	struct str rest = record_part(zone, line), word, owner;
	char name[ZONEFILE_NAME_BYTES];
	size_t len;

	/* A line that begins with a blank is of the owner before (section 5.1). */
	if (goes_on || !rest.len || is_blank(rest.data[0]) || !str_trim(rest).len)
		return 0;
	word = word_take(&rest);
	if (word.data[0] == '$')
		return directive_read(zone, word, rest, err);
	TRY(name_put(zone, word, name, &len, err));
	owner = str_bytes(name, len);
	if (str_eq_nocase(owner, str_bytes(zone->owner, zone->owner_len)))
		return 0;
	memcpy(zone->owner, name, len);
	zone->owner_len = len;
	*ret_owner = str_bytes(zone->owner, len);
	return is_domain(owner);
}
