/* SPDX-License-Identifier: Apache-2.0 */
/* How is the API asked over HTTP/1.1? */
#include "cli/rest.h"

#include "base/clock.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { HEAD_BYTES_MAX = 64 * 1024, READ_BYTES = 64 * 1024, CONNECT_MS = 5000 };

/* ---- where ---- */

static const char elsewhere[] = "this program speaks no TLS; forward a port and name that: ssh -L "
				"8053:127.0.0.1:8053 HOST, then --server http://127.0.0.1:8053";

static bool is_loopback(const struct address *address)
{
	static const uint8_t one[16] = { [15] = 1 };

	return address->family == ADDRESS_IPV4 ? address->bytes[0] == 127
					       : !memcmp(address->bytes, one, sizeof one);
}

int rest_parse(struct arena *a, struct str url, struct rest *ret, struct err *err)
{
	struct rest rest = { .port = 80 };
	struct str authority;
	ptrdiff_t slash;

	if (str_starts(url, STR_LIT("unix:/"))) {
		rest.socket_path = str_copy(a, str_from(url, 5));
		rest.host = STR_LIT("localhost");
		*ret = rest;
		return 0;
	}
	if (str_starts_nocase(url, STR_LIT("https://")))
		return err_set(err, ERR_SYNTAX, "%s", elsewhere);
	if (!str_starts_nocase(url, STR_LIT("http://")))
		return err_set(err, ERR_SYNTAX,
			       "a server is http://127.0.0.1:8053 or unix:/run/dss.sock");
	url = str_from(url, 7);
	slash = str_find_char(url, '/');
	authority = slash < 0 ? url : str_first(url, (size_t)slash);
	rest.base = slash < 0 ? STR_NONE : str_copy(a, str_from(url, (size_t)slash));
	while (str_ends(rest.base, STR_LIT("/")))
		rest.base.len--;
	if (str_ends(rest.base, STR_LIT("/api/v1")))
		rest.base.len -= strlen("/api/v1");
	rest.host = str_copy(a, authority);
	if (str_eq_nocase(str_first(authority, 9), STR_LIT("localhost")) &&
	    (authority.len == 9 || authority.data[9] == ':'))
		authority = str_printf(a, "127.0.0.1%.*s", STR(str_from(authority, 9)));
	TRY(address_port_parse(authority, &rest.address, &rest.port, err));
	if (!is_loopback(&rest.address))
		return err_set(err, ERR_SYNTAX, "%.*s is another machine: %s", STR(rest.host),
			       elsewhere);
	*ret = rest;
	return 0;
}

void rest_put_encoded(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (char_is_alpha(c) || char_is_digit(c) || (c && strchr("-._~", c)))
			buf_put_char(out, c);
		else
			buf_printf(out, "%%%02X", (unsigned char)c);
	}
}

/* ---- one connection ---- */

struct exchange {
	const struct rest *rest;
	struct arena *arena;
	int fd;
	unsigned silence_ms;
	char in[READ_BYTES];
	size_t start, end; /* of what was read and is not used */
	bool is_over;      /* the server has closed */
	struct err *err;
};

static int fail(struct exchange *x, int code, const char *what)
{
	return err_set(x->err, code, "%.*s: %s",
		       STR(x->rest->socket_path.len ? x->rest->socket_path : x->rest->host), what);
}

static int wait_for(struct exchange *x, short events, unsigned ms)
{
	struct pollfd wait = { .fd = x->fd, .events = events };
	int got;

	do
		got = poll(&wait, 1, (int)ms);
	while (got < 0 && errno == EINTR);
	return got > 0 ? 0 : fail(x, -ETIMEDOUT, "the server says nothing any more");
}

static int connect_to(struct exchange *x)
{
	struct sockaddr_storage to = { .ss_family = AF_UNIX };
	struct sockaddr_un *path = (struct sockaddr_un *)&to;
	socklen_t len = sizeof *path, size = sizeof(int);
	struct str text = x->rest->socket_path;
	int error = 0;

	if (x->rest->dial)
		return x->rest->dial(x->rest->data, &x->fd, x->err);
	if (text.len >= sizeof path->sun_path)
		return fail(x, -ENAMETOOLONG, "the path of the socket is too long");
	if (text.len)
		memcpy(path->sun_path, text.data, text.len);
	else
		len = address_to_sockaddr(&x->rest->address, x->rest->port, &to);
	x->fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (x->fd < 0)
		return fail(x, -errno, strerror(errno));
	if (connect(x->fd, (struct sockaddr *)&to, len) < 0) {
		if (errno != EINPROGRESS)
			return fail(x, -errno, strerror(errno));
		TRY(wait_for(x, POLLOUT, CONNECT_MS));
		if (getsockopt(x->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 || error)
			return fail(x, -error, strerror(error));
	}
	return 0;
}

/* 1: the server has answered before it had all, and reads no more. */
static int put(struct exchange *x, struct str bytes)
{
	while (bytes.len) {
		ssize_t sent = send(x->fd, bytes.data, bytes.len, MSG_NOSIGNAL);

		if (sent < 0 && errno == EAGAIN)
			TRY(wait_for(x, POLLOUT, x->silence_ms));
		else if (sent < 0 && (errno == EPIPE || errno == ECONNRESET))
			return 1;
		else if (sent < 0 && errno != EINTR)
			return fail(x, -errno, strerror(errno));
		else if (sent > 0)
			bytes = str_from(bytes, (size_t)sent);
	}
	return 0;
}

static int request_head_put(struct exchange *x, const struct rest_request *request)
{
	const struct rest *rest = x->rest;
	struct buf head;

	buf_init(&head, x->arena);
	buf_printf(&head,
		   "%s %.*s%.*s HTTP/1.1\r\nHost: %.*s\r\nUser-Agent: dss/" DSS_VERSION
		   "\r\nConnection: close\r\n",
		   request->method, STR(rest->base), STR(request->path), STR(rest->host));
	if (rest->token.len)
		buf_printf(&head, "Authorization: Bearer %.*s\r\n", STR(rest->token));
	if (request->accept)
		buf_printf(&head, "Accept: %s\r\n", request->accept);
	if (request->if_match)
		buf_printf(&head, "If-Match: %s\r\n", request->if_match);
	if (request->prefer)
		buf_printf(&head, "Prefer: %s\r\n", request->prefer);
	if (request->content_type)
		buf_printf(&head, "Content-Type: %s\r\n", request->content_type);
	if (request->has_body_fd)
		buf_put_lit(&head, "Transfer-Encoding: chunked\r\n\r\n");
	else if (request->content_type)
		buf_printf(&head, "Content-Length: %zu\r\n\r\n", request->body.len);
	else
		buf_put_lit(&head, "\r\n");
	buf_put_str(&head, request->body);
	return put(x, buf_str(&head));
}

/* RFC 9112 section 7.1 */
static int body_fd_put(struct exchange *x, int fd)
{
	char chunk[READ_BYTES], head[32];
	int code;

	for (;;) {
		ssize_t got = read(fd, chunk, sizeof chunk);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_set(x->err, -errno, "the file cannot be read: %s",
				       strerror(errno));
		snprintf(head, sizeof head, "%zx\r\n", (size_t)got);
		code = put(x, str_of(head));
		if (code == 0 && got)
			code = put(x, str_bytes(chunk, (size_t)got));
		if (code == 0)
			code = put(x, STR_LIT("\r\n"));
		if (code || !got)
			return code;
	}
}

/* More bytes behind those that are there; 0 at the end. */
static int fill(struct exchange *x)
{
	ssize_t got;

	if (x->start == x->end)
		x->start = x->end = 0;
	if (x->end == sizeof x->in) {
		memmove(x->in, x->in + x->start, x->end - x->start);
		x->end -= x->start;
		x->start = 0;
	}
	for (;;) {
		got = recv(x->fd, x->in + x->end, sizeof x->in - x->end, 0);
		if (got >= 0)
			break;
		if (errno == EAGAIN)
			TRY(wait_for(x, POLLIN, x->silence_ms));
		else if (errno == ECONNRESET)
			return 0;
		else if (errno != EINTR)
			return fail(x, -errno, strerror(errno));
	}
	x->end += (size_t)got;
	return (int)got;
}

/* A line without its line break; at most what the buffer holds. */
static int line_take(struct exchange *x, struct str *ret)
{
	for (;;) {
		struct str have = str_bytes(x->in + x->start, x->end - x->start);
		ptrdiff_t at = str_find_char(have, '\n');
		int got;

		if (at >= 0) {
			*ret = str_first(have, (size_t)at);
			if (str_ends(*ret, STR_LIT("\r")))
				ret->len--;
			x->start += (size_t)at + 1;
			return 0;
		}
		if (have.len >= HEAD_BYTES_MAX)
			return fail(x, ERR_LIMIT, "a line of its answer is too long");
		got = fill(x);
		if (got < 0)
			return got;
		if (got == 0)
			return fail(x, -ECONNRESET, "it closed the connection without an answer");
	}
}

/* ---- the answer ---- */

struct answer {
	struct rest_response *response;
	bool is_chunked, has_length;
	uint64_t left; /* of the body, or of the chunk */
	int (*on_line)(void *data, struct str line);
	void *data;
	struct buf body; /* all of it, or the line that is not complete */
};

static int header_read(struct exchange *x, struct answer *answer, struct str line)
{
	ptrdiff_t colon = str_find_char(line, ':');
	struct str name = str_first(line, colon < 0 ? 0 : (size_t)colon);
	struct str value = str_trim(str_from(line, name.len + 1));
	uint64_t seconds = 0;

	if (str_eq_nocase(name, STR_LIT("Content-Length"))) {
		answer->has_length = true;
		if (str_to_uint(value, UINT64_MAX, &answer->left) < 0)
			return fail(x, ERR_SYNTAX, "its answer has no right length");
	} else if (str_eq_nocase(name, STR_LIT("Transfer-Encoding"))) {
		answer->is_chunked = str_eq_nocase(value, STR_LIT("chunked"));
	} else if (str_eq_nocase(name, STR_LIT("ETag"))) {
		answer->response->etag = str_copy(x->arena, value);
	} else if (str_eq_nocase(name, STR_LIT("Location"))) {
		answer->response->location = str_copy(x->arena, value);
	} else if (str_eq_nocase(name, STR_LIT("Retry-After"))) {
		if (str_to_uint(value, 86400, &seconds) == 0)
			answer->response->retry_after_s = (unsigned)seconds;
	}
	return 0;
}

static int head_read(struct exchange *x, struct answer *answer)
{
	struct str line;
	uint64_t status = 0;

	do { /* past 100 and 103 */
		TRY(line_take(x, &line));
		if (!str_starts(line, STR_LIT("HTTP/1.")) || line.len < 12 ||
		    str_to_uint(str_first(str_from(line, 9), 3), 999, &status) < 0)
			return fail(x, ERR_SYNTAX, "what answers there speaks no HTTP");
		for (size_t headers = 0;; headers++) {
			TRY(line_take(x, &line));
			if (!line.len)
				break;
			if (headers == 200)
				return fail(x, ERR_LIMIT, "its answer has too many headers");
			TRY(header_read(x, answer, line));
		}
	} while (status < 200);
	answer->response->status = (unsigned)status;
	if (status == 204 || status == 304)
		answer->has_length = true;
	return 0;
}

static int lines_give(struct answer *answer, bool is_end)
{
	struct str rest = buf_str(&answer->body);
	ptrdiff_t at;

	while ((at = str_find_char(rest, '\n')) >= 0) {
		TRY(answer->on_line(answer->data, str_first(rest, (size_t)at)));
		rest = str_from(rest, (size_t)at + 1);
	}
	if (is_end && rest.len) {
		TRY(answer->on_line(answer->data, rest));
		rest.len = 0;
	}
	if (rest.len)
		memmove(answer->body.data, rest.data, rest.len);
	answer->body.len = rest.len;
	return 0;
}

static int bytes_give(struct exchange *x, struct answer *answer, size_t len)
{
	buf_put(&answer->body, x->in + x->start, len);
	x->start += len;
	if (answer->on_line && answer->response->status < 300 && answer->body.len)
		TRY(lines_give(answer, false));
	return answer->body.len > REST_BODY_BYTES_MAX
		       ? fail(x, ERR_LIMIT, "its answer is too large")
		       : 0;
}

/* So many bytes; UINT64_MAX: up to the end. */
static int part_read(struct exchange *x, struct answer *answer, uint64_t left)
{
	while (left) {
		size_t have = x->end - x->start;
		int got;

		if (have) {
			have = (size_t)MIN((uint64_t)have, left);
			TRY(bytes_give(x, answer, have));
			left -= left == UINT64_MAX ? 0 : have;
			continue;
		}
		got = fill(x);
		if (got < 0)
			return got;
		if (got == 0)
			return left == UINT64_MAX
				       ? 0
				       : fail(x, -ECONNRESET, "its answer ends in the middle");
	}
	return 0;
}

static int chunks_read(struct exchange *x, struct answer *answer)
{
	struct str line;
	uint64_t size;

	do {
		TRY(line_take(x, &line));
		size = 0;
		for (size_t i = 0; i < line.len && i < 8 && line.data[i] != ';'; i++) {
			char c = char_lower(line.data[i]);

			if (!char_is_digit(c) && !(c >= 'a' && c <= 'f'))
				return fail(x, ERR_SYNTAX, "its answer is broken");
			size = size << 4 | (unsigned)(char_is_digit(c) ? c - '0' : c - 'a' + 10);
		}
		TRY(part_read(x, answer, size));
		do /* after a chunk an empty line, after the last one trailers and an empty line */
			TRY(line_take(x, &line));
		while (!size && line.len);
	} while (size);
	return 0;
}

static int answer_read(struct exchange *x, struct answer *answer)
{
	TRY(head_read(x, answer));
	if (answer->is_chunked)
		TRY(chunks_read(x, answer));
	else
		TRY(part_read(x, answer, answer->has_length ? answer->left : UINT64_MAX));
	if (answer->on_line && answer->response->status < 300)
		TRY(lines_give(answer, true));
	answer->response->body = str_copy(x->arena, buf_str(&answer->body));
	return 0;
}

int rest_call(const struct rest *rest, struct arena *a, const struct rest_request *request,
	      int (*on_line)(void *data, struct str line), void *data, struct rest_response *ret,
	      struct err *err)
{
	struct exchange *x = arena_alloc(a, sizeof *x);
	struct rest_response response = { .status = 0 };
	struct answer answer = { .response = &response, .on_line = on_line, .data = data };
	int code;

	*x = (struct exchange){ .rest = rest, .arena = a, .fd = -1, .err = err };
	x->silence_ms = request->silence_ms ? request->silence_ms : REST_SILENCE_MS;
	buf_init(&answer.body, NULL);
	code = connect_to(x);
	if (code == 0)
		code = request_head_put(x, request);
	if (code == 0 && request->has_body_fd)
		code = body_fd_put(x, request->body_fd);
	if (code >= 0)
		code = answer_read(x, &answer);
	if (x->fd >= 0)
		close(x->fd);
	buf_release(&answer.body);
	if (code == 0)
		*ret = response;
	return code;
}
