/* SPDX-License-Identifier: Apache-2.0 */
/* How do bytes get to the broker and back? */
#include "bus/rabbitmq/link.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

enum { CIPHER_BYTES = 16384, CIPHER_QUEUED_MOST = 256 << 10 };

struct link_tls {
	SSL_CTX *context;
};

struct link {
	int fd;
	bool is_connected;
	SSL *ssl;      /* NULL: plain */
	BIO *in, *out; /* the ssl's */
	struct buf cipher;
	size_t cipher_sent;
};

static int tls_failed(struct err *err, int code, const char *what)
{
	char text[160] = "";
	unsigned long number = ERR_get_error();

	if (number)
		ERR_error_string_n(number, text, sizeof text);
	ERR_clear_error();
	return err_set(err, code, "%s%s%s", what, number ? ": " : "", text);
}

int link_tls_open(const char *ca_file, struct link_tls **ret, struct err *err)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	struct link_tls *tls;
	int code = 0;

	if (!context)
		memory_exhausted();
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
					  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					  SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	if (ca_file && access(ca_file, R_OK) < 0)
		code = err_set(err, -errno, "%s: %s", ca_file, strerror(errno));
	else if (ca_file && SSL_CTX_load_verify_file(context, ca_file) != 1)
		code = tls_failed(err, ERR_SYNTAX, "the file of CA certificates cannot be read");
	else if (!ca_file && SSL_CTX_set_default_verify_paths(context) != 1)
		code = tls_failed(err, -EIO, "the system's CA certificates cannot be read");
	if (code < 0) {
		SSL_CTX_free(context);
		return code;
	}
	tls = memory_alloc(sizeof *tls);
	tls->context = context;
	*ret = tls;
	return 0;
}

void link_tls_close(struct link_tls *tls)
{
	if (!tls)
		return;
	SSL_CTX_free(tls->context);
	memory_free(tls);
}

static void tls_begin(struct link *link, const struct link_tls *tls, const char *host)
{
	link->ssl = SSL_new(tls->context);
	link->in = BIO_new(BIO_s_mem());
	link->out = BIO_new(BIO_s_mem());
	if (!link->ssl || !link->in || !link->out)
		memory_exhausted();
	SSL_set_bio(link->ssl, link->in, link->out);
	SSL_set_connect_state(link->ssl);
	if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(link->ssl), host) == 1)
		return;
	ERR_clear_error();
	SSL_set_tlsext_host_name(link->ssl, host);
	if (SSL_set1_host(link->ssl, host) != 1)
		memory_exhausted();
}

int link_open(const struct sockaddr *address, socklen_t size, const struct link_tls *tls,
	      const char *host, struct link **ret, struct err *err)
{
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
	struct link *link;

	if (fd < 0)
		return err_set(err, -errno, "a socket: %s", strerror(errno));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (connect(fd, address, size) < 0 && errno != EINPROGRESS) {
		int code = err_set(err, -errno, "%s", strerror(errno));

		close(fd);
		return code;
	}
	link = memory_alloc(sizeof *link);
	*link = (struct link){ .fd = fd };
	buf_init(&link->cipher, NULL);
	if (tls)
		tls_begin(link, tls, host);
	*ret = link;
	return 0;
}

void link_close(struct link *link)
{
	if (!link)
		return;
	SSL_free(link->ssl);
	buf_release(&link->cipher);
	close(link->fd);
	memory_free(link);
}

int link_descriptor(const struct link *link)
{
	return link->fd;
}

bool link_wants_write(const struct link *link)
{
	return !link->is_connected || link->cipher.len > link->cipher_sent ||
	       (link->ssl && BIO_ctrl_pending(link->out));
}

static ptrdiff_t socket_send(struct link *link, struct str bytes, struct err *err)
{
	ssize_t sent = send(link->fd, bytes.data, bytes.len, MSG_NOSIGNAL);

	if (sent >= 0)
		return sent;
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	return err_set(err, -errno, "%s", strerror(errno));
}

static ptrdiff_t socket_receive(struct link *link, char *to, size_t size, struct err *err)
{
	ssize_t came = recv(link->fd, to, size, 0);

	if (came > 0)
		return came;
	if (came == 0)
		return err_set(err, -EPIPE, "it closed the connection");
	if (errno == EAGAIN || errno == EINTR)
		return -EAGAIN;
	return err_set(err, -errno, "%s", strerror(errno));
}

/* What TLS wants to say goes to the socket, as far as it takes it. */
static int cipher_flush(struct link *link, struct err *err)
{
	for (;;) {
		ptrdiff_t sent;
		int size;

		if (link->cipher_sent == link->cipher.len) {
			link->cipher.len = link->cipher_sent = 0;
			size = BIO_read(link->out, buf_reserve(&link->cipher, CIPHER_BYTES),
					CIPHER_BYTES);
			if (size <= 0)
				return 0;
			link->cipher.len = (size_t)size;
		}
		sent = socket_send(link, str_from(buf_str(&link->cipher), link->cipher_sent), err);
		if (sent <= 0)
			return (int)sent;
		link->cipher_sent += (size_t)sent;
	}
}

static int cipher_fill(struct link *link, struct err *err)
{
	char bytes[CIPHER_BYTES];
	ptrdiff_t came = socket_receive(link, bytes, sizeof bytes, err);

	if (came < 0)
		return (int)came;
	if (BIO_write(link->in, bytes, (int)came) != came)
		memory_exhausted();
	return 0;
}

static int tls_refused(struct link *link, struct err *err)
{
	long verified = SSL_get_verify_result(link->ssl);

	if (verified == X509_V_OK)
		return tls_failed(err, -EPROTO, "TLS failed");
	ERR_clear_error();
	return err_set(err, -EPERM, "its certificate was refused: %s",
		       X509_verify_cert_error_string(verified));
}

static int handshake(struct link *link, struct err *err)
{
	for (;;) {
		int done = SSL_do_handshake(link->ssl), why, code;

		why = SSL_get_error(link->ssl, done);
		TRY(cipher_flush(link, err));
		if (done == 1)
			return 0;
		if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
			return tls_refused(link, err);
		code = cipher_fill(link, err);
		if (code < 0)
			return code;
	}
}

int link_begin(struct link *link, struct err *err)
{
	int code = 0;
	socklen_t size = sizeof code;

	if (!link->is_connected) {
		struct sockaddr_storage peer;
		socklen_t peer_size = sizeof peer;

		getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &code, &size);
		if (code)
			return err_set(err, -code, "%s", strerror(code));
		if (getpeername(link->fd, (struct sockaddr *)&peer, &peer_size) < 0)
			return -EAGAIN;
		link->is_connected = true;
	}
	return link->ssl ? handshake(link, err) : 0;
}

ptrdiff_t link_receive(struct link *link, char *to, size_t size, struct err *err)
{
	if (!link->ssl)
		return socket_receive(link, to, size, err);
	for (;;) {
		int came = SSL_read(link->ssl, to, (int)MIN(size, (size_t)INT_MAX)), why;

		if (came > 0)
			return came;
		why = SSL_get_error(link->ssl, came);
		if (why == SSL_ERROR_ZERO_RETURN)
			return err_set(err, -EPIPE, "it closed the connection");
		if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
			return tls_failed(err, -EPROTO, "TLS failed");
		TRY(cipher_flush(link, err));
		TRY(cipher_fill(link, err));
	}
}

ptrdiff_t link_send(struct link *link, struct str bytes, struct err *err)
{
	int taken = 0;

	if (!link->ssl)
		return socket_send(link, bytes, err);
	TRY(cipher_flush(link, err));
	if (bytes.len && link->cipher.len - link->cipher_sent < CIPHER_QUEUED_MOST &&
	    BIO_ctrl_pending(link->out) < CIPHER_QUEUED_MOST) {
		taken = SSL_write(link->ssl, bytes.data, (int)MIN(bytes.len, (size_t)INT_MAX));
		if (taken <= 0) {
			int why = SSL_get_error(link->ssl, taken);

			if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
				return tls_failed(err, -EPROTO, "TLS failed");
			taken = 0;
		}
	}
	TRY(cipher_flush(link, err));
	return taken;
}
