/* SPDX-License-Identifier: Apache-2.0 */
/* How are IP addresses read, printed and compared? */
#include "base/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

bool address_eq(const struct address *a, const struct address *b)
{
	return a->family == b->family && !memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

int address_cmp(const struct address *a, const struct address *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

struct address address_ipv4(const void *four_bytes)
{
	struct address address = { .family = ADDRESS_IPV4 };

	memcpy(address.bytes, four_bytes, 4);
	return address;
}

struct address address_ipv6(const void *sixteen_bytes)
{
	struct address address = { .family = ADDRESS_IPV6 };

	memcpy(address.bytes, sixteen_bytes, 16);
	return address;
}

int address_parse(struct str text, struct address *ret)
{
	char copy[ADDRESS_TEXT_BYTES];
	unsigned char bytes[16];

	if (!text.len || text.len >= sizeof copy || memchr(text.data, 0, text.len))
		return ERR_SYNTAX;
	memcpy(copy, text.data, text.len);
	copy[text.len] = 0;
	if (inet_pton(AF_INET, copy, bytes) == 1)
		*ret = address_ipv4(bytes);
	else if (inet_pton(AF_INET6, copy, bytes) == 1)
		*ret = address_ipv6(bytes);
	else
		return ERR_SYNTAX;
	return 0;
}

static bool has_host_bits(const struct network *network)
{
	size_t size = network->base.family == ADDRESS_IPV4 ? 4 : 16;

	for (size_t i = 0; i < size; i++) {
		unsigned kept =
			network->prefix > i * 8 ? MIN(network->prefix - (unsigned)i * 8, 8u) : 0;

		if (network->base.bytes[i] & (0xffu >> kept))
			return true;
	}
	return false;
}

int network_parse(struct str text, struct network *ret, struct err *err)
{
	ptrdiff_t slash = str_find_char(text, '/');
	struct network network = { 0 };
	uint64_t prefix;

	if (address_parse(slash < 0 ? text : str_first(text, (size_t)slash), &network.base) < 0)
		return err_set(err, ERR_SYNTAX, "\"%.*s\": not an IP address or network",
			       STR(text));
	prefix = network.base.family == ADDRESS_IPV4 ? 32 : 128;
	if (slash >= 0 && str_to_uint(str_from(text, (size_t)slash + 1), prefix, &prefix) < 0)
		return err_set(err, ERR_SYNTAX, "\"%.*s\": the prefix length must be 0 to %d",
			       STR(text), (int)prefix);
	network.prefix = (uint8_t)prefix;
	if (has_host_bits(&network))
		return err_set(err, ERR_SYNTAX, "\"%.*s\": bits are set behind the prefix length",
			       STR(text));
	*ret = network;
	return 0;
}

bool network_has(const struct network *network, const struct address *address)
{
	unsigned whole = network->prefix / 8, rest = network->prefix % 8;

	if (network->base.family != address->family ||
	    memcmp(network->base.bytes, address->bytes, whole) != 0)
		return false;
	return !rest || !((network->base.bytes[whole] ^ address->bytes[whole]) &
			  (unsigned)(0xff00 >> rest) & 0xff);
}

static void ipv4_text(const uint8_t bytes[static 4], char *out)
{
	for (size_t i = 0; i < 4; i++) {
		if (bytes[i] >= 100)
			*out++ = (char)('0' + bytes[i] / 100);
		if (bytes[i] >= 10)
			*out++ = (char)('0' + bytes[i] / 10 % 10);
		*out++ = (char)('0' + bytes[i] % 10);
		*out++ = i < 3 ? '.' : 0;
	}
}

const char *address_text(const struct address *address, char out[static ADDRESS_TEXT_BYTES])
{
	if (address->family == ADDRESS_IPV4)
		ipv4_text(address->bytes, out);
	else if (!address_is_set(address) ||
		 !inet_ntop(AF_INET6, address->bytes, out, ADDRESS_TEXT_BYTES))
		out[0] = 0;
	return out;
}

struct str address_str(struct arena *a, const struct address *address)
{
	char text[ADDRESS_TEXT_BYTES];

	return str_copy(a, str_of(address_text(address, text)));
}

int address_port_parse(struct str text, struct address *ret, uint16_t *ret_port, struct err *err)
{
	struct str host = text, port = STR_NONE;
	struct address address;
	uint64_t number = *ret_port;
	ptrdiff_t at;

	if (text.len && text.data[0] == '[') {
		at = str_find_char(text, ']');
		if (at < 0)
			return err_set(err, ERR_SYNTAX, "\"%.*s\": the bracket is not closed",
				       STR(text));
		host = str_from(str_first(text, (size_t)at), 1);
		port = str_from(text, (size_t)at + 1);
		if (port.len && port.data[0] != ':')
			return err_set(err, ERR_SYNTAX, "\"%.*s\": a colon must follow the bracket",
				       STR(text));
	} else if ((at = str_find_char(text, ':')) >= 0 && at == str_find_last_char(text, ':')) {
		host = str_first(text, (size_t)at);
		port = str_from(text, (size_t)at);
	}
	if (address_parse(host, &address) < 0)
		return err_set(err, ERR_SYNTAX,
			       "\"%.*s\": not an IP address (write 192.0.2.1, 192.0.2.1:53 or "
			       "[2001:db8::1]:53)",
			       STR(text));
	if (port.len && (str_to_uint(str_from(port, 1), 65535, &number) < 0 || !number))
		return err_set(err, ERR_SYNTAX, "\"%.*s\": the port must be 1 to 65535", STR(text));
	*ret = address;
	*ret_port = (uint16_t)number;
	return 0;
}

socklen_t address_to_sockaddr(const struct address *address, uint16_t port,
			      struct sockaddr_storage *ret)
{
	memset(ret, 0, sizeof *ret);
	if (address->family == ADDRESS_IPV4) {
		struct sockaddr_in *in = (struct sockaddr_in *)ret;

		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		memcpy(&in->sin_addr, address->bytes, 4);
		return sizeof *in;
	}
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret;

	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	memcpy(&in6->sin6_addr, address->bytes, 16);
	return sizeof *in6;
}

struct address address_from_sockaddr(const struct sockaddr *sa, uint16_t *ret_port)
{
	if (sa->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)sa;

		if (ret_port)
			*ret_port = ntohs(in->sin_port);
		return address_ipv4(&in->sin_addr);
	}
	if (sa->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;

		if (ret_port)
			*ret_port = ntohs(in6->sin6_port);
		return address_ipv6(&in6->sin6_addr);
	}
	return (struct address){ 0 };
}
