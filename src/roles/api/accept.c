/* SPDX-License-Identifier: Apache-2.0 */
/* What does the client want to get, and what did it send? */
#include "roles/api/accept.h"

#include "base/err.h"

/* A weight in thousandths (section 12.4.2); 1000 when there is none, 0 when it is broken. */
static unsigned weight_of(struct str parameters)
{
	struct str part;

	while (parameters.len && str_split(&parameters, ';', &part)) {
		uint64_t whole, thousandths = 0;

		part = str_trim(part);
		if (!str_starts_nocase(part, STR_LIT("q=")))
			continue;
		part = str_from(part, 2);
		if (!part.len || str_to_uint(str_first(part, 1), 1, &whole) < 0 || part.len > 5)
			return 0;
		if (part.len > 2) {
			if (part.data[1] != '.' ||
			    str_to_uint(str_from(part, 2), 999, &thousandths) < 0)
				return 0;
			for (size_t digits = part.len - 2; digits < 3; digits++)
				thousandths *= 10;
		}
		return MIN((unsigned)(whole * 1000 + thousandths), 1000u);
	}
	return 1000;
}

static void element_split(struct str element, struct str *ret_name, struct str *ret_parameters)
{
	ptrdiff_t semicolon = str_find_char(element, ';');

	*ret_name = str_trim(semicolon < 0 ? element : str_first(element, (size_t)semicolon));
	*ret_parameters = semicolon < 0 ? STR_NONE : str_from(element, (size_t)semicolon + 1);
}

/* How exactly a range names a media type: 3 itself, 2 its kind, 1 everything, 0 not. */
static unsigned match_of(struct str range, struct str media)
{
	ptrdiff_t slash = str_find_char(media, '/');

	if (str_eq_nocase(range, media))
		return 3;
	if (str_eq(range, STR_LIT("*/*")))
		return 1;
	return str_ends(range, STR_LIT("/*")) && (ptrdiff_t)range.len == slash + 2 &&
			       str_eq_nocase(str_first(range, (size_t)slash),
					     str_first(media, (size_t)slash))
		       ? 2
		       : 0;
}

/* The weight of the range that names the media type most exactly. */
static unsigned weight_in(struct str accept, struct str media)
{
	unsigned best = 0, weight = 0;
	struct str element, range, parameters;

	while (accept.len && str_split(&accept, ',', &element)) {
		unsigned match;

		element_split(element, &range, &parameters);
		match = match_of(range, media);
		if (match > best) {
			best = match;
			weight = weight_of(parameters);
		}
	}
	return weight;
}

const char *accept_media(struct str accept, const char *const *offers)
{
	const char *chosen = NULL;
	unsigned best = 0;

	if (!str_trim(accept).len)
		return offers[0];
	for (; *offers; offers++) {
		struct str media, parameters;
		unsigned weight;

		element_split(str_of(*offers), &media, &parameters);
		weight = weight_in(accept, media);

		if (weight > best) {
			best = weight;
			chosen = *offers;
		}
	}
	return chosen;
}

bool accept_gzip(struct str accept_encoding)
{
	struct str element, name, parameters;

	while (accept_encoding.len && str_split(&accept_encoding, ',', &element)) {
		element_split(element, &name, &parameters);
		if (str_eq_nocase(name, STR_LIT("gzip")) || str_eq_nocase(name, STR_LIT("x-gzip")))
			return weight_of(parameters) > 0;
	}
	return false;
}

struct str media_of(struct str content_type)
{
	struct str name, parameters, part;

	element_split(content_type, &name, &parameters);
	while (parameters.len && str_split(&parameters, ';', &part)) {
		part = str_trim(part);
		if (str_starts_nocase(part, STR_LIT("charset=")) &&
		    !str_eq_nocase(part, STR_LIT("charset=utf-8")) &&
		    !str_eq_nocase(part, STR_LIT("charset=\"utf-8\"")))
			return STR_NONE;
	}
	return name;
}

unsigned prefer_wait(struct str prefer)
{
	struct str element;
	uint64_t seconds;

	while (prefer.len && str_split(&prefer, ',', &element)) {
		element = str_trim(element);
		if (str_starts_nocase(element, STR_LIT("wait=")) &&
		    str_to_uint(str_from(element, 5), 3600, &seconds) == 0)
			return (unsigned)seconds;
	}
	return 0;
}
