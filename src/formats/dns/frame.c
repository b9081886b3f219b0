/* SPDX-License-Identifier: Apache-2.0 */
/* Where does one DNS message end in a TCP stream? */
#include "formats/dns/message.h"

#include "formats/dns/octet.h"

enum { LENGTH_BYTES = 2 };

int dns_frame_take(struct str *stream, struct str *ret_message)
{
	size_t len;

	if (stream->len < LENGTH_BYTES)
		return 0;
	len = octet_u16(stream->data);
	if (len < DNS_HEADER_BYTES)
		return ERR_SYNTAX;
	if (stream->len - LENGTH_BYTES < len)
		return 0;
	*ret_message = str_first(str_from(*stream, LENGTH_BYTES), len);
	*stream = str_from(*stream, LENGTH_BYTES + len);
	return 1;
}

int dns_frame_put(struct buf *out, struct str message)
{
	if (message.len < DNS_HEADER_BYTES || message.len > DNS_MESSAGE_BYTES)
		return ERR_LIMIT;
	buf_put_char(out, (char)(message.len >> 8));
	buf_put_char(out, (char)(message.len & 0xff));
	buf_put_str(out, message);
	return 0;
}
