/*
 * share.c
 *		What the guards have in common that count shares of a payment.
 */
#include "common/paycore.h"

#include "guards/share.h"
#include "utils/acl.h"
#include "utils/rel.h"

Datum
pc_share_column(TriggerData *trigger, HeapTuple row, const char *name, Oid type)
{
	AttrNumber	attnum = pc_guard_find(trigger, name);
	bool		isnull = true;
	Datum		value = (Datum) 0;

	if (attnum != 0)
	{
		pc_guard_check_type(trigger, attnum, type);
		value = pc_guard_get(trigger, row, attnum, &isnull);
	}
	if (isnull)
		ereport(ERROR,
				(errcode(ERRCODE_PC_TRIGGER_USE),
				 errmsg("table \"%s\" has no value in column \"%s\", which trigger \"%s\" needs",
						RelationGetRelationName(trigger->tg_relation), name, trigger->tg_trigger->tgname),
				 errtable(trigger->tg_relation)));
	return value;
}

void
pc_share_check_owner(TriggerData *trigger, const char *what)
{
	Oid			owner = pc_table_owner(PC_PAYMENTS);

	if (!OidIsValid(owner) || !has_privs_of_role(pc_guard_table_owner(trigger), owner))
		ereport(ERROR,
				(errcode(ERRCODE_PC_TRIGGER_USE),
				 errmsg("table \"%s\" may not hold %s of paycore.payments",
						RelationGetRelationName(trigger->tg_relation), what),
				 errdetail("Trigger \"%s\" is for tables of the owner of paycore.payments.",
						   trigger->tg_trigger->tgname),
				 errtable(trigger->tg_relation)));
}

void
pc_share_check_owner_of(TriggerData *trigger, PcTable table)
{
	Oid			owner = pc_table_owner(table);

	if (!OidIsValid(owner) || !has_privs_of_role(pc_guard_table_owner(trigger), owner))
		ereport(ERROR,
				(errcode(ERRCODE_PC_TRIGGER_USE),
				 errmsg("table \"%s\" may not say what paycore.%s keeps",
						RelationGetRelationName(trigger->tg_relation), pc_table_name(table)),
				 errdetail("Trigger \"%s\" is for tables of the owner of paycore.%s.",
						   trigger->tg_trigger->tgname, pc_table_name(table)),
				 errtable(trigger->tg_relation)));
}
