/* SPDX-License-Identifier: Apache-2.0 */
/* What does the RabbitMQ backend do when the broker dies, hangs, is full, or refuses us? */
#include "base/clock.h"
#include "tests/contract/broker.h"
#include "tests/contract/bus_fixture.h"
#include "tests/contract/proxy.h"

enum { MANY = 200, LONG_MS = 60000 };

/* Turns the loop until the value is there, for longer than world_wait does. */
static void wait_long(struct bus_world *world, const size_t *value, size_t wanted)
{
	int64_t until_us = clock_monotonic_us() + LONG_MS * 1000ll;

	while (*value < wanted && clock_monotonic_us() < until_us)
		world_run(world, 50);
	if (*value < wanted)
		fail_msg("%zu of %zu in %d ms", *value, wanted, LONG_MS);
}

/* How many messages of a queue the broker says that consumers have. */
static unsigned unacked(const char *queue)
{
	char key[64];
	const char *at;

	snprintf(key, sizeof key, "\"%s\": [", queue);
	at = strstr(broker_do("queues"), key);
	CHECK(at != NULL);
	at = strchr(at, ',');
	CHECK(at != NULL);
	return (unsigned)strtoul(at + 1, NULL, 10);
}

/* Its figures are some seconds old at times. */
static unsigned unacked_at_last(const char *queue, unsigned wanted)
{
	unsigned count = unacked(queue);

	for (unsigned i = 0; i < 20 && count != wanted; i++)
		count = unacked(queue);
	return count;
}

BUS_TEST_OF("rabbitmq", a_killed_broker_loses_nothing_that_was_confirmed)
{
	struct peer *from = peer_open(world, 0), *to = peer_open(world, 8);
	static unsigned seen[2 * MANY];
	unsigned held, unconfirmed;
	char body[16];

	memset(seen, 0, sizeof seen);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(body, sizeof body, "%u", i);
		peer_publish(from, BUS_SCAN_NORMAL, body);
	}
	world_wait(world, &from->done, MANY);
	CHECK_INT(from->done_code, 0);
	world_wait(world, &to->count, 8);
	held = unacked_at_last("dss.scan.normal", 8);
	CHECK_INT(held, 8); /* as the broker counts, right before */
	for (unsigned i = MANY; i < 2 * MANY; i++) {
		snprintf(body, sizeof body, "%u", i);
		peer_publish(from, BUS_SCAN_NORMAL, body);
	}
	world_run(world, 1); /* they are on their way */
	unconfirmed = 2 * MANY - (unsigned)from->done;
	broker_do("kill");
	print_message("killed with %u unacked and %u unconfirmed\n", held, unconfirmed);
	CHECK(unconfirmed > 0);
	wait_long(world, &to->lost_count, 8);
	wait_long(world, &to->states, 1);
	CHECK(strstr(to->state, "the broker at 127.0.0.1:"));
	broker_do("start");
	wait_long(world, &from->done, 2 * MANY); /* each one was answered, with whatever */
	CHECK(from->good >= MANY);
	to->acks = true;
	wait_long(world, &to->states, 2);
	CHECK(!to->state[0]);
	for (unsigned i = 0; i < 100; i++) {
		size_t before = to->count;

		world_run(world, 300);
		if (to->count == before && i > 10)
			break;
	}
	for (size_t i = 0; i < to->count; i++)
		seen[strtoul(to->got[i].body, NULL, 10)]++;
	for (unsigned i = 0; i < MANY; i++) {
		test_row("message %u", i);
		CHECK(seen[i] >= 1); /* confirmed before: never lost; more than once is allowed */
	}
	peer_close(world, to);
	peer_close(world, from);
}

BUS_TEST_OF("rabbitmq", a_half_open_connection_is_noticed_within_15_seconds)
{
	struct proxy *proxy = proxy_open(broker_of_test()->port);
	struct peer *to, *direct;
	int64_t begun_us;
	size_t lost;

	direct = peer_open(world, 0);
	snprintf(world->url, sizeof world->url, "amqp://dss@127.0.0.1:%u/dss", proxy_port(proxy));
	to = peer_open(world, 2);
	peer_publish_now(world, direct, BUS_SCAN_HIGH, "held");
	peer_wait(world, to, 1);
	proxy_hold(proxy, true); /* the connection stands, and nothing passes */
	begun_us = clock_monotonic_us();
	wait_long(world, &to->lost_count, 1);
	CHECK(clock_monotonic_us() - begun_us <= 15 * 1000000ll);
	CHECK(clock_monotonic_us() - begun_us >= 5 * 1000000ll); /* not by something else */
	CHECK(strstr(to->state, "nothing for"));
	lost = to->lost_count;
	proxy_hold(proxy, false);
	wait_long(world, &to->count, 2); /* it came again, here */
	CHECK(to->got[1].attempt == 2 && lost == 1);
	peer_close(world, to);
	peer_close(world, direct);
	proxy_close(proxy);
}

BUS_TEST_OF("rabbitmq", while_the_broker_is_low_on_memory_publishers_wait_and_acks_pass)
{
	struct peer *from = peer_open(world, 0), *to = peer_open(world, 64), *other;
	size_t probes = 0, refused;

	peer_publish_now(world, from, BUS_SCAN_NORMAL, "first");
	peer_wait(world, to, 1);
	broker_do("alarm on");
	while (!from->states && probes < 30) { /* the broker says so to who publishes, by and by */
		peer_publish(from, BUS_SCAN_NORMAL, "probe");
		probes++;
		world_run(world, 300);
	}
	CHECK(strstr(from->state, "takes no messages"));
	bus_ack(to->bus, to->got[0].tag);
	CHECK_INT(bus_flush(to->bus, NULL), 0);
	peer_publish(from, BUS_SCAN_NORMAL, "never");
	CHECK_INT(bus_flush(from->bus, NULL), -ETIMEDOUT);
	refused = from->done;
	wait_long(world, &from->done, refused + 1); /* it waited long enough, and was never sent */
	CHECK_INT(from->done_code, -ETIMEDOUT);
	broker_do("alarm off");
	wait_long(world, &from->states, 2);
	CHECK(!from->state[0]);
	wait_long(world, &from->done, probes + 2);
	CHECK_INT(from->good, probes + 1); /* what had been sent is confirmed by now */
	peer_wait(world, to, probes + 1);
	peer_close(world, to);
	other = peer_open(world, 64);
	peer_wait(world, other, probes);
	world_run(world, 300);
	CHECK_INT(other->count, probes); /* the ack passed, "never" is not there */
	for (size_t i = 0; i < probes; i++)
		CHECK_STR(str_of(other->got[i].body), "probe");
	peer_close(world, other);
	peer_close(world, from);
}

BUS_TEST_OF("rabbitmq", a_dead_letter_comes_with_its_reason_and_can_be_kept_elsewhere)
{
	struct peer *from = peer_open(world, 0), *to = peer_open(world, 4), *keeper;
	int64_t begun_us = clock_utc_us();

	peer_publish_now(world, from, BUS_SCAN_BULK, "again");
	for (size_t attempt = 1; attempt <= BUS_ATTEMPTS; attempt++) {
		peer_wait(world, to, attempt);
		bus_retry(to->bus, to->got[attempt - 1].tag, 1,
			  attempt == BUS_ATTEMPTS ? STR_LIT("the third server is away")
						  : STR_LIT("another reason"));
	}
	CHECK_INT(bus_flush(to->bus, NULL), 0);
	keeper = peer_open(world, 0);
	bus_collect(keeper->bus, 10);
	world_wait(world, &keeper->letters, 1);
	CHECK_STR(str_of(keeper->letter[0].reason), "the third server is away");
	CHECK_STR(str_of(keeper->letter[0].body), "again");
	CHECK_INT(keeper->letter[0].attempt, BUS_ATTEMPTS);
	CHECK_INT(keeper->letter[0].queue, BUS_SCAN_BULK);
	CHECK(keeper->letter[0].first_us >= begun_us - 1000000);
	CHECK(keeper->letter[0].dead_us >= keeper->letter[0].first_us);
	peer_close(world, keeper); /* not acked: it is there for the next */
	keeper = peer_open(world, 0);
	bus_collect(keeper->bus, 10);
	world_wait(world, &keeper->letters, 1);
	bus_ack(keeper->bus, keeper->letter[0].tag);
	CHECK_INT(bus_flush(keeper->bus, NULL), 0);
	peer_close(world, keeper);
	keeper = peer_open(world, 0);
	bus_collect(keeper->bus, 10);
	world_run(world, 500);
	CHECK_INT(keeper->letters, 0);
	peer_close(world, keeper);
	peer_close(world, to);
	peer_close(world, from);
}

BUS_TEST_OF("rabbitmq", what_is_held_for_long_stays_held_and_is_published_again)
{
	struct peer *from = peer_open(world, 0), *to, *other;

	world->hold_ms = 1500;
	to = peer_open(world, 1);
	peer_publish_now(world, from, BUS_SCAN_NORMAL, "long");
	peer_wait(world, to, 1);
	world_run(world, 2800); /* the broker's clock was begun anew */
	CHECK_INT(to->lost_count, 0);
	/* It waits to come again, or has come: the broker thinks that nobody has it. */
	CHECK_INT(unacked_at_last("dss.scan.normal", 0), 0);
	world->hold_ms = 0;
	other = peer_open(world, 1);
	wait_long(world, &other->count, 1); /* who still holds it then is seen by its token */
	CHECK_INT(other->got[0].attempt, 1);
	bus_ack(to->bus, to->got[0].tag);
	bus_ack(other->bus, other->got[0].tag);
	CHECK_INT(bus_flush(to->bus, NULL), 0);
	peer_close(world, other);
	peer_close(world, to);
	peer_close(world, from);
}

BUS_TEST_OF("rabbitmq", what_it_is_refused_for_is_said_in_one_line_and_once)
{
	static const struct {
		const char *password, *vhost, *says;
	} rows[] = {
		{ "wrong", "dss", "refuses user \"dss\"" },
		{ NULL, "nowhere", "vhost \"nowhere\"" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct peer *peer;

		test_row("%s", rows[i].says);
		if (rows[i].password)
			snprintf(world->password, sizeof world->password, "%s", rows[i].password);
		snprintf(world->url, sizeof world->url, "amqp://dss@127.0.0.1:%u/%s",
			 broker_of_test()->port, rows[i].vhost);
		peer = peer_open(world, 0);
		wait_long(world, &peer->states, 1);
		CHECK(strstr(peer->state, rows[i].says));
		CHECK(!strchr(peer->state, '\n'));
		CHECK(!strstr(peer->state, world->password) || !rows[i].password);
		world_run(world, 2500); /* it goes on trying, with rests */
		CHECK_INT(peer->states, 1);
		peer_close(world, peer);
		snprintf(world->password, sizeof world->password, "%s", broker_of_test()->password);
	}
}

BUS_TEST_OF("rabbitmq", with_tls_the_certificate_and_its_name_must_be_right)
{
	const struct broker *broker = broker_of_test();
	const struct {
		const char *host, *ca_file, *says;
	} rows[] = {
		{ "localhost", "", "its certificate was refused" },
		{ "127.0.0.1", broker->ca_file,
		  "its certificate was refused: IP address mismatch" },
		{ "localhost", broker->ca_file, NULL },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct peer *peer;

		test_row("%s %s", rows[i].host, rows[i].ca_file);
		snprintf(world->url, sizeof world->url, "amqps://dss@%s:%u/dss", rows[i].host,
			 broker->tls_port);
		snprintf(world->ca_file, sizeof world->ca_file, "%s", rows[i].ca_file);
		peer = peer_open(world, 4);
		if (rows[i].says) {
			CHECK_INT(bus_probe(peer->bus, NULL), -ENOTCONN);
			wait_long(world, &peer->states, 1);
			CHECK(strstr(peer->state, rows[i].says));
		} else {
			static char body[40000]; /* several records, several frames */

			memset(body, 'x', sizeof body - 1);
			CHECK_INT(bus_probe(peer->bus, NULL), 0);
			peer_publish(peer, BUS_SCAN_NORMAL, body);
			wait_long(world, &peer->count, 1);
			CHECK_INT(peer->done_code, 0);
			bus_ack(peer->bus, peer->got[0].tag);
			CHECK_INT(bus_flush(peer->bus, NULL), 0);
		}
		peer_close(world, peer);
	}
}

BUS_TEST_OF("rabbitmq", of_several_hosts_one_is_enough)
{
	struct peer *from, *to;

	snprintf(world->url, sizeof world->url,
		 "amqp://dss@127.0.0.1:1,no-such-host.invalid:2,127.0.0.1:%u/dss",
		 broker_of_test()->port);
	from = peer_open(world, 0);
	to = peer_open(world, 1);
	peer_publish(from, BUS_SCAN_HIGH, "found");
	wait_long(world, &to->count, 1);
	CHECK_INT(from->done_code, 0);
	peer_close(world, to);
	peer_close(world, from);
}

BUS_TEST_OF("rabbitmq", a_deleted_queue_is_declared_again_and_nothing_is_confirmed_into_the_void)
{
	struct peer *from = peer_open(world, 0), *to;

	peer_publish_now(world, from, BUS_SCAN_HIGH, "first");
	broker_do("eval [rabbit_amqqueue:delete(Q, false, false, <<>>) || Q <- "
		  "rabbit_amqqueue:list(), element(4, amqqueue:get_name(Q)) =:= "
		  "<<\"dss.scan.high\">>], ok.");
	peer_publish(from, BUS_SCAN_HIGH, "second");
	world_wait(world, &from->done, 2);
	CHECK_INT(from->done_code, -ENOENT); /* no queue took it: the publisher knows */
	peer_publish_now(world, from, BUS_SCAN_HIGH, "third");
	to = peer_open(world, 4);
	peer_wait(world, to, 1);
	CHECK_STR(str_of(to->got[0].body), "third");
	peer_close(world, to);
	peer_close(world, from);
}

TEST(urls_name_brokers_and_never_a_password)
{
	static const struct {
		const char *url;
		int code;
		const char *says;
	} rows[] = {
		{ "amqp://dss@mq.example.com", 0, "" },
		{ "amqps://d%40ss@[::1]:5,b,c:7/a%2Fb", 0, "" },
		{ "amqp://mq.example.com/", ERR_SYNTAX, "1 to 255" },
		{ "amqp://mq.example.com", ERR_SYNTAX, "names no user" },
		{ "amqp://dss:secret@mq.example.com", ERR_SYNTAX, "password" },
		{ "amqp://dss@", ERR_SYNTAX, "no host" },
		{ "amqp://dss@a,,b", ERR_SYNTAX, "no host" },
		{ "amqp://dss@a:0", ERR_SYNTAX, "no port" },
		{ "amqp://dss@a:65536", ERR_SYNTAX, "no port" },
		{ "amqp://dss@[::1", ERR_SYNTAX, "]" },
		{ "amqp://dss@a?heartbeat=0", ERR_SYNTAX, "no host" },
		{ "amqp://d%0ass@a", ERR_SYNTAX, "control" },
		{ "amqp://d%zzss@a", ERR_SYNTAX, "hex" },
		{ "amqp://dss@a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a", ERR_SYNTAX, "16 hosts" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct arena a = { 0 };
		struct err err = { 0 };

		test_row("%s", rows[i].url);
		CHECK_INT(bus_check(&a, str_of(rows[i].url), &err), rows[i].code);
		CHECK(strstr(err.text, rows[i].says));
		CHECK(!strstr(err.text, "secret"));
		arena_release(&a);
	}
}
