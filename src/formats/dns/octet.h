/* SPDX-License-Identifier: Apache-2.0 */
/** Numbers in network byte order, for the files of this folder. The caller has checked the bounds. */
#ifndef DSS_FORMATS_DNS_OCTET_H
#define DSS_FORMATS_DNS_OCTET_H

#include <stdint.h>

static inline uint16_t octet_u16(const void *at)
{
	const uint8_t *octets = at;

	return (uint16_t)(octets[0] << 8 | octets[1]);
}

static inline uint32_t octet_u32(const void *at)
{
	const uint8_t *octets = at;

	return (uint32_t)octet_u16(octets) << 16 | octet_u16(octets + 2);
}

/* Both return where the next octet goes. */
static inline uint8_t *octet_put_u16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

static inline uint8_t *octet_put_u32(uint8_t *at, uint32_t value)
{
	return octet_put_u16(octet_put_u16(at, (uint16_t)(value >> 16)), (uint16_t)value);
}

#endif
