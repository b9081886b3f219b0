/* SPDX-License-Identifier: Apache-2.0 */
/* What may be said about a channel? */
#include "app/channel_fields.h"

#include "app/text.h"
#include "base/encode.h"
#include "base/json.h"

#include <sodium.h>

enum {
	SIGNING_BYTES = 32,
	SIGNING_MIN = 24,
	SIGNING_MAX = 64,
	MEDIA_TYPE_BYTES = 100,
	SCRIPT_BYTES = 100,
	HEARTBEAT_MIN_S = 60,
	HEARTBEAT_MAX_S = 366 * 86400
};

static const struct str signing_prefix = STR_INIT("whsec_");

/* ---- addresses ---- */

/* Where a URL goes, without what may be secret of it. */
static int url_origin(struct str url, struct str *ret_scheme, struct str *ret_host)
{
	static const char *const schemes[] = { "https://", "http://" };

	for (size_t i = 0; i < ARRAY_COUNT(schemes); i++) {
		struct str scheme = str_of(schemes[i]), rest;
		size_t end = 0;
		ptrdiff_t at;

		if (!str_starts_nocase(url, scheme))
			continue;
		rest = str_from(url, scheme.len);
		while (end < rest.len && !strchr("/?#", rest.data[end]))
			end++;
		rest = str_first(rest, end);
		at = str_find_last_char(rest, '@');
		*ret_scheme = scheme;
		*ret_host = at < 0 ? rest : str_from(rest, (size_t)at + 1);
		return ret_host->len ? 0 : ERR_SYNTAX;
	}
	return ERR_SYNTAX;
}

static void url_read(struct arena *a, struct str text, struct channel_row *row,
		     struct channel_secrets *secrets, struct problem *problem)
{
	struct str url = str_trim(text), scheme, host;

	for (size_t i = 0; i < url.len; i++)
		if (url.data[i] <= ' ' || (unsigned char)url.data[i] >= 0x7f)
			url.len = 0;
	if (url.len > CHANNEL_URL_BYTES || url_origin(url, &scheme, &host) < 0) {
		problem_add(problem, STR_LIT("/url"), "url",
			    "a URL that begins with https:// or http://, of at most %d characters",
			    CHANNEL_URL_BYTES);
		return;
	}
	secrets->url = url;
	row->settings.shown = str_printf(a, "%.*s%.*s", STR(scheme), STR(host));
}

static void to_read(struct arena *a, const struct channel_input *input, struct channel_row *row,
		    struct problem *problem)
{
	if (input->to_count > CHANNEL_ADDRESSES)
		problem_add(problem, STR_LIT("/to"), "too-many", "at most %d addresses",
			    CHANNEL_ADDRESSES);
	row->settings.to = arena_array(a, input->to_count + 1, sizeof *row->settings.to);
	row->settings.to_count = MIN(input->to_count, (size_t)CHANNEL_ADDRESSES);
	for (size_t i = 0; i < row->settings.to_count; i++) {
		row->settings.to[i] = str_trim(input->to[i]);
		if (!address_looks_good(row->settings.to[i]))
			problem_add(problem, str_printf(a, "/to/%zu", i), "address",
				    "\"%.*s\" is no mail address",
				    STR(str_first(input->to[i], 80)));
	}
}

static void to_show(struct arena *a, struct channel_row *row)
{
	struct buf shown;

	buf_init(&shown, a);
	if (row->settings.is_to_owner)
		buf_put_lit(&shown, "the domain's owner");
	for (size_t i = 0; i < row->settings.to_count; i++) {
		if (i || row->settings.is_to_owner)
			buf_put_lit(&shown, ", ");
		buf_put_str(&shown, row->settings.to[i]);
	}
	row->settings.shown = buf_str(&shown);
}

/* ---- secrets ---- */

static struct str signing_make(struct arena *a)
{
	uint8_t octets[SIGNING_BYTES];
	struct buf made;

	randombytes_buf(octets, sizeof octets);
	buf_init(&made, a);
	buf_put_str(&made, signing_prefix);
	base64_put(&made, str_bytes(octets, sizeof octets));
	sodium_memzero(octets, sizeof octets);
	return buf_str(&made);
}

static bool is_signing(struct arena *a, struct str text)
{
	struct buf octets;

	buf_init(&octets, a);
	return str_starts(text, signing_prefix) &&
	       base64_read(&octets, str_from(text, signing_prefix.len)) == 0 &&
	       octets.len >= SIGNING_MIN && octets.len <= SIGNING_MAX;
}

static void signing_read(struct arena *a, struct str text, int64_t now_us,
			 struct channel_secrets *secrets, struct str *ret_made,
			 struct problem *problem)
{
	struct str given = str_trim(text);

	if (given.len && !is_signing(a, given)) {
		problem_add(
			problem, STR_LIT("/signing_secret"), "secret",
			"\"whsec_\" and %d to %d octets in base64; leave it empty, and one is made",
			SIGNING_MIN, SIGNING_MAX);
		return;
	}
	if (!given.len)
		given = *ret_made = signing_make(a);
	secrets->previous = secrets->signing;
	secrets->previous_until =
		secrets->signing.len ? now_us + CHANNEL_PREVIOUS_S * INT64_C(1000000) : 0;
	secrets->signing = given;
}

/* ---- the rest ---- */

static void script_read(struct str text, struct channel_row *row, struct problem *problem)
{
	struct str name = str_trim(text);
	bool is_good = name.len && name.len <= SCRIPT_BYTES && name.data[0] != '.';

	for (size_t i = 0; i < name.len && is_good; i++)
		is_good = char_is_alpha(name.data[i]) || char_is_digit(name.data[i]) ||
			  strchr("-_.", name.data[i]);
	if (!is_good) {
		problem_add(
			problem, STR_LIT("/script"), "name",
			"the name of a file in the folder notify.scripts: letters, digits, - _ .");
		return;
	}
	row->settings.script = row->settings.shown = name;
}

static void heartbeat_read(int64_t seconds, struct channel_row *row, struct problem *problem)
{
	if (seconds && (seconds < HEARTBEAT_MIN_S || seconds > HEARTBEAT_MAX_S))
		problem_add(problem, STR_LIT("/heartbeat_s"), "range",
			    "0 (none), or %d to %d seconds", HEARTBEAT_MIN_S, HEARTBEAT_MAX_S);
	row->settings.heartbeat_s = seconds;
}

/* What another kind has, and this one not. */
static void kind_check(const struct channel_input *input, enum channel_kind kind,
		       struct problem *problem)
{
	const struct {
		bool is_given;
		const char *pointer;
		unsigned kinds;
	} fields[] = {
		{ input->has_url, "/url", 1u << CHANNEL_WEBHOOK | 1u << CHANNEL_SLACK },
		{ input->has_signing, "/signing_secret", 1u << CHANNEL_WEBHOOK },
		{ input->has_template, "/template", 1u << CHANNEL_WEBHOOK },
		{ input->has_media_type, "/media_type", 1u << CHANNEL_WEBHOOK },
		{ input->has_to, "/to", 1u << CHANNEL_MAIL },
		{ input->has_to_owner, "/to_owner", 1u << CHANNEL_MAIL },
		{ input->has_script, "/script", 1u << CHANNEL_SCRIPT },
	};

	for (size_t i = 0; i < ARRAY_COUNT(fields); i++)
		if (fields[i].is_given && !(fields[i].kinds >> kind & 1))
			problem_add(problem, str_of(fields[i].pointer), "kind",
				    "a channel of kind %s has none", channel_kind_words[kind]);
}

static void needs_check(const struct channel_row *row, const struct channel_secrets *secrets,
			struct problem *problem)
{
	bool has_url = row->kind == CHANNEL_WEBHOOK || row->kind == CHANNEL_SLACK;

	if (has_url && !secrets->url.len)
		problem_add(problem, STR_LIT("/url"), "required", "a %s needs a URL",
			    channel_kind_words[row->kind]);
	if (row->kind == CHANNEL_MAIL && !row->settings.to_count && !row->settings.is_to_owner)
		problem_add(problem, STR_LIT("/to"), "required",
			    "mail needs addresses, or to_owner");
	if (row->kind == CHANNEL_SCRIPT && !row->settings.script.len)
		problem_add(problem, STR_LIT("/script"), "required", "a script needs its name");
}

static void texts_read(const struct channel_input *input, struct channel_row *row,
		       struct problem *problem)
{
	struct channel_settings *settings = &row->settings;

	if (input->has_name)
		(void)!label_read(input->name, CHANNEL_NAME_BYTES, STR_LIT("/name"), &row->name,
				  problem);
	if (input->has_template)
		(void)!text_read(input->template_text, CHANNEL_TEMPLATE_BYTES, TEXT_LINES,
				 STR_LIT("/template"), &settings->template_text, problem);
	if (input->has_media_type)
		(void)!text_read(input->media_type, MEDIA_TYPE_BYTES, TEXT_LINE,
				 STR_LIT("/media_type"), &settings->media_type, problem);
	if (settings->template_text.len && !settings->media_type.len)
		settings->media_type = STR_LIT("application/json");
}

int channel_fields_read(struct arena *a, const struct channel_input *input, int64_t now_us,
			struct channel_row *row, struct channel_secrets *secrets,
			struct str *ret_made, struct problem *problem)
{
	bool wants_signing = row->kind == CHANNEL_WEBHOOK && !secrets->signing.len;

	*ret_made = STR_NONE;
	kind_check(input, row->kind, problem);
	texts_read(input, row, problem);
	if (input->has_url)
		url_read(a, input->url, row, secrets, problem);
	if (input->has_signing || wants_signing)
		signing_read(a, input->signing, now_us, secrets, ret_made, problem);
	if (input->has_to)
		to_read(a, input, row, problem);
	if (input->has_to_owner)
		row->settings.is_to_owner = input->is_to_owner;
	if (row->kind == CHANNEL_MAIL)
		to_show(a, row);
	if (input->has_script)
		script_read(input->script, row, problem);
	if (input->has_heartbeat)
		heartbeat_read(input->heartbeat_s, row, problem);
	if (input->has_enabled)
		row->is_enabled = input->is_enabled;
	if (row->kind == CHANNEL_AMQP)
		row->settings.shown = STR_LIT("dss.events");
	needs_check(row, secrets, problem);
	return problem_code(problem);
}

struct str channel_json(struct arena *a, const struct channel_row *row)
{
	const struct text_member texts[] = {
		{ "media_type", row->settings.media_type },
		{ "template", row->settings.template_text },
	};
	struct buf out;
	struct json w;

	buf_init(&out, a);
	json_init(&w, &out);
	json_object(&w);
	json_key(&w, "name");
	json_str(&w, row->name);
	json_key(&w, "kind");
	json_text(&w, channel_kind_words[row->kind]);
	json_key(&w, "target");
	json_str(&w, row->settings.shown);
	text_members_put(&w, texts, ARRAY_COUNT(texts));
	if (row->settings.heartbeat_s) {
		json_key(&w, "heartbeat_s");
		json_int(&w, row->settings.heartbeat_s);
	}
	json_key(&w, "is_enabled");
	json_bool(&w, row->is_enabled);
	json_end(&w);
	return buf_str(&out);
}
