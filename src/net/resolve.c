/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses has a host that the operator named? */
#include "net/resolve.h"

#include "base/clock.h"
#include "formats/dns/name.h"

#include <fcntl.h>
#include <unistd.h>

struct resolving {
	uv_timer_t *later; /* tells what needs no question */
	struct dns_client *client;
	resolve_callback *callback;
	void *context;
	struct arena arena;
	struct str name;
	struct dns_ticket tickets[2];
	struct address ipv4[RESOLVE_ADDRESSES], ipv6[RESOLVE_ADDRESSES];
	size_t ipv4_count, ipv6_count, waiting;
	enum dns_failure failure;
};

/* ---- files ---- */

static struct str file_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct buf text;
	ssize_t got = fd < 0 ? 0 : 1;

	buf_init(&text, NULL);
	while (got > 0 && text.len < RESOLVE_FILE_BYTES) {
		got = read(fd, buf_reserve(&text, 4096), 4096);
		text.len += got > 0 ? (size_t)got : 0;
	}
	if (fd >= 0)
		close(fd);
	return buf_str(&text);
}

static void resolvers_read(struct str text, struct resolve_files *files)
{
	struct str line, word;

	while (files->resolver_count < RESOLVE_RESOLVERS && str_split(&text, '\n', &line)) {
		struct dns_destination *to = &files->resolvers[files->resolver_count];

		if (!str_word(&line, &word) || !str_eq(word, STR_LIT("nameserver")) ||
		    !str_word(&line, &word) || address_parse(word, &to->address) < 0)
			continue;
		to->port = DNS_PORT;
		files->resolver_count++;
	}
	if (!files->resolver_count)
		files->resolvers[files->resolver_count++] =
			(struct dns_destination){ address_ipv4("\x7f\0\0\1"), DNS_PORT };
}

void resolve_files_read(const char *resolv_conf, const char *hosts, struct resolve_files *ret)
{
	struct str text = file_read(resolv_conf ? resolv_conf : "/etc/resolv.conf");

	*ret = (struct resolve_files){ .hosts = file_read(hosts ? hosts : "/etc/hosts") };
	resolvers_read(text, ret);
	memory_free((void *)text.data);
}

void resolve_files_release(struct resolve_files *files)
{
	memory_free((void *)files->hosts.data);
	files->hosts = STR_NONE;
}

static bool is_named(struct str words, struct str name)
{
	struct str word;

	while (str_word(&words, &word))
		if (str_eq_nocase(word, name))
			return true;
	return false;
}

size_t resolve_hosts_find(struct str text, struct str name,
			  struct address ret[static RESOLVE_ADDRESSES])
{
	struct str line, word;
	size_t count = 0;

	while (count < RESOLVE_ADDRESSES && str_split(&text, '\n', &line)) {
		ptrdiff_t comment = str_find_char(line, '#');

		line = comment >= 0 ? str_first(line, (size_t)comment) : line;
		if (str_word(&line, &word) && address_parse(word, &ret[count]) == 0 &&
		    is_named(line, name))
			count++;
	}
	return count;
}

/* ---- one name ---- */

static void resolving_free(struct resolving *resolving)
{
	dns_client_cancel(resolving->client, resolving->tickets[0]);
	dns_client_cancel(resolving->client, resolving->tickets[1]);
	if (resolving->later)
		uv_close((uv_handle_t *)resolving->later, (uv_close_cb)memory_free);
	arena_release(&resolving->arena);
	memory_free(resolving);
}

void resolving_cancel(struct resolving *resolving)
{
	resolving_free(resolving);
}

static void resolving_end(struct resolving *resolving)
{
	struct address all[2 * RESOLVE_ADDRESSES];
	size_t count = resolving->ipv4_count + resolving->ipv6_count;
	resolve_callback *callback = resolving->callback;
	void *context = resolving->context;
	enum dns_failure failure = count ? DNS_FAILURE_NONE : resolving->failure;

	memcpy(all, resolving->ipv4, resolving->ipv4_count * sizeof *all);
	memcpy(all + resolving->ipv4_count, resolving->ipv6, resolving->ipv6_count * sizeof *all);
	resolving_free(resolving);
	callback(context, all, MIN(count, (size_t)RESOLVE_ADDRESSES), failure);
}

static void addresses_take(struct resolving *resolving, const struct dns_answer *answer)
{
	for (size_t i = 0; i < answer->count; i++) {
		const struct dns_rr *rr = &answer->rr[i];

		if (rr->is_malformed)
			continue;
		if (rr->type == DNS_A && resolving->ipv4_count < RESOLVE_ADDRESSES)
			resolving->ipv4[resolving->ipv4_count++] = rr->address;
		else if (rr->type == DNS_AAAA && resolving->ipv6_count < RESOLVE_ADDRESSES)
			resolving->ipv6[resolving->ipv6_count++] = rr->address;
	}
}

static void on_answer(struct resolving *resolving, uint16_t type, const struct dns_result *result)
{
	struct dns_query query = { .name = resolving->name, .type = type, .flags = DNS_QUERY_RD };
	struct dns_answer answer;

	resolving->tickets[type == DNS_AAAA] = (struct dns_ticket){ 0 };
	if (result->failure)
		resolving->failure = result->failure;
	else if (dns_answer_read(&resolving->arena, result->packet, &query, &answer, NULL) < 0 ||
		 (answer.rcode && answer.rcode != DNS_NXDOMAIN))
		resolving->failure = DNS_FAILURE_GARBAGE;
	else
		addresses_take(resolving, &answer);
	if (!--resolving->waiting)
		resolving_end(resolving);
}

static void on_ipv4(void *context, const struct dns_result *result)
{
	on_answer(context, DNS_A, result);
}

static void on_ipv6(void *context, const struct dns_result *result)
{
	on_answer(context, DNS_AAAA, result);
}

static int ask(struct resolving *resolving, const struct resolve *resolve, uint16_t type)
{
	struct dns_request request = {
		.destinations = resolve->resolvers,
		.count = resolve->resolver_count,
		.query = { .name = resolving->name, .type = type, .flags = DNS_QUERY_RD },
		.deadline_us = clock_monotonic_us() + RESOLVE_TIMEOUT_US,
		.keeps_case = true,
	};

	TRY(dns_client_ask(resolve->client, &request, type == DNS_A ? on_ipv4 : on_ipv6, resolving,
			   &resolving->tickets[type == DNS_AAAA]));
	resolving->waiting++;
	return 0;
}

static void on_later(uv_timer_t *timer)
{
	resolving_end(timer->data);
}

static bool is_localhost(struct str name)
{
	return str_eq(name, STR_LIT("localhost")) || str_ends(name, STR_LIT(".localhost"));
}

/* What the machine's own file says, or the name itself. */
static bool is_known(struct resolving *resolving, const struct resolve *resolve)
{
	resolving->ipv4_count =
		resolve_hosts_find(resolve->hosts, resolving->name, resolving->ipv4);
	if (!resolving->ipv4_count && is_localhost(resolving->name)) {
		resolving->ipv4[resolving->ipv4_count++] = address_ipv4("\x7f\0\0\1");
		resolving->ipv6[resolving->ipv6_count++] =
			address_ipv6("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1");
	}
	return resolving->ipv4_count > 0;
}

int resolve_start(const struct resolve *resolve, uv_loop_t *loop, struct str name,
		  resolve_callback *callback, void *context, struct resolving **ret)
{
	struct resolving *resolving = memory_alloc(sizeof *resolving);
	int code = 0;

	*resolving = (struct resolving){ .client = resolve->client,
					 .callback = callback,
					 .context = context };
	resolving->name = str_copy(&resolving->arena, name);
	if (is_known(resolving, resolve)) {
		resolving->later = memory_alloc(sizeof *resolving->later);
		uv_timer_init(loop, resolving->later);
		resolving->later->data = resolving;
		uv_timer_start(resolving->later, on_later, 0, 0);
	} else {
		code = ask(resolving, resolve, DNS_A);
		if (code == 0)
			code = ask(resolving, resolve, DNS_AAAA);
	}
	if (code < 0) {
		resolving_free(resolving);
		return code;
	}
	*ret = resolving;
	return 0;
}
