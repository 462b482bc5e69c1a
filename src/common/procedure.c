/*
 * procedure.c
 *		Procedures that commit by themselves.
 */
#include "common/procedure.h"

#include "nodes/parsenodes.h"

void
pc_refuse_in_transaction(FunctionCallInfo fcinfo, const char *name)
{
	CallContext *context = (CallContext *) fcinfo->context;

	if (context == NULL || !IsA(context, CallContext) || context->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("paycore.%s() cannot run inside a transaction", name),
				 errdetail("It commits what it does, step by step."),
				 errhint("CALL it on its own, not between BEGIN and COMMIT nor in a function.")));
}
