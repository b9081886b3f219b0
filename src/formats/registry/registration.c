/* SPDX-License-Identifier: Apache-2.0 */
/* How do words of registries become the same words everywhere? RFC 8056, RFC 5731. */
#include "formats/registry/registration.h"

#include "base/address.h"
#include "formats/dns/name.h"

bool registration_has_status(const struct registration *registration, const char *word)
{
	for (size_t i = 0; i < registration->status_count; i++)
		if (str_eq(registration->status[i], str_of(word)))
			return true;
	return false;
}

void registration_set(struct arena *a, struct str *field, struct str text)
{
	text = str_trim(text);
	if (!field->len && text.len)
		*field = str_copy(a, str_first(text, REGISTRATION_TEXT_BYTES));
}

void registration_add(struct arena *a, struct str **items, size_t *count, struct str text)
{
	text = str_first(str_trim(text), REGISTRATION_TEXT_BYTES);
	if (!text.len || *count == REGISTRATION_ITEMS)
		return;
	for (size_t i = 0; i < *count; i++)
		if (str_eq((*items)[i], text))
			return;
	if (!*items)
		*items = arena_array(a, REGISTRATION_ITEMS, sizeof **items);
	(*items)[(*count)++] = str_copy(a, text);
}

/* Words of registries that have their own for what RFC 8056 names. */
static const struct {
	struct str own, common;
} status_words[] = {
	{ STR_INIT("ok"), STR_INIT("active") },
	{ STR_INIT("connect"), STR_INIT("active") },
	{ STR_INIT("registered"), STR_INIT("active") },
	{ STR_INIT("delegated"), STR_INIT("active") },
	{ STR_INIT("paid and in zone"), STR_INIT("active") },
	{ STR_INIT("redemptionperiod"), STR_INIT("redemption period") },
	{ STR_INIT("pendingdelete restorable"), STR_INIT("pending delete") },
	{ STR_INIT("quarantine"), STR_INIT("redemption period") },
};

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* "clientTransferProhibited" is "client transfer prohibited". */
struct str registration_status(struct arena *a, struct str text)
{
	ptrdiff_t url = str_find(text, STR_LIT("http"));
	struct str words = str_trim(url > 0 ? str_first(text, (size_t)url) : text), out;
	struct buf spaced;

	while (words.len && str_find_char(STR_LIT("([,"), words.data[words.len - 1]) >= 0)
		words = str_trim(str_first(words, words.len - 1));
	buf_init(&spaced, a);
	for (size_t i = 0; i < words.len && i < REGISTRATION_TEXT_BYTES; i++) {
		char c = words.data[i];
		bool begins = is_upper(c) && i && char_is_alpha(words.data[i - 1]) &&
			      !is_upper(words.data[i - 1]);

		if (begins)
			buf_put_char(&spaced, ' ');
		buf_put_char(&spaced, c == '-' || c == '_' ? ' ' : char_lower(c));
	}
	out = buf_str(&spaced);
	for (size_t i = 0; i < ARRAY_COUNT(status_words); i++)
		if (str_eq(out, status_words[i].own))
			return status_words[i].common;
	return out;
}

struct str registration_name_server(struct arena *a, struct str text)
{
	struct address address;
	struct str word, name;

	if (!str_word(&text, &word))
		return STR_NONE;
	while (word.len && str_find_char(STR_LIT(",;[("), word.data[word.len - 1]) >= 0)
		word.len--;
	if (address_parse(word, &address) == 0 || dns_name_parse(a, word, &name, NULL) < 0 ||
	    !dns_name_is_hostname(name) || dns_name_label_count(name) < 2)
		return STR_NONE;
	return name;
}
