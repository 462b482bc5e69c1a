/*
 * mark.c
 *		A database with paycore's tables is marked, so that the launcher gives
 *		it a worker: ALTER DATABASE ... SET paycore.worker = on.
 */
#include "common/paycore.h"

#include "catalog/pg_authid.h"
#include "catalog/pg_db_role_setting.h"
#include "common/plan.h"
#include "common/writer.h"
#include "install/install.h"
#include "miscadmin.h"

static bool
is_marked(void)
{
	static PcPlan plan = PC_PLAN("o",
								 "SELECT 1 FROM pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) c "
								 "WHERE s.setdatabase = $1 AND s.setrole = 0 AND c LIKE 'paycore.worker=%'");
	Datum		database = ObjectIdGetDatum(MyDatabaseId);

	return pc_execute(&plan, &database, NULL, true, 1) > 0;
}

/*
 * The tables' owner need not own the database, so this one setting is made in
 * the superuser's name; an administrator's own choice (off, say) is left.
 */
bool
pc_install_mark_database(void)
{
	VariableSetStmt *set;
	A_Const    *on;
	PcIdentity	saved;

	if (is_marked())
		return false;

	on = makeNode(A_Const);
	on->val.sval.type = T_String;
	on->val.sval.sval = "on";
	on->location = -1;
	set = makeNode(VariableSetStmt);
	set->kind = VAR_SET_VALUE;
	set->name = "paycore.worker";
	set->args = list_make1(on);
	set->is_local = false;

	pc_identity_assume(&saved, BOOTSTRAP_SUPERUSERID);
	AlterSetting(MyDatabaseId, InvalidOid, set);
	pc_identity_drop(&saved);
	return true;
}
