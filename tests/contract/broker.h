/* SPDX-License-Identifier: Apache-2.0 */
/** A real RabbitMQ for tests, started by tests/rabbitmq/broker.py; it ends with the test program. */
#ifndef DSS_TESTS_CONTRACT_BROKER_H
#define DSS_TESTS_CONTRACT_BROKER_H

#include "base/str.h"

/** "amqp://USER@127.0.0.1:PORT/VHOST", and the user's password. */
struct broker {
	char url[128], password[64];
	unsigned port, tls_port;
	char ca_file[256]; /**< of the certificate, which is for localhost */
};

/** The program's one broker: started when it is first asked for. */
const struct broker *broker_of_test(void);
/** One of the words of broker.py; returns its answer, one line of JSON, valid until the next. */
const char *broker_do(const char *words);

#endif
