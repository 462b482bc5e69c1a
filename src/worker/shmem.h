/*
 * shmem.h
 *		What the launcher, the workers and the backends share: who serves which
 *		database, and how to wake them.  All of it is absent without
 *		shared_preload_libraries; every function then does nothing.
 */
#ifndef PAYCORE_SHMEM_H
#define PAYCORE_SHMEM_H

#include "common/paycore.h"
#include "utils/uuid.h"

extern void pc_shmem_init(void);	/* from _PG_init, hooks */
extern bool pc_shmem_ready(void);

/* Sets the latch of the worker of this database, and of the launcher. */
extern void pc_shmem_wake_worker(Oid database);
extern void pc_shmem_wake_launcher(void);

#endif							/* PAYCORE_SHMEM_H */
