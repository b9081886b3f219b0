/* SPDX-License-Identifier: Apache-2.0 */
/* How are the bodies of the sender's frames written? Numbers are permanent. */
#include "children/sender_protocol.h"

static const char *const transport_names[] = { "http", "smtp", NULL };
static const char *const tls_names[] = { "required", "implicit", "none", NULL };
static const char *const outcome_names[] = { "delivered", "failed", "refused", NULL };
static const char *const level_names[] = { "info", "warning", NULL };

static const struct desc_field configuration_fields[] = {
	DESC_ARRAY(1, DESC_STR, struct sender_configuration, resolvers, resolver_count),
	DESC_ARRAY(2, DESC_STR, struct sender_configuration, allow_networks, allow_network_count),
	DESC_FIELD(3, DESC_STR, struct sender_configuration, ca_file),
	DESC_FIELD(4, DESC_BOOL, struct sender_configuration, ignores_hosts),
};

static const struct desc_field delivery_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct sender_delivery, number),
	DESC_FIELD(2, DESC_ENUM, struct sender_delivery, transport, .names = transport_names),
	DESC_FIELD(3, DESC_UINT, struct sender_delivery, timeout_ms),
	DESC_FIELD(4, DESC_BYTES, struct sender_delivery, body),
	DESC_FIELD(5, DESC_STR, struct sender_delivery, url),
	DESC_FIELD(6, DESC_STR, struct sender_delivery, media_type),
	DESC_ARRAY(7, DESC_STR, struct sender_delivery, headers, header_count),
	DESC_FIELD(8, DESC_STR, struct sender_delivery, message_id),
	DESC_ARRAY(9, DESC_STR, struct sender_delivery, secrets, secret_count,
		   .flags = DESC_HIDDEN),
	DESC_FIELD(10, DESC_STR, struct sender_delivery, host),
	DESC_FIELD(11, DESC_UINT, struct sender_delivery, port),
	DESC_FIELD(12, DESC_ENUM, struct sender_delivery, tls, .names = tls_names),
	DESC_FIELD(13, DESC_STR, struct sender_delivery, user),
	DESC_FIELD(14, DESC_STR, struct sender_delivery, password, .flags = DESC_HIDDEN),
	DESC_FIELD(15, DESC_STR, struct sender_delivery, helo),
	DESC_FIELD(16, DESC_STR, struct sender_delivery, mail_from),
	DESC_ARRAY(17, DESC_STR, struct sender_delivery, mail_to, mail_to_count),
};

static const struct desc_field delivered_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct sender_delivered, number),
	DESC_FIELD(2, DESC_ENUM, struct sender_delivered, outcome, .names = outcome_names),
	DESC_FIELD(3, DESC_UINT, struct sender_delivered, status),
	DESC_FIELD(4, DESC_BYTES, struct sender_delivered, reply),
	DESC_FIELD(5, DESC_STR, struct sender_delivered, error),
	DESC_ARRAY(6, DESC_STR, struct sender_delivered, transcript, transcript_count),
	DESC_FIELD(7, DESC_UINT, struct sender_delivered, retry_after_s),
	DESC_FIELD(8, DESC_INT, struct sender_delivered, elapsed_us),
	DESC_FIELD(9, DESC_UINT, struct sender_delivered, refused_recipients),
};

static const struct desc_field log_fields[] = {
	DESC_FIELD(1, DESC_ENUM, struct sender_log, level, .names = level_names),
	DESC_FIELD(2, DESC_STR, struct sender_log, text),
};

static const struct desc_field fatal_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct sender_fatal, exit_code),
	DESC_FIELD(2, DESC_STR, struct sender_fatal, text),
};

const struct desc sender_configuration_desc = DESC(sender_configuration, configuration_fields);
const struct desc sender_delivery_desc = DESC(sender_delivery, delivery_fields);
const struct desc sender_delivered_desc = DESC(sender_delivered, delivered_fields);
const struct desc sender_log_desc = DESC(sender_log, log_fields);
const struct desc sender_fatal_desc = DESC(sender_fatal, fatal_fields);
