/* SPDX-License-Identifier: Apache-2.0 */
/* Where does the API listen? */
#include "roles/api/listen.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

static bool is_loopback(const struct address *address)
{
	static const unsigned char one[16] = { [15] = 1 };

	return address->family == ADDRESS_IPV4 ? address->bytes[0] == 127
					       : !memcmp(address->bytes, one, sizeof one);
}

int listen_parse(struct str text, bool is_guarded, struct listen_at *ret, struct err *err)
{
	struct listen_at at = { .port = 8053 };

	if (str_starts(text, STR_LIT("unix:"))) {
		at.path = str_from(text, 5);
		if (!at.path.len || at.path.data[0] != '/')
			return err_set(err, ERR_SYNTAX,
				       "\"%.*s\": unix: wants a path from the root", STR(text));
		if (at.path.len >= sizeof(((struct sockaddr_un *)0)->sun_path))
			return err_set(err, ERR_LIMIT,
				       "\"%.*s\": the path is too long for a socket", STR(text));
		*ret = at;
		return 0;
	}
	TRY(address_port_parse(text, &at.address, &at.port, err));
	if (!is_guarded && !is_loopback(&at.address))
		return err_set(
			err, -EPERM,
			"\"%.*s\" is no loopback address: give --tls-certificate and --tls-key, "
			"or --behind-proxy when another server speaks TLS for it",
			STR(text));
	*ret = at;
	return 0;
}

/* The lock of the data folder says that no other server of ours is there; what is left is stale. */
static int bind_path(int fd, struct str path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct stat status;

	memcpy(to.sun_path, path.data, path.len);
	if (!lstat(to.sun_path, &status) && S_ISSOCK(status.st_mode))
		unlink(to.sun_path);
	if (bind(fd, (struct sockaddr *)&to, sizeof to) < 0 || chmod(to.sun_path, 0660) < 0)
		return -errno;
	return 0;
}

/* Reuse of addresses lets a restart bind while old connections linger; reuse of ports would let two
 * servers share one, and is off. */
static int bind_address(int fd, struct listen_at *at)
{
	struct sockaddr_storage to;
	socklen_t len = address_to_sockaddr(&at->address, at->port, &to);
	int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
	    (to.ss_family == AF_INET6 &&
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0) ||
	    bind(fd, (struct sockaddr *)&to, len) < 0 ||
	    getsockname(fd, (struct sockaddr *)&to, &len) < 0)
		return -errno;
	at->address = address_from_sockaddr((struct sockaddr *)&to, &at->port);
	return 0;
}

int listen_open(struct listen_at *at, int *ret_fd, struct err *err)
{
	int family = at->path.len                         ? AF_UNIX
		     : at->address.family == ADDRESS_IPV4 ? AF_INET
							  : AF_INET6;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), code;

	if (fd < 0)
		return err_set(err, -errno, "no socket: %s", strerror(errno));
	code = at->path.len ? bind_path(fd, at->path) : bind_address(fd, at);
	if (!code && listen(fd, BACKLOG) < 0)
		code = -errno;
	if (!code) {
		*ret_fd = fd;
		return 0;
	}
	close(fd);
	if (at->path.len)
		return err_set(err, code, "cannot listen on %.*s: %s", STR(at->path),
			       strerror(-code));
	return err_set(err, code, "cannot listen on port %u: %s%s", at->port, strerror(-code),
		       code == -EADDRINUSE ? "; is another dss serving? give --listen another port"
					   : "");
}
