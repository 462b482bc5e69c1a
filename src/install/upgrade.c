/*
 * upgrade.c
 *		A table that is older than its row type gets the columns and
 *		constraints it lacks.  What users added stays.
 */
#include "common/paycore.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_constraint.h"
#include "install/install.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

bool
pc_constraint_exists(Oid table, const char *name)
{
	return OidIsValid(get_relation_constraint_oid(table, name, true));
}

static AlterTableStmt *
alter_one(RangeVar *table, AlterTableType what, Node *definition)
{
	AlterTableStmt *alter = makeNode(AlterTableStmt);
	AlterTableCmd *cmd = makeNode(AlterTableCmd);

	cmd->subtype = what;
	cmd->def = definition;
	cmd->behavior = DROP_RESTRICT;
	alter->relation = copyObject(table);
	alter->cmds = list_make1(cmd);
	alter->objtype = OBJECT_TABLE;
	return alter;
}

/* The default that the script gives the column: old rows need it where it is NOT NULL. */
static Node *
default_in_script(List *all, const RangeVar *table, const char *column)
{
	ListCell   *cell;
	ListCell   *part;

	foreach(cell, all)
	{
		AlterTableStmt *alter = (AlterTableStmt *) lfirst_node(RawStmt, cell)->stmt;

		if (!IsA(alter, AlterTableStmt) || strcmp(alter->relation->relname, table->relname) != 0)
			continue;
		foreach(part, alter->cmds)
		{
			AlterTableCmd *cmd = lfirst_node(AlterTableCmd, part);

			if (cmd->subtype == AT_ColumnDefault && strcmp(cmd->name, column) == 0)
				return copyObject(cmd->def);
		}
	}
	return NULL;
}

static void
add_column(RangeVar *table, Form_pg_attribute wanted, List *all)
{
	ColumnDef  *column = makeColumnDef(NameStr(wanted->attname), wanted->atttypid,
									   wanted->atttypmod, wanted->attcollation);
	Node	   *expression = default_in_script(all, table, NameStr(wanted->attname));

	if (expression != NULL)
	{
		Constraint *constraint = makeNode(Constraint);

		constraint->contype = CONSTR_DEFAULT;
		constraint->location = -1;
		constraint->raw_expr = expression;
		column->constraints = list_make1(constraint);
	}
	pc_install_execute((Node *) alter_one(table, AT_AddColumn, (Node *) column), "ALTER TABLE", -1, 0);
}

static void
check_type(Oid table, Form_pg_attribute wanted)
{
	Oid			type = get_atttype(table, get_attnum(table, NameStr(wanted->attname)));

	if (type != wanted->atttypid)
		ereport(WARNING,
				(errcode(ERRCODE_PC_NOT_INITIALISED),
				 errmsg("column paycore.%s.%s is of type %s, not %s",
						get_rel_name(table), NameStr(wanted->attname),
						format_type_be(type), format_type_be(wanted->atttypid)),
				 errhint("ALTER TABLE ... ALTER COLUMN ... TYPE; paycore's functions expect the type they were written for.")));
}

static TupleDesc
like_desc(const CreateStmt *create)
{
	ListCell   *cell;

	foreach(cell, create->tableElts)
	{
		TableLikeClause *like = lfirst(cell);

		if (IsA(like, TableLikeClause))
		{
			Oid			composite = RangeVarGetRelid(like->relation, NoLock, false);

			return lookup_rowtype_tupdesc_copy(get_rel_type_id(composite), -1);
		}
	}
	return NULL;
}

static void
add_columns(CreateStmt *create, Oid table, List *all, PcInstallReport *report)
{
	TupleDesc	wanted = like_desc(create);

	for (int i = 0; wanted != NULL && i < wanted->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(wanted, i);

		if (att->attisdropped)
			continue;
		if (get_attnum(table, NameStr(att->attname)) != InvalidAttrNumber)
		{
			check_type(table, att);
			continue;
		}
		add_column(create->relation, att, all);
		report->columns++;
	}
}

static void
add_constraints(CreateStmt *create, Oid table, PcInstallReport *report)
{
	ListCell   *cell;

	foreach(cell, create->tableElts)
	{
		Constraint *constraint = lfirst(cell);

		if (!IsA(constraint, Constraint) || constraint->conname == NULL ||
			pc_constraint_exists(table, constraint->conname))
			continue;
		pc_install_execute((Node *) alter_one(create->relation, AT_AddConstraint, copyObject((Node *) constraint)),
						   "ALTER TABLE", -1, 0);
		report->constraints++;
	}
}

void
pc_install_upgrade_table(CreateStmt *create, Oid table, List *all, PcInstallReport *report)
{
	add_columns(create, table, all, report);
	add_constraints(create, table, report);
}
