/*
 * page.c
 *		Lists that are longer than one answer: one row asks for page after page,
 *		and keeps the last id it has seen.  Whatever stops it, it goes on there.
 */
#include "common/paycore.h"

#include "common/json.h"
#include "delivery/job.h"
#include "outbox/feed.h"
#include "reduce/reduce.h"

void
pc_page_prepare(PcJob *job)
{
	MemoryContext old;
	PcJsonBuilder params;
	int64		since;

	if (!gw_operation_is_list(job->op) || job->resolve_cursor == NULL)
		return;
	old = MemoryContextSwitchTo(job->context);
	pc_json_begin(&params);
	if (pc_json_int64(job->params, "created_gte", &since))
		pc_json_add_int64(&params, "created_gte", since);
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

/* What a refused reading is remembered by. */
static const char *
error_of(const PcVerdict *verdict)
{
	if (!verdict->finished || strcmp(verdict->status, "done") == 0)
		return NULL;
	return verdict->error_message != NULL ? verdict->error_message :
		verdict->error_code != NULL ? verdict->error_code : verdict->status;
}

void
pc_page_recorded(PcJob *job, const GwObject *page, const PcVerdict *verdict)
{
	char	   *feed = pc_json_string(job->params, "feed");
	bool		read = page->kind == GW_KIND_LIST;

	if (feed != NULL && (read || verdict->finished))
		pc_feed_note(job->tenant, job->gateway_account, feed, read ? page->nitems : 0, verdict->finished, error_of(verdict));
	if (read && verdict->finished && strcmp(job->object_type, "payout") == 0)
		pc_reconcile_payout(job->tenant, &job->object_id, true, PC_SOURCE_RESPONSE);
}
