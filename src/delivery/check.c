/*
 * check.c
 *		Whose API key is this: each gateway account pins its id and its mode,
 *		and stops where the key belongs to somebody else.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "common/plan.h"
#include "common/secrets.h"
#include "common/writer.h"
#include "delivery/job.h"
#include "utils/builtins.h"

static PcPlan pinned_plan = PC_PLAN("tt4",
	"SELECT pg_catalog.bool_or(psp_account_id <> $2), pg_catalog.bool_or(livemode <> ($3 = 1)) AND $3 >= 0"
	" FROM paycore.gateway_accounts WHERE name = $1 AND gateway = 'stripe'");

static PcPlan pin_plan = PC_PLAN("tt4",
	"UPDATE paycore.gateway_accounts SET psp_account_id = COALESCE(psp_account_id, $2),"
	" livemode = COALESCE(livemode, CASE WHEN $3 >= 0 THEN $3 = 1 END), checked_at = pg_catalog.now()"
	" WHERE name = $1 AND gateway = 'stripe'");

static PcPlan accounts_plan = PC_PLAN("bt",
	"SELECT DISTINCT ON (name) name, tenant_id, id FROM paycore.gateway_accounts"
	" WHERE gateway = 'stripe' AND status = 'active' AND ($1 OR checked_at IS NULL) AND name = COALESCE($2, name) ORDER BY name, created_at");

void
pc_account_checked(PcJob *job, const GwObject *account)
{
	const char *why;
	const PcSecrets *secrets = pc_secrets_try(job->gateway_account, &why);
	int			livemode = secrets != NULL && secrets->api_key != NULL && job->gateway->key_livemode != NULL ?
		job->gateway->key_livemode(secrets->api_key) : -1;
	Datum		values[3];
	bool		other,
				mode;

	if (account->kind != GW_KIND_ACCOUNT || account->id == NULL)
		return;
	values[0] = CStringGetTextDatum(job->gateway_account);
	values[1] = CStringGetTextDatum(account->id);
	values[2] = Int32GetDatum(livemode);
	pc_execute(&pinned_plan, values, NULL, false, 0);
	other = pc_get_bool(0, 1);
	mode = pc_get_bool(0, 2);
	if (other || mode)
	{
		pc_pause_account(job->gateway_account, other ?
						 psprintf("The API key belongs to %s, which is not the account that is pinned here.", account->id) :
						 "The API key is of the other mode (live or test) than the account that is pinned here.");
		return;
	}
	PC_WRITE_AS(.source = PC_SOURCE_RESPONSE, .through_api = true);
	{
		pc_execute(&pin_plan, values, NULL, false, 0);
	}
	PC_WRITE_END;
}

void
pc_accounts_ask(bool all, const char *name)
{
	PcArgs		args = {0};
	uint64		n;
	PcRequest  *requests;
	const char *why;

	pc_arg_bool(&args, all);
	pc_arg_text(&args, name);
	n = pc_execute_args(&accounts_plan, &args, false);
	requests = palloc0(sizeof(PcRequest) * (n + 1));
	for (uint64 r = 0; r < n; r++)
	{
		requests[r].op = GW_ACCOUNT_RETRIEVE;
		requests[r].gateway_account = pc_get_cstring(r, 1);
		requests[r].tenant = pc_get_cstring(r, 2);
		requests[r].object_type = "gateway_account";
		requests[r].object_id = pc_get_id(r, 3);
		requests[r].lane = requests[r].object_id;
	}
	for (uint64 r = 0; r < n; r++)
	{
		const PcSecrets *secrets = pc_secrets_try(requests[r].gateway_account, &why);

		if (secrets != NULL && secrets->api_key != NULL)
			(void) pc_outbox_enqueue_look(&requests[r]);
	}
}
