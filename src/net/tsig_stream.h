/* SPDX-License-Identifier: Apache-2.0 */
/**
 * TSIG over the messages of one question and its answers (RFC 8945 section 5): signs the question, and
 * says of each answer whether it is signed by the same key. Over TCP an answer may be many messages of
 * which not all are signed: what stands between is covered by the next signature, so the whole counts
 * only when the last one was (tsig_stream_is_settled).
 */
#ifndef DSS_NET_TSIG_STREAM_H
#define DSS_NET_TSIG_STREAM_H

#include "formats/dns/tsig.h"

struct tsig_stream;

/** key must outlive it. -ENOTSUP: the library has no such algorithm. */
int tsig_stream_open(const struct tsig_key *key, struct tsig_stream **ret,
		     struct err *err) MUST_USE;
/** NULL is fine. */
void tsig_stream_close(struct tsig_stream *stream);

/** Sign the question in query, whole: the record is appended. */
int tsig_stream_sign(struct tsig_stream *stream, struct buf *query, int64_t now_s) MUST_USE;
/** The next message of the answer. 0; -EACCES: the server refuses key or signature; -EBADMSG: it is not
 * signed as it must be; ERR_SYNTAX: it is broken. err says it. */
int tsig_stream_take(struct tsig_stream *stream, struct str message, int64_t now_s,
		     struct err *err) MUST_USE;
/** Was the last message that was taken a signed one? */
bool tsig_stream_is_settled(const struct tsig_stream *stream);

#endif
