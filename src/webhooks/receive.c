/*
 * receive.c
 *		paycore.receive_webhook(): check, store once, apply.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "common/hashfn.h"
#include "common/insert.h"
#include "common/settings.h"
#include "common/utf8.h"
#include "common/writer.h"
#include "mb/pg_wchar.h"
#include "types/uuid.h"
#include "utils/builtins.h"
#include "webhooks/internal.h"
#include "webhooks/webhooks.h"

PG_FUNCTION_INFO_V1(paycore_receive_webhook);
PG_FUNCTION_INFO_V1(paycore_receive_webhook_text);

static PcInsert insert_event = PC_INSERT_NEW_ROW_OR(PC_WEBHOOK_EVENTS, "utttttbztttjttt4z4zzz",
	"id, tenant_id, gateway_account, event_id, type, api_version, livemode, event_created, object_type,"
	" psp_object_id, request_idempotency_key, payload, status, error_code, error_message, attempts,"
	" next_attempt_at, receive_count, received_at, last_received_at, processed_at",
	" ON CONFLICT (gateway_account, event_id, tenant_id) DO NOTHING");

static PcPlan count_duplicate = PC_PLAN_ROW("ttt",
	"UPDATE paycore.webhook_events SET receive_count = receive_count OPERATOR(pg_catalog.+) 1,"
	" last_received_at = pg_catalog.now()"
	" WHERE gateway_account OPERATOR(pg_catalog.=) $1 AND event_id OPERATOR(pg_catalog.=) $2"
	" AND tenant_id OPERATOR(pg_catalog.=) $3 RETURNING %s", PC_WEBHOOK_EVENTS);

static PcPlan set_result = PC_PLAN_ROW("utttt8",
	"UPDATE paycore.webhook_events SET status = $3, error_code = $4, error_message = $5, processed_at = NULL,"
	" next_attempt_at = CASE WHEN $6 > 0 THEN pg_catalog.now() + $6 * '1 millisecond'::pg_catalog.interval END"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2 RETURNING %s", PC_WEBHOOK_EVENTS);

static PcPlan count_rejected = PC_PLAN_ROW("ttttt",
	"INSERT INTO paycore.webhook_events AS e (tenant_id, gateway_account, event_id, status, error_code, error_message,"
	" last_received_at)"
	" VALUES ($1, $2, 'rejected/' || pg_catalog.to_char(pg_catalog.now() AT TIME ZONE 'UTC', 'YYYY-MM-DD/HH24') || '/' || $3,"
	" 'rejected', $4, $5, pg_catalog.now())"
	" ON CONFLICT (gateway_account, event_id, tenant_id) DO UPDATE SET"
	" receive_count = e.receive_count OPERATOR(pg_catalog.+) 1, last_received_at = pg_catalog.now()"
	" RETURNING %s", PC_WEBHOOK_EVENTS);

typedef struct Delivery
{
	const char *payload;
	size_t		len;
	const char *signature;
	const char *account;
	PcHome		home;
	Jsonb	   *json;
	GwEvent		event;
	const char *code;			/* of a refusal */
	const char *why;
} Delivery;

static bool
refuse(Delivery *d, const char *code, const char *why)
{
	d->code = code;
	d->why = why;
	return false;
}

/* The cheap checks first: nothing is computed over what is refused anyway. */
static bool
is_trusted(Delivery *d)
{
	const PcSecrets *secrets;
	const char *why = "the webhook cannot be verified";

	if (!pc_webhook_home(d->account, pc_current_tenant(), &d->home))
		return refuse(d, "unknown_gateway_account", "there is no such gateway account");
	if (d->len == 0)
		return refuse(d, "empty", "the payload is empty");
	if (d->len > (size_t) pc_webhook_max_size)
		return refuse(d, "too_large", "the payload is larger than paycore.webhook_max_size");
	secrets = pc_secrets_try(d->account, &why);
	if (secrets == NULL)
		return refuse(d, "no_secret", "the gateway account has no webhook secret that can be read");
	if (!d->home.gateway->verify_webhook(d->payload, d->len, d->signature, secrets,
										 (int64) time(NULL), pc_webhook_tolerance, &why))
		return refuse(d, "signature", why);
	return true;
}

static bool
is_event(Delivery *d)
{
	const char *why = "the payload is no event";

	d->json = pc_json_parse(d->payload, d->len, &why);
	if (d->json == NULL)
		return refuse(d, "malformed", why);
	if (!d->home.gateway->read_event(d->json, &d->event, &why))
		return refuse(d, "not_an_event", why);
	if (strlen(d->event.id) > 255)
		return refuse(d, "not_an_event", "the event's id is too long");
	return true;
}

/*
 * One row counts all of an hour, so that strangers cannot fill the disk; a
 * name that is nobody's is not kept either.
 */
static Datum
reject(const Delivery *d)
{
	bool		known = d->home.gateway != NULL;
	PcArgs		a = {0};

	pc_arg_text(&a, known ? d->home.tenant : pc_current_tenant());
	pc_arg_text(&a, known ? d->account : "?");
	pc_arg_text(&a, psprintf("%s/%08x", d->code, hash_bytes((const unsigned char *) d->why, (int) strlen(d->why))));
	pc_arg_text(&a, d->code);
	pc_arg_text(&a, d->why);
	(void) pc_execute_args(&count_rejected, &a, false);
	return pc_row_datum(0, PC_WEBHOOK_EVENTS);
}

/* False where the event is there already. */
static bool
store(const Delivery *d, const PcEventResult *expected, Datum *row, pg_uuid_t *id)
{
	const GwEvent *e = &d->event;
	TimestampTz now = GetCurrentTransactionStartTimestamp();
	PcArgs		a = {0};

	pc_uuid_v7(id);
	pc_arg_uuid(&a, id);
	pc_arg_text(&a, d->home.tenant);
	pc_arg_text(&a, d->account);
	pc_arg_text(&a, e->id);
	pc_arg_text(&a, e->type);
	pc_arg_text(&a, e->api_version);
	pc_arg_bool(&a, e->livemode);
	pc_arg_time(&a, e->created > 0 ?
				(e->created - (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY) * USECS_PER_SEC : 0);
	pc_arg_text(&a, e->object_type);
	pc_arg_text(&a, e->object_id);
	pc_arg_text(&a, e->request_key);
	pc_arg_json(&a, pc_json_redact(d->json));
	pc_arg_text(&a, expected->status);
	pc_arg_text(&a, expected->code);
	pc_arg_text(&a, expected->message);
	pc_arg(&a, Int32GetDatum(1), false);
	pc_arg_null(&a);
	pc_arg(&a, Int32GetDatum(1), false);
	pc_arg_time(&a, now);
	pc_arg_time(&a, now);
	pc_arg_time(&a, expected->code == NULL ? now : 0);
	a.nulls[a.n] = '\0';
	return pc_insert_row(&insert_event, a.values, a.nulls, row) > 0;
}

static Datum
duplicate(const Delivery *d)
{
	PcArgs		a = {0};

	pc_arg_text(&a, d->account);
	pc_arg_text(&a, d->event.id);
	pc_arg_text(&a, d->home.tenant);
	if (pc_execute_args(&count_duplicate, &a, false) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("the event was stored by another transaction at the same time"),
				 errhint("Try again.")));
	return pc_row_datum(0, PC_WEBHOOK_EVENTS);
}

static Datum
note_result(const Delivery *d, const pg_uuid_t *id, const PcEventResult *result)
{
	PcArgs		a = {0};

	pc_arg_uuid(&a, id);
	pc_arg_text(&a, d->home.tenant);
	pc_arg_text(&a, result->status);
	pc_arg_text(&a, result->code);
	pc_arg_text(&a, result->message);
	pc_arg(&a, Int64GetDatum(result->retry_ms), false);
	(void) pc_execute_args(&set_result, &a, false);
	return pc_row_datum(0, PC_WEBHOOK_EVENTS);
}

/* Stored as processed, which most are: one that ends otherwise is written again. */
static Datum
process(Delivery *d)
{
	PcEventResult result = {"processed", NULL, NULL, 0};
	bool		ignored = pc_webhook_is_ignored(&d->home, &d->event, &result);
	pg_uuid_t	id;
	Datum		row;

	if (!store(d, &result, &row, &id))
		return duplicate(d);
	if (ignored)
		return row;
	pc_webhook_apply(&d->home, &d->event, 0, &result);
	return result.code == NULL ? row : note_result(d, &id, &result);
}

static PcPlan known_plan = PC_PLAN("tt",
	"SELECT 1 FROM paycore.webhook_events"
	" WHERE gateway_account OPERATOR(pg_catalog.=) $1 AND event_id OPERATOR(pg_catalog.=) $2 LIMIT 1");

static bool
is_known(const Delivery *d)
{
	PcArgs		a = {0};

	pc_arg_text(&a, d->account);
	pc_arg_text(&a, d->event.id);
	return pc_execute_args(&known_plan, &a, false) > 0;
}

int
pc_webhook_take_polled(const char *gateway_account, const char *tenant, const Jsonb *events)
{
	int			taken = 0;
	const char *why;

	/* The list is newest first. */
	for (int i = pc_json_array_length(events) - 1; i >= 0; i--)
	{
		Delivery	d = {.account = gateway_account, .json = pc_json_element(events, i)};

		if (d.json == NULL || !pc_webhook_home(gateway_account, tenant, &d.home) ||
			!d.home.gateway->read_event(d.json, &d.event, &why) || is_known(&d))
			continue;
		d.home.source = PC_SOURCE_POLL;
		(void) process(&d);
		taken++;
	}
	return taken;
}

static Datum
receive(Delivery *d)
{
	PcIdentity	saved;
	Datum		row;

	pc_identity_assume(&saved, pc_owner(false));
	SPI_connect();
	row = is_trusted(d) && is_event(d) ? process(d) : reject(d);
	SPI_finish();
	pc_identity_drop(&saved);
	return row;
}

/* A missing argument is bad input like any other. */
static void
read_arguments(FunctionCallInfo fcinfo, Delivery *d)
{
	memset(d, 0, sizeof(*d));
	d->payload = "";
	d->signature = PG_ARGISNULL(1) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(1));
	d->account = PG_ARGISNULL(2) ? "default" : text_to_cstring(PG_GETARG_TEXT_PP(2));
}

PGDLLEXPORT Datum
paycore_receive_webhook(PG_FUNCTION_ARGS)
{
	Delivery	d;

	read_arguments(fcinfo, &d);
	if (!PG_ARGISNULL(0))
	{
		bytea	   *payload = PG_GETARG_BYTEA_PP(0);

		d.payload = VARDATA_ANY(payload);
		d.len = VARSIZE_ANY_EXHDR(payload);
	}
	PG_RETURN_DATUM(receive(&d));
}

/* The gateway signed UTF-8, whatever the server speaks. */
PGDLLEXPORT Datum
paycore_receive_webhook_text(PG_FUNCTION_ARGS)
{
	Delivery	d;

	read_arguments(fcinfo, &d);
	if (!PG_ARGISNULL(0))
	{
		text	   *payload = PG_GETARG_TEXT_PP(0);
		bool		as_it_is = GetDatabaseEncoding() == PG_UTF8;

		d.payload = as_it_is ? VARDATA_ANY(payload) : pc_as_utf8(text_to_cstring(payload), "?");
		d.len = as_it_is ? VARSIZE_ANY_EXHDR(payload) : strlen(d.payload);
	}
	PG_RETURN_DATUM(receive(&d));
}
