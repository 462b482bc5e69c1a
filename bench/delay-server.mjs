// A payment gateway that answers after a fixed delay, over HTTPS with HTTP/2
// and HTTP/1.1, or over plain HTTP/1.1.
//
//   node delay-server.mjs DELAY_MS [KEY.pem CERT.pem]
//
// Prints its port on the first line.  It knows just enough of Stripe: the
// account, customers, intents that succeed at once, with charge and fee, and a
// list of as many of them as the environment's LISTED says; other lists are empty.
// GET /count returns the number of requests answered so far; GET /arrivals one
// line for each intent: paycore's id and when its request came, in
// microseconds since 1970.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import { performance } from 'node:perf_hooks';

const [delay, keyFile, certFile] = process.argv.slice(2);
const listed = Number(process.env.LISTED ?? 0);
const FIRST = 1700000000;
const arrivals = [];
let count = 0;

const microseconds = () => Math.round((performance.timeOrigin + performance.now()) * 1000);
const unixTime = () => Math.floor(Date.now() / 1000);

function metadataOf(form) {
  const metadata = {};
  for (const [name, value] of form)
    if (name.startsWith('metadata['))
      metadata[name.slice('metadata['.length, -1)] = value;
  return metadata;
}

function charge(intent, fee) {
  const id = `ch_${intent.id.slice(3)}`;
  return {
    id, object: 'charge', amount: intent.amount, amount_captured: intent.amount, amount_refunded: 0,
    balance_transaction: {
      id: `txn_${intent.id.slice(3)}`, object: 'balance_transaction', amount: intent.amount,
      available_on: intent.created + 172800, created: intent.created, currency: intent.currency,
      description: null, exchange_rate: null, fee,
      fee_details: [{ amount: fee, application: null, currency: intent.currency,
        description: 'Stripe processing fees', type: 'stripe_fee' }],
      net: intent.amount - fee, reporting_category: 'charge', source: id, status: 'pending', type: 'charge',
    },
    captured: true, created: intent.created, currency: intent.currency, customer: intent.customer,
    description: intent.description, disputed: false, failure_code: null, failure_message: null, livemode: false,
    metadata: intent.metadata,
    outcome: { network_status: 'approved_by_network', reason: null, risk_level: 'normal', type: 'authorized' },
    paid: true, payment_intent: intent.id, payment_method: intent.payment_method,
    payment_method_details: {
      card: { brand: 'visa', country: 'US', exp_month: 12, exp_year: 2034, fingerprint: 'Fp76697361343234',
        funding: 'credit', last4: '4242', network: 'visa', three_d_secure: null, wallet: null },
      type: 'card',
    },
    receipt_url: `https://pay.stripe.com/receipts/${id}`, refunded: false, status: 'succeeded',
  };
}

function intent(form) {
  const metadata = metadataOf(form);
  const amount = Number(form.get('amount'));
  const id = `pi_bench${++count}x${process.pid}`;
  const made = {
    id, object: 'payment_intent', amount, amount_capturable: 0, amount_received: amount, canceled_at: null,
    cancellation_reason: null, capture_method: form.get('capture_method'), client_secret: `${id}_secret_bench`,
    confirmation_method: 'automatic', created: unixTime(), currency: form.get('currency'),
    customer: form.get('customer'), description: form.get('description'), last_payment_error: null,
    livemode: false, metadata, next_action: null, payment_method: 'pm_bench', payment_method_types: ['card'],
    setup_future_usage: null, status: 'succeeded',
  };
  made.latest_charge = charge(made, Math.round(amount * 0.029) + 30);
  return made;
}

function customer(form) {
  return { id: `cus_bench${++count}x${process.pid}`, object: 'customer', created: unixTime(), livemode: false,
    metadata: metadataOf(form), name: form.get('name'), email: form.get('email') };
}

// Newest first, a hundred customers in turn; the cursor is the last one's number.
function listedIntent(n) {
  const form = new URLSearchParams({ amount: String(1000 + n % 9000), currency: 'usd', capture_method: 'automatic_async',
    customer: `cus_bench_${1 + n % 100}`, description: `Order ${n}` });
  const made = { ...intent(form), id: `pi_listed${n}`, created: FIRST + n };
  made.latest_charge = charge(made, Math.round(made.amount * 0.029) + 30);
  return made;
}

function page(url) {
  const { pathname, searchParams } = new URL(url, 'https://gateway');
  const list = { object: 'list', url: pathname, has_more: false, data: [] };
  if (pathname !== '/v1/payment_intents')
    return list;
  const after = searchParams.get('starting_after');
  const created = (bound, otherwise) => Number(searchParams.get(`created[${bound}]`) ?? otherwise) - FIRST;
  const newest = Math.min(listed, created('lt', Infinity) - 1);
  const oldest = Math.max(1, created('gte', 0));
  const from = after ? Number(after.slice('pi_listed'.length)) - 1 : newest;
  const to = Math.max(from - Number(searchParams.get('limit') ?? 10), oldest - 1);
  for (let n = from; n > to; n--)
    list.data.push(listedIntent(n));
  list.has_more = to >= oldest;
  return list;
}

function objectFor(url, form) {
  if (url.includes('limit='))
    return page(url);
  if (url.startsWith('/v1/payment_intents'))
    return intent(form);
  if (url.startsWith('/v1/customers'))
    return customer(form);
  count++;
  return { id: 'acct_bench', object: 'account' };
}

function answer(request, response, body) {
  const text = JSON.stringify(objectFor(request.url, new URLSearchParams(body)));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function noteArrival(body, at) {
  const id = /metadata(?:%5B|\[)paycore_intent(?:%5D|\])=([0-9a-f-]+)/.exec(body);
  if (id)
    arrivals.push(`${id[1]}\t${at}`);
}

function onRequest(request, response) {
  const at = microseconds();
  let body = '';
  if (request.url === '/count')
    return response.end(String(count));
  if (request.url === '/arrivals')
    return response.end(arrivals.join('\n') + '\n');
  request.on('data', (chunk) => { body += chunk; });
  request.on('end', () => {
    noteArrival(body, at);
    if (Number(delay) > 0)
      setTimeout(answer, Number(delay), request, response, body);
    else
      answer(request, response, body);
  });
}

const server = keyFile
  ? createSecureServer({ key: readFileSync(keyFile), cert: readFileSync(certFile), allowHTTP1: true }, onRequest)
  : createServer(onRequest);

server.keepAliveTimeout = 60000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.on('SIGTERM', () => process.exit(0));
