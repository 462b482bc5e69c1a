/*
 * columns.c
 *		The columns that a guard's trigger arguments name, looked up once per
 *		trigger and backend.
 */
#include "common/paycore.h"

#include "access/htup_details.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "guards/columns.h"
#include "types/lifecycle.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

typedef struct CacheEntry
{
	Oid			trigger;		/* key */
	Oid			relation;
	Oid			owner;
	bool		valid;
	MemoryContext context;
	GuardColumns columns;
} CacheEntry;

static HTAB *cache = NULL;

static void
relation_changed(Datum arg, Oid relation)
{
	HASH_SEQ_STATUS scan;
	CacheEntry *entry;

	hash_seq_init(&scan, cache);
	while ((entry = hash_seq_search(&scan)) != NULL)
	{
		if (relation == InvalidOid || entry->relation == relation)
			entry->valid = false;
	}
}

static void
create_cache(void)
{
	HASHCTL		ctl = {.keysize = sizeof(Oid), .entrysize = sizeof(CacheEntry)};

	cache = hash_create("paycore guards", 64, &ctl, HASH_ELEM | HASH_BLOBS);
	CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
}

static int
firing_time(TriggerEvent event)
{
	if (!TRIGGER_FIRED_FOR_ROW(event))
		return GUARD_STATEMENT;
	return TRIGGER_FIRED_BEFORE(event) ? GUARD_BEFORE_ROW : GUARD_AFTER_ROW;
}

TriggerData *
pc_guard_begin(FunctionCallInfo fcinfo, const char *name, int times, int min_args)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_PC_TRIGGER_USE),
				 errmsg("function paycore.%s() can be called as a trigger only", name),
				 errhint("Use it in CREATE TRIGGER ... EXECUTE FUNCTION.")));

	if ((firing_time(trigger->tg_event) & times) == 0 || trigger->tg_trigger->tgnargs < min_args)
		ereport(ERROR,
				(errcode(ERRCODE_PC_TRIGGER_USE),
				 errmsg("trigger \"%s\" on table \"%s\" uses paycore.%s() wrongly",
						trigger->tg_trigger->tgname, RelationGetRelationName(trigger->tg_relation), name),
				 errdetail("It must fire%s%s%s, with at least %d argument(s).",
						   (times & GUARD_BEFORE_ROW) ? " BEFORE each row" : "",
						   (times & GUARD_AFTER_ROW) ? " AFTER each row" : "",
						   (times & GUARD_STATEMENT) ? " for each statement" : "",
						   min_args),
				 errhint("See docs/guards.md."),
				 errtable(trigger->tg_relation)));
	return trigger;
}

/* "|" parts groups, "a>b" is a step, "=x" a plain word: no column is meant. */
static bool
is_column_argument(const char *argument)
{
	return strcmp(argument, "|") != 0 && strchr(argument, '>') == NULL && argument[0] != '=';
}

static void
look_up(GuardColumn *column, TriggerData *trigger)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	int			attnum;
	Form_pg_attribute att;

	if (!is_column_argument(column->argument))
		return;
	attnum = SPI_fnumber(desc, column->argument);
	if (attnum <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_TRIGGER_USE),
				 errmsg("trigger \"%s\" names column \"%s\", which table \"%s\" does not have",
						trigger->tg_trigger->tgname, column->argument,
						RelationGetRelationName(trigger->tg_relation)),
				 errhint("See docs/guards.md."),
				 errtable(trigger->tg_relation)));
	att = TupleDescAttr(desc, attnum - 1);
	column->attnum = attnum;
	column->type = att->atttypid;
	column->typlen = att->attlen;
	column->typbyval = att->attbyval;
}

/* Partitions fire clones of the root's triggers; the root's owner is who set the guard then. */
static Oid
table_owner(Relation relation, const Trigger *definition)
{
	Oid			owner = relation->rd_rel->relowner;
	HeapTuple	tuple;
	List	   *ancestors;

	if (!relation->rd_rel->relispartition || !definition->tgisclone)
		return owner;
	ancestors = get_partition_ancestors(RelationGetRelid(relation));
	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(llast_oid(ancestors)));
	if (HeapTupleIsValid(tuple))
	{
		owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
		ReleaseSysCache(tuple);
	}
	list_free(ancestors);
	return owner;
}

static void
fill_entry(CacheEntry *entry, TriggerData *trigger)
{
	Trigger    *definition = trigger->tg_trigger;
	MemoryContext old;

	if (entry->context == NULL)
		entry->context = AllocSetContextCreate(TopMemoryContext, "paycore guard", ALLOCSET_SMALL_SIZES);
	else
		MemoryContextReset(entry->context);
	old = MemoryContextSwitchTo(entry->context);
	entry->relation = RelationGetRelid(trigger->tg_relation);
	entry->columns.n = definition->tgnargs;
	entry->columns.columns = palloc0(sizeof(GuardColumn) * Max(definition->tgnargs, 1));
	for (int i = 0; i < definition->tgnargs; i++)
	{
		entry->columns.columns[i].argument = pstrdup(definition->tgargs[i]);
		look_up(&entry->columns.columns[i], trigger);
	}
	MemoryContextSwitchTo(old);
	entry->owner = table_owner(trigger->tg_relation, definition);
	entry->valid = true;
}

static CacheEntry *
get_entry(TriggerData *trigger)
{
	CacheEntry *entry;
	bool		found;

	if (cache == NULL)
		create_cache();
	entry = hash_search(cache, &trigger->tg_trigger->tgoid, HASH_ENTER, &found);
	if (!found)
	{
		entry->valid = false;
		entry->context = NULL;
	}
	if (!entry->valid || entry->relation != RelationGetRelid(trigger->tg_relation))
	{
		entry->valid = false;
		fill_entry(entry, trigger);
	}
	return entry;
}

const GuardColumns *
pc_guard_columns(TriggerData *trigger)
{
	return &get_entry(trigger)->columns;
}

Oid
pc_guard_table_owner(TriggerData *trigger)
{
	return get_entry(trigger)->owner;
}

AttrNumber
pc_guard_find(TriggerData *trigger, const char *name)
{
	int			attnum = SPI_fnumber(RelationGetDescr(trigger->tg_relation), name);

	return attnum > 0 ? attnum : 0;
}

static void
check_is_column(TriggerData *trigger, AttrNumber attnum)
{
	if (attnum < 1)
		ereport(ERROR,
				(errcode(ERRCODE_PC_TRIGGER_USE),
				 errmsg("an argument of trigger \"%s\" names no column", trigger->tg_trigger->tgname),
				 errhint("See docs/guards.md."),
				 errtable(trigger->tg_relation)));
}

void
pc_guard_check_type(TriggerData *trigger, AttrNumber attnum, Oid type)
{
	Form_pg_attribute att;

	check_is_column(trigger, attnum);
	att = TupleDescAttr(RelationGetDescr(trigger->tg_relation), attnum - 1);
	if (att->atttypid != type)
		ereport(ERROR,
				(errcode(ERRCODE_PC_TRIGGER_USE),
				 errmsg("column \"%s\" of \"%s\" is not of type %s",
						NameStr(att->attname), RelationGetRelationName(trigger->tg_relation),
						format_type_be_qualified(type)),
				 errhint("Guard \"%s\" needs that type.", trigger->tg_trigger->tgname),
				 errtablecol(trigger->tg_relation, attnum)));
}

/* The slot that holds the row: it takes the row apart once for all guards.  NULL where there is none. */
static TupleTableSlot *
slot_of(const TriggerData *trigger, HeapTuple row)
{
	if (row == trigger->tg_trigtuple)
		return trigger->tg_trigslot;
	return row == trigger->tg_newtuple ? trigger->tg_newslot : NULL;
}

Datum
pc_guard_get(TriggerData *trigger, HeapTuple row, AttrNumber attnum, bool *isnull)
{
	TupleTableSlot *slot = slot_of(trigger, row);

	check_is_column(trigger, attnum);
	if (slot != NULL && !TTS_EMPTY(slot))
		return slot_getattr(slot, attnum, isnull);
	return heap_getattr(row, attnum, RelationGetDescr(trigger->tg_relation), isnull);
}

static void
refuse_table(TriggerData *trigger, const char *lacks, const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_TRIGGER_USE),
			 errmsg("table \"%s\" has no %s \"%s\", which trigger \"%s\" needs",
					RelationGetRelationName(trigger->tg_relation), lacks, name, trigger->tg_trigger->tgname),
			 errtable(trigger->tg_relation)));
}

AttrNumber
pc_guard_column(TriggerData *trigger, const char *name, Oid type)
{
	AttrNumber	attnum = pc_guard_find(trigger, name);

	if (attnum == 0)
		refuse_table(trigger, "column", name);
	pc_guard_check_type(trigger, attnum, type);
	return attnum;
}

Datum
pc_guard_value_if_any(TriggerData *trigger, HeapTuple row, const char *name, Oid type, bool *isnull)
{
	AttrNumber	attnum = pc_guard_find(trigger, name);

	*isnull = true;
	if (attnum == 0)
		return (Datum) 0;
	pc_guard_check_type(trigger, attnum, type);
	return pc_guard_get(trigger, row, attnum, isnull);
}

Datum
pc_guard_value(TriggerData *trigger, HeapTuple row, const char *name, Oid type)
{
	bool		isnull;
	Datum		value = pc_guard_value_if_any(trigger, row, name, type, &isnull);

	if (isnull)
		refuse_table(trigger, "value in column", name);
	return value;
}

bool
pc_guard_same(TriggerData *trigger, const GuardColumn *column)
{
	bool		old_null,
				new_null;
	Datum		old_value = pc_guard_get(trigger, trigger->tg_trigtuple, column->attnum, &old_null);
	Datum		new_value = pc_guard_get(trigger, trigger->tg_newtuple, column->attnum, &new_null);

	if (old_null || new_null)
		return old_null == new_null;
	return datum_image_eq(old_value, new_value, column->typbyval, column->typlen);
}

static char *
text_of(Datum value, Oid type)
{
	const PcLifecycle *lifecycle;
	Oid			output;
	bool		varlena;

	if (type == TEXTOID)
		return TextDatumGetCString(value);
	if (type == UUIDOID)
		return DatumGetCString(DirectFunctionCall1(uuid_out, value));
	lifecycle = pc_lifecycle_of_type(type);
	if (lifecycle != NULL)
		return pstrdup(pc_state_name(lifecycle, DatumGetPcState(value)));
	getTypeOutputInfo(type, &output, &varlena);
	return OidOutputFunctionCall(output, value);
}

char *
pc_guard_text(TriggerData *trigger, HeapTuple row, AttrNumber attnum)
{
	bool		isnull;
	Datum		value = pc_guard_get(trigger, row, attnum, &isnull);

	if (isnull)
		return pstrdup("NULL");
	return text_of(value, TupleDescAttr(RelationGetDescr(trigger->tg_relation), attnum - 1)->atttypid);
}
