// Signs events with the official stripe package and posts them, as Stripe would.
//
//   node stripe-deliver.mjs <url> <secret> <event json> [mode]
//
// Modes: good, wrong_secret, old, altered, bare (no header), large.  Prints the
// status of the answer, and whether the package's own check agrees with it.
import Stripe from 'stripe'

const [url, secret, json, mode = 'good'] = process.argv.slice(2)
const stripe = new Stripe('sk_test_unused')
const payload = mode === 'large' ? json.padEnd(3 * 1024 * 1024) : json
const timestamp = Math.floor(Date.now() / 1000) - (mode === 'old' ? 3600 : 0)
const header = stripe.webhooks.generateTestHeaderString({
  payload, timestamp, secret: mode === 'wrong_secret' ? 'whsec_wrong' : secret
})
const body = mode === 'altered' ? payload + ' ' : payload

let verdict = 'good'
try {
  stripe.webhooks.constructEvent(body, header, secret)
} catch (error) {
  verdict = 'bad'
}
let status
try {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8', ...(mode === 'bare' ? {} : { 'stripe-signature': header }) },
    body
  })
  status = answer.status
} catch (error) {
  status = 'cut'
}
console.log(`${status} ${verdict}`)
