/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Proof of control over a domain, as RFC 8555 section 8.4 does it: the TXT record at PROOF_LABEL below the domain
 * says PROOF_PREFIX and the token that was given out. Scans ask for the record while a token is out (app/proof.h
 * decides); consent to active questions rests on it.
 */
#ifndef DSS_MODEL_PROOF_H
#define DSS_MODEL_PROOF_H

#define PROOF_LABEL "_dss-challenge"
#define PROOF_PREFIX "dss-proof="

enum { PROOF_TEXTS = 64 /**< texts of the record that are looked at */ };

#endif
