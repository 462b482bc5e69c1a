/*
 * marked.h
 *		Which databases are marked with paycore.worker = on.
 */
#ifndef PAYCORE_MARKED_H
#define PAYCORE_MARKED_H

#include "common/paycore.h"
#include "nodes/pg_list.h"

/* A List of Oids, allocated in the current context.  For a process without a database. */
extern List *pc_marked_databases(void);

#endif							/* PAYCORE_MARKED_H */
