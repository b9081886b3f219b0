/* SPDX-License-Identifier: Apache-2.0 */
/** A wire that can be cut without anybody being told: TCP on loopback, passed on byte by byte. */
#ifndef DSS_TESTS_CONTRACT_PROXY_H
#define DSS_TESTS_CONTRACT_PROXY_H

#include <stdbool.h>

struct proxy;

/** Listens on a port of its own and connects to `port`. */
struct proxy *proxy_open(unsigned port);
unsigned proxy_port(const struct proxy *proxy);
/** true: nothing passes, nothing is closed. false: new connections work; the old ones stay dead. */
void proxy_hold(struct proxy *proxy, bool is_held);
void proxy_close(struct proxy *proxy);

#endif
