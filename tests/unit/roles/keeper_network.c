/* SPDX-License-Identifier: Apache-2.0 */
/* Whom does a program in the cage reach? */
#include "tests/unit/roles/keeper_run.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

/* A listener whose connections are counted. */
static int listener_open(const char *address, uint16_t *ret_port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	CHECK(inet_pton(AF_INET, address, &at.sin_addr) == 1);
	CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 64) == 0);
	CHECK(getsockname(fd, (struct sockaddr *)&at, &len) == 0);
	*ret_port = ntohs(at.sin_port);
	return fd;
}

static unsigned connections(int fd)
{
	unsigned count = 0;
	int got;

	while ((got = accept(fd, NULL, NULL)) >= 0) {
		count++;
		close(got);
	}
	return count;
}

/* Every way that a program has to send somebody something. */
static const char ways[] =
	"import socket, sys, os, errno\n"
	"host, port = sys.argv[1], int(sys.argv[2])\n"
	"def attempt(name, what):\n"
	"    try:\n"
	"        what()\n"
	"        print(name, 'GOT')\n"
	"    except OSError as e:\n"
	"        print(name, errno.errorcode.get(e.errno, e.errno))\n"
	"def tcp():\n"
	"    socket.create_connection((host, port), 2).close()\n"
	"def late():\n"
	"    s = socket.socket(); s.setblocking(False)\n"
	"    try:\n"
	"        s.connect((host, port))\n"
	"    except BlockingIOError:\n"
	"        pass\n"
	"def mapped():\n"
	"    socket.socket(socket.AF_INET6).connect(('::ffff:' + host, port))\n"
	"def udp():\n"
	"    socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', (host, port))\n"
	"def udp_message():\n"
	"    socket.socket(type=socket.SOCK_DGRAM).sendmsg([b'x', b'y'], [], 0, (host, port))\n"
	"def udp_connected():\n"
	"    s = socket.socket(type=socket.SOCK_DGRAM); s.connect((host, port)); s.send(b'x')\n"
	"def fast_open():\n"
	"    socket.socket().sendto(b'x', 0x20000000, (host, port))\n"
	"def raw():\n"
	"    socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)\n"
	"def ping():\n"
	"    socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 1)\n"
	"def sctp():\n"
	"    socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132)\n"
	"def multipath():\n"
	"    socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)\n"
	"def packet():\n"
	"    socket.socket(socket.AF_PACKET, socket.SOCK_RAW)\n"
	"def netlink():\n"
	"    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)\n"
	"def unix():\n"
	"    socket.socket(socket.AF_UNIX).connect('/run/dss-no-such')\n"
	"def serve():\n"
	"    s = socket.socket(); s.bind(('', 0)); s.listen()\n"
	"for name in 'tcp late mapped udp udp_message udp_connected fast_open raw ping sctp "
	"multipath packet netlink unix serve'.split():\n"
	"    attempt(name, globals()[name])\n";

static struct keeper_plan attempts(const char *host, uint16_t port)
{
	static struct str argv[6];
	static char port_text[8];

	snprintf(port_text, sizeof port_text, "%u", port);
	argv[0] = STR_LIT("/usr/bin/python3");
	argv[1] = STR_LIT("-Ic");
	argv[2] = str_of(ways);
	argv[3] = str_of(host);
	argv[4] = str_of(port_text);
	return (struct keeper_plan){ .argv = argv,
				     .argv_count = 5,
				     .time_ms = 15000,
				     .memory_bytes = 1u << 30,
				     .processes = 16,
				     .is_bare = wants_bare,
				     .temporary = str_of(bare_place) };
}

static void nobody_is_reached(void)
{
	struct str allowed[] = { STR_LIT("127.0.53.0/24") };
	struct keeper_plan plan;
	uint16_t port;
	int fd = listener_open("127.0.54.1", &port);

	for (int network = 0; network <= DEFINITION_NETWORK_GUARDED; network++) {
		plan = attempts("127.0.54.1", port);
		plan.network = (uint8_t)network;
		plan.allow_networks = allowed;
		plan.allow_network_count = 1;
		CHECK_INT(address_parse(STR_LIT("127.0.53.1"), &plan.address), 0);
		keep(&plan);
		CHECK_STR(ran.report.error, "");
		CHECK(says("tcp E") && says("udp_message E") && says("serve E"));
		CHECK(!says("GOT"));
		CHECK(network == 0 || ran.report.denied >= 5);
		CHECK_INT(connections(fd), 0);
	}
	close(fd);
}

TEST(it_reaches_nobody_but_whom_it_may)
{
	in_both(nobody_is_reached);
}

static void the_approved_one_is_reached(void)
{
	static const char *const wanted[] = { "tcp GOT", "late GOT", "udp GOT", "udp_message GOT",
					      "udp_connected GOT" };
	struct str allowed[] = { STR_LIT("127.0.53.0/24") };
	struct keeper_plan plan;
	uint16_t port;
	int fd = listener_open("127.0.53.1", &port);

	plan = attempts("127.0.53.1", port);
	plan.network = DEFINITION_NETWORK_ADDRESS;
	plan.allow_networks = allowed;
	plan.allow_network_count = 1;
	CHECK_INT(address_parse(STR_LIT("127.0.53.1"), &plan.address), 0);
	keep(&plan);
	for (size_t i = 0; i < ARRAY_COUNT(wanted); i++) {
		CHECK(says(wanted[i]));
	}
	CHECK(says("mapped E") && says("raw E") && says("ping E") && says("serve E"));
	CHECK(says("fast_open E") && says("sctp E") && says("multipath E") && says("unix E"));
	CHECK_INT(connections(fd), 2);
	plan.port = (uint16_t)(port + 1);
	keep(&plan);
	CHECK(!says("tcp GOT") && !says("udp GOT"));
	CHECK_INT(connections(fd), 0);
	close(fd);
}

TEST(it_reaches_the_address_that_it_was_given)
{
	in_both(the_approved_one_is_reached);
}

TEST(a_race_for_the_address_is_lost)
{
	/* One thread changes the address all the time while another connects. */
	struct keeper_plan plan =
		python("import ctypes, threading, struct, sys, socket\n"
		       "libc = ctypes.CDLL(None, use_errno=True)\n"
		       "good, bad = [struct.pack('!HH4s8x', 0, PORT, socket.inet_aton(a)) for a in "
		       "('127.0.53.1', '127.0.54.1')]\n"
		       "good, bad = [struct.pack('=H', 2) + x[2:] for x in (good, bad)]\n"
		       "memory = ctypes.create_string_buffer(good, 16)\n"
		       "def flip():\n"
		       "    while True:\n"
		       "        ctypes.memmove(memory, bad, 16); ctypes.memmove(memory, good, 16)\n"
		       "threading.Thread(target=flip, daemon=True).start()\n"
		       "for i in range(3000):\n"
		       "    s = socket.socket(); libc.connect(s.fileno(), memory, 16); s.close()\n"
		       "print('end')\n");
	struct str allowed[] = { STR_LIT("127.0.53.0/24") };
	uint16_t port, good_port;
	int bad = listener_open("127.0.54.1", &port), good;
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct buf script;

	good = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	CHECK(inet_pton(AF_INET, "127.0.53.1", &at.sin_addr) == 1);
	CHECK(bind(good, (struct sockaddr *)&at, sizeof at) == 0 && listen(good, 4096) == 0);
	good_port = port;
	buf_init(&script, NULL);
	buf_printf(&script, "PORT = %u\n%.*s", good_port, STR(plan.argv[2]));
	plan.argv[2] = buf_str(&script);
	plan.network = DEFINITION_NETWORK_ADDRESS;
	plan.allow_networks = allowed;
	plan.allow_network_count = 1;
	plan.time_ms = 30000;
	CHECK_INT(address_parse(STR_LIT("127.0.53.1"), &plan.address), 0);
	keep(&plan);
	CHECK_STR(output(), "end\n");
	CHECK(ran.report.denied > 0 && ran.report.connected > 0);
	CHECK_INT(connections(bad), 0);
	CHECK(connections(good) > 0);
	buf_release(&script);
	close(bad);
	close(good);
}
