/* SPDX-License-Identifier: Apache-2.0 */
/* Does the API say that it is ready? */
#include "roles/serve/probe.h"

#include "base/address.h"
#include "roles/serve/probe_tls.h"

static const char request[] = "GET /readyz HTTP/1.1\r\nHost: localhost\r\n"
			      "User-Agent: dss-serve\r\nConnection: close\r\n\r\n";
static const char ready[] = "HTTP/1.1 200 ";

enum { ANSWER_BYTES = 512, CIPHER_BYTES = 16384 };

struct probe {
	union {
		uv_stream_t stream;
		uv_tcp_t tcp;
		uv_pipe_t pipe;
	};
	uv_timer_t timer;
	uv_connect_t connect;
	unsigned open_handles;
	struct probe_tls *tls; /* NULL: plain */
	char cipher[CIPHER_BYTES];
	char answer[ANSWER_BYTES];
	size_t len;
	void (*on_done)(bool is_ready, void *data); /* NULL after it was called */
	void *data;
};

static void on_closed(uv_handle_t *handle)
{
	struct probe *probe = handle->data;

	if (--probe->open_handles)
		return;
	probe_tls_close(probe->tls);
	memory_free(probe);
}

static void finish(struct probe *probe, bool is_ready)
{
	void (*on_done)(bool is_ready, void *data) = probe->on_done;

	if (!on_done)
		return;
	probe->on_done = NULL;
	uv_close((uv_handle_t *)&probe->stream, on_closed);
	uv_close((uv_handle_t *)&probe->timer, on_closed);
	on_done(is_ready, probe->data);
}

static void on_late(uv_timer_t *timer)
{
	finish(timer->data, false);
}

/* The socket takes it at once, or the probe is over: it is a few hundred octets on a fresh connection. */
static void send_now(struct probe *probe, struct str bytes)
{
	uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)bytes.data, (unsigned)bytes.len);

	if (bytes.len && uv_try_write(&probe->stream, &buffer, 1) != (int)bytes.len)
		finish(probe, false);
}

static void judge(struct probe *probe, bool is_over)
{
	struct str wanted = str_bytes(ready, sizeof ready - 1);

	if (is_over || probe->len >= wanted.len)
		finish(probe, str_starts(str_bytes(probe->answer, probe->len), wanted));
}

static void tls_step(struct probe *probe, struct str came)
{
	struct str out;

	probe_tls_take(probe->tls, came);
	if (probe_tls_step(probe->tls, probe->answer, ANSWER_BYTES, &probe->len, &out) < 0)
		finish(probe, false);
	else
		send_now(probe, out);
}

static void on_memory(uv_handle_t *handle, size_t size, uv_buf_t *ret)
{
	struct probe *probe = handle->data;

	*ret = probe->tls ? uv_buf_init(probe->cipher, CIPHER_BYTES)
			  : uv_buf_init(probe->answer + probe->len,
					(unsigned)(ANSWER_BYTES - probe->len));
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer)
{
	struct probe *probe = stream->data;

	if (got > 0 && probe->tls)
		tls_step(probe, str_bytes(probe->cipher, (size_t)got));
	else if (got > 0)
		probe->len += (size_t)got;
	if (probe->on_done)
		judge(probe, got < 0);
}

static void on_connected(uv_connect_t *connect, int status)
{
	struct probe *probe = connect->handle->data;

	if (!probe->on_done)
		return;
	if (status < 0 || uv_read_start(&probe->stream, on_memory, on_read) < 0)
		finish(probe, false);
	else if (probe->tls)
		tls_step(probe, STR_NONE);
	else
		send_now(probe, str_bytes(request, sizeof request - 1));
}

static int connect_begin(struct probe *probe, struct str listen, struct err *err)
{
	struct sockaddr_storage to;
	struct address address;
	uint16_t port = 80;
	char path[128];

	if (str_starts(listen, STR_LIT("unix:"))) {
		snprintf(path, sizeof path, "%.*s", STR(str_from(listen, 5)));
		uv_pipe_connect(&probe->connect, &probe->pipe, path, on_connected);
		return 0;
	}
	TRY(address_port_parse(listen, &address, &port, err));
	if (address.family == ADDRESS_IPV4 && !memcmp(address.bytes, (uint8_t[4]){ 0 }, 4))
		address = address_ipv4((uint8_t[]){ 127, 0, 0, 1 });
	if (address.family == ADDRESS_IPV6 && !memcmp(address.bytes, (uint8_t[16]){ 0 }, 16))
		address.bytes[15] = 1;
	address_to_sockaddr(&address, port, &to);
	return uv_tcp_connect(&probe->connect, &probe->tcp, (struct sockaddr *)&to, on_connected);
}

int probe_start(uv_loop_t *loop, struct str listen, bool has_tls,
		void (*on_done)(bool is_ready, void *data), void *data, struct probe **ret,
		struct err *err)
{
	struct probe *probe = memory_alloc(sizeof *probe);
	int code;

	memset(probe, 0, sizeof *probe);
	if (str_starts(listen, STR_LIT("unix:")))
		uv_pipe_init(loop, &probe->pipe, 0);
	else
		uv_tcp_init(loop, &probe->tcp);
	uv_timer_init(loop, &probe->timer);
	probe->stream.data = probe->timer.data = probe;
	probe->open_handles = 2;
	probe->data = data;
	if (has_tls)
		probe->tls = probe_tls_open(str_bytes(request, sizeof request - 1));
	code = connect_begin(probe, listen, err);
	if (code < 0) {
		uv_close((uv_handle_t *)&probe->stream, on_closed);
		uv_close((uv_handle_t *)&probe->timer, on_closed);
		return code;
	}
	probe->on_done = on_done;
	uv_update_time(loop);
	uv_timer_start(&probe->timer, on_late, PROBE_MS, 0);
	*ret = probe;
	return 0;
}

void probe_cancel(struct probe *probe)
{
	probe->on_done = NULL;
	uv_close((uv_handle_t *)&probe->stream, on_closed);
	uv_close((uv_handle_t *)&probe->timer, on_closed);
}
