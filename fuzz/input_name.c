/* SPDX-License-Identifier: Apache-2.0 */
/* Is what is made of typed text a name, and the same name when typed again? */
#include "formats/dns/name.h"
#include "formats/names/idna.h"
#include "formats/names/input.h"
#include "formats/names/psl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct str typed = str_bytes(data, size), suffix;
	struct name_input input, again;
	uint8_t wire[DNS_NAME_WIRE_BYTES];
	struct err err = { 0 };

	if (name_input_read(&a, typed, &input, &err) < 0) {
		if (!err.text[0])
			abort();
	} else {
		if (name_input_read(&a, input.name, &again, &err) < 0 ||
		    again.kind != NAME_INPUT_PLAIN || !str_eq(again.name, input.name))
			abort();
		if (dns_name_to_wire(input.name, wire) < 0)
			abort();
		suffix = public_suffix_of(input.name);
		if (!suffix.len || !str_ends(input.name, suffix))
			abort();
		if (!idna_display(&a, input.name).len)
			abort();
	}
	arena_release(&a);
	return 0;
}
