/*
 * compat.h
 *		The one place that knows which PostgreSQL we are compiled for (15 to 19).
 */
#ifndef PAYCORE_COMPAT_H
#define PAYCORE_COMPAT_H

#include "postgres.h"

#if PG_VERSION_NUM < 150000
#error "paycore needs PostgreSQL 15 or newer"
#endif

/* Before 16 the server's headers leave PGDLLEXPORT empty, and -fvisibility=hidden hides the entry points. */
#if PG_VERSION_NUM < 160000
#undef PGDLLEXPORT
#define PGDLLEXPORT __attribute__((visibility("default")))
#endif

/* 18 replaced pg_attribute_noreturn(), which stood anywhere, by pg_noreturn, which stands first. */
#if PG_VERSION_NUM >= 180000
#define pc_noreturn				pg_noreturn
#else
#define pc_noreturn				pg_attribute_noreturn()
#endif

/* Soft input errors exist from 16 on; before that the context is always absent. */
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#define PC_ESCONTEXT(fcinfo)	((fcinfo)->context)
#define pc_soft_error(context, result, ...) \
	ereturn((context), (result), (__VA_ARGS__))
#else
#define PC_ESCONTEXT(fcinfo)	(NULL)
#define pc_soft_error(context, result, ...) \
	do { (void) (context); ereport(ERROR, (__VA_ARGS__)); return (result); } while (0)
#endif

/* Wait events gained custom names in 17. */
#include "utils/wait_event.h"
#if PG_VERSION_NUM >= 170000
#define pc_wait_event(name)		WaitEventExtensionNew(name)
#else
#define pc_wait_event(name)		PG_WAIT_EXTENSION
#endif

#if PG_VERSION_NUM < 160000
/* 16 renamed pg_*_aclcheck() to object_aclcheck(). */
#include "utils/acl.h"
#define pc_function_aclcheck(oid, role, mode)	pg_proc_aclcheck(oid, role, mode)
#define pc_schema_aclcheck(oid, role, mode)		pg_namespace_aclcheck(oid, role, mode)
#else
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "utils/acl.h"
#define pc_function_aclcheck(oid, role, mode)	object_aclcheck(ProcedureRelationId, oid, role, mode)
#define pc_schema_aclcheck(oid, role, mode)		object_aclcheck(NamespaceRelationId, oid, role, mode)
#endif

/* 19 merged the parse state and the result of pushJsonbValue() into one struct. */
#include "utils/jsonb.h"
#if PG_VERSION_NUM >= 190000
typedef JsonbInState PcJsonbState;
#define pc_jsonb_push(s, token, v)	pushJsonbValue((s), (token), (v))
#else
typedef struct PcJsonbState
{
	JsonbParseState *parse;
	JsonbValue *result;
} PcJsonbState;
#define pc_jsonb_push(s, token, v)	((s)->result = pushJsonbValue(&(s)->parse, (token), (v)))
#endif

/* 17 ties a wait event set to a resource owner; NULL = until it is freed. */
#include "storage/latch.h"
#if PG_VERSION_NUM >= 180000
#include "storage/waiteventset.h"
#endif
#if PG_VERSION_NUM >= 170000
#define pc_create_wait_event_set(n)	CreateWaitEventSet(NULL, n)
#else
#define pc_create_wait_event_set(n)	CreateWaitEventSet(TopMemoryContext, n)
#endif

/* 16 renamed relation file nodes to locators. */
#include "storage/smgr.h"
#include "utils/relmapper.h"
#if PG_VERSION_NUM >= 160000
typedef RelFileLocator PcFileLocator;
#define PC_FIRST_FILE_SUBID(relation) ((relation)->rd_firstRelfilelocatorSubid)
#define pc_shared_file(relation) \
	((RelFileLocator) {GLOBALTABLESPACE_OID, InvalidOid, RelationMapOidToFilenumber((relation), true)})
#else
typedef RelFileNode PcFileLocator;
#define PC_FIRST_FILE_SUBID(relation) ((relation)->rd_firstRelfilenodeSubid)
#define pc_shared_file(relation) \
	((RelFileNode) {GLOBALTABLESPACE_OID, InvalidOid, RelationMapOidToFilenode((relation), true)})
#endif
#if PG_VERSION_NUM >= 170000
#define pc_smgr_open(file)	smgropen((file), INVALID_PROC_NUMBER)
#else
#define pc_smgr_open(file)	smgropen((file), InvalidBackendId)
#endif

/* 16 and 18 gave these more arguments; none matters to an INSERT of one row. */
#include "executor/executor.h"
#if PG_VERSION_NUM >= 160000
#define pc_insert_index_tuples(result, slot, estate, speculative, lost) \
	ExecInsertIndexTuples((result), (slot), (estate), false, (speculative), (lost), NIL, false)
#else
#define pc_insert_index_tuples(result, slot, estate, speculative, lost) \
	ExecInsertIndexTuples((result), (slot), (estate), false, (speculative), (lost), NIL)
#endif
#if PG_VERSION_NUM >= 180000
#define pc_check_index_constraints(result, slot, estate, conflict, indexes) \
	ExecCheckIndexConstraints((result), (slot), (estate), (conflict), &(ItemPointerData) {{0xffff, 0xffff}, 0}, (indexes))
#else
#define pc_check_index_constraints(result, slot, estate, conflict, indexes) \
	ExecCheckIndexConstraints((result), (slot), (estate), (conflict), (indexes))
#endif

/* 16 says more about what is wrong with a time (utils/datetime.h). */
#if PG_VERSION_NUM >= 160000
#define pc_decode_time(field, types, n, kind, tm, fsec, zone) \
	DecodeDateTime((field), (types), (n), (kind), (tm), (fsec), (zone), &(DateTimeErrorExtra) {0})
#else
#define pc_decode_time(field, types, n, kind, tm, fsec, zone) \
	DecodeDateTime((field), (types), (n), (kind), (tm), (fsec), (zone))
#endif

/* 16 lets a range fail softly. */
#include "utils/rangetypes.h"
#if PG_VERSION_NUM >= 160000
#define pc_range_serialize(type, lower, upper)	range_serialize((type), (lower), (upper), false, NULL)
#else
#define pc_range_serialize(type, lower, upper)	range_serialize((type), (lower), (upper), false)
#endif

/* Since 17 an access method may clean up after the insertions of a statement. */
#include "access/genam.h"
#if PG_VERSION_NUM >= 170000
#define pc_index_insert_cleanup(index, info)	index_insert_cleanup((index), (info))
#else
#define pc_index_insert_cleanup(index, info)	((void) 0)
#endif

/* 18 knows deferrable primary keys, and counts what index scans do. */
#include "access/genam.h"
#if PG_VERSION_NUM >= 180000
#define pc_primary_key(relation)	RelationGetPrimaryKeyIndex((relation), false)
#define pc_index_beginscan(relation, index, snapshot, nkeys) \
	index_beginscan((relation), (index), (snapshot), NULL, (nkeys), 0)
#else
#define pc_primary_key(relation)	RelationGetPrimaryKeyIndex(relation)
#define pc_index_beginscan(relation, index, snapshot, nkeys) \
	index_beginscan((relation), (index), (snapshot), (nkeys), 0)
#endif

/* What the executor knows a table by, of which these columns are changed: 16 keeps them apart, 18 wants to know what is pruned. */
#include "nodes/makefuncs.h"
#include "parser/parse_relation.h"
#include "utils/rel.h"
static inline void
pc_init_range_table(EState *estate, Relation relation, Bitmapset *columns)
{
	RangeTblEntry *entry = makeNode(RangeTblEntry);
#if PG_VERSION_NUM >= 160000
	List	   *permissions = NIL;
#endif

	entry->rtekind = RTE_RELATION;
	entry->relid = RelationGetRelid(relation);
	entry->relkind = relation->rd_rel->relkind;
	entry->rellockmode = RowExclusiveLock;
#if PG_VERSION_NUM >= 180000
	addRTEPermissionInfo(&permissions, entry)->updatedCols = columns;
	ExecInitRangeTable(estate, list_make1(entry), permissions, bms_make_singleton(1));
#elif PG_VERSION_NUM >= 160000
	addRTEPermissionInfo(&permissions, entry)->updatedCols = columns;
	ExecInitRangeTable(estate, list_make1(entry), permissions);
#else
	entry->updatedCols = columns;
	ExecInitRangeTable(estate, list_make1(entry));
#endif
}

#endif							/* PAYCORE_COMPAT_H */
