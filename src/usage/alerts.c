/*
 * alerts.c
 *		Usage thresholds that were reached: found from the sums, when they are
 *		made, so that recording knows nothing of thresholds.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "common/args.h"
#include "common/guarded.h"
#include "usage/usage.h"
#include "utils/array.h"

static const char alerts_sql[] =
#include "usage/alerts.inc"
;

static const char demand_sql[] =
#include "usage/demand.inc"
;

/* tenant, subscription, meter, time of what is to be looked at, as arrays. */
typedef struct Touched
{
	Datum		columns[USG_TOUCHED_COLUMNS];
} Touched;

static void
raise_alerts(void *arg)
{
	static PcPlan plan = {.args = "TUUZ", .sql = alerts_sql, .row_of = PC_NO_ROW, .replanned = true};
	Touched    *touched = (Touched *) arg;

	PC_WRITE_AS(.source = PC_SOURCE_API, .through_api = true)
	{
		pc_execute_by_index(&plan, touched->columns, NULL);
	}
	PC_WRITE_END;
}

static void
demand_invoices(void *arg)
{
	static PcPlan plan = PC_PLAN("", demand_sql);

	PC_WRITE_AS(.source = PC_SOURCE_API, .through_api = true)
	{
		pc_execute_by_index(&plan, NULL, NULL);
	}
	PC_WRITE_END;
}

static void
warn(const ErrorData *error, const char *whose)
{
	ereport(WARNING,
			(errcode(error->sqlerrcode),
			 errmsg("paycore: usage thresholds of %s were not looked at: %s", whose, error->message)));
}

/* The nth of them alone. */
static Touched
only(const Touched *all, int n)
{
	static const struct
	{
		Oid			type;
		int16		length;
		bool		by_value;
		char		align;
	}			types[USG_TOUCHED_COLUMNS] = {
		{TEXTOID, -1, false, TYPALIGN_INT},
		{UUIDOID, UUID_LEN, false, TYPALIGN_CHAR},
		{UUIDOID, UUID_LEN, false, TYPALIGN_CHAR},
		{TIMESTAMPTZOID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE},
	};
	Touched		one;

	for (int c = 0; c < USG_TOUCHED_COLUMNS; c++)
	{
		Datum	   *elements;
		int			count;

		deconstruct_array(DatumGetArrayTypeP(all->columns[c]), types[c].type, types[c].length, types[c].by_value, types[c].align,
						  &elements, NULL, &count);
		one.columns[c] = PointerGetDatum(construct_array(&elements[n], 1, types[c].type, types[c].length, types[c].by_value, types[c].align));
	}
	return one;
}

/* Whatever is wrong with one subscription stops neither the sums nor the alerts of others. */
void
usg_raise_alerts(const Datum *columns)
{
	Touched		all;
	ErrorData  *error;

	memcpy(all.columns, columns, sizeof(all.columns));
	error = pc_run_guarded(raise_alerts, &all);
	if (error == NULL)
		return;
	for (int i = 0; i < ArrayGetNItems(1, ARR_DIMS(DatumGetArrayTypeP(columns[1]))); i++)
	{
		Touched		one = only(&all, i);

		error = pc_run_guarded(raise_alerts, &one);
		if (error != NULL)
			warn(error, pc_uuid_text((pg_uuid_t *) ARR_DATA_PTR(DatumGetArrayTypeP(one.columns[1]))));
	}
}

void
usg_demand_invoices(void)
{
	ErrorData  *error = pc_run_guarded(demand_invoices, NULL);

	if (error != NULL)
		warn(error, "subscriptions to be billed");
}
