// POST /webhooks/<gateway account>: hands the raw body and its signature to paycore.
//
//   PGHOST=... PGDATABASE=... PGUSER=... PORT=3000 node server.mjs
//
// The role needs what paycore.grant_access(role, 'app') gives.  No secret of the
// gateway is known here: the database checks the signature.
import http from 'node:http'
import pg from 'pg'

const MAX_BODY = 2 * 1024 * 1024
const pool = new pg.Pool({ max: 10 })

// The bytes as they came: a body that was parsed and written again has another signature.
async function readBody (request) {
  const chunks = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > MAX_BODY) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function receive (account, request) {
  const body = await readBody(request)
  if (body === null) return 413
  const { rows } = await pool.query(
    'SELECT status, error_code FROM paycore.receive_webhook($1::bytea, $2::text, $3::text)',
    [body, request.headers['stripe-signature'] ?? '', account])
  return rows[0].status === 'rejected' ? 400 : 200
}

const server = http.createServer(async (request, response) => {
  const path = /^\/webhooks\/([a-z0-9_-]+)$/.exec(request.url)
  let status = 404
  if (path && request.method === 'POST') {
    // Any fault of ours is a 500: the gateway sends the event again.
    status = await receive(path[1], request).catch(error => {
      console.error('webhook:', error.message)
      return 500
    })
  }
  response.writeHead(status, { 'content-type': 'text/plain', connection: status === 413 ? 'close' : 'keep-alive' }).end()
})

pool.on('error', error => console.error('database:', error.message))
server.listen(Number(process.env.PORT ?? 3000), process.env.HOST ?? '127.0.0.1',
  () => console.log(`listening on ${server.address().port}`))
