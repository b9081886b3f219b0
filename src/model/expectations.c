/* SPDX-License-Identifier: Apache-2.0 */
/* How are expectations written, and joined? Numbers are permanent. */
#include "model/expectations.h"

static const struct desc_field fields[] = {
	DESC_ARRAY(1, DESC_STR, struct expectations, issuers, issuer_count),
	DESC_ARRAY(2, DESC_STR, struct expectations, name_servers, name_server_count),
	DESC_FIELD(3, DESC_STR, struct expectations, mail_provider),
	DESC_ARRAY(4, DESC_STR, struct expectations, records, record_count),
	DESC_NAMED(5, DESC_TIME, struct expectations, registration_us, "registration_expires"),
	DESC_ARRAY(6, DESC_STR, struct expectations, ports, port_count),
};
const struct desc expectations_desc = DESC(expectations, fields);

bool expectations_are_empty(const struct expectations *expected)
{
	return !expected->issuer_count && !expected->name_server_count &&
	       !expected->mail_provider.len && !expected->record_count && !expected->port_count &&
	       !expected->registration_us;
}

void expectations_fill(struct expectations *expected, const struct expectations *more)
{
	if (!expected->issuer_count) {
		expected->issuers = more->issuers;
		expected->issuer_count = more->issuer_count;
	}
	if (!expected->name_server_count) {
		expected->name_servers = more->name_servers;
		expected->name_server_count = more->name_server_count;
	}
	if (!expected->mail_provider.len)
		expected->mail_provider = more->mail_provider;
	if (!expected->registration_us)
		expected->registration_us = more->registration_us;
	if (!expected->port_count) {
		expected->ports = more->ports;
		expected->port_count = more->port_count;
	}
	if (!expected->record_count) {
		expected->records = more->records;
		expected->record_count = more->record_count;
	}
}
