/*
 * settings.c
 *		Every setting of the extension, in one table.
 */
#include "common/paycore.h"

#include <limits.h>

#include "common/settings.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"

char	   *pc_tenant;
char	   *pc_actor;
char	   *pc_secrets_file;
int			pc_webhook_tolerance;
int			pc_webhook_max_size;
bool		pc_worker_enabled;
bool		pc_assistant_enabled;
int			pc_poll_interval;
int			pc_batch_size;
int			pc_max_in_flight;
int			pc_connect_timeout;
int			pc_request_timeout;
int			pc_response_cap;
int			pc_max_attempts;
int			pc_retry_initial;
int			pc_retry_max;
int			pc_retry_after_cap;
int			pc_on_session_window;
int			pc_resend_horizon;
int			pc_outbox_retention;
int			pc_webhook_retention;
int			pc_idempotency_retention;
int			pc_balance_interval;
int			pc_balance_overlap;
bool		pc_ledger_enabled;
int			pc_event_interval;
int			pc_event_overlap;
int			pc_backfill_parts;
int			pc_push_retry_max;
int			pc_billing_interval;
int			pc_push_horizon;
bool		pc_refund_approval;

#define DAY (24 * 60 * 60)

typedef struct IntSetting
{
	const char *name;
	const char *description;
	int		   *variable;
	int			boot;
	int			min;
	int			max;
	GucContext	context;
	int			unit;
} IntSetting;

static const IntSetting int_settings[] = {
	{"paycore.webhook_tolerance", "How far a webhook's signed time may lie from now.",
	&pc_webhook_tolerance, 300, 0, DAY, PGC_SUSET, GUC_UNIT_S},
	{"paycore.webhook_max_size", "The largest webhook payload that is read.",
	&pc_webhook_max_size, 2 * 1024 * 1024, 1024, 64 * 1024 * 1024, PGC_SUSET, GUC_UNIT_BYTE},
	{"paycore.poll_interval", "How often the worker looks at the outbox unasked.",
	&pc_poll_interval, 1000, 10, 60 * 60 * 1000, PGC_SIGHUP, GUC_UNIT_MS},
	{"paycore.batch_size", "Requests claimed in one transaction.",
	&pc_batch_size, 200, 1, 10000, PGC_SIGHUP, 0},
	{"paycore.max_in_flight", "Requests on the wire at once.",
	&pc_max_in_flight, 400, 1, 10000, PGC_SIGHUP, 0},
	{"paycore.connect_timeout", "How long a connection to a gateway may take to open.",
	&pc_connect_timeout, 10000, 10, 600000, PGC_SIGHUP, GUC_UNIT_MS},
	{"paycore.request_timeout", "How long a request may take from dispatch to the last byte.",
	&pc_request_timeout, 80000, 10, 3600000, PGC_SIGHUP, GUC_UNIT_MS},
	{"paycore.response_cap", "The largest response body that is read.",
	&pc_response_cap, 8 * 1024 * 1024, 1024, 64 * 1024 * 1024, PGC_SIGHUP, GUC_UNIT_BYTE},
	{"paycore.max_attempts", "Counted attempts before a request is looked into instead of sent again.",
	&pc_max_attempts, 5, 1, 100, PGC_SIGHUP, 0},
	{"paycore.retry_initial", "Pause before the first retry; doubles, with jitter.",
	&pc_retry_initial, 500, 1, 600000, PGC_SIGHUP, GUC_UNIT_MS},
	{"paycore.retry_max", "Longest pause between retries.",
	&pc_retry_max, 60000, 1, DAY * 1000, PGC_SIGHUP, GUC_UNIT_MS},
	{"paycore.retry_after_cap", "Longest Retry-After of a gateway that is obeyed.",
	&pc_retry_after_cap, 300000, 0, DAY * 1000, PGC_SIGHUP, GUC_UNIT_MS},
	{"paycore.on_session_window", "After this time an on-session confirmation is not sent any more.",
	&pc_on_session_window, 900, 1, 23 * 3600, PGC_SUSET, GUC_UNIT_S},
	{"paycore.resend_horizon", "Age of the first dispatch after which a request is never sent again under its key.",
	&pc_resend_horizon, 23 * 3600, 1, 23 * 3600, PGC_SIGHUP, GUC_UNIT_S},
	{"paycore.outbox_retention", "How long finished requests are kept.",
	&pc_outbox_retention, 7 * DAY, 0, INT_MAX, PGC_SIGHUP, GUC_UNIT_S},
	{"paycore.webhook_retention", "How long processed and ignored events are kept.",
	&pc_webhook_retention, 90 * DAY, 0, INT_MAX, PGC_SIGHUP, GUC_UNIT_S},
	{"paycore.idempotency_retention", "How long idempotency keys of the application are kept.",
	&pc_idempotency_retention, DAY, 60, INT_MAX, PGC_SUSET, GUC_UNIT_S},
	{"paycore.balance_interval", "How often the balance transactions of a gateway account are read; 0 is never by itself.",
	&pc_balance_interval, 3600, 0, INT_MAX, PGC_SIGHUP, GUC_UNIT_S},
	{"paycore.balance_overlap", "How far a reading of balance transactions goes back behind the end of the last one.",
	&pc_balance_overlap, 3600, 0, 30 * DAY, PGC_SUSET, GUC_UNIT_S},
	{"paycore.event_interval", "How often the events of a gateway account are polled; 0 is never by itself.",
	&pc_event_interval, 300, 0, INT_MAX, PGC_SIGHUP, GUC_UNIT_S},
	{"paycore.event_overlap", "How far a poll of events goes back behind the end of the last one; an event known already is skipped.",
	&pc_event_overlap, 600, 0, 30 * DAY, PGC_SUSET, GUC_UNIT_S},
	{"paycore.backfill_parts", "Parts of one list that a backfill reads at once.",
	&pc_backfill_parts, 4, 1, 64, PGC_SIGHUP, 0},
	{"paycore.billing_interval", "How often the worker looks for subscriptions that are due and bills them; 0 is never by itself.",
	&pc_billing_interval, 60, 0, DAY, PGC_SIGHUP, GUC_UNIT_S},
	{"paycore.push_retry_max", "Longest pause between tries of a delivery to a webhook endpoint.",
	&pc_push_retry_max, 3600 * 1000, 1, DAY * 1000, PGC_SIGHUP, GUC_UNIT_MS},
	{"paycore.push_horizon", "How long a delivery to a webhook endpoint is tried, and how long an endpoint may fail before it is disabled.",
	&pc_push_horizon, 3 * DAY, 1, 30 * DAY, PGC_SIGHUP, GUC_UNIT_S},
};

static void
define_int_settings(void)
{
	for (size_t i = 0; i < lengthof(int_settings); i++)
	{
		const IntSetting *s = &int_settings[i];

		DefineCustomIntVariable(s->name, s->description, NULL, s->variable, s->boot, s->min, s->max,
								s->context, s->unit, NULL, NULL, NULL);
	}
}

void
pc_settings_init(void)
{
	DefineCustomStringVariable("paycore.tenant", "The tenant whose rows this session works on.",
							   "Empty means the tenant named default. Roles that choose their tenant "
							   "need GRANT SET ON PARAMETER paycore.tenant.",
							   &pc_tenant, "", PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomStringVariable("paycore.actor", "Who is behind this session, for the history of statuses.",
							   "Empty means the session's user.",
							   &pc_actor, "", PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomStringVariable("paycore.secrets_file", "File with the API keys and webhook secrets of the gateway accounts.",
							   "Mode 0600, owned by the server's user.",
							   &pc_secrets_file, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY, NULL, NULL, NULL);
	DefineCustomBoolVariable("paycore.worker", "Marks a database whose outbox the worker drains.",
							 "Set by paycore.init() with ALTER DATABASE.",
							 &pc_worker_enabled, false, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("paycore.assistant", "A second process sends while a database's worker alone is not enough.",
							 "It takes one more of max_worker_processes while it runs.",
							 &pc_assistant_enabled, true, PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("paycore.refund_approval", "Refunds wait for somebody else's approval.",
							 NULL, &pc_refund_approval, false, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("paycore.ledger", "Posts every money fact to the ledger.",
							 "Where it was off, paycore.repair_ledger() posts what is missing.",
							 &pc_ledger_enabled, true, PGC_SUSET, 0, NULL, NULL, NULL);
	define_int_settings();
	MarkGUCPrefixReserved("paycore");
}

const char *
pc_current_tenant(void)
{
	return pc_tenant != NULL && pc_tenant[0] != '\0' ? pc_tenant : "default";
}

const char *
pc_current_actor(void)
{
	if (pc_actor != NULL && pc_actor[0] != '\0')
		return pc_actor;
	return GetUserNameFromId(GetSessionUserId(), false);
}

PG_FUNCTION_INFO_V1(paycore_current_tenant);
PGDLLEXPORT Datum
paycore_current_tenant(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(pc_current_tenant()));
}
