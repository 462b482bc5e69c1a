// Writes signed events of Stripe for COPY: number, payload, signature.
//
//   node sign-events.mjs COUNT SECRET
//
// Event N says that intent pi_bench_N is processing.

import { createHmac } from 'node:crypto';

const [count, secret] = process.argv.slice(2);
const now = Math.floor(Date.now() / 1000);

const event = (n) => JSON.stringify({
  id: `evt_bench_${n}`, object: 'event', api_version: '2026-07-29.dahlia', created: now,
  data: {
    object: {
      id: `pi_bench_${n}`, object: 'payment_intent', amount: 2000, amount_capturable: 0, amount_details: { tip: {} },
      amount_received: 0, application: null, application_fee_amount: null, automatic_payment_methods: null,
      canceled_at: null, cancellation_reason: null, capture_method: 'automatic_async',
      client_secret: `pi_bench_${n}_secret_fX3kqzX9`, confirmation_method: 'automatic', created: now - 60,
      currency: 'usd', customer: 'cus_bench', description: `Order ${n}`, last_payment_error: null,
      latest_charge: null, livemode: false, metadata: { order: String(n) }, next_action: null, on_behalf_of: null,
      payment_method: 'pm_bench', payment_method_configuration_details: null,
      payment_method_options: { card: { installments: null, mandate_options: null, network: null,
        request_three_d_secure: 'automatic' } },
      payment_method_types: ['card'], processing: null, receipt_email: null, review: null,
      setup_future_usage: null, shipping: null, source: null, statement_descriptor: null,
      statement_descriptor_suffix: null, status: 'processing', transfer_data: null, transfer_group: null,
    },
    previous_attributes: { status: 'requires_payment_method' },
  },
  livemode: false, pending_webhooks: 1, request: { id: `req_bench${n}`, idempotency_key: null },
  type: 'payment_intent.processing',
});

for (let n = 1; n <= Number(count); n++) {
  const payload = event(n);
  const signature = createHmac('sha256', secret).update(`${now}.${payload}`).digest('hex');
  process.stdout.write(`${n}\t${payload.replaceAll('\\', '\\\\')}\tt=${now},v1=${signature}\n`);
}
