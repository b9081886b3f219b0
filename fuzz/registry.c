/* SPDX-License-Identifier: Apache-2.0 */
/* Are replies of RDAP and WHOIS servers of any octets read without harm, and within bounds? */
#include "formats/registry/rdap.h"
#include "formats/registry/whois.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct registration *registration)
{
	if (registration->status_count > REGISTRATION_ITEMS ||
	    registration->name_server_count > REGISTRATION_ITEMS ||
	    registration->registrar.len > REGISTRATION_TEXT_BYTES)
		abort();
	for (size_t i = 0; i < registration->status_count; i++)
		if (!registration->status[i].len)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_bytes(data, size);
	struct rdap_bootstrap bootstrap = { 0 };
	struct registration registration;
	struct arena a = { 0 };
	struct err err = { 0 };
	struct str url;
	int64_t us;

	if (rdap_read(&a, text, &registration, &err) == 0)
		check(&registration);
	if (whois_read(&a, text, &registration) == 0)
		check(&registration);
	(void)whois_referral(&a, text);
	(void)!registry_date_parse(text, &us);
	if (rdap_bootstrap_read(&a, text, &bootstrap, &err) == 0) {
		(void)!rdap_url(&a, &bootstrap, RDAP_DOMAIN, STR_LIT("a.example.com"), &url);
		(void)!rdap_url(&a, &bootstrap, RDAP_IP, STR_LIT("2001:db8::1"), &url);
		(void)!rdap_url(&a, &bootstrap, RDAP_AUTNUM, STR_LIT("as64500"), &url);
	}
	arena_release(&a);
	return 0;
}
