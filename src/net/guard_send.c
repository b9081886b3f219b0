/* SPDX-License-Identifier: Apache-2.0 */
/* How is what a caged program sends to an address carried on? */
#include "net/guard_calls.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SEND_BYTES = 65536, VECTORS = 64, MESSAGES = 64 };

/* To whom (NULL: the socket is connected), what, how much. */
struct letter {
	struct destination to;
	bool has_address;
	size_t len;
	char data[SEND_BYTES];
};

static int address_read(struct guard *guard, const struct seccomp_notif *call, uint64_t from,
			size_t len, struct letter *letter)
{
	struct sockaddr_storage address = { 0 };

	letter->has_address = from != 0 && len != 0;
	if (!letter->has_address)
		return 0;
	if (len > sizeof address || len < sizeof address.ss_family)
		return -EINVAL;
	TRY(guard_read(call, from, &address, len));
	return guard_approve(guard, &address, (socklen_t)len, &letter->to);
}

static int letter_send(int fd, const struct letter *letter, int flags)
{
	return socket_send_on(fd, letter->has_address ? &letter->to : NULL, letter->data,
			      letter->len, flags);
}

void guard_sendto(struct guard *guard, const struct seccomp_notif *call)
{
	struct letter *letter = memory_alloc(sizeof *letter);
	int code, fd = -1;

	letter->len = (size_t)call->data.args[2];
	code = letter->len > SEND_BYTES ? -EMSGSIZE : 0;
	if (code == 0)
		code = address_read(guard, call, call->data.args[4], (size_t)call->data.args[5],
				    letter);
	if (code == 0)
		code = guard_read(call, call->data.args[1], letter->data, letter->len);
	if (code == 0)
		code = fd = guard_socket(guard, call);
	if (code >= 0)
		code = letter_send(fd, letter, (int)call->data.args[3]);
	if (fd >= 0)
		close(fd);
	guard_answer(guard, call->id, MAX(code, 0), MIN(code, 0), 0);
	memory_free(letter);
}

/* The parts of a message, put together. */
static int message_read(struct guard *guard, const struct seccomp_notif *call,
			const struct msghdr *message, struct letter *letter)
{
	struct iovec vectors[VECTORS];

	if (message->msg_iovlen > VECTORS)
		return -EMSGSIZE;
	TRY(address_read(guard, call, (uint64_t)(uintptr_t)message->msg_name, message->msg_namelen,
			 letter));
	TRY(guard_read(call, (uint64_t)(uintptr_t)message->msg_iov, vectors,
		       message->msg_iovlen * sizeof *vectors));
	letter->len = 0;
	for (size_t i = 0; i < message->msg_iovlen; i++) {
		size_t len = vectors[i].iov_len;

		if (len > SEND_BYTES - letter->len)
			return -EMSGSIZE;
		TRY(guard_read(call, (uint64_t)(uintptr_t)vectors[i].iov_base,
			       letter->data + letter->len, len));
		letter->len += len;
	}
	return 0;
}

void guard_sendmsg(struct guard *guard, const struct seccomp_notif *call)
{
	struct letter *letter = memory_alloc(sizeof *letter);
	struct msghdr message = { 0 };
	int fd = -1, code = guard_read(call, call->data.args[1], &message, sizeof message);

	if (code == 0)
		code = message_read(guard, call, &message, letter);
	if (code == 0)
		code = fd = guard_socket(guard, call);
	if (code >= 0)
		code = letter_send(fd, letter, (int)call->data.args[2]);
	if (fd >= 0)
		close(fd);
	guard_answer(guard, call->id, MAX(code, 0), MIN(code, 0), 0);
	memory_free(letter);
}

static int messages_send(struct guard *guard, const struct seccomp_notif *call,
			 struct letter *letter, int fd)
{
	size_t count = MIN((size_t)call->data.args[2], (size_t)MESSAGES), sent = 0;
	int code = 0;

	for (; sent < count; sent++) {
		uint64_t at = call->data.args[1] + sent * sizeof(struct mmsghdr);
		struct mmsghdr message = { 0 };
		unsigned len;

		code = guard_read(call, at, &message, sizeof message);
		if (code == 0)
			code = message_read(guard, call, &message.msg_hdr, letter);
		if (code == 0)
			code = letter_send(fd, letter, (int)call->data.args[3]);
		if (code < 0)
			break;
		len = (unsigned)code;
		code = guard_write(call, at + offsetof(struct mmsghdr, msg_len), &len, sizeof len);
		if (code < 0)
			break;
	}
	return sent ? (int)sent : code; /* sendmmsg(2) tells an error only when nothing was sent */
}

void guard_sendmmsg(struct guard *guard, const struct seccomp_notif *call)
{
	struct letter *letter = memory_alloc(sizeof *letter);
	int fd = guard_socket(guard, call), code = fd;

	if (fd >= 0) {
		code = messages_send(guard, call, letter, fd);
		close(fd);
	}
	guard_answer(guard, call->id, MAX(code, 0), MIN(code, 0), 0);
	memory_free(letter);
}
