/*
 * transition.c
 *		paycore.enforce_transition('column' [, '>start' ...] [, 'from>to' ...]):
 *		a status moves along its lifecycle only.
 *
 * Where the column's type is one of paycore's lifecycles, that table is the
 * law, and '>start' arguments say where a row may begin.  Any other type
 * (text, an enum) brings its steps as arguments.
 */
#include "common/paycore.h"

#include "common/writer.h"
#include "guards/columns.h"
#include "types/lifecycle.h"
#include "utils/builtins.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(paycore_enforce_transition);

/* True where argument is the step "from>to"; an empty from is a row's start. */
static bool
step_matches(const char *argument, const char *from, const char *to)
{
	const char *arrow = strchr(argument, '>');
	size_t		from_len = strlen(from);

	return arrow != NULL &&
		(size_t) (arrow - argument) == from_len &&
		strncmp(argument, from, from_len) == 0 &&
		strcmp(arrow + 1, to) == 0;
}

/* Whether any argument speaks of starts ('>x') or, if !starts, of steps ('a>b'). */
static bool
has_steps(const GuardColumns *columns, bool starts)
{
	for (int i = 1; i < columns->n; i++)
	{
		if ((columns->columns[i].argument[0] == '>') == starts)
			return true;
	}
	return false;
}

static bool
listed(const GuardColumns *columns, const char *from, const char *to)
{
	for (int i = 1; i < columns->n; i++)
	{
		if (step_matches(columns->columns[i].argument, from, to))
			return true;
	}
	return false;
}

static void
refuse(TriggerData *trigger, const GuardColumns *columns, const char *from, const char *to)
{
	const GuardColumn *status = &columns->columns[0];
	bool		lifecycle = pc_lifecycle_of_type(status->type) != NULL;

	ereport(ERROR,
			(errcode(ERRCODE_PC_ILLEGAL_TRANSITION),
			 from[0] == '\0' ?
			 errmsg("a row of \"%s\" cannot start with %s \"%s\"",
					RelationGetRelationName(trigger->tg_relation), status->argument, to) :
			 errmsg("%s of \"%s\" cannot go from \"%s\" to \"%s\"",
					status->argument, RelationGetRelationName(trigger->tg_relation), from, to),
			 lifecycle ?
			 errhint("SELECT * FROM paycore.transitions('%s') shows the legal steps.",
					 format_type_be_qualified(status->type)) :
			 errhint("The legal steps are the arguments of trigger \"%s\".", trigger->tg_trigger->tgname),
			 errtablecol(trigger->tg_relation, status->attnum)));
}

static void
check_start(TriggerData *trigger, const GuardColumns *columns, const PcWriter *writer)
{
	const char *to;

	if (writer->observed || !has_steps(columns, true))
		return;
	to = pc_guard_text(trigger, trigger->tg_trigtuple, columns->columns[0].attnum);
	if (!listed(columns, "", to))
		refuse(trigger, columns, "", to);
}

static void
check_step(TriggerData *trigger, const GuardColumns *columns, const PcWriter *writer)
{
	const GuardColumn *status = &columns->columns[0];
	const PcLifecycle *lifecycle;
	const char *from,
			   *to;

	if (pc_guard_same(trigger, status))
		return;
	lifecycle = pc_lifecycle_of_type(status->type);
	from = pc_guard_text(trigger, trigger->tg_trigtuple, status->attnum);
	to = pc_guard_text(trigger, trigger->tg_newtuple, status->attnum);

	if (lifecycle != NULL)
	{
		int			from_state = pc_state_by_name(lifecycle, from);
		int			to_state = pc_state_by_name(lifecycle, to);

		if (from_state >= 0 && to_state >= 0 &&
			pc_can_transition(lifecycle, from_state, to_state, writer->observed))
			return;
	}
	else if (listed(columns, from, to))
		return;
	refuse(trigger, columns, from, to);
}

/*
 * BEFORE INSERT OR UPDATE, row: SQLSTATE PY010 for a step the lifecycle does
 * not have.  Steps that only a gateway's word allows are legal for reduce.
 */
PGDLLEXPORT Datum
paycore_enforce_transition(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "enforce_transition", GUARD_BEFORE_ROW, 1);
	const GuardColumns *columns = pc_guard_columns(trigger);
	PcWriter	writer = pc_writer_for_trigger();

	if (columns->n > 1 && has_steps(columns, false) && pc_lifecycle_of_type(columns->columns[0].type) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_TRIGGER_USE),
				 errmsg("trigger \"%s\" gives steps for a type that has a lifecycle of its own",
						trigger->tg_trigger->tgname),
				 errhint("Leave out the 'from>to' arguments.")));

	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		check_step(trigger, columns, &writer);
	else if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		check_start(trigger, columns, &writer);
	return PointerGetDatum(pc_guard_new_row(trigger));
}
