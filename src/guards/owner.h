/*
 * owner.h
 *		A guard at its bookkeeping: as the owner of the table that it is on.
 */
#ifndef PAYCORE_OWNER_H
#define PAYCORE_OWNER_H

#include "common/catalog.h"
#include "common/plan.h"
#include "common/writer.h"
#include "guards/columns.h"

/*
 * What a table of paycore's keeps is moved by the tables of those who may do
 * as they like with it: any other role's could lie to it.  PY090; what is
 * that which such a table would do ("hold refunds of paycore.payments").
 */
extern void pc_guard_check_owner(TriggerData *trigger, PcTable table, const char *what);

/*
 * Between the two the guard acts as the owner, with SPI connected and the
 * transition tables of its trigger there for statements to read.
 */
extern void pc_guard_enter(TriggerData *trigger, PcIdentity *caller);
extern void pc_guard_leave(const PcIdentity *caller);

/* Raises PY011: nobody but a guard writes the column; detail: what it says; hint: what to do instead. */
pc_noreturn extern void pc_guard_keeps(TriggerData *trigger, const GuardColumn *column, const char *detail, const char *hint);

#endif							/* PAYCORE_OWNER_H */
