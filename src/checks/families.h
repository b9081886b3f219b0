/* SPDX-License-Identifier: Apache-2.0 */
/** All families, in the order in which reports and `dss checks` show them: one line each. */
#ifndef DSS_CHECKS_FAMILIES_H
#define DSS_CHECKS_FAMILIES_H

#include "checks/judge.h"

/* The engine's own test brings a table of its own. */
#ifndef FAMILIES
/* X(symbol): const struct family family_SYMBOL */
#define FAMILIES(X)                                                                                \
	X(dns_domain)                                                                              \
	X(dns_delegation)                                                                          \
	X(dns_ns)                                                                                  \
	X(dns_server)                                                                              \
	X(dns_consistency)                                                                         \
	X(dns_soa)                                                                                 \
	X(dns_zone)                                                                                \
	X(dns_leak)                                                                                \
	X(dns_https)                                                                               \
	X(dnssec_chain)                                                                            \
	X(dnssec_ds)                                                                               \
	X(dnssec_dnskey)                                                                           \
	X(dnssec_rrsig)                                                                            \
	X(dnssec_nsec)                                                                             \
	X(dnssec_nsec3)                                                                            \
	X(dnssec_cds)                                                                              \
	X(mail_mx)                                                                                 \
	X(mail_dane)                                                                               \
	X(mail_ptr)                                                                                \
	X(mail_spf)                                                                                \
	X(mail_dkim)                                                                               \
	X(mail_dmarc)                                                                              \
	X(mail_mta_sts)                                                                            \
	X(mail_tls_rpt)                                                                            \
	X(mail_bimi)                                                                               \
	X(caa)                                                                                     \
	X(reg)                                                                                     \
	X(takeover_ns)                                                                             \
	X(sub)                                                                                     \
	X(rep_dnsbl)                                                                               \
	X(rep)                                                                                     \
	X(tool)                                                                                    \
	X(expect)
#endif

#define X(symbol) extern const struct family family_##symbol;
FAMILIES(X)
#undef X

/** In order; ends with NULL. */
extern const struct family *const families[];
/** The check with this id and its family, or NULL. */
const struct check *check_find(struct str id, const struct family **ret_family);
/** All ids, in order; ends with NULL. */
const char *const *check_ids(struct arena *a);

#endif
