/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Buses under test: each test of tests/contract/bus_*.c runs on every backend of a table, and knows
 * it by bus/bus.h alone. A peer is one user of the bus, on the test's loop, that notes what it is
 * told; what it holds it settles when the test says so.
 */
#ifndef DSS_TESTS_CONTRACT_BUS_FIXTURE_H
#define DSS_TESTS_CONTRACT_BUS_FIXTURE_H

#include "bus/bus.h"
#include "tests/contract/fixture.h"

enum { PEER_MESSAGES = 4096, BODY_KEPT = 64 };

struct got {
	uint64_t tag;
	enum bus_queue queue;
	int attempt;
	char body[BODY_KEPT];
};

struct peer {
	struct bus *bus;
	struct got got[PEER_MESSAGES]; /* in the order of their coming */
	size_t count;
	uint64_t lost[64];
	size_t lost_count;
	size_t done; /* publishes that were confirmed */
	int done_code;
	size_t good; /* with 0 */
	size_t states;
	char state[512];
	struct {
		uint64_t tag;
		enum bus_queue queue;
		int attempt;
		char reason[256], body[BODY_KEPT];
		int64_t first_us, dead_us;
	} letter[16]; /* dead ones */
	size_t letters;
	bool acks; /* at once, whatever comes */
};

/** A backend, and what the tests of one need. */
struct bus_world {
	const char *backend; /* "embedded", "rabbitmq" */
	char url[128], password[64], ca_file[256];
	unsigned hold_ms;
	struct fixture files;
	struct store *store;
	uv_loop_t loop;
};

/** Calls the test on a fresh world of the backend that $BUS_TEST_BACKEND names (embedded), unless the
 * test is of another one alone. */
void bus_each(const char *only, void (*test)(struct bus_world *world));
#define BUS_TEST_OF(only, name)                                                                    \
	static void name##_on(struct bus_world *world);                                            \
	TEST(name)                                                                                 \
	{                                                                                          \
		bus_each(only, name##_on);                                                         \
	}                                                                                          \
	static void name##_on(struct bus_world *world)
#define BUS_TEST(name) BUS_TEST_OF(NULL, name)

/** What the settings of a user of this world's bus are. */
struct bus_settings world_settings(struct bus_world *world);
/** prefetch 0: it publishes only. On the heap: large. */
struct peer *peer_open(struct bus_world *world, unsigned prefetch);
void peer_close(struct bus_world *world, struct peer *peer);
void peer_publish(struct peer *peer, enum bus_queue queue, const char *body);
/** Publish, and wait for the confirmation. */
void peer_publish_now(struct bus_world *world, struct peer *peer, enum bus_queue queue,
		      const char *body);
/** Turn the loop until the peer has got so many messages in all, or fail the test after a while. */
void peer_wait(struct bus_world *world, const struct peer *peer, size_t count);
/** Turn the loop for so long; for what must not happen. */
void world_run(struct bus_world *world, unsigned ms);
/** Turn it until *value is at least `wanted`. */
void world_wait(struct bus_world *world, const size_t *value, size_t wanted);

#endif
