/* SPDX-License-Identifier: Apache-2.0 */
/**
 * One mail to one server by SMTP (RFC 5321), with STARTTLS (RFC 3207) or TLS from the first octet (RFC 8314)
 * and AUTH (RFC 4954), by libcurl on the loop (net/transfer.h): the caller names the address and the policy
 * approves it. A password is sent over TLS only, to a server whose certificate has no fault.
 */
#ifndef DSS_NET_MAIL_H
#define DSS_NET_MAIL_H

#include "net/transfer.h"

enum mail_tls { MAIL_STARTTLS, MAIL_TLS, MAIL_CLEAR };

struct mail_order {
	struct address server;
	uint16_t port;
	struct str host;     /**< the name that its certificate must have */
	struct address name; /**< or the address, when host is one */
	enum mail_tls tls;
	struct str user, password; /**< empty: no AUTH */
	struct str helo;           /**< a host name; what we call ourselves */
	struct str from;           /**< plain addresses (formats/mail/address.h) */
	const struct str *to;
	size_t to_count;
	struct str text; /**< with CR LF; copied */
	uint32_t timeout_ms;
};

enum mail_failure {
	MAIL_FAILURE_NONE,
	MAIL_FAILURE_UNREACHABLE, /**< no connection: another address may do */
	MAIL_FAILURE_TIMEOUT,
	MAIL_FAILURE_TLS,     /**< no STARTTLS, no handshake, or a certificate with faults */
	MAIL_FAILURE_AUTH,    /**< the server did not take user and password */
	MAIL_FAILURE_REFUSED, /**< the server said no; code tells */
	MAIL_FAILURE_BROKEN,  /**< the conversation ended, or was none */
	MAIL_FAILURE_POLICY
};

/** Valid during the callback. */
struct mail_result {
	enum mail_failure failure;
	unsigned code;   /**< the last reply's; 0: there was none */
	struct str last; /**< the last reply line, without its CR LF */
	unsigned refused_recipients;
	struct str tls_version; /**< empty: none */
};

typedef void mail_callback(void *context, const struct mail_result *result);
/** A line of the conversation, without its end; what authenticates is not told. */
typedef void mail_line(void *context, bool is_ours, struct str line);

struct mail_sending;

/** The callback is called once, from the loop. line may be called before. 0; ERR_DENIED; -EINVAL: a password
 * would go in clear, or an address or helo is none; -ENOMEM. */
int mail_send(struct transfers *transfers, const struct mail_order *order, mail_callback *callback,
	      mail_line *line, void *context, struct mail_sending **ret) MUST_USE;
/** The callback will not be called. Not after it was called. */
void mail_cancel(struct mail_sending *sending);

#endif
