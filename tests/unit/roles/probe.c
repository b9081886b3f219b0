/* SPDX-License-Identifier: Apache-2.0 */
/* Is only that address ready which answers /readyz with 200, in the clear or over TLS? */
#include "roles/serve/probe.h"

#include "base/clock.h"
#include "loop/loop.h"
#include "tests/test.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WAIT_S = 20 };

#define READY "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
#define NOT_READY "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\n{}"

enum speech { IN_CLEAR, OVER_TLS, NOTHING };

/* A server for one connection. */
struct peer {
	int fd;
	SSL_CTX *context;
	enum speech speech;
	const char *answer;
	char asked[512];
	pthread_t thread;
};

static SSL_CTX *context_new(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();

	CHECK(context && key && certificate);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -7200);
	X509_gmtime_adj(X509_getm_notAfter(certificate), -3600); /* whose it is does not matter */
	CHECK_INT(X509_set_pubkey(certificate, key), 1);
	CHECK(X509_sign(certificate, key, EVP_sha256()) > 0);
	CHECK_INT(SSL_CTX_use_certificate(context, certificate), 1);
	CHECK_INT(SSL_CTX_use_PrivateKey(context, key), 1);
	X509_free(certificate);
	EVP_PKEY_free(key);
	return context;
}

static void speak_tls(struct peer *peer, int fd)
{
	SSL *ssl = SSL_new(peer->context);

	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1 && SSL_read(ssl, peer->asked, sizeof peer->asked - 1) > 0) {
		SSL_write(ssl, peer->answer, (int)strlen(peer->answer));
		SSL_shutdown(ssl);
	}
	SSL_free(ssl);
}

static void *serve(void *context)
{
	struct peer *peer = context;
	int fd = accept(peer->fd, NULL, NULL);
	char byte;

	if (peer->speech == OVER_TLS)
		speak_tls(peer, fd);
	else if (recv(fd, peer->asked, sizeof peer->asked - 1, 0) > 0 && peer->speech == IN_CLEAR)
		(void)!write(fd, peer->answer, strlen(peer->answer));
	else
		while (recv(fd, &byte, 1, 0) > 0) /* until the probe has had enough */
			;
	close(fd);
	return NULL;
}

static uint16_t peer_start(struct peer *peer)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;

	peer->fd = socket(AF_INET, SOCK_STREAM, 0);
	CHECK_INT(bind(peer->fd, (struct sockaddr *)&address, sizeof address), 0);
	CHECK_INT(listen(peer->fd, 1), 0);
	CHECK_INT(getsockname(peer->fd, (struct sockaddr *)&address, &size), 0);
	CHECK_INT(pthread_create(&peer->thread, NULL, serve, peer), 0);
	return ntohs(address.sin_port);
}

struct found {
	bool is_over, is_ready;
};

static void on_done(bool is_ready, void *data)
{
	*(struct found *)data = (struct found){ true, is_ready };
}

TEST(only_what_answers_with_200_in_the_tongue_it_was_asked_in_is_ready)
{
	static const struct {
		const char *name;
		bool has_tls;
		enum speech speech;
		const char *answer;
		bool is_ready;
	} rows[] = {
		{ "in the clear", false, IN_CLEAR, READY, true },
		{ "in the clear, 503", false, IN_CLEAR, NOT_READY, false },
		{ "in the clear, ended early", false, IN_CLEAR, "HTTP/1.1 2", false },
		{ "over TLS", true, OVER_TLS, READY, true },
		{ "over TLS, 503", true, OVER_TLS, NOT_READY, false },
		{ "over TLS, ended early", true, OVER_TLS, "HTTP/1.1 2", false },
		{ "TLS was said, and it speaks in the clear", true, IN_CLEAR, READY, false },
		{ "TLS was not said, and it speaks it", false, OVER_TLS, READY, false },
		{ "TLS, and it takes the connection and is silent", true, NOTHING, "", false },
		{ "in the clear, and it is silent", false, NOTHING, "", false },
	};
	SSL_CTX *context = context_new();
	struct err err;

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct peer peer = { .context = context,
				     .speech = rows[i].speech,
				     .answer = rows[i].answer };
		struct found found = { 0 };
		struct probe *probe;
		char listen_at[32];
		uv_loop_t loop;

		test_row("%s", rows[i].name);
		CHECK_INT(uv_loop_init(&loop), 0);
		snprintf(listen_at, sizeof listen_at, "127.0.0.1:%u", peer_start(&peer));
		CHECK_INT(probe_start(&loop, str_of(listen_at), rows[i].has_tls, on_done, &found,
				      &probe, &err),
			  0);
		CHECK_INT(loop_run_until(&loop, &found.is_over,
					 clock_monotonic_us() + WAIT_S * 1000000),
			  0);
		CHECK_INT(found.is_ready, rows[i].is_ready);
		CHECK_INT(loop_close(&loop), 0);
		CHECK_INT(pthread_join(peer.thread, NULL), 0);
		CHECK(!rows[i].is_ready ||
		      str_starts(str_of(peer.asked), STR_LIT("GET /readyz HTTP/1.1\r\n")));
		close(peer.fd);
	}
	SSL_CTX_free(context);
}
