/*
 * job.c
 *		What every step in the life of a request needs.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "delivery/job.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PcReadiness
pc_verdict_over(PcVerdict *verdict, const char *status, const char *code, const char *message)
{
	verdict->status = status;
	verdict->finished = true;
	verdict->error_code = code;
	verdict->error_message = message;
	return PC_OVER;
}

Datum
pc_text_array(char *const *texts, int n)
{
	Datum	   *elements = palloc(sizeof(Datum) * Max(n, 1));
	bool	   *nulls = palloc(sizeof(bool) * Max(n, 1));
	int			lower = 1;

	for (int i = 0; i < n; i++)
	{
		nulls[i] = texts[i] == NULL;
		elements[i] = nulls[i] ? (Datum) 0 : CStringGetTextDatum(texts[i]);
	}
	return PointerGetDatum(construct_md_array(elements, nulls, 1, &n, &lower, TEXTOID, -1, false, TYPALIGN_INT));
}

Datum
pc_uuid_array(const pg_uuid_t *ids, int n)
{
	Datum	   *elements = palloc(sizeof(Datum) * Max(n, 1));

	for (int i = 0; i < n; i++)
		elements[i] = UUIDPGetDatum(&ids[i]);
	return PointerGetDatum(construct_array(elements, n, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
}

void
pc_job_objects(List *jobs, Datum *ids_and_tenants)
{
	int			n = list_length(jobs);
	pg_uuid_t  *ids = palloc(sizeof(pg_uuid_t) * n);
	char	  **tenants = palloc(sizeof(char *) * n);

	for (int i = 0; i < n; i++)
	{
		PcJob	   *job = list_nth(jobs, i);

		ids[i] = job->object_id;
		tenants[i] = job->tenant;
	}
	ids_and_tenants[0] = pc_uuid_array(ids, n);
	ids_and_tenants[1] = pc_text_array(tenants, n);
}

void
pc_job_free(PcJob *job)
{
	MemoryContextDelete(job->context);
}
