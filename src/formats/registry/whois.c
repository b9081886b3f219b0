/* SPDX-License-Identifier: Apache-2.0 */
/* What does a WHOIS reply say? RFC 3912 leaves it to each server. */
#include "formats/registry/whois.h"

#include "formats/dns/name.h"

enum { LINES = 4000, KEY_BYTES = 60 };

enum whois_field {
	WHOIS_NONE,
	WHOIS_CREATED,
	WHOIS_CHANGED,
	WHOIS_EXPIRES,
	WHOIS_REGISTRAR,
	WHOIS_REGISTRAR_ID,
	WHOIS_STATUS,
	WHOIS_NAME_SERVER,
	WHOIS_HOLDER,
	WHOIS_ABUSE_EMAIL,
	WHOIS_ABUSE_PHONE,
	WHOIS_DNSSEC,
	WHOIS_DS,
	WHOIS_SERVER
};

#include "whois_table.h"

struct whois {
	struct arena *a;
	struct registration *to;
	enum whois_field open; /* a key whose values stand on the lines below */
	bool has_key, is_free;
	bool is_month_first; /* some date of the reply can be read in no other way */
	struct str server;
};

/* Lower case, without dots, brackets and doubled blanks. */
static struct str key_normal(struct str raw, char out[KEY_BYTES])
{
	size_t len = 0;

	for (size_t i = 0; i < raw.len && len < KEY_BYTES; i++) {
		char c = char_lower(raw.data[i]);

		if (c == '[' || c == ']' || c == '.' || c == '*' || c == '\t')
			c = ' ';
		if (c != ' ' || (len && out[len - 1] != ' '))
			out[len++] = c;
	}
	while (len && out[len - 1] == ' ')
		len--;
	return str_bytes(out, len);
}

static enum whois_field field_of(struct str raw)
{
	char text[KEY_BYTES];
	struct str key = key_normal(raw, text);
	size_t low = 0, high = ARRAY_COUNT(whois_keys);

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = str_cmp(key, whois_keys[middle].key);

		if (!order)
			return (enum whois_field)whois_keys[middle].field;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return WHOIS_NONE;
}

static bool two_digits(const char *at)
{
	return char_is_digit(at[0]) && char_is_digit(at[1]);
}

/* "09/17/2014": the month comes first, and so in all dates of the reply. */
static bool has_month_first(struct str text)
{
	for (size_t i = 0; i + 10 <= text.len; i++) {
		const char *at = text.data + i;

		if (at[2] == '/' && at[5] == '/' && two_digits(at) && two_digits(at + 3) &&
		    two_digits(at + 6) && two_digits(at + 8) &&
		    (at[3] - '0') * 10 + at[4] - '0' > 12)
			return true;
	}
	return false;
}

static void date_set(const struct whois *w, int64_t *at, struct str value)
{
	int64_t us;

	if (w->is_month_first && value.len >= 10 && value.data[2] == '/' && value.data[5] == '/')
		value = str_printf(w->a, "%.2s/%.2s/%.4s", value.data + 3, value.data,
				   value.data + 6);
	if (!*at && registry_date_parse(value, &us) == 0)
		*at = us;
}

static void status_add(struct whois *w, struct str value)
{
	struct str part;

	while (str_split(&value, ',', &part))
		registration_add(w->a, &w->to->status, &w->to->status_count,
				 registration_status(w->a, part));
}

static void dnssec_set(struct whois *w, struct str value)
{
	static const char *const no[] = { "unsigned", "no", "inactive", "unsigned delegation",
					  "disabled" };

	if (w->to->says_signed || !value.len)
		return;
	w->to->says_signed = w->to->is_signed = true;
	for (size_t i = 0; i < ARRAY_COUNT(no); i++)
		if (str_eq_nocase(value, str_of(no[i])))
			w->to->is_signed = false;
}

static void name_servers_add(struct whois *w, struct str value)
{
	struct str name = registration_name_server(w->a, value), word;

	if (name.len) /* "ns1.example.com 192.0.2.1", or several names on the line */
		while (str_word(&value, &word))
			registration_add(w->a, &w->to->name_servers, &w->to->name_server_count,
					 registration_name_server(w->a, word));
}

static void value_take(struct whois *w, enum whois_field field, struct str value)
{
	struct registration *to = w->to;
	struct str *const texts[] = {
		[WHOIS_REGISTRAR] = &to->registrar,     [WHOIS_REGISTRAR_ID] = &to->registrar_id,
		[WHOIS_HOLDER] = &to->holder,           [WHOIS_ABUSE_EMAIL] = &to->abuse_email,
		[WHOIS_ABUSE_PHONE] = &to->abuse_phone, [WHOIS_SERVER] = &w->server
	};

	if (field < ARRAY_COUNT(texts) && texts[field])
		registration_set(w->a, texts[field], value);
	else if (field == WHOIS_CREATED)
		date_set(w, &to->created_us, value);
	else if (field == WHOIS_CHANGED)
		date_set(w, &to->changed_us, value);
	else if (field == WHOIS_EXPIRES)
		date_set(w, &to->expires_us, value);
	else if (field == WHOIS_STATUS)
		status_add(w, value);
	else if (field == WHOIS_NAME_SERVER)
		name_servers_add(w, value);
	else if (field == WHOIS_DNSSEC)
		dnssec_set(w, value);
	else if (field == WHOIS_DS) {
		registration_add(w->a, &to->ds, &to->ds_count, str_lower(w->a, value));
		dnssec_set(w, STR_LIT("signed"));
	}
}

static bool is_free(struct str line)
{
	char text[KEY_BYTES];
	size_t len = MIN(line.len, sizeof text);
	struct str lower;

	for (size_t i = 0; i < len; i++)
		text[i] = char_lower(line.data[i]);
	lower = str_bytes(text, len);
	for (size_t i = 0; i < ARRAY_COUNT(whois_free); i++)
		if (str_starts(lower, whois_free[i]))
			return true;
	return str_find(lower, STR_LIT("no match for")) >= 0 ||
	       str_find(lower, STR_LIT(" not found")) >= 0;
}

/* Where the key of a line ends and its value begins. */
static bool line_split(struct str line, struct str *ret_key, struct str *ret_value)
{
	ptrdiff_t end;

	if (line.data[0] == '[') {
		end = str_find_char(line, ']');
		if (end < 0)
			return false;
	} else {
		end = str_find_char(line, ':');
		if (end < 0)
			end = str_find(line, STR_LIT("  "));
		if (end < 0)
			end = str_find_char(line, '\t');
		if (end <= 0)
			return false;
	}
	*ret_key = str_first(line, (size_t)end + (line.data[0] == '['));
	*ret_value = str_trim(str_from(line, (size_t)end + 1));
	while (ret_value->len && ret_value->data[0] == ':')
		*ret_value = str_trim(str_from(*ret_value, 1));
	return true;
}

/* "state: REGISTERED, DELEGATED" of a domain; "State: Nevada" of its holder. */
static bool is_postal_state(struct str key, struct str value)
{
	return str_starts_nocase(key, STR_LIT("state")) &&
	       str_find_nocase(value, STR_LIT("registered")) < 0 &&
	       str_find_nocase(value, STR_LIT("active")) < 0;
}

static bool is_name_key(struct str key)
{
	return str_eq_nocase(key, STR_LIT("name")) || str_eq_nocase(key, STR_LIT("organization")) ||
	       str_eq_nocase(key, STR_LIT("organisation"));
}

/* "EXAMPLE.TK is Active", the one sentence of Freenom's registries. */
static bool is_said_active(struct str line)
{
	struct str name = STR_NONE, is = STR_NONE;

	return str_word(&line, &name) && str_find_char(name, '.') > 0 && str_word(&line, &is) &&
	       str_eq_nocase(is, STR_LIT("is")) && str_eq_nocase(str_trim(line), STR_LIT("active"));
}

static void line_take(struct whois *w, struct str raw)
{
	bool is_indented = raw.len && char_is_space(raw.data[0]);
	struct str line = str_trim(raw), key, value;
	enum whois_field field;
	bool is_split;

	if (!line.len) {
		w->open = w->open == WHOIS_NAME_SERVER && !w->to->name_server_count ? w->open
										    : WHOIS_NONE;
		return;
	}
	w->is_free |= is_free(line);
	if (is_said_active(line)) {
		status_add(w, STR_LIT("active"));
		return;
	}
	if (line.data[0] == '%' || line.data[0] == '#')
		return;
	is_split = line_split(line, &key, &value);
	if (is_split) {
		field = is_postal_state(key, value) ? WHOIS_NONE : field_of(key);
		if (field) {
			w->has_key = true;
			w->open = value.len ? WHOIS_NONE : field;
			if (value.len && field == WHOIS_NAME_SERVER)
				w->open = field; /* more may follow, indented */
			value_take(w, field, value);
			return;
		}
	}
	field = field_of(line);
	if (field) {
		w->open = field;
		w->has_key = true;
	} else if (w->open && (is_indented || w->open == WHOIS_NAME_SERVER || !is_split)) {
		/* "Registrar:", and below it "Name: R Ltd" or the name alone */
		value_take(w, w->open, is_split && is_name_key(key) ? value : line);
		if (w->open != WHOIS_NAME_SERVER && w->open != WHOIS_STATUS)
			w->open = WHOIS_NONE;
	} else {
		w->open = WHOIS_NONE;
	}
}

static struct whois lines_take(struct arena *a, struct str text, struct registration *to)
{
	struct whois w = { .a = a, .to = to };
	struct str line;

	text = str_first(text, WHOIS_BYTES);
	w.is_month_first = has_month_first(text);
	for (unsigned i = 0; i < LINES && str_split(&text, '\n', &line); i++) {
		if (line.len && line.data[line.len - 1] == '\r')
			line.len--;
		line_take(&w, line);
	}
	return w;
}

int whois_read(struct arena *a, struct str text, struct registration *ret)
{
	struct registration registration = { 0 };
	struct whois w = lines_take(a, text, &registration);
	bool says_something = registration.created_us || registration.expires_us ||
			      registration.name_server_count || registration.registrar.len;

	if (!says_something && w.is_free) {
		*ret = (struct registration){ 0 };
		return 0;
	}
	if (!w.has_key)
		return ERR_SYNTAX;
	registration.is_found = true;
	registration.referral = w.server;
	*ret = registration;
	return 0;
}

struct str whois_referral(struct arena *a, struct str text)
{
	struct registration registration = { 0 };
	struct whois w = lines_take(a, text, &registration);
	struct str name;

	if (str_starts_nocase(w.server, STR_LIT("whois://")))
		w.server = str_from(w.server, 8);
	if (!w.server.len || dns_name_parse(a, w.server, &name, NULL) < 0 ||
	    !dns_name_is_hostname(name) || dns_name_label_count(name) < 2)
		return STR_NONE;
	return name;
}

struct str whois_query(struct arena *a, struct str server, struct str name)
{
	for (size_t i = 0; i < ARRAY_COUNT(whois_asks); i++) {
		struct str query = whois_asks[i].query;
		ptrdiff_t at = str_find(query, STR_LIT("{}"));

		if (str_eq(server, whois_asks[i].server) && at >= 0)
			return str_printf(a, "%.*s%.*s%.*s", STR(str_first(query, (size_t)at)),
					  STR(name), STR(str_from(query, (size_t)at + 2)));
	}
	return name;
}
