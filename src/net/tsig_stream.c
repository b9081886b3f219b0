/* SPDX-License-Identifier: Apache-2.0 */
/* Did the holder of our key say all of this? RFC 8945 section 5. */
#include "net/tsig_stream.h"

#include "formats/dns/message.h"
#include "formats/dns/type.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

enum { HEADER_RCODE = 0x0f };

struct tsig_stream {
	const struct tsig_key *key;
	EVP_MAC *mac;
	EVP_MAC_CTX *hash; /* of what came since the last signature */
	size_t mac_bytes;
	unsigned unsigned_count;
	bool has_answer, is_settled;
};

static bool hash_begin(struct tsig_stream *stream, struct str prior)
{
	const struct str secret = stream->key->secret;
	struct buf octets;
	bool is_fine;

	buf_init(&octets, NULL);
	if (prior.len)
		tsig_prior_put(&octets, prior);
	is_fine =
		EVP_MAC_init(stream->hash, (const unsigned char *)secret.data, secret.len, NULL) &&
		EVP_MAC_update(stream->hash, (const unsigned char *)octets.data, octets.len);
	buf_release(&octets);
	return is_fine;
}

static bool hash_end(struct tsig_stream *stream, struct str octets,
		     unsigned char out[static EVP_MAX_MD_SIZE])
{
	size_t len = 0;

	return EVP_MAC_update(stream->hash, (const unsigned char *)octets.data, octets.len) &&
	       EVP_MAC_final(stream->hash, out, &len, EVP_MAX_MD_SIZE) && len == stream->mac_bytes;
}

int tsig_stream_open(const struct tsig_key *key, struct tsig_stream **ret, struct err *err)
{
	static const char *const digests[] = {
		[20] = "SHA1", [28] = "SHA224", [32] = "SHA256", [48] = "SHA384", [64] = "SHA512"
	};
	size_t mac_bytes = tsig_mac_bytes(key->algorithm);
	char digest[8] = "";
	const OSSL_PARAM parameters[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
									   digest, 0),
					  OSSL_PARAM_construct_end() };
	struct tsig_stream *stream;

	if (!mac_bytes)
		return err_set(err, -ENOTSUP, "no such algorithm of TSIG");
	(void)!snprintf(digest, sizeof digest, "%s", digests[mac_bytes]);
	stream = memory_alloc(sizeof *stream);
	*stream = (struct tsig_stream){ .key = key, .mac_bytes = mac_bytes };
	stream->mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	stream->hash = stream->mac ? EVP_MAC_CTX_new(stream->mac) : NULL;
	if (!stream->hash || !EVP_MAC_CTX_set_params(stream->hash, parameters)) {
		tsig_stream_close(stream);
		return err_set(err, -ENOTSUP, "the library of cryptography has no HMAC");
	}
	*ret = stream;
	return 0;
}

void tsig_stream_close(struct tsig_stream *stream)
{
	if (!stream)
		return;
	EVP_MAC_CTX_free(stream->hash);
	EVP_MAC_free(stream->mac);
	memory_free(stream);
}

int tsig_stream_sign(struct tsig_stream *stream, struct buf *query, int64_t now_s)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	const uint8_t *id = (const uint8_t *)query->data;
	struct tsig tsig = { .key = stream->key->name,
			     .algorithm = stream->key->algorithm,
			     .signed_s = (uint64_t)now_s,
			     .fudge_s = TSIG_FUDGE_S,
			     .original_id = (uint16_t)(id[0] << 8 | id[1]) };
	struct buf octets;
	int code;

	buf_init(&octets, NULL);
	buf_put_str(&octets, buf_str(query));
	code = tsig_variables_put(&octets, &tsig);
	if (code == 0 &&
	    (!hash_begin(stream, STR_NONE) || !hash_end(stream, buf_str(&octets), mac)))
		code = -ENOTSUP;
	buf_release(&octets);
	TRY(code);
	tsig.mac = str_bytes(mac, stream->mac_bytes);
	TRY(tsig_put(query, &tsig));
	return hash_begin(stream, tsig.mac) ? 0 : -ENOTSUP;
}

static int not_signed(struct err *err, const char *why)
{
	return err_set(err, -EBADMSG,
		       "the server's answer is not signed as the key wants: %s; nothing of it is "
		       "believed",
		       why);
}

/* Section 5.3.2: the server tells what it has against our signature; that it cannot sign. */
static int refusal(const struct tsig_stream *stream, const struct tsig *tsig, struct err *err)
{
	const struct str name = str_first(stream->key->name, 80);

	switch (tsig->error) {
	case TSIG_BADKEY:
		return err_set(err, -EACCES,
			       "the server knows no key \"%.*s\" with %.*s (BADKEY): name and "
			       "algorithm must be the same on both sides",
			       STR(name), STR(stream->key->algorithm));
	case TSIG_BADSIG:
		return err_set(err, -EACCES,
			       "the server has another secret for the key \"%.*s\" (BADSIG)",
			       STR(name));
	case TSIG_BADTIME:
		return err_set(err, -EACCES,
			       "the server's clock and ours differ by more than %d s (BADTIME)",
			       TSIG_FUDGE_S);
	default:
		return err_set(err, -EACCES, "the server refuses the signature with error %u",
			       tsig->error);
	}
}

static int unsigned_take(struct tsig_stream *stream, struct str message, struct err *err)
{
	uint8_t rcode = (uint8_t)message.data[3] & HEADER_RCODE;
	struct arena a = { 0 };
	int code;

	stream->is_settled = false;
	if (!stream->has_answer && rcode) {
		code = err_set(err, -EACCES,
			       "the server answers %.*s, unsigned: it does not allow this key to "
			       "transfer the zone, or knows no TSIG",
			       STR(dns_rcode_text(&a, rcode)));
		arena_release(&a);
		return code;
	}
	if (!stream->has_answer) /* section 5.3.1: the first one always is */
		return not_signed(err, "it has no TSIG");
	if (++stream->unsigned_count > TSIG_UNSIGNED)
		return not_signed(err, "more than 99 messages follow each other without one");
	if (!EVP_MAC_update(stream->hash, (const unsigned char *)message.data, message.len))
		return not_signed(err, "it cannot be hashed");
	return 0;
}

static int fields_check(const struct tsig_stream *stream, const struct tsig *tsig, int64_t now_s,
			struct err *err)
{
	int64_t off_s = (int64_t)tsig->signed_s - now_s;

	if (!str_eq(tsig->key, stream->key->name) ||
	    !str_eq(tsig->algorithm, stream->key->algorithm))
		return not_signed(err, "another key or algorithm");
	if (tsig->error)
		return refusal(stream, tsig, err);
	if (tsig->mac.len != stream->mac_bytes)
		return not_signed(err, "its MAC is cut (truncated MACs are not taken)");
	if (off_s > TSIG_FUDGE_S || off_s < -TSIG_FUDGE_S)
		return not_signed(err, "it was signed at a time that is not now");
	return 0;
}

static int signed_take(struct tsig_stream *stream, struct str message, const struct tsig *tsig,
		       struct err *err)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	struct buf octets;
	bool is_hashed;
	int code = 0;

	buf_init(&octets, NULL);
	tsig_message_put(&octets, message, tsig);
	if (stream->has_answer) /* section 5.3.1: later ones sign the times alone */
		tsig_timers_put(&octets, tsig);
	else
		code = tsig_variables_put(&octets, tsig);
	is_hashed = code == 0 && hash_end(stream, buf_str(&octets), mac);
	buf_release(&octets);
	if (!is_hashed || CRYPTO_memcmp(mac, tsig->mac.data, stream->mac_bytes) != 0)
		return not_signed(err, "the signature is wrong");
	stream->has_answer = stream->is_settled = true;
	stream->unsigned_count = 0;
	return hash_begin(stream, tsig->mac) ? 0 : not_signed(err, "it cannot be hashed");
}

int tsig_stream_take(struct tsig_stream *stream, struct str message, int64_t now_s, struct err *err)
{
	struct arena a = { 0 };
	struct tsig tsig;
	int code = tsig_read(&a, message, &tsig);

	if (code < 0)
		code = err_set(err, ERR_SYNTAX, "the server sends a message that is broken");
	else if (code == 0)
		code = unsigned_take(stream, message, err);
	else if ((code = fields_check(stream, &tsig, now_s, err)) == 0)
		code = signed_take(stream, message, &tsig, err);
	arena_release(&a);
	return code;
}

bool tsig_stream_is_settled(const struct tsig_stream *stream)
{
	return stream->is_settled;
}
