/*
 * helpers.c
 *		Processes that do a part of a session's work beside it.
 *
 * As the server does for parallel queries, which may not write: a helper
 * connects as the user who logged in, and takes over the session's libraries,
 * settings and roles from memory that the two share.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "common/fault.h"
#include "common/helpers.h"
#include "fmgr.h"
#include "libpq/pqsignal.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "storage/dsm.h"
#include "storage/ipc.h"
#include "storage/procarray.h"
#include "tcop/tcopprot.h"
#include "utils/backend_status.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

/* What a helper tells its session. */
typedef struct Told
{
	bool		done;			/* false: it went down halfway */
	char		error[500];		/* by this error; empty where it was terminated */
	int64		results[PC_HELPER_RESULTS];
} Told;

/* In shared memory; the task, the libraries and the settings follow what the helpers tell. */
typedef struct Shared
{
	int			session;		/* its process */
	Oid			login;
	Oid			session_user;
	Oid			role;			/* of SET ROLE */
	Size		task;			/* where they begin */
	Size		libraries;
	Size		settings;
	Told		told[FLEXIBLE_ARRAY_MEMBER];
} Shared;

/* In bgw_extra. */
typedef struct Order
{
	Oid			database;
	Oid			login;
	dsm_handle	shared;
	int			nth;
} Order;

struct PcHelpers
{
	MemoryContext context;
	dsm_segment *segment;
	Shared	   *shared;
	int			count;
	BackgroundWorkerHandle *handles[FLEXIBLE_ARRAY_MEMBER];
};

/* The session's process, in a helper. */
static int	session = 0;

/* The segment is mapped until it is detached, or the process ends. */
static dsm_segment *
share(int n, const void *task, Size size)
{
	Size		told = add_size(offsetof(Shared, told), mul_size(n, sizeof(Told)));
	Size		libraries_size = EstimateLibraryStateSpace();
	Size		settings_size = EstimateGUCStateSpace();
	Size		task_at = MAXALIGN(told);
	Size		libraries_at = MAXALIGN(add_size(task_at, size));
	Size		settings_at = MAXALIGN(add_size(libraries_at, libraries_size));
	dsm_segment *segment = dsm_create(add_size(settings_at, settings_size), 0);
	Shared	   *shared = dsm_segment_address(segment);

	memset(shared, 0, told);
	shared->session = MyProcPid;
	shared->login = GetAuthenticatedUserId();
	shared->session_user = GetSessionUserId();
	shared->role = GetCurrentRoleId();
	shared->task = task_at;
	shared->libraries = libraries_at;
	shared->settings = settings_at;
	memcpy((char *) shared + task_at, task, size);
	SerializeLibraryState(libraries_size, (char *) shared + libraries_at);
	SerializeGUCState(settings_size, (char *) shared + settings_at);
	dsm_pin_mapping(segment);
	return segment;
}

static bool
start(PcHelpers *helpers, const char *function, int nth)
{
	Order		order = {
		.database = MyDatabaseId, .login = helpers->shared->login, .shared = dsm_segment_handle(helpers->segment), .nth = nth
	};
	BackgroundWorker worker = {
		.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION,
		.bgw_start_time = BgWorkerStart_RecoveryFinished,
		.bgw_restart_time = BGW_NEVER_RESTART,
		.bgw_notify_pid = MyProcPid
	};

	StaticAssertStmt(sizeof(order) <= BGW_EXTRALEN, "an order fits");
	strlcpy(worker.bgw_library_name, "paycore", sizeof(worker.bgw_library_name));
	strlcpy(worker.bgw_function_name, function, sizeof(worker.bgw_function_name));
	snprintf(worker.bgw_name, BGW_MAXLEN, "paycore helper of process %d", MyProcPid);
	strlcpy(worker.bgw_type, "paycore helper", BGW_MAXLEN);
	memcpy(worker.bgw_extra, &order, sizeof(order));
	return RegisterDynamicBackgroundWorker(&worker, &helpers->handles[nth]);
}

/* Those that are still at it; also where the session goes down. */
static void
terminate(dsm_segment *segment, Datum arg)
{
	PcHelpers  *helpers = (PcHelpers *) DatumGetPointer(arg);

	for (int i = 0; i < helpers->count; i++)
		TerminateBackgroundWorker(helpers->handles[i]);
}

void
pc_helpers_start(PcHelpers **into, const char *function, int n, const void *task, Size size)
{
	/* It outlives the transaction, even one that ends with the session. */
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "paycore helpers", ALLOCSET_SMALL_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	PcHelpers  *helpers = palloc0(offsetof(PcHelpers, handles) + n * sizeof(BackgroundWorkerHandle *));

	helpers->context = context;
	*into = helpers;
	helpers->segment = share(n, task, size);
	helpers->shared = dsm_segment_address(helpers->segment);
	on_dsm_detach(helpers->segment, terminate, PointerGetDatum(helpers));
	while (helpers->count < n && start(helpers, function, helpers->count))
		helpers->count++;
	MemoryContextSwitchTo(caller);
	PC_FAULT("helpers_started");
	if (helpers->count < n)
		ereport(NOTICE,
				(errmsg("%d of %d helping processes could be started", helpers->count, n),
				 errhint("Raise max_worker_processes.")));
}

void
pc_helpers_await(PcHelpers *helpers)
{
	for (int i = 0; i < helpers->count; i++)
	{
		if (WaitForBackgroundWorkerShutdown(helpers->handles[i]) == BGWH_POSTMASTER_DIED)
			proc_exit(1);
	}
}

int
pc_helpers_count(const PcHelpers *helpers)
{
	return helpers->count;
}

const int64 *
pc_helper_results(const PcHelpers *helpers, int i)
{
	return helpers->shared->told[i].results;
}

const char *
pc_helper_error(const PcHelpers *helpers, int i)
{
	const Told *told = &helpers->shared->told[i];

	if (told->done)
		return NULL;
	return told->error[0] != '\0' ? told->error : "its process was terminated";
}

void
pc_helpers_end(PcHelpers *helpers)
{
	if (helpers == NULL)
		return;
	if (helpers->segment != NULL)
		dsm_detach(helpers->segment);
	MemoryContextDelete(helpers->context);
}

/* As the session did, with the rights that it needed for it. */
static void
assume(const char *setting, Oid user)
{
	SetConfigOption(setting, GetUserNameFromId(user, false), PGC_USERSET, PGC_S_SESSION);
}

/* The users come last: which role is allowed goes by the session's user. */
static void
take_over(const Shared *shared)
{
	StartTransactionCommand();
	RestoreLibraryState((char *) shared + shared->libraries);
	RestoreGUCState((char *) shared + shared->settings);
	if (shared->session_user != shared->login)
		assume("session_authorization", shared->session_user);
	if (OidIsValid(shared->role))
		assume("role", shared->role);
	CommitTransactionCommand();
}

static void
note_error(Told *told)
{
	ErrorData  *error;

	MemoryContextSwitchTo(TopMemoryContext);
	error = CopyErrorData();
	strlcpy(told->error, error->message, pg_mbcliplen(error->message, strlen(error->message), sizeof(told->error) - 1) + 1);
	FlushErrorState();
	ReThrowError(error);
}

void
pc_helper_main(Datum arg, void (*work) (const void *task, int64 *results))
{
	Order		order;
	dsm_segment *segment;
	Shared	   *shared;
	Told	   *told;

	memcpy(&order, MyBgworkerEntry->bgw_extra, sizeof(order));
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnectionByOid(order.database, order.login, 0);
	segment = dsm_attach(order.shared);
	/* The session is gone. */
	if (segment == NULL)
		proc_exit(0);
	shared = dsm_segment_address(segment);
	told = &shared->told[order.nth];
	session = shared->session;
	PG_TRY();
	{
		take_over(shared);
		work((char *) shared + shared->task, told->results);
		told->done = true;
	}
	PG_CATCH();
	{
		note_error(told);
	}
	PG_END_TRY();
	proc_exit(0);
}

bool
pc_helper_wanted(void)
{
	return BackendPidGetProc(session) != NULL;
}

void
pc_helper_run(const char *activity, void (*step) (void *arg), void *arg)
{
	CHECK_FOR_INTERRUPTS();
	SetCurrentStatementStartTimestamp();
	pgstat_report_activity(STATE_RUNNING, activity);
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	step(arg);
	PopActiveSnapshot();
	CommitTransactionCommand();
	pgstat_report_stat(false);
	pgstat_report_activity(STATE_IDLE, NULL);
}
