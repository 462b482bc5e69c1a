/*
 * key_lock.c
 *		Locks on what a key names, in the server's table of locks.
 */
#include "common/key_lock.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/lock.h"

bool
pc_lock_key(PcTable table, const void *key, size_t length, bool wait)
{
	LOCKTAG		tag;

	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, pc_table_oid(table, false), hash_bytes(key, (int) length), 0);
	return LockAcquire(&tag, ExclusiveLock, false, !wait) != LOCKACQUIRE_NOT_AVAIL;
}
