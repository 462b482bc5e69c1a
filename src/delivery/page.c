/*
 * page.c
 *		Lists that are longer than one answer: one row asks for page after page,
 *		and keeps the last id it has seen.  Whatever stops it, it goes on there.
 */
#include "common/paycore.h"

#include "common/json.h"
#include "common/plan.h"
#include "common/unix_time.h"
#include "delivery/job.h"
#include "miscadmin.h"
#include "outbox/feed.h"
#include "reduce/reduce.h"
#include "utils/builtins.h"
#include "webhooks/webhooks.h"

void
pc_page_prepare(PcJob *job)
{
	MemoryContext old;
	PcJsonBuilder params;
	int64		time;

	if (!gw_operation_is_list(job->op) || job->resolve_cursor == NULL)
		return;
	old = MemoryContextSwitchTo(job->context);
	pc_json_begin(&params);
	if (pc_json_int64(job->params, "created_gte", &time))
		pc_json_add_int64(&params, "created_gte", time);
	if (pc_json_int64(job->params, "created_lt", &time))
		pc_json_add_int64(&params, "created_lt", time);
	pc_json_add_text(&params, "feed", pc_json_string(job->params, "feed"));
	pc_json_add_text(&params, "starting_after", job->resolve_cursor);
	job->wire_params = pc_json_end(&params);
	MemoryContextSwitchTo(old);
}

void
pc_page_judge(const GwObject *page, PcVerdict *verdict)
{
	const char *last = page->nitems > 0 ? page->items[page->nitems - 1].id : NULL;

	if (!page->has_more || last == NULL)
	{
		(void) pc_verdict_over(verdict, "done", NULL, NULL);
		return;
	}
	verdict->status = "pending";
	verdict->new_key = true;
	verdict->cursor = last;
}

bool
pc_page_of_backfill(const PcJob *job)
{
	char	   *feed = gw_operation_is_list(job->op) ? pc_json_string(job->params, "feed") : NULL;

	return feed != NULL && pc_backfill_is_feed(feed);
}

/* What a refused reading is remembered by. */
static const char *
error_of(const PcVerdict *verdict)
{
	if (!verdict->finished || strcmp(verdict->status, "done") == 0)
		return NULL;
	return verdict->error_message != NULL ? verdict->error_message :
		verdict->error_code != NULL ? verdict->error_code : verdict->status;
}

static void
take_events(const PcJob *job)
{
	const char *why;
	Jsonb	   *body = pc_json_parse(job->response.body, job->response.body_len, &why);

	(void) pc_webhook_take_polled(job->gateway_account, job->tenant, pc_json_object(body, "data"));
}

/* Payment methods are listed by customer only. */
static void
list_methods(const PcJob *job, const GwObject *page)
{
	static PcPlan plan = PC_PLAN("tt",
								 "SELECT id, tenant_id FROM paycore.billing_accounts"
								 " WHERE psp_customer_id = $1 AND gateway_account = $2 AND NOT gw_deleted");

	for (int i = 0; i < page->nitems; i++)
	{
		Datum		values[2] = {(Datum) 0, CStringGetTextDatum(job->gateway_account)};
		PcRequest	request = {0};

		if (page->items[i].kind != GW_KIND_CUSTOMER)
			continue;
		values[0] = CStringGetTextDatum(page->items[i].id);
		if (pc_execute(&plan, values, NULL, false, 1) == 0)
			continue;
		request.op = GW_METHOD_LIST;
		request.object_id = pc_get_id(0, 1);
		request.tenant = pc_get_cstring(0, 2);
		request.gateway_account = job->gateway_account;
		request.object_type = "billing_account";
		request.lane = request.object_id;
		(void) pc_outbox_enqueue_look(&request);
	}
}

void
pc_page_recorded(PcJob *job, const GwObject *page, const PcVerdict *verdict)
{
	bool		of_feed = pc_json_string(job->params, "feed") != NULL;

	if (page->kind != GW_KIND_LIST)
		return;
	if (of_feed && job->op == GW_EVENT_LIST)
		take_events(job);
	if (of_feed && job->op == GW_CUSTOMER_LIST)
		list_methods(job, page);
	if (verdict->finished && strcmp(job->object_type, "payout") == 0)
		pc_reconcile_payout(job->tenant, &job->object_id, true, PC_SOURCE_RESPONSE);
}

static void
split(const PcJob *job, const char *feed, const GwObject *page)
{
	PcFeedReading reading = {
		.tenant = job->tenant,
		.gateway_account = job->gateway_account,
		.feed = feed,
		.op = job->op,
		.id = job->id,
		.before = page->items[page->nitems - 1].created
	};

	if (pc_json_int64(job->params, "created_gte", &reading.since))
		pc_feed_split(&reading);
}

/* Whoever took too long over it has lost the row to another reading of the page, which notes it. */
static bool
is_still_leased(const PcJob *job)
{
	static PcPlan plan = PC_PLAN("ut4",
								 "SELECT 1 FROM paycore.outbox WHERE id = $1 AND tenant_id = $2"
								 " AND status = 'sending' AND leased_by = $3 FOR UPDATE");
	Datum		values[3] = {UUIDPGetDatum(&job->id), CStringGetTextDatum(job->tenant), Int32GetDatum(MyProcPid)};

	return pc_execute(&plan, values, NULL, false, 0) > 0;
}

void
pc_page_progress(const PcVerdict *verdict)
{
	const PcJob *job = verdict->job;
	const GwObject *page = verdict->page;
	char	   *feed = gw_operation_is_list(job->op) ? pc_json_string(job->params, "feed") : NULL;
	TimestampTz since;

	if (feed == NULL || (page == NULL && !verdict->finished) || !is_still_leased(job))
		return;
	if (page != NULL && !verdict->finished && pc_backfill_is_feed(feed))
		split(job, feed, page);
	if (pc_feed_note(job->tenant, job->gateway_account, feed, page != NULL ? page->nitems : 0, verdict->finished, error_of(verdict), &since))
		pc_backfill_next(job->gateway_account, feed, since);
}
