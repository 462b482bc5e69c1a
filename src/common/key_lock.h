/*
 * key_lock.h
 *		Locks on what a key names, whether a row has it yet or not.
 */
#ifndef PAYCORE_KEY_LOCK_H
#define PAYCORE_KEY_LOCK_H

#include "common/paycore.h"
#include "common/catalog.h"

/*
 * To the end of the transaction.  Two keys of a table may happen to share one.
 * False where another transaction has it and wait is false.
 */
extern bool pc_lock_key(PcTable table, const void *key, size_t length, bool wait);

#endif							/* PAYCORE_KEY_LOCK_H */
