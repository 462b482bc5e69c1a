/*
 * identity.c
 *		Transactions of a process that connects as superuser and must never act
 *		as one.
 *
 * The owner's identity is taken before the transaction starts and dropped
 * after it has ended: deferred triggers and WITH HOLD cursors run inside the
 * commit, and an abort returns to the identity of the start.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_database.h"
#include "catalog/pg_type.h"
#include "common/catalog.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/lmgr.h"
#include "utils/backend_status.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "worker/identity.h"

static Oid	own_user = InvalidOid;
static Oid	owner = InvalidOid;
static MemoryContext outer_context;

/*
 * Of the plans, only those over indexes are worth having here, and they are
 * kept: tables may be empty now and huge later.
 */
static const struct
{
	const char *name;
	const char *value;
}			pinned[] = {
	{"search_path", "pg_catalog, pg_temp"},
	{"default_transaction_isolation", "read committed"},
	{"default_transaction_read_only", "off"},
	{"default_transaction_deferrable", "off"},
	{"statement_timeout", "0"},
	{"lock_timeout", "2000"},
	{"idle_in_transaction_session_timeout", "0"},
	{"enable_seqscan", "off"},
	{"enable_mergejoin", "off"},
	{"enable_hashjoin", "off"},
	{"jit", "off"},
	{"plan_cache_mode", "force_generic_plan"},
};

static void
pin(const char *name, const char *value)
{
	SetConfigOption(name, value, PGC_SUSET, PGC_S_OVERRIDE);
}

/*
 * What the mock answers is converted while no transaction is open, which can be
 * done for the client's encoding only: there is no other client here.
 */
static void
prepare_encoding(void)
{
	StartTransactionCommand();
	(void) PrepareClientEncoding(PG_UTF8);
	CommitTransactionCommand();
	(void) SetClientEncoding(PG_UTF8);
}

void
pc_worker_pin_settings(void)
{
	const char *sync = GetConfigOption("synchronous_commit", false, false);

	own_user = GetUserId();
	for (int i = 0; i < lengthof(pinned); i++)
		pin(pinned[i].name, pinned[i].value);
	/* A claim must be on disk before its request leaves. */
	if (strcmp(sync, "off") == 0)
		pin("synchronous_commit", "on");
	prepare_encoding();
}

/* Without waiting: whoever drops, renames or copies it comes first. */
static bool
is_free(Oid database, Oid catalog, Oid object, LOCKMODE mode)
{
	LOCKTAG		tag;

	SET_LOCKTAG_OBJECT(tag, database, catalog, object, 0);
	return LockAcquire(&tag, mode, false, true) != LOCKACQUIRE_NOT_AVAIL;
}

/*
 * The tables outlive DROP EXTENSION ... CASCADE, without what they were made of.
 * Who drops it holds its types' locks until everybody has been told to forget them.
 */
static bool
extension_is_there(void)
{
	Oid			schema = get_namespace_oid(PC_SCHEMA, true);
	Oid			type = InvalidOid;

	if (OidIsValid(schema))
		type = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum("money_cents"), ObjectIdGetDatum(schema));
	if (!OidIsValid(type) || !is_free(MyDatabaseId, TypeRelationId, type, AccessShareLock))
		return false;
	AcceptInvalidationMessages();
	return SearchSysCacheExists1(TYPEOID, ObjectIdGetDatum(type));
}

bool
pc_worker_find_owner(void)
{
	StartTransactionCommand();
	(void) GetTransactionSnapshot();
	owner = is_free(InvalidOid, DatabaseRelationId, MyDatabaseId, RowExclusiveLock) && extension_is_there() ? pc_owner(true) : InvalidOid;
	CommitTransactionCommand();
	return OidIsValid(owner);
}

void
pc_worker_begin(void)
{
	Assert(OidIsValid(owner) && !IsTransactionState());
	outer_context = CurrentMemoryContext;
	SetUserIdAndSecContext(owner, 0);
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	SetUserIdAndSecContext(owner, SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS);
	pgstat_report_activity(STATE_RUNNING, "paycore: outbox");
	PushActiveSnapshot(GetTransactionSnapshot());
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "paycore: SPI_connect failed");
}

static void
leave(void)
{
	SetUserIdAndSecContext(own_user, 0);
	pin("search_path", pinned[0].value);
	(void) SetClientEncoding(PG_UTF8);
	pgstat_report_stat(false);
	pgstat_report_activity(STATE_IDLE, NULL);
	MemoryContextSwitchTo(outer_context);
}

void
pc_worker_commit(void)
{
	SPI_finish();
	PopActiveSnapshot();
	CommitTransactionCommand();
	leave();
}

void
pc_worker_abort(void)
{
	AbortCurrentTransaction();
	leave();
}

ErrorData *
pc_worker_run(void (*work) (void *arg), void *arg)
{
	MemoryContext context = CurrentMemoryContext;
	ErrorData  *volatile error = NULL;

	PG_TRY();
	{
		pc_worker_begin();
		work(arg);
		pc_worker_commit();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (error->sqlerrcode == ERRCODE_ADMIN_SHUTDOWN)
			PG_RE_THROW();
		FlushErrorState();
		pc_worker_abort();
		MemoryContextSwitchTo(context);
	}
	PG_END_TRY();
	return error;
}
