/* SPDX-License-Identifier: Apache-2.0 */
/* Does rdata of any octets survive its own text, unless it is marked as malformed? */
#include "formats/dns/rdata.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_rr rr = { .owner = STR_LIT("a"), .klass = DNS_CLASS_IN }, again;
	struct arena a = { 0 };
	struct str text, rest;

	if (size < 2 || size > RDATA_BYTES)
		return 0;
	rr.type = (uint16_t)(data[0] << 8 | data[1]);
	rr.rdata = str_bytes(data + 2, size - 2);
	dns_rr_parse(&a, &rr);
	rest = text = dns_rr_data_text(&a, &rr);
	again = rr;
	if (dns_rdata_parse(&a, &rest, &again, NULL) < 0 || str_trim(rest).len ||
	    again.is_malformed != rr.is_malformed)
		abort();
	if (!str_eq(dns_rr_data_text(&a, &again), text))
		abort();
	if (rr.is_malformed && !str_eq(again.rdata, rr.rdata))
		abort();
	(void)dns_bitmap_has(rr.rdata, rr.type);
	arena_release(&a);
	return 0;
}
