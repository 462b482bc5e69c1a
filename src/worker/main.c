/*
 * main.c
 *		Entry of a worker process.
 */
#include "common/paycore.h"

#include "common/secrets.h"
#include "common/settings.h"
#include "common/shmem.h"
#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "worker/identity.h"
#include "worker/worker.h"

void
pc_worker_describe(BackgroundWorker *worker, const PcWorkerOrder *order)
{
	memset(worker, 0, sizeof(*worker));
	worker->bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker->bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker->bgw_restart_time = BGW_NEVER_RESTART;
	strlcpy(worker->bgw_library_name, "paycore", sizeof(worker->bgw_library_name));
	strlcpy(worker->bgw_function_name, "paycore_worker_main", sizeof(worker->bgw_function_name));
	snprintf(worker->bgw_name, BGW_MAXLEN, "paycore %s for database %u", order->drain ? "drain" : "worker", order->database);
	strlcpy(worker->bgw_type, order->drain ? "paycore drain" : "paycore worker", BGW_MAXLEN);
	worker->bgw_main_arg = ObjectIdGetDatum(order->database);
	memcpy(worker->bgw_extra, order, sizeof(*order));
}

void
paycore_worker_main(Datum arg)
{
	PcWorkerOrder order;

	memcpy(&order, MyBgworkerEntry->bgw_extra, sizeof(order));
	pqsignal(SIGTERM, die);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnectionByOid(order.database, InvalidOid, 0);
	pc_worker_pin_settings();
	pgstat_report_appname(order.drain ? "paycore drain" : "paycore worker");

	if (!order.drain)
	{
		if (!pc_worker_enabled || !pc_shmem_ready() || !pc_shmem_enter_worker(order.database))
			proc_exit(0);
	}
	pc_loop_run(&order);
	proc_exit(0);
}
