/* SPDX-License-Identifier: Apache-2.0 */
/* Does the client of the API read what servers say, ours and broken ones, and ask no other machine? */
#include "cli/rest.h"

#include "cli/document.h"
#include "roles/api/api.h"
#include "tests/test.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

TEST(only_servers_of_this_machine_are_asked)
{
	static const struct {
		const char *url, *error, *base;
		int port;
	} rows[] = {
		{ "http://127.0.0.1:8053", NULL, "", 8053 },
		{ "http://127.0.0.1", NULL, "", 80 },
		{ "http://localhost:8053/", NULL, "", 8053 },
		{ "http://[::1]:9/dss/", NULL, "/dss", 9 },
		{ "http://127.0.0.2:1/api/v1", NULL, "", 1 },
		{ "unix:/run/dss.sock", NULL, "", 80 },
		{ "https://dss.example", "ssh -L 8053:127.0.0.1:8053 HOST", "", 0 },
		{ "http://192.0.2.1:8053", "is another machine", "", 0 },
		{ "http://10.0.0.1", "is another machine", "", 0 },
		{ "http://dss.example:8053", "", "", 0 },
		{ "http://localhost.example:8053", "", "", 0 },
		{ "dss.example", "a server is http://127.0.0.1:8053", "", 0 },
		{ "unix:relative", "a server is", "", 0 },
		{ "http://user@127.0.0.1", "", "", 0 },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct rest rest;
		struct err err = { 0 };
		int code = rest_parse(&a, str_of(rows[i].url), &rest, &err);

		test_row("%s", rows[i].url);
		CHECK((code == 0) == !rows[i].error);
		if (rows[i].error) {
			CHECK(str_find(str_of(err.text), str_of(rows[i].error)) >= 0);
			CHECK(err.text[0]);
			continue;
		}
		CHECK_INT(rest.port, rows[i].port);
		CHECK_STR(rest.base, rows[i].base);
	}
	arena_release(&a);
}

/* ---- a server that says what it is given, once ---- */

struct said {
	int fd;
	const char *answer;
	char request[4096];
	size_t len;
	bool is_slow; /* one byte a write */
};

static void *say(void *data)
{
	struct said *said = data;
	struct pollfd wait = { .events = POLLIN };
	int fd = accept(said->fd, NULL, NULL);
	ssize_t got;

	wait.fd = fd;
	while (poll(&wait, 1, 100) > 0) { /* the client sends all before it reads */
		got = read(fd, said->request + said->len, sizeof said->request - said->len);
		if (got <= 0)
			break;
		said->len += (size_t)got;
	}
	for (size_t i = 0, step = said->is_slow ? 1 : strlen(said->answer);
	     step && i < strlen(said->answer); i += step)
		if (send(fd, said->answer + i, step, MSG_NOSIGNAL) < 0)
			break;
	close(fd);
	return NULL;
}

static char folder[] = "/tmp/dss-rest.XXXXXX";
static char path[64];

static int keep_line(void *data, struct str line)
{
	buf_put_str(data, line);
	buf_put_char(data, '|');
	return str_eq(line, STR_LIT("stop")) ? -ECANCELED : 0;
}

/* What the client makes of it: the code, with lines in `lines` when given. */
static int ask(struct arena *a, struct said *said, struct rest_request request, struct buf *lines,
	       struct rest_response *ret, struct err *err)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct rest rest = { .socket_path = str_of(path), .host = STR_LIT("localhost") };
	pthread_t thread;
	int code;

	snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
	said->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK(bind(said->fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(said->fd, 1) == 0);
	CHECK(pthread_create(&thread, NULL, say, said) == 0);
	rest.token = STR_LIT("dss_token");
	request.path = STR_LIT("/api/v1/x");
	if (!request.method)
		request.method = "GET";
	code = rest_call(&rest, a, &request, lines ? keep_line : NULL, lines, ret, err);
	pthread_join(thread, NULL);
	close(said->fd);
	unlink(path);
	return code;
}

#define OK "HTTP/1.1 200 OK\r\n"

TEST(answers_are_read_in_every_framing)
{
	static const struct {
		const char *answer;
		int code;
		unsigned status;
		const char *body;
	} rows[] = {
		{ OK "Content-Length: 5\r\n\r\nhello", 0, 200, "hello" },
		{ OK "content-length:0\r\n\r\n", 0, 200, "" },
		{ OK "\r\nto the end", 0, 200, "to the end" },
		{ OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n",
		  0, 200, "hello world" },
		{ OK "Transfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n",
		  0, 200, "0123456789" },
		{ "HTTP/1.1 100 Continue\r\n\r\n" OK "Content-Length: 1\r\n\r\nx", 0, 200, "x" },
		{ "HTTP/1.1 204 No Content\r\n\r\n", 0, 204, "" },
		{ "HTTP/1.0 404 Not Found\r\n\r\nno", 0, 404, "no" },
		{ OK "Content-Length: 50\r\n\r\nhello", -ECONNRESET, 0, NULL },
		{ OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhel", -ECONNRESET, 0, NULL },
		{ OK "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", ERR_SYNTAX, 0, NULL },
		{ OK "Content-Length: -1\r\n\r\n", ERR_SYNTAX, 0, NULL },
		{ "SSH-2.0-OpenSSH_9.2\r\n", ERR_SYNTAX, 0, NULL },
		{ "HTTP/1.1 abc\r\n\r\n", ERR_SYNTAX, 0, NULL },
		{ "", -ECONNRESET, 0, NULL },
	};
	struct arena a = { 0 };

	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof path, "%s/socket", folder);
	for (size_t i = 0; i < 2 * ARRAY_COUNT(rows); i++) {
		struct said said = { .answer = rows[i / 2].answer, .is_slow = i % 2 };
		struct rest_response response;
		struct err err = { 0 };

		test_row("%s", rows[i / 2].answer);
		CHECK_INT(ask(&a, &said, (struct rest_request){ .accept = "text/plain" }, NULL,
			      &response, &err),
			  rows[i / 2].code);
		CHECK(str_starts(str_bytes(said.request, said.len),
				 STR_LIT("GET /api/v1/x HTTP/1.1\r\nHost: localhost\r\n")));
		CHECK(str_find(str_bytes(said.request, said.len),
			       STR_LIT("\r\nAuthorization: Bearer dss_token\r\n")) > 0);
		if (rows[i / 2].code < 0) {
			CHECK(err.text[0]);
			continue;
		}
		CHECK_INT(response.status, rows[i / 2].status);
		CHECK_STR(response.body, rows[i / 2].body);
	}
	CHECK(rmdir(folder) == 0);
	arena_release(&a);
}

TEST(lines_come_one_by_one_and_headers_are_told)
{
	static const char answer[] = OK "ETag: \"v7\"\r\nLocation: /api/v1/scans/scn_1\r\n"
					"Retry-After: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
					"5\r\none\nt\r\n9\r\nwo\n\nthree\r\n0\r\n\r\n";
	struct said said = { .answer = answer };
	struct rest_response response;
	struct arena a = { 0 };
	struct buf lines;
	struct err err = { 0 };

	snprintf(folder, sizeof folder, "/tmp/dss-rest.XXXXXX");
	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof path, "%s/socket", folder);
	buf_init(&lines, &a);
	CHECK_INT(ask(&a, &said,
		      (struct rest_request){ .method = "POST",
					     .content_type = "application/json",
					     .body = STR_LIT("{}") },
		      &lines, &response, &err),
		  0);
	CHECK_STR(buf_str(&lines), "one|two||three|");
	CHECK_STR(response.etag, "\"v7\"");
	CHECK_STR(response.location, "/api/v1/scans/scn_1");
	CHECK_INT(response.retry_after_s, 3);
	CHECK(str_ends(str_bytes(said.request, said.len),
		       STR_LIT("Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")));
	/* Whoever takes the lines may have enough. */
	said = (struct said){ .answer = OK "\r\na\nstop\nb\n" };
	lines.len = 0;
	CHECK_INT(ask(&a, &said, (struct rest_request){ .accept = "text/plain" }, &lines, &response,
		      &err),
		  -ECANCELED);
	CHECK_STR(buf_str(&lines), "a|stop|");
	CHECK(rmdir(folder) == 0);
	arena_release(&a);
}

TEST(a_server_that_is_not_there_is_named)
{
	struct rest rest = { .socket_path = STR_LIT("/nonexistent/dss.sock") };
	struct rest_request request = { .method = "GET", .path = STR_LIT("/") };
	struct rest_response response;
	struct arena a = { 0 };
	struct err err = { 0 };

	CHECK_INT(rest_call(&rest, &a, &request, NULL, NULL, &response, &err), -ENOENT);
	CHECK_STR(str_of(err.text), "/nonexistent/dss.sock: No such file or directory");
	arena_release(&a);
}

static int count_checks(void *data, struct str line)
{
	struct arena a = { 0 };
	struct document check;

	CHECK_INT(document_parse(&a, line, &check), 0);
	CHECK(document_text(&a, &check, "id").len > 0);
	++*(size_t *)data;
	arena_release(&a);
	return 0;
}

static int dial(void *api, int *ret_fd, struct err *err)
{
	return api_connect(api, ret_fd, err);
}

TEST(our_own_api_is_understood_without_a_socket_to_listen_on)
{
	struct api_options options = { .threads = 2, .connections = 16 };
	struct rest rest = { .host = STR_LIT("localhost"), .dial = dial };
	struct rest_request request = { .method = "GET",
					.path = STR_LIT("/api/v1/checks"),
					.accept = "application/x-ndjson" };
	struct rest_response response;
	struct document problem;
	struct arena a = { 0 };
	struct api *api;
	struct err err = { 0 };
	size_t count = 0;

	CHECK_INT(api_open(&options, &api, &err), 0);
	rest.data = api;
	CHECK_INT(rest_call(&rest, &a, &request, count_checks, &count, &response, &err), 0);
	CHECK_INT(response.status, 200);
	CHECK(count > 100);
	request = (struct rest_request){ .method = "GET", .path = STR_LIT("/api/v1/checks/none") };
	for (size_t i = 0; i < 50; i++) {
		CHECK_INT(rest_call(&rest, &a, &request, NULL, NULL, &response, &err), 0);
		CHECK_INT(response.status, 404);
	}
	CHECK_INT(document_parse(&a, response.body, &problem), 0);
	CHECK_INT(document_int(&problem, "status"), 404);
	CHECK(document_text(&a, &problem, "detail").len > 0);
	api_close(api, 1000);
	arena_release(&a);
}

TEST(documents_are_read)
{
	struct arena a = { 0 };
	struct document document;
	struct buf deep;

	CHECK_INT(document_parse(&a,
				 STR_LIT("{\"a\":{\"b\":[1,\"two\",true,null]},\"n\":-7,\"s\":"
					 "\"x\\u0000y\"}"),
				 &document),
		  0);
	CHECK_STR(document_text(&a, &document, "a.b"), "1, two, yes, ");
	CHECK_INT(document_int(&document, "n"), -7);
	CHECK_INT(document_int(&document, "a.b"), 0);
	CHECK_STR(document_text(&a, &document, "a.c.d"), "");
	CHECK(document_at(&document, "none")->type == DOCUMENT_NULL);
	CHECK(document_parse(&a, STR_LIT("{\"a\":1,\"a\":2}"), &document) < 0);
	CHECK(document_parse(&a, STR_LIT("{"), &document) < 0);
	CHECK(document_parse(&a, STR_LIT(""), &document) < 0);
	buf_init(&deep, &a);
	for (size_t i = 0; i < 2 * DOCUMENT_DEPTH_MAX; i++)
		buf_put_char(&deep, '[');
	for (size_t i = 0; i < 2 * DOCUMENT_DEPTH_MAX; i++)
		buf_put_char(&deep, ']');
	CHECK(document_parse(&a, buf_str(&deep), &document) < 0);
	arena_release(&a);
}

TEST(parts_of_paths_are_encoded)
{
	struct arena a = { 0 };
	struct buf out;

	buf_init(&out, &a);
	rest_put_encoded(&out, str_bytes("a b/\xc3\xa9&=?\0~", 11));
	CHECK_STR(buf_str(&out), "a%20b%2F%C3%A9%26%3D%3F%00~");
	arena_release(&a);
}
