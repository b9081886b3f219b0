/* SPDX-License-Identifier: Apache-2.0 */
/* How is a keyed API asked? One request a run; its turn, its key, and what came back, unread. */
#include "roles/runner/api.h"

#include "base/clock.h"
#include "formats/web/template.h"
#include "net/http.h"
#include "net/resolve.h"
#include "roles/runner/provider.h"
#include "roles/runner/replies.h"

enum {
	TIME_MS = 30000,
	KNOWN_MS = 30000,
	WORDS = 6,
	HEADERS = DEFINITION_ITEMS + 1,
	PROVIDERS = DEFINITIONS
};

/* Where a provider was found lately: its name is not asked for with each request. */
struct known {
	struct address addresses[RESOLVE_ADDRESSES];
	size_t count;
	int64_t until_us;
};

/* What all requests share. */
struct apis {
	struct dns_client *dns;
	struct dns_destination resolvers[RESOLVE_RESOLVERS];
	struct resolve resolve;
	struct trust *trust;
	struct http_client *http;
	struct replies *replies;
	struct provider providers[PROVIDERS];
	struct known known[PROVIDERS]; /* of each */
	size_t provider_count;
};

struct request {
	struct run *run;
	struct provider *provider;
	struct definition
		definition;     /* in the run's memory: a new configuration may come meanwhile */
	struct str key, secret; /* of the reply that is kept; what {key} stands for */
	struct web_url url;
	struct str body, headers[HEADERS];
	size_t header_count;
	struct timer turn;
	bool has_turn, has_waited, is_trying;
	struct resolving *resolving;
	struct http_fetch *fetch;
	struct address addresses[RESOLVE_ADDRESSES];
	size_t address_count, tried;
};

/* ---- what is shared ---- */

int apis_prepare(struct runner_role *role, struct str ca_file, struct err *err)
{
	struct apis *apis = memory_alloc(sizeof *apis);

	*apis = (struct apis){ .dns = NULL };
	role->apis = apis;
	TRY(http_prepare(err));
	return trust_prepare(ca_file.len ? str_cstring(&role->arena, ca_file) : NULL, &apis->trust,
			     err);
}

static int apis_open(struct runner_role *role, struct err *err)
{
	const struct dns_client_settings dns = { .egress = &role->egress,
						 .rows = 2 * RUNS_WAITING,
						 .sockets = 2 };
	struct apis *apis = role->apis;

	if (apis->replies)
		return 0;
	if (dns_client_open(&role->loop, &dns, &apis->dns) < 0 ||
	    http_client_open(&role->loop, &role->egress, apis->trust, "dss/" DSS_VERSION,
			     &apis->http) < 0)
		return err_set(err, -EMFILE, "no sockets can be opened");
	replies_open(&apis->replies);
	return 0;
}

void apis_close(struct runner_role *role)
{
	if (!role->apis)
		return;
	http_client_close(role->apis->http);
	dns_client_close(role->apis->dns);
	trust_free(role->apis->trust);
	replies_close(role->apis->replies);
	memory_free(role->apis);
	role->apis = NULL;
}

/* Resolvers are those of the configuration that stands now. */
static void resolve_read(struct runner_role *role)
{
	struct apis *apis = role->apis;

	apis->resolve = (struct resolve){ .client = apis->dns, .resolvers = apis->resolvers };
	for (size_t i = 0; i < role->configuration.resolver_count &&
			   apis->resolve.resolver_count < RESOLVE_RESOLVERS;
	     i++) {
		struct dns_destination *resolver = &apis->resolvers[apis->resolve.resolver_count];

		resolver->port = DNS_PORT;
		if (address_port_parse(role->configuration.resolvers[i], &resolver->address,
				       &resolver->port, NULL) == 0)
			apis->resolve.resolver_count++;
	}
}

static struct provider *provider_of(struct apis *apis, const struct definition *definition)
{
	uint64_t name = str_hash(definition->name);
	struct provider *provider;

	for (size_t i = 0; i < apis->provider_count; i++)
		if (apis->providers[i].name == name) {
			apis->providers[i].pace = definition->pace;
			return &apis->providers[i];
		}
	if (apis->provider_count == PROVIDERS)
		return NULL;
	provider = &apis->providers[apis->provider_count++];
	*provider = (struct provider){ .name = name, .pace = definition->pace };
	return provider;
}

/* ---- the request ---- */

static struct str secret_of(const struct runner_role *role, struct str name)
{
	for (size_t i = 0; i < role->configuration.secret_count; i++)
		if (name.len && str_eq(role->configuration.secrets[i].name, name))
			return role->configuration.secrets[i].value;
	return STR_NONE;
}

/* A definition, and what it points to, in the run's own memory. */
static int definition_keep(struct request *request, const struct definition *definition)
{
	struct buf bytes;

	buf_init(&bytes, &request->run->arena);
	desc_encode(&bytes, &definition_desc, definition);
	return desc_decode(&request->run->arena, &definition_desc, buf_str(&bytes),
			   &request->definition);
}

static void key_make(struct request *request)
{
	const struct run_request *run = &request->run->request;
	struct buf key;

	buf_init(&key, &request->run->arena);
	buf_put_str(&key, run->name);
	for (size_t i = 0; i < run->value_count; i++) {
		buf_put_char(&key, 0);
		buf_put_str(&key, run->values[i].name);
		buf_put_char(&key, 0);
		buf_put_str(&key, run->values[i].value);
	}
	request->key = buf_str(&key);
}

static int text_make(struct request *request, struct str template, enum template_form form,
		     struct str *ret)
{
	const struct template_word words[WORDS] = {
		{ "subject", run_value_of(request->run, "subject") },
		{ "page", run_value_of(request->run, "page") },
		{ "offset", run_value_of(request->run, "offset") },
		{ "next", run_value_of(request->run, "next") },
		{ "key", request->secret },
		{ "agent", STR_LIT("dss/" DSS_VERSION) },
	};
	struct buf out;

	buf_init(&out, &request->run->arena);
	TRY(template_fill(&out, template, form, words, WORDS));
	*ret = buf_str(&out);
	return 0;
}

/* Where there is no key, its header is left out: "Bearer" alone says nothing. */
static int headers_make(struct request *request)
{
	const struct definition *d = &request->definition;

	for (size_t i = 0; i < d->header_count && request->header_count < HEADERS; i++) {
		struct str value;

		TRY(text_make(request, d->headers[i].value, TEMPLATE_HEADER, &value));
		if (request->secret.len || str_find(d->headers[i].value, STR_LIT("{key}")) < 0)
			request->headers[request->header_count++] =
				str_printf(&request->run->arena, "%.*s: %.*s",
					   STR(d->headers[i].name), STR(value));
	}
	return 0;
}

static int request_make(struct request *request, struct err *err)
{
	const struct definition *d = &request->definition;
	bool is_json = d->body.len && d->body.data[0] == '{';
	struct str url;

	if (text_make(request, d->url, TEMPLATE_URL, &url) < 0 ||
	    text_make(request, d->body, is_json ? TEMPLATE_JSON : TEMPLATE_URL, &request->body) <
		    0 ||
	    headers_make(request) < 0)
		return err_set(err, ERR_SYNTAX, "a value cannot stand in its place");
	/* What the reader of URLs says quotes them, with a key in them perhaps. */
	if (web_url_parse(&request->run->arena, url, &request->url, NULL) < 0)
		return err_set(err, ERR_SYNTAX, "its URL cannot be used");
	return 0;
}

/* ---- its end ---- */

static void request_stop(struct request *request)
{
	timer_stop(&request->run->role->timers, &request->turn);
	if (request->resolving)
		resolving_cancel(request->resolving);
	if (request->fetch)
		http_fetch_cancel(request->fetch);
	request->resolving = NULL;
	request->fetch = NULL;
	if (request->is_trying) /* whether it is back nobody knows: another may try */
		request->provider->is_trying = false;
	request->is_trying = false;
	request->run->task = NULL;
}

static void cancel(struct run *run)
{
	request_stop(run->task);
}

static int64_t seconds_until(int64_t us)
{
	return (MAX(us - clock_monotonic_us(), INT64_C(0)) + 999999) / 1000000;
}

/* Providers repeat what they were asked with: not to who may not know it. */
static void secret_blot(struct str text, struct str secret)
{
	for (size_t from = 0; secret.len;) {
		ptrdiff_t at = str_find(str_from(text, from), secret);

		if (at < 0)
			return;
		from += (size_t)at;
		memset((char *)(uintptr_t)text.data + from, '*', secret.len);
		from += secret.len;
	}
}

static void end_with(struct request *request, const struct http_result *http)
{
	struct run *run = request->run;
	struct str output = str_copy(&run->arena, http->body);
	struct run_result result = { .end = RUN_DONE,
				     .status = http->status,
				     .is_truncated = http->is_cut,
				     .version = request->definition.version };
	struct reply reply = { http->status, output, http->is_cut };

	secret_blot(output, request->secret);
	result.output = output;
	if (request->definition.cache_s && http->status < 500)
		replies_keep(run->role->apis->replies, request->key, &reply,
			     clock_monotonic_us() + request->definition.cache_s * INT64_C(1000000));
	request_stop(request);
	run_end(run, &result);
}

static const struct {
	enum run_end end;
	const char *text;
} failures[] = {
	[HTTP_FAILURE_TIMEOUT] = { RUN_TIMED_OUT, "it does not answer in time" },
	[HTTP_FAILURE_REFUSED] = { RUN_UNREACHABLE, "it refuses the connection" },
	[HTTP_FAILURE_RESET] = { RUN_UNREACHABLE,
				 "it closed the connection before it had answered" },
	[HTTP_FAILURE_GARBAGE] = { RUN_GARBLED, "what it answered is not HTTP" },
	[HTTP_FAILURE_TLS] = { RUN_UNREACHABLE, "TLS with it fails" },
	[HTTP_FAILURE_NO_ROUTE] = { RUN_UNREACHABLE, "there is no route to it" },
	[HTTP_FAILURE_POLICY] = { RUN_DENIED, "its address is not allowed" },
	[HTTP_FAILURE_WAITED] = { RUN_BUSY, "none of the connections to it was free in time" },
};

static void fail(struct request *request, enum run_end end, const char *text)
{
	struct run *run = request->run;

	request_stop(request);
	run_fail(run, end, "%s", text);
}

static void go(struct request *request);

static const struct web_header *header_find(const struct http_result *http, const char *name)
{
	for (size_t i = 0; i < http->header_count; i++)
		if (str_eq_nocase(http->headers[i].name, str_of(name)))
			return &http->headers[i];
	return NULL;
}

/* RFC 6585 section 4; RFC 9110 section 10.2.3. It is waited once; whoever comes meanwhile waits too. */
static void hold(struct request *request, const struct http_result *http)
{
	const struct web_header *after = header_find(http, "retry-after");
	int64_t wait_us = after ? web_retry_after_us(after->value, clock_utc_us()) : -1;
	bool has_waited = request->has_waited;

	provider_hold(request->provider, clock_monotonic_us(), wait_us);
	request->has_waited = true;
	if (has_waited) {
		fail(request, RUN_RATE_LIMITED, "it asked to wait, and asks again");
		return;
	}
	go(request);
}

static struct known *known_of(const struct request *request)
{
	struct apis *apis = request->run->role->apis;

	return &apis->known[request->provider - apis->providers];
}

static int try_next(struct request *request);

static void on_response(void *context, const struct http_result *http)
{
	struct request *request = context;
	bool is_unreachable = http->failure == HTTP_FAILURE_REFUSED ||
			      http->failure == HTTP_FAILURE_TIMEOUT ||
			      http->failure == HTTP_FAILURE_NO_ROUTE;

	request->fetch = NULL;
	if (is_unreachable && request->tried < request->address_count && try_next(request) == 0)
		return;
	if (http->failure && http->failure != HTTP_FAILURE_WAITED)
		known_of(request)->until_us = 0; /* it may have moved */
	if (http->failure == HTTP_FAILURE_POLICY)
		provider_answered(request->provider);
	else if (http->failure == HTTP_FAILURE_WAITED)
		; /* nobody asked it */
	else if (http->failure || (http->status >= 500 && !header_find(http, "retry-after")))
		provider_failed(request->provider, clock_monotonic_us());
	else
		provider_answered(request->provider);
	if (http->failure)
		fail(request, failures[http->failure].end, failures[http->failure].text);
	else if (http->status == 429 || (http->status == 503 && header_find(http, "retry-after")))
		hold(request, http);
	else
		end_with(request, http);
}

/* ---- on its way ---- */

static int try_next(struct request *request)
{
	const struct definition *d = &request->definition;
	const struct http_request http = {
		.url = &request->url,
		.server = request->addresses[request->tried++],
		.body_bytes =
			d->limits.output_bytes ? (uint32_t)d->limits.output_bytes : EXTRACT_BYTES,
		.is_strict = true,
		.timeout_ms = d->limits.time_ms ? d->limits.time_ms : TIME_MS,
		.is_post = str_eq(d->method, STR_LIT("POST")),
		.body = request->body,
		.headers = request->headers,
		.header_count = request->header_count,
	};

	return http_client_fetch(request->run->role->apis->http, &http, on_response, request,
				 &request->fetch);
}

static void connect_now(struct request *request)
{
	int code;

	do
		code = try_next(request);
	while (code < 0 && request->tried < request->address_count);
	if (code == 0)
		return;
	provider_answered(request->provider);
	fail(request, code == ERR_DENIED ? RUN_DENIED : RUN_BROKEN,
	     code == ERR_DENIED ? "its address is not allowed" : "no request can be made");
}

static void on_resolved(void *context, const struct address *addresses, size_t count,
			enum dns_failure failure)
{
	struct request *request = context;

	request->resolving = NULL;
	request->address_count = count;
	request->tried = 0;
	if (count) {
		struct known *known = known_of(request);

		memcpy(request->addresses, addresses, count * sizeof *addresses);
		memcpy(known->addresses, addresses, count * sizeof *addresses);
		known->count = count;
		known->until_us = clock_monotonic_us() + KNOWN_MS * INT64_C(1000);
		connect_now(request);
		return;
	}
	provider_failed(request->provider, clock_monotonic_us());
	fail(request, RUN_UNREACHABLE,
	     failure ? "its name cannot be asked for" : "its name has no address");
}

static void send_off(struct request *request)
{
	struct runner_role *role = request->run->role;

	if (address_is_set(&request->url.address)) {
		request->addresses[0] = request->url.address;
		request->address_count = 1;
		request->tried = 0;
		connect_now(request);
	} else if (known_of(request)->until_us > clock_monotonic_us()) {
		memcpy(request->addresses, known_of(request)->addresses, sizeof request->addresses);
		request->address_count = known_of(request)->count;
		request->tried = 0;
		connect_now(request);
	} else if (resolve_start(&role->apis->resolve, &role->loop, request->url.host, on_resolved,
				 request, &request->resolving) < 0) {
		fail(request, RUN_BROKEN, "its name cannot be asked for");
	}
}

static void on_turn(struct timer *timer)
{
	go((struct request *)((char *)timer - offsetof(struct request, turn)));
}

static bool is_too_late(const struct run *run, int64_t us)
{
	return us - run->began_us >= run->request.timeout_ms * INT64_C(1000);
}

/* A wait that ends beyond the run's deadline is not begun. */
static void wait_until(struct request *request, int64_t until_us, const char *what)
{
	struct run *run = request->run;

	if (is_too_late(run, until_us)) {
		request_stop(request);
		run_fail(run, RUN_RATE_LIMITED, "%s %lld s", what,
			 (long long)seconds_until(until_us));
		return;
	}
	request->turn.on_due = on_turn;
	timer_start(&run->role->timers, &request->turn, until_us);
}

static void go(struct request *request)
{
	struct run *run = request->run;
	int64_t until_us = 0;

	switch (provider_take(request->provider, request->has_turn, clock_monotonic_us(),
			      &until_us)) {
	case PROVIDER_NOW:
		request->has_turn = false; /* used up */
		request->is_trying = request->provider->is_trying;
		send_off(request);
		return;
	case PROVIDER_LATER:
		if (is_too_late(run, until_us))
			provider_give_back(request->provider);
		request->has_turn = true;
		wait_until(request, until_us, "its turn would come in");
		return;
	case PROVIDER_HELD:
		wait_until(request, until_us, "it asks to be left alone for");
		return;
	case PROVIDER_DOWN:
		run->task = NULL;
		run_fail(run, RUN_UNREACHABLE, "it failed before and is left alone for %lld s",
			 (long long)seconds_until(until_us));
		return;
	default:
		run->task = NULL;
		run_fail(run, RUN_RATE_LIMITED, "the day's requests are used up");
	}
}

static bool answer_kept(struct request *request)
{
	struct run *run = request->run;
	struct run_result result = { .end = RUN_DONE, .version = request->definition.version };
	struct reply reply;

	if (!replies_find(run->role->apis->replies, request->key, clock_monotonic_us(), &reply))
		return false;
	result.status = reply.status;
	result.output = reply.output;
	result.is_truncated = reply.is_truncated;
	run_end(run, &result);
	return true;
}

static void start(struct run *run)
{
	struct runner_role *role = run->role;
	const struct definition *definition = definition_find(&role->configuration.definitions,
							      DEFINITION_API, run->request.name);
	struct request *request;
	struct err err = { 0 };

	if (!definition) {
		run_fail(run, RUN_MISSING, "no API is defined by this name");
		return;
	}
	request = ARENA_NEW(&run->arena, struct request);
	request->run = run;
	request->secret = str_copy(&run->arena, secret_of(role, definition->secret));
	if (definition->secret.len && !request->secret.len && !definition->is_secret_optional) {
		run_fail(run, RUN_MISSING, "its key");
		return;
	}
	if (apis_open(role, &err) < 0 || definition_keep(request, definition) < 0) {
		run_fail(run, RUN_BROKEN, "%s", err.text);
		return;
	}
	resolve_read(role);
	key_make(request);
	request->provider = provider_of(role->apis, definition);
	if (!request->provider) {
		run_fail(run, RUN_BROKEN, "too many providers");
	} else if (answer_kept(request)) {
		return;
	} else if (request_make(request, &err) < 0) {
		run_fail(run, RUN_DENIED, "%s", err.text);
	} else {
		run->task = request;
		go(request);
	}
}

const struct executor api_executor = { .start = start, .cancel = cancel, .is_light = true };
