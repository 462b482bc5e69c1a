/*
 * owner.c
 *		A guard at its bookkeeping: as the owner of the table that it is on.
 */
#include "common/paycore.h"

#include "guards/owner.h"
#include "utils/acl.h"
#include "utils/rel.h"

void
pc_guard_check_owner(TriggerData *trigger, PcTable table, const char *what)
{
	Oid			owner = pc_table_owner(table);

	if (!OidIsValid(owner) || !has_privs_of_role(pc_guard_table_owner(trigger), owner))
		ereport(ERROR,
				(errcode(ERRCODE_PC_TRIGGER_USE),
				 errmsg("table \"%s\" may not %s", RelationGetRelationName(trigger->tg_relation), what),
				 errdetail("Trigger \"%s\" is for tables of the owner of paycore.%s.",
						   trigger->tg_trigger->tgname, pc_table_name(table)),
				 errtable(trigger->tg_relation)));
}

void
pc_guard_keeps(TriggerData *trigger, const GuardColumn *column, const char *detail, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_IMMUTABLE_COLUMN),
			 errmsg("column \"%s\" of \"%s\" is kept by a guard",
					column->argument, RelationGetRelationName(trigger->tg_relation)),
			 errdetail("%s", detail),
			 errhint("%s", hint),
			 errtablecol(trigger->tg_relation, column->attnum)));
}

void
pc_guard_enter(TriggerData *trigger, PcIdentity *caller)
{
	pc_identity_assume(caller, pc_guard_table_owner(trigger));
	if (SPI_connect() != SPI_OK_CONNECT || SPI_register_trigger_data(trigger) != SPI_OK_TD_REGISTER)
		elog(ERROR, "paycore: the rows of the statement cannot be read");
}

void
pc_guard_leave(const PcIdentity *caller)
{
	SPI_finish();
	pc_identity_drop(caller);
}
