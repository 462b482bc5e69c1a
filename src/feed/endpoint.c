/*
 * endpoint.c
 *		Webhook endpoints: made, changed and deleted.
 */
#include "common/paycore.h"

#include "api/api.h"
#include "common/secrets.h"
#include "feed/consumer.h"
#include "feed/endpoint.h"
#include "miscadmin.h"

#define MAX_NAME 64
#define MAX_URL 2000
#define MAX_TEXT 500

char *
feed_endpoint_consumer(const char *endpoint)
{
	return psprintf(FEED_ENDPOINT_PREFIX "%s", endpoint);
}

/* As a section of the secrets file is called. */
static char *
name_argument(FunctionCallInfo fcinfo)
{
	char	   *name = pc_getarg_given_text(fcinfo, 0, "name");

	if (name[0] == '\0' || strlen(name) > MAX_NAME ||
		strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != strlen(name))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a webhook endpoint's name is 1 to %d letters, digits, dots, dashes or underscores", MAX_NAME)));
	return name;
}

static bool
starts_with(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* When it is sent, the address that a name leads to is checked as well. */
static bool
is_loopback(const char *url)
{
	return starts_with(url, "http://127.") || starts_with(url, "http://localhost:") || starts_with(url, "http://localhost/") ||
		starts_with(url, "http://[::1]");
}

static void
check_url(const char *url)
{
	if (url == NULL)
		return;
	if (!starts_with(url, "https://") && !is_loopback(url))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a webhook endpoint's url begins with https://"),
				 errhint("http:// is for loopback addresses only.")));
	if (strlen(url) > MAX_URL || strpbrk(url, "@# \"<>\\^`{|}") != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a webhook endpoint's url has at most %d characters, and no user name, fragment, blank or quote", MAX_URL)));
	for (const char *p = url; *p != '\0'; p++)
		if ((unsigned char) *p < 0x21 || (unsigned char) *p > 0x7e)
			ereport(ERROR,
					(errcode(ERRCODE_PC_INVALID_ARGUMENT),
					 errmsg("a webhook endpoint's url is of printable ASCII"),
					 errhint("Encode other characters with percent signs.")));
}

/* url, enabled_events, description: arguments 1 to 3. */
static void
check_arguments(FunctionCallInfo fcinfo)
{
	check_url(pc_getarg_text(fcinfo, 1));
	if (!PG_ARGISNULL(2))
		feed_events_check(PG_GETARG_DATUM(2));
	if (!PG_ARGISNULL(3))
		pc_check_length(pc_getarg_text(fcinfo, 3), "description", MAX_TEXT);
}

/* Arguments of the call from first on, as values of a statement. */
static void
take_arguments(FunctionCallInfo fcinfo, int first, int n, Datum *values, char *nulls)
{
	for (int i = 0; i < n; i++)
	{
		values[i] = PG_GETARG_DATUM(first + i);
		nulls[i] = PG_ARGISNULL(first + i) ? 'n' : ' ';
	}
}

/* Its pace: rate_limit and max_in_flight are arguments 4 and 5. */
static pg_uuid_t
make_account(const PcApiCall *call, FunctionCallInfo fcinfo, const char *name)
{
	static PcPlan plan = PC_PLAN("tt44",
								 "INSERT INTO paycore.gateway_accounts (tenant_id, name, gateway, rate_limit, endpoint_rate_limit, max_in_flight)"
								 " VALUES ($1, $2, 'push', $3, $3, $4) ON CONFLICT (name, tenant_id) DO NOTHING RETURNING id");
	Datum		values[] = {CStringGetTextDatum(call->tenant), PG_GETARG_DATUM(0), PG_GETARG_DATUM(4), PG_GETARG_DATUM(5)};

	if (pc_api_write(&plan, values, NULL, NULL) == 0)
		pc_gateway_name_taken(name);
	return pc_get_id(0, 1);
}

/* create_webhook_endpoint(name, url, enabled_events, description, rate_limit, max_in_flight, from_start) */
PG_FUNCTION_INFO_V1(paycore_create_webhook_endpoint);
PGDLLEXPORT Datum
paycore_create_webhook_endpoint(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("ut8tottTt",
									 "INSERT INTO paycore.webhook_endpoints (id, tenant_id, applies_from, instance, database_oid,"
									 " name, url, enabled_events, description)"
									 " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING %s", PC_WEBHOOK_ENDPOINTS);
	char	   *name = name_argument(fcinfo);
	char		nulls[] = "         ";
	Datum		values[9];
	PcApiCall	call;
	pg_uuid_t	id;
	Datum		row;

	if (PG_ARGISNULL(2) || PG_ARGISNULL(4) || PG_ARGISNULL(5))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("enabled_events, rate_limit or max_in_flight is missing")));
	check_arguments(fcinfo);
	pc_api_begin(&call);
	pc_gateway_name_check(&call, name);
	id = make_account(&call, fcinfo, name);
	values[0] = UUIDPGetDatum(&id);
	values[1] = CStringGetTextDatum(call.tenant);
	values[2] = Int64GetDatum(feed_consumer_create(&call, feed_endpoint_consumer(name), pc_getarg_bool(fcinfo, 6, false)));
	values[3] = CStringGetTextDatum(pc_instance_name());
	values[4] = ObjectIdGetDatum(MyDatabaseId);
	take_arguments(fcinfo, 0, 4, values + 5, nulls + 5);
	(void) pc_api_write(&plan, values, nulls, NULL);
	row = pc_row_datum(0, PC_WEBHOOK_ENDPOINTS);
	pc_wake_worker_at_commit();
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* Locks it. */
static pg_uuid_t
find(const PcApiCall *call, const char *name)
{
	static PcPlan plan = PC_PLAN("tt", "SELECT id FROM paycore.webhook_endpoints WHERE name = $1 AND tenant_id = $2 FOR UPDATE");
	Datum		values[2] = {CStringGetTextDatum(name), CStringGetTextDatum(call->tenant)};

	if (pc_api_plumbing(&plan, values, NULL) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_FOUND),
				 errmsg("tenant \"%s\" has no webhook endpoint \"%s\"", call->tenant, name),
				 errhint("See paycore.webhook_endpoints.")));
	return pc_get_id(0, 1);
}

static void
update_pace(const PcApiCall *call, const pg_uuid_t *id, FunctionCallInfo fcinfo)
{
	static PcPlan plan = PC_PLAN("ut44",
								 "UPDATE paycore.gateway_accounts SET rate_limit = COALESCE($3, rate_limit),"
								 " endpoint_rate_limit = COALESCE($3, endpoint_rate_limit), max_in_flight = COALESCE($4, max_in_flight)"
								 " WHERE id = $1 AND tenant_id = $2");
	Datum		values[4] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant)};
	char		nulls[] = "    ";

	if (PG_ARGISNULL(4) && PG_ARGISNULL(5))
		return;
	take_arguments(fcinfo, 4, 2, values + 2, nulls + 2);
	(void) pc_api_write(&plan, values, nulls, NULL);
}

/* What waits is wanted now, and its days begin again. */
static void
hurry(const PcApiCall *call, const pg_uuid_t *id)
{
	static PcPlan plan = PC_PLAN("ut",
								 "UPDATE paycore.outbox SET next_attempt_at = pg_catalog.now(), first_sent_at = NULL, attempts = 0"
								 " WHERE object_id = $1 AND tenant_id = $2 AND operation = 'webhook.deliver' AND status = 'pending'");
	Datum		values[2] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant)};

	(void) pc_api_plumbing(&plan, values, NULL);
	pc_wake_worker_at_commit();
}

/* update_webhook_endpoint(name, url, enabled_events, description, rate_limit, max_in_flight, disabled, reason): null leaves as it is */
PG_FUNCTION_INFO_V1(paycore_update_webhook_endpoint);
PGDLLEXPORT Datum
paycore_update_webhook_endpoint(PG_FUNCTION_ARGS)
{
	/* Other events are those of changes that come later; enabled, the endpoint is this database's, whose copy it may be. */
	static PcPlan plan = PC_PLAN_ROW("ut8totTtbt",
									 "UPDATE paycore.webhook_endpoints SET url = COALESCE($6, url),"
									 " enabled_events = COALESCE($7, enabled_events),"
									 " applies_from = CASE WHEN $7 IS NULL THEN applies_from ELSE $3 END,"
									 " description = COALESCE($8, description),"
									 " status = CASE $9 WHEN true THEN 'disabled' WHEN false THEN 'enabled' ELSE status END,"
									 " disabled_reason = CASE $9 WHEN true THEN COALESCE($10, 'disabled by hand') WHEN false THEN NULL ELSE disabled_reason END,"
									 " disabled_at = CASE $9 WHEN true THEN pg_catalog.now() WHEN false THEN NULL ELSE disabled_at END,"
									 " failing_since = CASE WHEN $9 = false THEN NULL ELSE failing_since END,"
									 " instance = CASE WHEN $9 = false THEN $4 ELSE instance END,"
									 " database_oid = CASE WHEN $9 = false THEN $5 ELSE database_oid END"
									 " WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_WEBHOOK_ENDPOINTS);
	char	   *name = name_argument(fcinfo);
	char		nulls[] = "          ";
	Datum		values[10];
	PcApiCall	call;
	pg_uuid_t	id;
	Datum		row;

	check_arguments(fcinfo);
	if (!PG_ARGISNULL(7))
		pc_check_length(pc_getarg_text(fcinfo, 7), "reason", MAX_TEXT);
	pc_api_begin(&call);
	id = find(&call, name);
	update_pace(&call, &id, fcinfo);
	values[0] = UUIDPGetDatum(&id);
	values[1] = CStringGetTextDatum(call.tenant);
	values[2] = Int64GetDatum(feed_last_seq(&call));
	values[3] = CStringGetTextDatum(pc_instance_name());
	values[4] = ObjectIdGetDatum(MyDatabaseId);
	take_arguments(fcinfo, 1, 3, values + 5, nulls + 5);
	take_arguments(fcinfo, 6, 2, values + 8, nulls + 8);
	(void) pc_api_write(&plan, values, nulls, NULL);
	row = pc_row_datum(0, PC_WEBHOOK_ENDPOINTS);
	hurry(&call, &id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* delete_webhook_endpoint(name) */
PG_FUNCTION_INFO_V1(paycore_delete_webhook_endpoint);
PGDLLEXPORT Datum
paycore_delete_webhook_endpoint(PG_FUNCTION_ARGS)
{
	static PcPlan discard = PC_PLAN("ut",
									"UPDATE paycore.outbox SET status = 'discarded', finished_at = pg_catalog.now(), lease_until = NULL, leased_by = NULL"
									" WHERE object_id = $1 AND tenant_id = $2 AND operation = 'webhook.deliver' AND finished_at IS NULL");
	static PcPlan endpoint = PC_PLAN("ut", "DELETE FROM paycore.webhook_endpoints WHERE id = $1 AND tenant_id = $2");
	static PcPlan account = PC_PLAN("ut", "DELETE FROM paycore.gateway_accounts WHERE id = $1 AND tenant_id = $2");
	char	   *name = name_argument(fcinfo);
	PcApiCall	call;
	pg_uuid_t	id;
	Datum		values[2];

	pc_api_begin(&call);
	id = find(&call, name);
	values[0] = UUIDPGetDatum(&id);
	values[1] = CStringGetTextDatum(call.tenant);
	(void) feed_consumer_drop(&call, feed_endpoint_consumer(name));
	(void) pc_api_plumbing(&discard, values, NULL);
	(void) pc_api_plumbing(&endpoint, values, NULL);
	(void) pc_api_plumbing(&account, values, NULL);
	pc_api_end(&call);
	PG_RETURN_VOID();
}
