/*
 * procedure.h
 *		Procedures that commit by themselves.
 */
#ifndef PAYCORE_PROCEDURE_H
#define PAYCORE_PROCEDURE_H

#include "common/paycore.h"

/* Raises 25001 where the procedure of that name was called inside a transaction. */
extern void pc_refuse_in_transaction(FunctionCallInfo fcinfo, const char *name);

#endif							/* PAYCORE_PROCEDURE_H */
