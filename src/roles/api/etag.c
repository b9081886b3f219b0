/* SPDX-License-Identifier: Apache-2.0 */
/* Is it still the version that the client saw? */
#include "roles/api/etag.h"

#include "base/err.h"

static const char mark[] = "-gz\"";

void etag_of_version(char out[static ETAG_BYTES], int64_t version, struct str bytes)
{
	snprintf(out, ETAG_BYTES, "\"v%lld-%08llx\"", (long long)version,
		 (unsigned long long)str_hash(bytes) & 0xffffffff);
}

/* Two hashes of 64 bits: no client can make one body pass for another in its own cache by chance. */
void etag_of_bytes(char out[static ETAG_BYTES], struct str bytes)
{
	uint64_t whole = str_hash(bytes), half = str_hash(str_from(bytes, bytes.len / 2));

	snprintf(out, ETAG_BYTES, "\"%016llx%08llx\"", (unsigned long long)whole,
		 (unsigned long long)(half ^ bytes.len) & 0xffffffff);
}

void etag_mark_gzip(char tag[static ETAG_BYTES])
{
	size_t len = strlen(tag);

	if (len > 1 && len + sizeof mark <= ETAG_BYTES)
		memcpy(tag + len - 1, mark, sizeof mark);
}

/* Without the mark and the closing quote. */
static struct str stem(struct str tag)
{
	if (str_ends(tag, str_of(mark)))
		return str_first(tag, tag.len - (sizeof mark - 1));
	return str_first(tag, tag.len ? tag.len - 1 : 0);
}

bool etag_is_in(struct str list, struct str tag, bool is_weak_fine)
{
	struct str element;

	if (str_eq(str_trim(list), STR_LIT("*")))
		return true;
	while (list.len && str_split(&list, ',', &element)) {
		element = str_trim(element);
		if (str_starts(element, STR_LIT("W/"))) {
			if (!is_weak_fine)
				continue;
			element = str_from(element, 2);
		}
		if (element.len > 1 && str_ends(element, STR_LIT("\"")) &&
		    str_eq(stem(element), stem(tag)))
			return true;
	}
	return false;
}

int etag_version(struct str if_match, int64_t *ret)
{
	struct str tag = str_trim(if_match);
	uint64_t version;
	ptrdiff_t dash;

	if (str_eq(tag, STR_LIT("*"))) {
		*ret = 0;
		return 0;
	}
	if (!str_starts(tag, STR_LIT("\"v")) || !str_ends(tag, STR_LIT("\"")))
		return ERR_SYNTAX;
	tag = str_from(stem(tag), 2);
	dash = str_find_char(tag, '-');
	TRY(str_to_uint(dash < 0 ? tag : str_first(tag, (size_t)dash), INT64_MAX, &version));
	*ret = (int64_t)version;
	return 0;
}
