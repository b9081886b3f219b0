/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What `dss notifier` and its child `dss-net sender` say to each other: frames (loop/frame.h) whose
 * bodies are structs below, as children/protocol.h does for the scanner. Fields are only added; a change
 * that an older side would misread raises SENDER_PROTOCOL.
 *
 *	dss			sender
 *	CONFIGURE ──▶				once, first
 *		  ◀── READY			sandboxed; nothing is sent before
 *	DELIVER ──▶				at most SENDER_IN_FLIGHT that have not ended
 *		  ◀── DELIVERED			one for each, in any order
 *		  ◀── LOG
 *	FINISH ──▶				no more will come
 *		  ◀── the last DELIVERED, then exit status 0
 *
 * The end of the stream without FINISH means that dss is gone: the sender leaves at once, and what was
 * under way may or may not have arrived.
 *
 * The sender resolves the receiver's name and connects under the address policy (net/socket.h): the
 * addresses of an inside network need an exception of the configuration, whatever spelling or name leads
 * there. No redirect is followed: it is a failure. Certificates are verified.
 */
#ifndef DSS_CHILDREN_SENDER_PROTOCOL_H
#define DSS_CHILDREN_SENDER_PROTOCOL_H

#include "base/desc.h"

enum {
	SENDER_PROTOCOL = 1,
	SENDER_IN_FLIGHT = 256, /**< deliveries that dss may have out; more is fatal */
	SENDER_OF_TARGET = 4,   /**< under way at once to one host and port; others wait, and their
				 * time does not run */
	SENDER_TIMEOUT_MS = 15000,
	SENDER_BODY_BYTES = 1 << 20,
	SENDER_REPLY_BYTES = 4096,
	SENDER_HEADERS = 32,
	SENDER_HEADER_BYTES = 4096,
	SENDER_RECIPIENTS = 50,
	SENDER_SECRETS = 4,
	SENDER_LINES = 48, /**< of a transcript */
	SENDER_LINE_BYTES = 256
};

enum sender_frame {
	/* dss to sender */
	SENDER_CONFIGURE = 1, /**< struct sender_configuration */
	SENDER_DELIVER = 2,   /**< struct sender_delivery */
	SENDER_FINISH = 3,    /**< empty */
	/* sender to dss */
	SENDER_READY = 16,     /**< empty */
	SENDER_DELIVERED = 17, /**< struct sender_delivered */
	SENDER_LOG = 18,       /**< struct sender_log */
	SENDER_FATAL = 19      /**< struct sender_fatal; the sender leaves after it */
};

struct sender_configuration {
	struct str *resolvers; /**< "192.0.2.1", "[2001:db8::1]:53"; none: the machine's own */
	size_t resolver_count;
	struct str *allow_networks; /**< "10.0.0.0/8": inside networks that may be sent to */
	size_t allow_network_count;
	struct str ca_file; /**< certificates of authorities; empty: the system's */
	bool ignores_hosts; /**< take no name from the machine's /etc/hosts */
};

enum sender_transport { SENDER_HTTP, SENDER_SMTP };

/** When a mail server is spoken to in clear. A password never is. */
enum sender_tls {
	SENDER_TLS_REQUIRED, /**< STARTTLS, or the mail is not sent */
	SENDER_TLS_IMPLICIT, /**< from the first octet: port 465 */
	SENDER_TLS_NONE      /**< in clear: a relay on this machine or in a network of one's own */
};

/** One message to one receiver. Secrets stand here by value and nowhere else. */
struct sender_delivery {
	uint64_t number;     /**< from 1, never used twice */
	uint8_t transport;   /**< enum sender_transport */
	uint32_t timeout_ms; /**< of the whole, from its start; 0: SENDER_TIMEOUT_MS */
	struct str body; /**< SENDER_BODY_BYTES at most; of a mail: with its header lines, CR LF */

	/* SENDER_HTTP: POST */
	struct str url;        /**< http or https */
	struct str media_type; /**< of the body: "application/json" */
	struct str *headers;   /**< "Name: value", further ones */
	size_t header_count;
	/** Standard Webhooks: the id that stays the same in every attempt; with secrets the headers
	 * webhook-id, webhook-timestamp (of this attempt) and webhook-signature are sent, one signature
	 * for each secret ("whsec_…": report/webhook.h). Empty: none of them. */
	struct str message_id;
	struct str *secrets;
	size_t secret_count;

	/* SENDER_SMTP */
	struct str host;
	uint16_t port;             /**< 0: 587; 465 when implicit; 25 in clear */
	uint8_t tls;               /**< enum sender_tls */
	struct str user, password; /**< empty: no AUTH */
	struct str helo;           /**< what we call ourselves; empty: the machine's name */
	struct str mail_from;      /**< envelope: addr-spec, ASCII; empty: the null path */
	struct str *mail_to;
	size_t mail_to_count;
};

enum sender_outcome {
	SENDER_DELIVERED_OK, /**< 2xx; or the mail server took it */
	SENDER_FAILED,       /**< an answer that is none of these, or none: status tells */
	SENDER_REFUSED /**< by ourselves: the address policy, or what was asked makes no sense */
};

struct sender_delivered {
	uint64_t number;
	uint8_t outcome;        /**< enum sender_outcome */
	uint32_t status;        /**< HTTP status, or the last SMTP reply code; 0: there was none */
	struct str reply;       /**< its first SENDER_REPLY_BYTES; foreign bytes */
	struct str error;       /**< one line for people, when not delivered; no secret in it */
	struct str *transcript; /**< what was said, line by line, without secrets; foreign bytes */
	size_t transcript_count;
	uint32_t
		retry_after_s; /**< the receiver asked for so long (at most a day); 0: it did not */
	int64_t elapsed_us;
	uint32_t refused_recipients; /**< of mail_to, while others were accepted */
};

enum sender_log_level { SENDER_LOG_INFO, SENDER_LOG_WARNING };

struct sender_log {
	uint8_t level;
	struct str text;
};

struct sender_fatal {
	uint8_t exit_code; /**< of dss: 2 usage, 5 otherwise */
	struct str text;
};

extern const struct desc sender_configuration_desc, sender_delivery_desc, sender_delivered_desc,
	sender_log_desc, sender_fatal_desc;

#endif
