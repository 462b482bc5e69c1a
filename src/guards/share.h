/*
 * share.h
 *		What the guards have in common that count shares of a payment.
 */
#ifndef PAYCORE_SHARE_H
#define PAYCORE_SHARE_H

#include "common/catalog.h"
#include "guards/columns.h"

/* The value of a column that the guard needs; PY090 where it is missing, null or of another type. */
extern Datum pc_share_column(TriggerData *trigger, HeapTuple row, const char *name, Oid type);

/*
 * Counters are moved by those who may do as they like with payments: any other
 * role's table could lie to them.  PY090; what is what the table holds ("refunds").
 */
extern void pc_share_check_owner(TriggerData *trigger, const char *what);

/* The same for guards that keep what another of paycore's tables says. */
extern void pc_share_check_owner_of(TriggerData *trigger, PcTable table);

#endif							/* PAYCORE_SHARE_H */
