/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What others gave us to keep to ourselves (the secrets of channels): stored encrypted and signed
 * (XChaCha20-Poly1305) with a key of this store, so that it is in no query's answer, no copy of one
 * table and no line of a log. Who has the whole store has the key as well.
 */
#ifndef DSS_STORE_SEAL_H
#define DSS_STORE_SEAL_H

#include "store/store.h"

/** The key is made when it is missing: inside of store_write. */
int seal(struct store_tx *tx, struct str clear, struct str *ret, struct err *err) MUST_USE;
/** Empty gives empty. ERR_CORRUPT: not sealed by this store. */
int unseal(struct store_tx *tx, struct str sealed, struct str *ret, struct err *err) MUST_USE;

#endif
