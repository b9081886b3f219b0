/* SPDX-License-Identifier: Apache-2.0 */
/* What does a registry say by RDAP? RFC 7480 to 7484, RFC 9082, RFC 9083, RFC 9224. */
#include "ask/fetch.h"
#include "ask/later.h"
#include "base/desc.h"
#include "formats/registry/rdap.h"

enum { HOPS = 3, STEP_HOPS = 0x7f };

static int ask_url(struct entry *entry, struct str url);

static void end_with(struct entry *entry, enum failure failure, const char *what, unsigned number)
{
	entry->fact.detail = str_printf(&entry->arena, "%s: %u", what, number);
	entry_fail(entry, failure);
}

/* RFC 7480 section 5.2: the answer is elsewhere. The target is read as strictly as any URL. */
static void redirect(struct entry *entry, const struct http_result *result)
{
	const struct web_header *location = later_header(result, "location");
	struct web_url url, target;
	struct arena a = { 0 };
	struct err err = { 0 };
	int code = -EINVAL;

	if (location && (entry->asking->step & STEP_HOPS) < HOPS &&
	    web_url_parse(&a, entry->asking->told, &url, &err) == 0)
		code = web_url_resolve(&a, &url, location->value, &target, &err);
	if (code == 0) {
		entry->asking->step++;
		code = ask_url(entry, target.text);
	}
	arena_release(&a);
	if (code < 0)
		end_with(entry, FAILURE_GARBAGE, "redirected nowhere, status", result->status);
}

static void ask_again(struct entry *entry)
{
	struct arena a = { 0 };

	if (ask_url(entry, str_copy(&a, entry->asking->told)) < 0)
		entry_end(entry, FAILURE_NO_ROUTE);
	arena_release(&a);
}

/* RFC 7480 section 5.5. */
static void rate_limited(struct entry *entry, const struct http_result *result)
{
	if (!later_wait(entry, result, ask_again))
		end_with(entry, FAILURE_RATE_LIMITED, "the registry's server asks to wait, status",
			 result->status);
}

static void keep(struct entry *entry, bool is_found, struct str body)
{
	struct registration *registration = ARENA_NEW(&entry->arena, struct registration);
	struct arena a = { 0 };
	struct err err = { 0 };
	int code = is_found ? rdap_read(&a, body, registration, &err) : 0;
	struct buf bytes;

	if (code < 0) {
		arena_release(&a);
		entry->fact.detail = str_copy(&entry->arena, str_of(err.text));
		entry_fail(entry, FAILURE_GARBAGE);
		return;
	}
	/* What is kept is a tenth of what was read: the rest goes with the reply. */
	buf_init(&bytes, &entry->arena);
	desc_encode(&bytes, &registration_desc, registration);
	arena_release(&a);
	*registration = (struct registration){ 0 };
	(void)!desc_decode(&entry->arena, &registration_desc, buf_str(&bytes), registration);
	entry->fact.rdap = registration;
	entry_end(entry, FAILURE_NONE);
}

static void on_response(struct entry *entry, const struct http_result *result)
{
	if (result->status >= 300 && result->status < 400)
		redirect(entry, result);
	else if (later_is_asked(result))
		rate_limited(entry, result);
	else if (result->status == 404)
		keep(entry, false, STR_NONE);
	else if (result->status != 200)
		end_with(entry, FAILURE_GARBAGE, "status", result->status);
	else if (result->is_cut)
		end_with(entry, FAILURE_GARBAGE, "more octets than we read", RDAP_BYTES);
	else
		keep(entry, true, result->body);
}

static int ask_url(struct entry *entry, struct str url)
{
	struct fetch_order order = {
		.url = url,
		.accept = "application/rdap+json, application/json",
		.body_bytes = RDAP_BYTES,
		.is_strict = true,
	};
	struct arena a = { 0 };
	struct str kept = str_copy(&a, url);

	arena_release(&entry->asking->first);
	entry->asking->told = str_copy(&entry->asking->first, kept);
	order.url = entry->asking->told;
	arena_release(&a);
	return fetch_start(entry, &order, on_response);
}

static int start_rdap(struct entry *entry)
{
	const struct rdap_question *question = &entry->fact.question.rdap;
	enum rdap_object object = question->flags & RDAP_AS_NAMESERVER
					  ? RDAP_NAMESERVER
					  : rdap_object_of(question->name);
	struct arena a = { 0 };
	struct str url;
	int code = rdap_url(&a, entry_settings(entry)->rdap, object, question->name, &url);

	if (code == -ENOENT) {
		entry_end(entry, FAILURE_NO_SERVER);
		code = 0;
	} else if (code == 0) {
		code = ask_url(entry, url);
	}
	arena_release(&a);
	if (code == -ENOTSUP) {
		entry_end(entry, FAILURE_MISSING);
		code = 0;
	}
	return code;
}

const struct asker ask_rdap_asker = { .kind = KIND_rdap,
				      .start = start_rdap,
				      .cancel = fetch_cancel };
