/*
 * retry.c
 *		Events that could not be applied are tried again, from what was stored.
 */
#include "common/paycore.h"

#include "common/settings.h"
#include "common/writer.h"
#include "webhooks/internal.h"
#include "webhooks/webhooks.h"

PG_FUNCTION_INFO_V1(paycore_retry_webhook);

#define EVENT_COLUMNS "id, tenant_id, gateway_account, payload, attempts, status"

static PcPlan due = PC_PLAN("8",
	"SELECT " EVENT_COLUMNS " FROM paycore.webhook_events"
	" WHERE status IN ('failed', 'received') AND next_attempt_at <= pg_catalog.now()"
	" ORDER BY next_attempt_at LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED");

static PcPlan by_id = PC_PLAN("ut",
	"SELECT " EVENT_COLUMNS " FROM paycore.webhook_events"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2 FOR NO KEY UPDATE");

static PcPlan row_by_id = PC_PLAN_ROW("ut",
	"SELECT %s FROM paycore.webhook_events"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2", PC_WEBHOOK_EVENTS);

static PcPlan set_result = PC_PLAN("utttt8b",
	"UPDATE paycore.webhook_events SET status = $3, error_code = $4, error_message = $5,"
	" attempts = attempts OPERATOR(pg_catalog.+) 1,"
	" next_attempt_at = CASE WHEN $6 > 0 THEN pg_catalog.now() + $6 * '1 millisecond'::pg_catalog.interval END,"
	" processed_at = CASE WHEN $7 THEN pg_catalog.now() END"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2");

typedef struct StoredEvent
{
	pg_uuid_t	id;
	char	   *tenant;
	char	   *account;
	Jsonb	   *payload;
	int			attempts;
	char	   *status;
} StoredEvent;

static void
read_stored(uint64 r, StoredEvent *e)
{
	e->id = pc_get_id(r, 1);
	e->tenant = pc_get_cstring(r, 2);
	e->account = pc_get_cstring(r, 3);
	e->payload = pc_get_json(r, 4);
	e->attempts = pc_get_int32(r, 5);
	e->status = pc_get_cstring(r, 6);
}

static void
try_again(const StoredEvent *stored)
{
	PcEventResult result = {"ignored", "unreadable", "the stored event cannot be read any more", 0};
	const char *why;
	PcHome		home;
	GwEvent		event;
	PcArgs		a = {0};

	if (stored->payload != NULL && pc_webhook_home(stored->account, stored->tenant, &home) &&
		home.gateway->read_event(stored->payload, &event, &why) &&
		!pc_webhook_is_ignored(&home, &event, &result))
		pc_webhook_apply(&home, &event, stored->attempts, &result);

	pc_arg_uuid(&a, &stored->id);
	pc_arg_text(&a, stored->tenant);
	pc_arg_text(&a, result.status);
	pc_arg_text(&a, result.code);
	pc_arg_text(&a, result.message);
	pc_arg(&a, Int64GetDatum(result.retry_ms), false);
	pc_arg_bool(&a, result.code == NULL);
	(void) pc_execute_args(&set_result, &a, false);
}

int
pc_webhook_retry_failed(int limit)
{
	PcIdentity	saved;
	StoredEvent *events;
	PcArgs		a = {0};
	int			n;

	pc_identity_assume(&saved, pc_owner(false));
	SPI_connect();
	pc_arg(&a, Int64GetDatum(limit), false);
	n = (int) pc_execute_args(&due, &a, false);
	events = palloc(sizeof(StoredEvent) * Max(n, 1));
	for (int i = 0; i < n; i++)
		read_stored(i, &events[i]);
	for (int i = 0; i < n; i++)
		try_again(&events[i]);
	SPI_finish();
	pc_identity_drop(&saved);
	return n;
}

static void
find_stored(const pg_uuid_t *id, StoredEvent *stored)
{
	PcArgs		a = {0};

	pc_arg_uuid(&a, id);
	pc_arg_text(&a, pc_current_tenant());
	if (pc_execute_args(&by_id, &a, false) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_FOUND),
				 errmsg("tenant \"%s\" has no such event", pc_current_tenant()),
				 errhint("Check the id and the setting paycore.tenant.")));
	read_stored(0, stored);
	if (strcmp(stored->status, "rejected") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a rejected event cannot be tried again"),
				 errdetail("Its payload was not kept."),
				 errhint("Have the gateway send it again.")));
}

PGDLLEXPORT Datum
paycore_retry_webhook(PG_FUNCTION_ARGS)
{
	pg_uuid_t  *id = PG_GETARG_UUID_P(0);
	PcIdentity	saved;
	StoredEvent stored;
	PcArgs		a = {0};
	Datum		row;

	pc_identity_assume(&saved, pc_owner(false));
	SPI_connect();
	find_stored(id, &stored);
	if (strcmp(stored.status, "processed") != 0)
		try_again(&stored);
	pc_arg_uuid(&a, id);
	pc_arg_text(&a, stored.tenant);
	(void) pc_execute_args(&row_by_id, &a, false);
	row = pc_row_datum(0, PC_WEBHOOK_EVENTS);
	SPI_finish();
	pc_identity_drop(&saved);
	PG_RETURN_DATUM(row);
}
