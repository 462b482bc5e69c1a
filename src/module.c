/*
 * module.c
 *		Entry point of the library.
 */
#include "common/paycore.h"

#include "common/fault.h"
#include "common/foreign.h"
#include "common/progress.h"
#include "common/settings.h"
#include "common/shmem.h"
#include "worker/worker.h"

PG_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	pc_fault_init();
	pc_settings_init();
	pc_shmem_init();
	pc_progress_init();
	pc_foreign_init();
	pc_launcher_register();
}
