/* SPDX-License-Identifier: Apache-2.0 */
/* Is a peer who it says it is? RFC 5280 section 6, RFC 9525 section 6. */
#include "net/trust.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

static const char system_bundle[] = "/etc/ssl/certs/ca-certificates.crt";

struct trust {
	char *pem;
	size_t pem_len;
	X509_STORE *store; /* made at the first handshake */
};

static int bundle_read(int fd, struct trust *trust)
{
	struct stat status;
	ssize_t got;

	if (fstat(fd, &status) < 0)
		return -errno;
	if (status.st_size > TRUST_FILE_BYTES)
		return -EFBIG;
	trust->pem = memory_alloc((size_t)status.st_size + 1);
	while (trust->pem_len < (size_t)status.st_size) {
		got = read(fd, trust->pem + trust->pem_len,
			   (size_t)status.st_size - trust->pem_len);
		if (got <= 0)
			return got < 0 ? -errno : -EIO;
		trust->pem_len += (size_t)got;
	}
	return 0;
}

int trust_prepare(const char *path, struct trust **ret, struct err *err)
{
	const char *from = path ? path : system_bundle;
	struct trust *trust = memory_alloc(sizeof *trust);
	int fd = open(from, O_RDONLY | O_CLOEXEC), code = fd < 0 ? -errno : 0;

	*trust = (struct trust){ 0 };
	if (code == 0)
		code = bundle_read(fd, trust);
	if (fd >= 0)
		close(fd);
	/* A machine without the package ca-certificates trusts nobody, and says so at each host. */
	if (code < 0 && (path || code != -ENOENT)) {
		trust_free(trust);
		return err_set(err, code, "certificates of authorities, %s: %s", from,
			       strerror(-code));
	}
	OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS | OPENSSL_INIT_LOAD_CRYPTO_STRINGS, NULL);
	*ret = trust;
	return 0;
}

void trust_free(struct trust *trust)
{
	if (!trust)
		return;
	X509_STORE_free(trust->store);
	memory_free(trust->pem);
	memory_free(trust);
}

static X509_STORE *store_of(struct trust *trust)
{
	BIO *bio;
	X509 *certificate;

	if (trust->store)
		return trust->store;
	trust->store = X509_STORE_new();
	bio = trust->pem_len ? BIO_new_mem_buf(trust->pem, (int)trust->pem_len) : NULL;
	if (!trust->store || (trust->pem_len && !bio))
		memory_exhausted();
	while (bio && (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		X509_STORE_add_cert(trust->store, certificate);
		X509_free(certificate);
	}
	BIO_free(bio);
	ERR_clear_error(); /* the end of the file is reported as an error */
	memory_free(trust->pem);
	trust->pem = NULL;
	trust->pem_len = 0;
	return trust->store;
}

static uint32_t fault_of(int error)
{
	switch (error) {
	case X509_V_OK:
		return 0;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return TRUST_EXPIRED;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return TRUST_NOT_YET;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return TRUST_SELF_SIGNED;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		return TRUST_ISSUER;
	case X509_V_ERR_EE_KEY_TOO_SMALL:
	case X509_V_ERR_CA_KEY_TOO_SMALL:
	case X509_V_ERR_CA_MD_TOO_WEAK:
		return TRUST_WEAK;
	default:
		return TRUST_CHAIN;
	}
}

/* Goes on after an error, so that all of them are known. */
static int on_error(int is_fine, X509_STORE_CTX *context)
{
	struct trust_peer *peer = X509_STORE_CTX_get_app_data(context);

	if (!is_fine && peer)
		peer->faults |= fault_of(X509_STORE_CTX_get_error(context));
	return 1;
}

static int64_t time_us(const ASN1_TIME *time)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0, seconds = 0, is_read = epoch && ASN1_TIME_diff(&days, &seconds, epoch, time);

	ASN1_TIME_free(epoch);
	return is_read ? (days * 86400ll + seconds) * 1000000 : 0;
}

static struct str entry_text(struct arena *a, X509_NAME *name, int nid)
{
	int at = X509_NAME_get_index_by_NID(name, nid, -1), len;
	unsigned char *utf8 = NULL;
	struct str text = STR_NONE;

	if (at < 0)
		return text;
	len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	if (len > 0)
		text = str_copy(a, str_bytes(utf8, (size_t)MIN(len, 256)));
	OPENSSL_free(utf8);
	return text;
}

static void names_read(X509 *certificate, struct trust_peer *peer)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	int count = names ? sk_GENERAL_NAME_num(names) : 0;

	peer->names = arena_array(peer->arena, TRUST_NAMES, sizeof *peer->names);
	peer->name_count = 0;
	for (int i = 0; i < count && peer->name_count < TRUST_NAMES; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type != GEN_DNS)
			continue;
		peer->names[peer->name_count++] =
			str_copy(peer->arena,
				 str_bytes(ASN1_STRING_get0_data(name->d.dNSName),
					   (size_t)MIN(ASN1_STRING_length(name->d.dNSName), 253)));
	}
	GENERAL_NAMES_free(names);
}

static bool has_name(X509 *certificate, const struct trust_peer *peer)
{
	if (address_is_set(&peer->address))
		return X509_check_ip(certificate, peer->address.bytes,
				     peer->address.family == ADDRESS_IPV4 ? 4 : 16, 0) == 1;
	return X509_check_host(certificate, peer->host.data, peer->host.len,
			       X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
				       X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
			       NULL) == 1;
}

static int on_verify(X509_STORE_CTX *context, void *data)
{
	struct trust_peer *peer = data;
	X509 *certificate = X509_STORE_CTX_get0_cert(context);
	unsigned len = sizeof peer->sha256;

	X509_STORE_CTX_set_app_data(context, peer);
	X509_STORE_CTX_set_verify_cb(context, on_error);
	peer->faults = 0;
	if (X509_verify_cert(context) < 0)
		peer->faults |= TRUST_CHAIN;
	/* A certificate that signed itself has no issuer to be found: that is one fault. */
	if (peer->faults & TRUST_SELF_SIGNED)
		peer->faults &= ~(uint32_t)TRUST_ISSUER;
	if (!has_name(certificate, peer))
		peer->faults |= TRUST_NAME;
	peer->is_seen = true;
	peer->subject = entry_text(peer->arena, X509_get_subject_name(certificate), NID_commonName);
	peer->issuer =
		entry_text(peer->arena, X509_get_issuer_name(certificate), NID_organizationName);
	if (!peer->issuer.len)
		peer->issuer =
			entry_text(peer->arena, X509_get_issuer_name(certificate), NID_commonName);
	peer->not_before_us = time_us(X509_get0_notBefore(certificate));
	peer->not_after_us = time_us(X509_get0_notAfter(certificate));
	names_read(certificate, peer);
	X509_digest(certificate, EVP_sha256(), peer->sha256, &len);
	ERR_clear_error();
	if (peer->is_strict && peer->faults) {
		X509_STORE_CTX_set_error(context, X509_V_ERR_APPLICATION_VERIFICATION);
		return 0;
	}
	X509_STORE_CTX_set_error(context, X509_V_OK);
	return 1;
}

int trust_watch(struct trust *trust, SSL_CTX *ctx, struct trust_peer *peer)
{
	X509_STORE *store = store_of(trust);

	X509_STORE_up_ref(store);
	SSL_CTX_set_cert_store(ctx, store); /* takes the reference */
	SSL_CTX_set_cert_verify_callback(ctx, on_verify, peer);
	SSL_CTX_set_verify(ctx, peer->is_strict ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	/* peer is told of one handshake: it may be gone while the connection is kept. */
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION);
	return 0;
}
