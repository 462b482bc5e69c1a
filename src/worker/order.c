/*
 * order.c
 *		How a worker process is asked for.
 */
#include "common/paycore.h"

#include "worker/worker.h"

const char *
pc_worker_role(const PcWorkerOrder *order)
{
	return order->drain ? "paycore drain" : order->assists != 0 ? "paycore assistant" : "paycore worker";
}

void
pc_worker_describe(BackgroundWorker *worker, const PcWorkerOrder *order)
{
	memset(worker, 0, sizeof(*worker));
	worker->bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker->bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker->bgw_restart_time = BGW_NEVER_RESTART;
	strlcpy(worker->bgw_library_name, "paycore", sizeof(worker->bgw_library_name));
	strlcpy(worker->bgw_function_name, "paycore_worker_main", sizeof(worker->bgw_function_name));
	snprintf(worker->bgw_name, BGW_MAXLEN, "%s for database %u", pc_worker_role(order), order->database);
	strlcpy(worker->bgw_type, pc_worker_role(order), BGW_MAXLEN);
	worker->bgw_main_arg = ObjectIdGetDatum(order->database);
	memcpy(worker->bgw_extra, order, sizeof(*order));
}
