/*
 * marked.c
 *		Which databases are marked with paycore.worker = on, read from
 *		pg_db_role_setting by a process that is connected to none.
 *
 * Without a database there is no relation cache entry for it, so its pages
 * are read directly: the table is shared, and found through the shared map.
 */
#include "common/paycore.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_db_role_setting.h"
#include "catalog/pg_tablespace_d.h"
#include "catalog/pg_type.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/relmapper.h"
#include "utils/snapmgr.h"
#include "worker/marked.h"

#define SETTING "paycore.worker="

static bool
says_on(const char *setting)
{
	bool		on;

	return pg_strncasecmp(setting, SETTING, strlen(SETTING)) == 0 &&
		parse_bool(setting + strlen(SETTING), &on) && on;
}

static bool
list_says_on(Datum settings)
{
	ArrayType  *array = DatumGetArrayTypeP(settings);
	Datum	   *elements;
	int			n;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, NULL, &n);
	for (int i = 0; i < n; i++)
	{
		if (says_on(TextDatumGetCString(elements[i])))
			return true;
	}
	return false;
}

/* An oid looks like an int4, which can be described without a catalog. */
static TupleDesc
row_desc(void)
{
	TupleDesc	desc = CreateTemplateTupleDesc(Natts_pg_db_role_setting);

	TupleDescInitBuiltinEntry(desc, Anum_pg_db_role_setting_setdatabase, "setdatabase", INT4OID, -1, 0);
	TupleDescInitBuiltinEntry(desc, Anum_pg_db_role_setting_setrole, "setrole", INT4OID, -1, 0);
	TupleDescInitBuiltinEntry(desc, Anum_pg_db_role_setting_setconfig, "setconfig", TEXTARRAYOID, -1, 1);
	return desc;
}

/* Settings too long to lie in the row count as marked: the worker itself looks again. */
static bool
row_is_marked(HeapTuple tuple, TupleDesc desc, Oid *database)
{
	Datum		values[Natts_pg_db_role_setting];
	bool		nulls[Natts_pg_db_role_setting];
	Datum		settings;

	heap_deform_tuple(tuple, desc, values, nulls);
	*database = DatumGetObjectId(values[Anum_pg_db_role_setting_setdatabase - 1]);
	if (!OidIsValid(*database) || OidIsValid(DatumGetObjectId(values[Anum_pg_db_role_setting_setrole - 1])) ||
		nulls[Anum_pg_db_role_setting_setconfig - 1])
		return false;
	settings = values[Anum_pg_db_role_setting_setconfig - 1];
	return VARATT_IS_EXTERNAL(DatumGetPointer(settings)) || list_says_on(settings);
}

static List *
read_page(Buffer buffer, Snapshot snapshot, TupleDesc desc, List *found)
{
	Page		page = BufferGetPage(buffer);
	OffsetNumber last = PageGetMaxOffsetNumber(page);

	for (OffsetNumber n = FirstOffsetNumber; n <= last; n = OffsetNumberNext(n))
	{
		ItemId		item = PageGetItemId(page, n);
		HeapTupleData tuple;
		Oid			database;

		if (!ItemIdIsNormal(item))
			continue;
		tuple.t_data = (HeapTupleHeader) PageGetItem(page, item);
		tuple.t_len = ItemIdGetLength(item);
		tuple.t_tableOid = DbRoleSettingRelationId;
		ItemPointerSet(&tuple.t_self, BufferGetBlockNumber(buffer), n);
		if (HeapTupleSatisfiesVisibility(&tuple, snapshot, buffer) && row_is_marked(&tuple, desc, &database))
			found = lappend_oid(found, database);
	}
	return found;
}

List *
pc_marked_databases(void)
{
	MemoryContext caller = CurrentMemoryContext;
	PcFileLocator file;
	Snapshot	snapshot;
	TupleDesc	desc;
	BlockNumber nblocks;
	List	   *found = NIL;
	List	   *result;

	StartTransactionCommand();
	snapshot = RegisterSnapshot(GetTransactionSnapshot());
	LockRelationOid(DbRoleSettingRelationId, AccessShareLock);
	desc = row_desc();
	file = pc_shared_file(DbRoleSettingRelationId);
	nblocks = smgrnblocks(pc_smgr_open(file), MAIN_FORKNUM);
	for (BlockNumber block = 0; block < nblocks; block++)
	{
		Buffer		buffer = ReadBufferWithoutRelcache(file, MAIN_FORKNUM, block, RBM_NORMAL, NULL, true);

		LockBuffer(buffer, BUFFER_LOCK_SHARE);
		found = read_page(buffer, snapshot, desc, found);
		UnlockReleaseBuffer(buffer);
	}
	UnregisterSnapshot(snapshot);
	MemoryContextSwitchTo(caller);
	result = list_copy(found);
	CommitTransactionCommand();
	MemoryContextSwitchTo(caller);
	return result;
}
