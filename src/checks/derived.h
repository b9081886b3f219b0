/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Derived facts: what several families compute from facts (SPF tree, mail hosts …). Each is a pure
 * function like a judge, run once a scan for each name it is derived for; readers wait for it as
 *for any fact. One entry each; the struct stands in checks/derived/NAME.h, the function in NAME.c:
 *
 *	const void *derived_NAME(struct judge *j)	j->domain is the name it is derived for;
 *reads with ask_, try_, derive_; returns a struct in j->arena, or NULL.
 *
 * A derived fact may give a value although some reads met gaps (one of five hosts timed out): the
 *gaps pass to the reader, which must treat the value as partial. It never settles checks.
 */
#ifndef DSS_CHECKS_DERIVED_H
#define DSS_CHECKS_DERIVED_H

#include "checks/judge.h"

/* The engine's own test brings a table of its own. */
#ifndef DERIVED_FACTS
/* X(name): struct name, derive_name(j, subject), derived_name(j) */
#define DERIVED_FACTS(X)                                                                           \
	X(zone)         /* the zone that holds a name, and its parent */                           \
	X(name_servers) /* delegation of a zone: the parent's and the child's NS, addresses */     \
	X(responders)   /* addresses of a zone's servers, and which of them are silent */          \
	X(dnskeys)      /* the DNSKEY sets of a zone's servers */                                  \
	X(dnssec)       /* is the zone that holds a name signed? */                                \
	X(spf_tree)     /* the SPF record and all it includes, counted; RFC 7208 section 4.6.4 */  \
	X(dkim_keys)    /* keys at the selectors that are known; RFC 6376 section 3.6.2 */         \
	X(dmarc_walk)   /* the DMARC record that applies to a name; RFC 9989 section 4.10 */       \
	X(registration_of) /* what the registry says of a domain: by RDAP, else by WHOIS */        \
	X(registered)      /* is a domain registered at all? */                                    \
	X(control_proof)   /* the record of model/proof.h, when the request wants it */            \
	X(mail_hosts)      /* MX with addresses, implicit MX, null MX; RFC 5321 section 5.1 */
#endif

enum derived {
	DERIVED_NONE,
#define X(name) DERIVED_##name,
	DERIVED_FACTS(X)
#undef X
		DERIVED_COUNT
};

const void *judge_derive(struct judge *j, enum derived derived, struct str subject);

#define X(name)                                                                                    \
	struct name;                                                                               \
	const void *derived_##name(struct judge *j);                                               \
	__attribute__((unused)) static inline const struct name *derive_##name(struct judge *j,    \
									       struct str subject) \
	{                                                                                          \
		return judge_derive(j, DERIVED_##name, subject);                                   \
	}
DERIVED_FACTS(X)
#undef X

#endif
