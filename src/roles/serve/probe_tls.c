/* SPDX-License-Identifier: Apache-2.0 */
/* How does a probe speak TLS? */
#include "roles/serve/probe_tls.h"

#include "base/arena.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

struct probe_tls {
	SSL_CTX *context;
	SSL *ssl;
	BIO *in, *out; /* the ssl's */
	struct str request;
	struct buf sent;
	bool is_asked;
};

struct probe_tls *probe_tls_open(struct str request)
{
	struct probe_tls *tls = memory_alloc(sizeof *tls);

	*tls = (struct probe_tls){ .context = SSL_CTX_new(TLS_client_method()),
				   .request = request,
				   .in = BIO_new(BIO_s_mem()),
				   .out = BIO_new(BIO_s_mem()) };
	buf_init(&tls->sent, NULL);
	tls->ssl = tls->context ? SSL_new(tls->context) : NULL;
	if (!tls->ssl || !tls->in || !tls->out)
		memory_exhausted();
	SSL_set_verify(tls->ssl, SSL_VERIFY_NONE, NULL);
	SSL_set_bio(tls->ssl, tls->in, tls->out);
	SSL_set_connect_state(tls->ssl);
	return tls;
}

void probe_tls_close(struct probe_tls *tls)
{
	if (!tls)
		return;
	SSL_free(tls->ssl);
	SSL_CTX_free(tls->context);
	buf_release(&tls->sent);
	memory_free(tls);
}

void probe_tls_take(struct probe_tls *tls, struct str bytes)
{
	if (BIO_write(tls->in, bytes.data, (int)bytes.len) != (int)bytes.len)
		memory_exhausted();
}

/* 0: it wants more bytes, or is done. */
static int outcome_of(struct probe_tls *tls, int result)
{
	int why = result > 0 ? SSL_ERROR_NONE : SSL_get_error(tls->ssl, result);

	ERR_clear_error();
	return why == SSL_ERROR_NONE || why == SSL_ERROR_WANT_READ || why == SSL_ERROR_ZERO_RETURN
		       ? 0
		       : -EPROTO;
}

static int ask(struct probe_tls *tls)
{
	int result = SSL_write(tls->ssl, tls->request.data, (int)tls->request.len);

	tls->is_asked = result > 0;
	return outcome_of(tls, result);
}

static int hear(struct probe_tls *tls, char *answer, size_t size, size_t *len)
{
	int result = 1;

	while (result > 0 && *len < size) {
		result = SSL_read(tls->ssl, answer + *len, (int)(size - *len));
		if (result > 0)
			*len += (size_t)result;
	}
	return outcome_of(tls, result);
}

int probe_tls_step(struct probe_tls *tls, char *answer, size_t size, size_t *len,
		   struct str *ret_out)
{
	char bytes[4096];
	int code = 0, got;

	if (!SSL_is_init_finished(tls->ssl))
		code = outcome_of(tls, SSL_do_handshake(tls->ssl));
	if (code == 0 && SSL_is_init_finished(tls->ssl) && !tls->is_asked)
		code = ask(tls);
	if (code == 0 && tls->is_asked)
		code = hear(tls, answer, size, len);
	tls->sent.len = 0;
	while ((got = BIO_read(tls->out, bytes, sizeof bytes)) > 0)
		buf_put(&tls->sent, bytes, (size_t)got);
	*ret_out = buf_str(&tls->sent);
	return code;
}
