// Takes what paycore pushes: checks the signature, then deals with the event, once.
//
//   WEBHOOK_SECRETS="whsec_new whsec_old" PORT=3000 node receiver.mjs
//
// The signature has Stripe's form, so Stripe's package can check it.
import http from 'node:http'
import Stripe from 'stripe'

const stripe = new Stripe('sk_test_unused')
const secrets = process.env.WEBHOOK_SECRETS.split(' ')
const seen = new Set() // a table with the id as its key, in earnest

function verified (body, header) {
  for (const secret of secrets) {
    try {
      return stripe.webhooks.constructEvent(body, header, secret)
    } catch {}
  }
  return null
}

const server = http.createServer(async (request, response) => {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const event = verified(Buffer.concat(chunks), request.headers['paycore-signature'])
  if (event !== null && !seen.has(event.id)) {
    seen.add(event.id)
    console.log(`${event.type} ${event.object_id}`)
  }
  response.writeHead(event === null ? 400 : 200).end()
})

server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => console.log(`listening on ${server.address().port}`))
