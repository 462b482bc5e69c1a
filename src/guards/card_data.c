/*
 * card_data.c
 *		paycore.refuse_card_data('column', ...): no card number, full IBAN or
 *		security code gets into a text or jsonb column.
 *
 * What a gateway says has happened is recorded nonetheless, masked.
 */
#include "common/paycore.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "common/card_data.h"
#include "common/writer.h"
#include "guards/columns.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

pc_noreturn static void
refuse(TriggerData *trigger, const GuardColumn *column, PcCardData what, const char *where)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_CARD_DATA),
			 errmsg("column \"%s\" of \"%s\" would hold what looks like %s",
					column->argument, RelationGetRelationName(trigger->tg_relation), pc_card_data_phrase(what)),
			 errdetail("It is found %s, and not repeated here.", where),
			 errhint("Keep the gateway's token and the last four digits. A number that only looks like one "
					 "passes with letters next to its digits."),
			 errtablecol(trigger->tg_relation, column->attnum)));
}

/* The value masked, or as it is. */
static Datum
check_text(TriggerData *trigger, const GuardColumn *column, Datum value, bool mask)
{
	text	   *t = DatumGetTextPP(value);
	PcCardSpot	spot;

	if (!pc_card_data_in_text(VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t), &spot))
		return value;
	if (!mask)
		refuse(trigger, column, spot.what, psprintf("at bytes %d to %d", spot.start + 1, spot.start + spot.len));
	return CStringGetTextDatum(pc_card_data_masked(VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t)));
}

static Datum
check_texts(TriggerData *trigger, const GuardColumn *column, Datum value, bool mask)
{
	ArrayType  *array = DatumGetArrayTypeP(value);
	Datum	   *elements;
	bool	   *nulls;
	bool		changed = false;
	int			n;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		Datum		checked = nulls[i] ? elements[i] : check_text(trigger, column, elements[i], mask);

		changed |= checked != elements[i];
		elements[i] = checked;
	}
	if (!changed)
		return value;
	return PointerGetDatum(construct_md_array(elements, nulls, ARR_NDIM(array), ARR_DIMS(array), ARR_LBOUND(array),
											  TEXTOID, -1, false, TYPALIGN_INT));
}

static Datum
check_json(TriggerData *trigger, const GuardColumn *column, Datum value, bool mask)
{
	Jsonb	   *json = DatumGetJsonbP(value);
	char	   *key;
	PcCardData	what = pc_card_data_in_json(json, &key);

	if (what == PC_NO_CARD_DATA)
		return value;
	if (!mask)
		refuse(trigger, column, what, key == NULL ? "in a key or an array" : psprintf("under the key \"%s\"", key));
	return JsonbPGetDatum(pc_card_data_masked_json(json));
}

static Datum
check(TriggerData *trigger, const GuardColumn *column, Datum value, bool mask)
{
	Oid			type = column->type == TEXTOID || column->type == JSONBOID ? column->type : getBaseType(column->type);

	switch (type)
	{
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
		case JSONOID:
			return check_text(trigger, column, value, mask);
		case TEXTARRAYOID:
			return check_texts(trigger, column, value, mask);
		case JSONBOID:
			return check_json(trigger, column, value, mask);
		default:
			ereport(ERROR,
					(errcode(ERRCODE_PC_TRIGGER_USE),
					 errmsg("column \"%s\" of \"%s\" is neither text nor jsonb",
							column->argument, RelationGetRelationName(trigger->tg_relation)),
					 errhint("Guard \"%s\" reads text, varchar, text[], json and jsonb.", trigger->tg_trigger->tgname),
					 errtablecol(trigger->tg_relation, column->attnum)));
	}
}

/* BEFORE INSERT OR UPDATE, row: SQLSTATE PY044.  Of an UPDATE, only what it changes. */
PG_FUNCTION_INFO_V1(paycore_refuse_card_data);
PGDLLEXPORT Datum
paycore_refuse_card_data(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "refuse_card_data", GUARD_BEFORE_ROW, 1);
	const GuardColumns *columns = pc_guard_columns(trigger);
	HeapTuple	row = pc_guard_new_row(trigger);
	bool		mask = pc_writer_for_trigger().observed;

	for (int i = 0; i < columns->n; i++)
	{
		const GuardColumn *column = &columns->columns[i];
		int			attnum = column->attnum;
		bool		isnull;
		Datum		value;
		Datum		checked;

		if (attnum < 1)
			pc_guard_check_type(trigger, attnum, TEXTOID);
		value = pc_guard_get(trigger, row, attnum, &isnull);
		if (isnull || (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) && pc_guard_same(trigger, column)))
			continue;
		checked = check(trigger, column, value, mask);
		if (checked != value)
			row = heap_modify_tuple_by_cols(row, RelationGetDescr(trigger->tg_relation), 1, &attnum, &checked, &isnull);
	}
	return PointerGetDatum(row);
}
