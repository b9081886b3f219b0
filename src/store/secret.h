/* SPDX-License-Identifier: Apache-2.0 */
/** Random octets that belong to this store: they sign cursors and seed hashes. */
#ifndef DSS_STORE_SECRET_H
#define DSS_STORE_SECRET_H

#include "store/store.h"

enum { SECRET_BYTES = 64 };

/** Made of `size` (at most SECRET_BYTES) random octets when missing, which needs store_write: in a
 * store_read a missing one gives -EROFS. One of another size: -EINVAL. */
int secret_get(struct store_tx *tx, struct str name, size_t size, struct str *ret,
	       struct err *err) MUST_USE;

#endif
