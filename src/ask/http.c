/* SPDX-License-Identifier: Apache-2.0 */
/* What does a URL give? One request; a redirect is an answer. */
#include "ask/fetch.h"
#include "ask/later.h"

/* Different in each response, and nobody's decision. */
static const char *const changing[] = { "date",       "age",         "expires",     "x-request-id",
					"cf-ray",     "x-amz-cf-id", "x-served-by", "x-timer",
					"connection", "keep-alive" };
/* What HTTP_BRIEF keeps. */
static const char *const telling[] = { "content-type", "content-length", "location",
				       "retry-after" };

static bool is_in(struct str name, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(name, str_of(words[i])))
			return true;
	return false;
}

static void headers_keep(struct arena *a, uint32_t flags, const struct http_result *result,
			 struct http_answer *answer)
{
	answer->headers = arena_array(a, result->header_count, sizeof *answer->headers);
	for (size_t i = 0; i < result->header_count; i++) {
		struct web_header header = { .name = str_lower(a, result->headers[i].name) };
		bool is_kept = flags & HTTP_BRIEF
				       ? is_in(header.name, telling, ARRAY_COUNT(telling))
				       : !is_in(header.name, changing, ARRAY_COUNT(changing));

		if (!is_kept || answer->header_count == HTTP_HEADERS)
			continue;
		header.value = str_copy(a, result->headers[i].value);
		answer->headers[answer->header_count++] = header;
	}
}

static void location_read(struct arena *a, struct str url_text, struct http_answer *answer)
{
	struct str location = http_header(answer, "location");
	struct web_url url, target;
	struct err err = { 0 };

	if (!location.len || answer->status < 300 || answer->status > 399 ||
	    web_url_parse(a, url_text, &url, &err) < 0)
		return;
	if (web_url_resolve(a, &url, location, &target, &err) == 0)
		answer->location = target.text;
}

static void tls_keep(struct arena *a, const struct http_result *result, struct tls_summary *tls)
{
	const struct trust_peer *peer = result->peer;

	tls->version = str_copy(a, result->tls_version);
	if (!peer)
		return;
	tls->faults = peer->faults; /* the bits are the same: see the assertions */
	tls->subject = str_copy(a, peer->subject);
	tls->issuer = str_copy(a, peer->issuer);
	tls->not_before_us = peer->not_before_us;
	tls->not_after_us = peer->not_after_us;
	tls->sha256 = str_copy(a, str_bytes(peer->sha256, sizeof peer->sha256));
	tls->names = arena_array(a, peer->name_count, sizeof *tls->names);
	for (size_t i = 0; i < peer->name_count; i++)
		tls->names[tls->name_count++] = str_copy(a, peer->names[i]);
}

_Static_assert((int)TLS_EXPIRED == TRUST_EXPIRED && (int)TLS_NOT_YET == TRUST_NOT_YET &&
		       (int)TLS_NAME == TRUST_NAME && (int)TLS_SELF_SIGNED == TRUST_SELF_SIGNED &&
		       (int)TLS_ISSUER == TRUST_ISSUER && (int)TLS_WEAK == TRUST_WEAK &&
		       (int)TLS_CHAIN == TRUST_CHAIN,
	       "faults of a certificate are the same bits in facts/ and net/");

static void ask_again(struct entry *entry);

/* A server that asks to wait is asked once more when it is time; what it says then is the answer. */
static void on_response(struct entry *entry, const struct http_result *result)
{
	const struct http_question *question = &entry->fact.question.http;
	struct arena *a = &entry->arena;
	struct http_answer *answer;

	if (later_is_asked(result) && later_wait(entry, result, ask_again))
		return;
	arena_release(a);
	answer = ARENA_NEW(a, struct http_answer);
	answer->status = (uint16_t)result->status;
	headers_keep(a, question->flags, result, answer);
	answer->media_type = web_media_type(a, http_header(answer, "content-type"));
	location_read(a, question->url, answer);
	answer->body_bytes = (uint32_t)result->body.len;
	answer->is_cut = result->is_cut;
	if (question->flags & HTTP_BODY)
		answer->body = str_copy(a, result->body);
	tls_keep(a, result, &answer->tls);
	entry->fact.http = answer;
	entry_end(entry, FAILURE_NONE);
}

static int start_http(struct entry *entry)
{
	const struct http_question *question = &entry->fact.question.http;
	struct fetch_order order = {
		.url = question->url,
		.server = question->server,
		.body_bytes = HTTP_BODY_BYTES,
	};
	int code = fetch_start(entry, &order, on_response);

	if (code == -ENOTSUP)
		entry_end(entry, FAILURE_MISSING);
	return code == -ENOTSUP ? 0 : code;
}

static void ask_again(struct entry *entry)
{
	if (start_http(entry) < 0)
		entry_end(entry, FAILURE_NO_ROUTE);
}

const struct asker ask_http_asker = { .kind = KIND_http,
				      .start = start_http,
				      .cancel = fetch_cancel };
