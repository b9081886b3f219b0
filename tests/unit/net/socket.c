/* SPDX-License-Identifier: Apache-2.0 */
/* Does every socket refuse what the policy denies, and say what ICMP says? */
#include "tests/test.h"

#include "net/socket.h"

#include <poll.h>
#include <unistd.h>

static struct address parse(const char *text)
{
	struct address address;

	CHECK(address_parse(str_of(text), &address) == 0);
	return address;
}

TEST(a_denied_destination_is_not_approved)
{
	struct egress egress = { 0 };
	struct address loopback = parse("127.0.0.1"), mapped = parse("::ffff:127.0.0.1"),
		       global = parse("9.9.9.9");
	struct destination to;

	CHECK_INT(destination_approve(&egress, &loopback, 53, &to), ERR_DENIED);
	CHECK_INT(destination_approve(&egress, &mapped, 53, &to), ERR_DENIED);
	CHECK_INT(destination_approve(&egress, &global, 0, &to), -EINVAL);
	CHECK_INT(destination_approve(&egress, &global, 53, &to), 0);
	CHECK(!to.is_trusted && to.any.sa_family == AF_INET);
}

TEST(trust_is_for_one_address_and_port)
{
	struct egress egress = { 0 };
	struct address loopback = parse("127.0.0.1"), other = parse("127.0.0.2");
	struct destination to;

	CHECK_INT(egress_trust(&egress, &loopback, 5353), 0);
	CHECK_INT(destination_approve(&egress, &loopback, 5353, &to), 0);
	CHECK(to.is_trusted);
	CHECK_INT(destination_approve(&egress, &loopback, 5354, &to), ERR_DENIED);
	CHECK_INT(destination_approve(&egress, &other, 5353, &to), ERR_DENIED);
	for (int i = 1; i < EGRESS_TRUSTED; i++)
		CHECK_INT(egress_trust(&egress, &other, 1), 0);
	CHECK_INT(egress_trust(&egress, &other, 1), -ENOSPC);
}

static void check_dead_port(const char *text, enum address_family family)
{
	struct egress egress = { 0 };
	struct address address = parse(text), bound;
	struct sockaddr_storage name;
	socklen_t len = address_to_sockaddr(&address, 0, &name);
	int fd = socket_open_udp(family, 1 << 16),
	    holder = socket(name.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct pollfd ready = { .fd = fd, .events = POLLPRI };
	struct socket_complaint complaint;
	struct destination to;
	uint16_t port;

	CHECK(fd >= 0 && holder >= 0);
	CHECK(bind(holder, (struct sockaddr *)&name, len) == 0);
	CHECK(getsockname(holder, (struct sockaddr *)&name, &len) == 0);
	bound = address_from_sockaddr((struct sockaddr *)&name, &port);
	CHECK(address_eq(&bound, &address));
	close(holder); /* now nothing listens there */
	CHECK_INT(egress_trust(&egress, &address, port), 0);
	CHECK_INT(destination_approve(&egress, &address, port, &to), 0);
	CHECK_INT(socket_send_batch(fd, &(struct socket_datagram){ &to, "\x12\x34 hello", 8 }, 1),
		  1);
	CHECK(poll(&ready, 1, 5000) == 1 && (ready.revents & POLLPRI));
	CHECK_INT(socket_take_complaint(fd, &complaint), 1);
	CHECK_INT(complaint.error, ECONNREFUSED);
	CHECK(address_eq(&complaint.to, &address) && complaint.port == port);
	CHECK(complaint.len >= 2 && complaint.head[0] == 0x12 && complaint.head[1] == 0x34);
	CHECK_INT(socket_take_complaint(fd, &complaint), 0);
	close(fd);
}

TEST(the_error_queue_names_the_datagram_that_found_a_dead_port)
{
	check_dead_port("127.0.0.1", ADDRESS_IPV4);
	check_dead_port("::1", ADDRESS_IPV6);
}

TEST(tcp_to_a_dead_port_is_refused)
{
	struct egress egress = { 0 };
	struct address address = parse("127.0.0.1");
	struct destination to;
	struct pollfd ready = { .events = POLLOUT };
	int error;

	CHECK_INT(egress_trust(&egress, &address, 1), 0);
	CHECK_INT(destination_approve(&egress, &address, 1, &to), 0);
	ready.fd = socket_connect_tcp(&to);
	if (ready.fd < 0) {
		error = ready.fd;
	} else {
		CHECK(poll(&ready, 1, 5000) == 1);
		error = socket_error(ready.fd);
		close(ready.fd);
	}
	CHECK_INT(error, -ECONNREFUSED);
}
