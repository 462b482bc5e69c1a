/*
 * door.c
 *		paycore.require_api(): roles write through the functions only.
 *
 * API functions write rows with the caller's own rights, so an application
 * role holds INSERT and UPDATE on the tables; this guard keeps it from using
 * them otherwise.  The owner of the table is free.
 */
#include "common/paycore.h"

#include "common/writer.h"
#include "guards/columns.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(paycore_require_api);

/* BEFORE INSERT OR UPDATE OR DELETE, statement: SQLSTATE PY014. */
PGDLLEXPORT Datum
paycore_require_api(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "require_api", GUARD_STATEMENT, 0);

	if (!pc_writer_for_trigger().through_api &&
		!has_privs_of_role(GetUserId(), pc_guard_table_owner(trigger)))
		ereport(ERROR,
				(errcode(ERRCODE_PC_DIRECT_WRITE),
				 errmsg("role \"%s\" may write to \"%s\" through paycore's functions only",
						GetUserNameFromId(GetUserId(), false), RelationGetRelationName(trigger->tg_relation)),
				 errhint("Call the API function for it; see docs/payments.md."),
				 errtable(trigger->tg_relation)));
	return PointerGetDatum(NULL);
}
