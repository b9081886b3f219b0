/* SPDX-License-Identifier: Apache-2.0 */
/* How is a connection to the broker made, kept and made again? */
#include "bus/rabbitmq/session_parts.h"

#include "base/clock.h"

#include <poll.h>
#include <sys/random.h>

enum { TICK_MS = 1000, READ_TURN_BYTES = 256 << 10, BETWEEN_HOSTS_MS = 20 };

/* A question for a name, which may outlive its session. */
struct lookup {
	uv_getaddrinfo_t request;
	struct session *session; /* NULL: nobody waits for it */
};

static void on_timer(uv_timer_t *timer);

static void timer_set(struct session *session, unsigned ms)
{
	if (session->timer)
		uv_timer_start(session->timer, on_timer, ms, 0);
}

static void poll_close(struct session *session)
{
	if (session->poll)
		uv_close((uv_handle_t *)session->poll, (uv_close_cb)memory_free);
	session->poll = NULL;
}

static void lookup_forget(struct session *session)
{
	if (session->lookup)
		session->lookup->session = NULL;
	session->lookup = NULL;
}

static void addresses_forget(struct session *session)
{
	if (session->addresses)
		freeaddrinfo(session->addresses);
	session->addresses = session->address = NULL;
}

static void drop(struct session *session)
{
	poll_close(session);
	link_close(session->link);
	session->link = NULL;
	inbox_reset(&session->inbox);
	session->out.len = session->sent = 0;
	lookup_forget(session);
}

static const struct broker_host *host_of(const struct session *session)
{
	return &session->settings.url->host[session->host];
}

static unsigned jittered(unsigned ms)
{
	uint32_t random = 0;

	if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
		random = UINT32_MAX / 2; /* only jitter */
	return ms / 2 + (unsigned)((uint64_t)random * (ms / 2) >> 32);
}

/* The next address of this host, the next host, or a rest and then the first one again. */
static unsigned rest_ms(struct session *session, bool was_open)
{
	if (!was_open && session->address && session->address->ai_next) {
		session->address = session->address->ai_next;
		return 0;
	}
	addresses_forget(session);
	session->host = (session->host + 1) % session->settings.url->host_count;
	if (session->host != session->first_host)
		return BETWEEN_HOSTS_MS;
	session->rest_ms = MIN(MAX(session->rest_ms * 2, (unsigned)SESSION_REST_FIRST_MS),
			       (unsigned)SESSION_REST_MOST_MS);
	return jittered(session->rest_ms);
}

void session_lost(struct session *session, const struct err *err)
{
	bool was_open = session->state == SESSION_OPEN;
	char text[sizeof err->text + BROKER_NAME_BYTES + 64];
	unsigned ms;

	if (session->state == SESSION_RESTING)
		return;
	snprintf(text, sizeof text, "the broker at %s: %s", host_of(session)->text, err->text);
	drop(session);
	session->state = SESSION_RESTING;
	session->is_blocked = false;
	if (was_open)
		session->first_host = session->host;
	ms = rest_ms(session, was_open);
	timer_set(session, ms);
	session->events.on_lost(session->events.context, str_of(text), was_open);
}

void session_proven(struct session *session)
{
	session->rest_ms = 0;
	session->first_host = session->host;
}

/* ---- connecting ---- */

static void on_ready(uv_poll_t *poll, int status, int events);

static void poll_set(struct session *session)
{
	int events = UV_READABLE;

	if (!session->poll)
		return;
	if (link_wants_write(session->link) || session->out.len > session->sent)
		events |= UV_WRITABLE;
	if (events != session->polled)
		uv_poll_start(session->poll, events, on_ready);
	session->polled = events;
}

static void connect_to(struct session *session)
{
	const struct addrinfo *address = session->address;
	struct err err = { 0 };

	session->state = SESSION_CONNECTING;
	session->deadline_us = clock_monotonic_us() + SESSION_OPEN_MS * 1000ll;
	if (link_open(address->ai_addr, address->ai_addrlen, session->settings.tls,
		      host_of(session)->name, &session->link, &err) < 0) {
		session_lost(session, &err);
		return;
	}
	session->poll = memory_alloc(sizeof *session->poll);
	if (uv_poll_init(session->settings.loop, session->poll, link_descriptor(session->link)) < 0)
		memory_exhausted();
	session->poll->data = session;
	session->polled = 0;
	poll_set(session);
	timer_set(session, TICK_MS);
}

static void resolved(struct session *session, int code, struct addrinfo *addresses)
{
	struct err err = { 0 };

	if (code < 0 || !addresses) {
		err_set(&err, -EHOSTUNREACH, "its name has no address: %s",
			code < 0 ? uv_strerror(code) : "none was found");
		session_lost(session, &err);
		return;
	}
	session->addresses = session->address = addresses;
	connect_to(session);
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *addresses)
{
	struct lookup *lookup = request->data;
	struct session *session = lookup->session;

	if (session) {
		session->lookup = NULL;
		resolved(session, status, addresses);
	} else if (addresses) {
		freeaddrinfo(addresses);
	}
	memory_free(lookup);
}

static const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };

static const char *port_text(const struct session *session, char out[static 8])
{
	snprintf(out, 8, "%u", host_of(session)->port);
	return out;
}

static void resolve(struct session *session)
{
	struct lookup *lookup = memory_alloc(sizeof *lookup);
	char port[8];
	int code;

	lookup->session = session;
	lookup->request.data = lookup;
	code = uv_getaddrinfo(session->settings.loop, &lookup->request, on_resolved,
			      host_of(session)->name, port_text(session, port), &hints);
	if (code < 0) {
		memory_free(lookup);
		resolved(session, code, NULL);
		return;
	}
	session->lookup = lookup;
	session->deadline_us = clock_monotonic_us() + SESSION_OPEN_MS * 1000ll;
	timer_set(session, TICK_MS);
}

static void resolve_blocking(struct session *session)
{
	struct addrinfo *addresses = NULL;
	char port[8];
	int code;

	lookup_forget(session);
	code = getaddrinfo(host_of(session)->name, port_text(session, port), &hints, &addresses);
	resolved(session, code ? UV_EAI_NONAME : 0, addresses);
}

static void begin(struct session *session, bool may_block)
{
	session->state = SESSION_RESOLVING;
	if (session->address)
		connect_to(session);
	else if (may_block)
		resolve_blocking(session);
	else
		resolve(session);
}

/* ---- reading and writing ---- */

static int items_take(struct session *session, struct err *err)
{
	struct inbox_item item;
	int code;

	while ((code = inbox_next(&session->inbox, &item, err)) > 0) {
		TRY(login_item(session, &item, err));
		if (!session->link)
			return 0; /* lost meanwhile */
	}
	return code;
}

static int receive(struct session *session, struct err *err)
{
	for (size_t all = 0; all < READ_TURN_BYTES;) {
		size_t room;
		char *to = wire_space(&session->inbox.reader, &room);
		ptrdiff_t came = link_receive(session->link, to, room, err);

		if (came == -EAGAIN)
			return 0;
		TRY((int)came);
		wire_added(&session->inbox.reader, (size_t)came);
		session->received_us = clock_monotonic_us();
		all += (size_t)came;
		TRY(items_take(session, err));
		if (!session->link)
			return 0;
	}
	return 0;
}

static int transmit(struct session *session, struct err *err)
{
	struct buf *out = &session->out;
	ptrdiff_t taken;

	do {
		taken = link_send(session->link, str_from(buf_str(out), session->sent), err);
		TRY((int)taken);
		session->sent += (size_t)taken;
		if (taken)
			session->sent_us = clock_monotonic_us();
	} while (taken > 0 && session->sent < out->len);
	if (session->sent == out->len) {
		out->len = session->sent = 0;
	} else if (session->sent > out->len / 2) {
		memmove(out->data, out->data + session->sent, out->len - session->sent);
		out->len -= session->sent;
		session->sent = 0;
	}
	return 0;
}

static void io(struct session *session)
{
	struct err err = { 0 };
	int code = 0;

	if (session->state == SESSION_CONNECTING) {
		code = link_begin(session->link, &err);
		if (code == 0)
			login_begin(session);
	}
	if (code == 0)
		code = receive(session, &err);
	if (code == 0 && session->link)
		code = transmit(session, &err);
	if (code < 0 && code != -EAGAIN)
		session_lost(session, &err);
	else if (session->link)
		poll_set(session);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	io(poll->data);
}

void session_send(struct session *session)
{
	struct err err = { 0 };

	if (!session->link || session->state == SESSION_CONNECTING)
		return;
	if (transmit(session, &err) < 0)
		session_lost(session, &err);
	else
		poll_set(session);
}

/* ---- time ---- */

static void look_at_clock(struct session *session)
{
	int64_t now_us = clock_monotonic_us();
	struct err err = { 0 };

	if (session->state != SESSION_OPEN && now_us > session->deadline_us)
		err_set(&err, -ETIMEDOUT, "no connection within %d s", SESSION_OPEN_MS / 1000);
	else if (session->state == SESSION_OPEN &&
		 now_us - session->received_us > 2 * SESSION_HEARTBEAT_S * 1000000ll)
		err_set(&err, -ETIMEDOUT, "it has said nothing for %d s", 2 * SESSION_HEARTBEAT_S);
	if (err.code) {
		session_lost(session, &err);
		return;
	}
	if (session->state == SESSION_OPEN && session->sent == session->out.len &&
	    now_us - session->sent_us > SESSION_HEARTBEAT_S * 500000ll) {
		wire_put_heartbeat(&session->out);
		session_send(session);
	}
}

static void on_timer(uv_timer_t *timer)
{
	struct session *session = timer->data;

	if (session->state == SESSION_RESTING) {
		begin(session, false);
		return;
	}
	timer_set(session, TICK_MS);
	look_at_clock(session);
}

/* ---- the interface ---- */

struct session *session_open(const struct session_settings *settings,
			     const struct session_events *events)
{
	struct session *session = memory_alloc(sizeof *session);

	*session = (struct session){ .settings = *settings, .events = *events };
	inbox_init(&session->inbox);
	buf_init(&session->out, NULL);
	session->timer = memory_alloc(sizeof *session->timer);
	uv_timer_init(settings->loop, session->timer);
	session->timer->data = session;
	timer_set(session, 0);
	return session;
}

void session_close(struct session *session)
{
	if (!session)
		return;
	drop(session);
	addresses_forget(session);
	uv_close((uv_handle_t *)session->timer, (uv_close_cb)memory_free);
	inbox_release(&session->inbox);
	buf_release(&session->out);
	memory_free(session);
}

bool session_is_open(const struct session *session)
{
	return session->state == SESSION_OPEN;
}

bool session_is_resting(const struct session *session)
{
	return session->state == SESSION_RESTING && session->rest_ms;
}

size_t session_queued(const struct session *session)
{
	return session->out.len - session->sent;
}

void session_put(struct session *session, amqp_method_number_t method, void *decoded)
{
	struct err err = { 0 };

	if (!session->link)
		return;
	if (wire_put_method(&session->out, SESSION_CHANNEL, method, decoded, &err) < 0)
		session_lost(session, &err);
}

int session_publish(struct session *session, amqp_basic_publish_t *method,
		    amqp_basic_properties_t *properties, struct str body, struct err *err)
{
	size_t before = session->out.len;
	int code = wire_put_method(&session->out, SESSION_CHANNEL, AMQP_BASIC_PUBLISH_METHOD,
				   method, err);

	if (code == 0)
		code = wire_put_content(&session->out, SESSION_CHANNEL, properties, body, err);
	if (code < 0)
		session->out.len = before;
	return code;
}

int session_descriptor(struct session *session, short *ret_events)
{
	if (session->state == SESSION_RESTING || session->state == SESSION_RESOLVING)
		begin(session, true);
	if (!session->link)
		return -1;
	*ret_events = POLLIN;
	if (link_wants_write(session->link) || session->out.len > session->sent)
		*ret_events |= POLLOUT;
	return link_descriptor(session->link);
}

void session_step(struct session *session)
{
	if (session->link)
		io(session);
	if (session->link)
		look_at_clock(session);
}

void session_goodbye(struct session *session)
{
	amqp_connection_close_t close = { .reply_code = 200,
					  .reply_text = amqp_cstring_bytes("the end") };

	if (session->state == SESSION_OPEN &&
	    wire_put_method(&session->out, 0, AMQP_CONNECTION_CLOSE_METHOD, &close, NULL) == 0)
		session_send(session);
}
