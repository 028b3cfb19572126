// Lists, posts and reads through the GeoReport client of npm and prints what
// came of it as one JSON object.
const Open311 = require('open311')
const [endpoint, apiKey, code, town] = process.argv.slice(2)
const client = new Open311({ discovery: endpoint + 'discovery.json', endpoint, apiKey, format: 'json' })
const call = (name, ...args) => new Promise((resolve, reject) =>
  client[name](...args, (err, data) => (err ? reject(new Error(name + ': ' + err + ' ' + JSON.stringify(data))) : resolve(data))))

async function main() {
  const found = await call('serviceDiscovery', { cache: false })
  const services = await call('serviceList')
  const definition = await call('serviceDefinition', code)
  const posted = await call('submitRequest', {
    service_code: code, description: '路灯整条街不亮，电话 13800138000', address_string: '连升路8号', first_name: '小明', last_name: '陈', phone: '13800138000',
    attributes: { town },
  })
  const token = await call('submitRequest', { service_code: 'other', description: '说不清归谁管', address_string: '东莞市虎门镇' })
  const waiting = await call('token', token[0].token)
  const one = await call('serviceRequests', posted[0].service_request_id)
  const several = await call('serviceRequests', [posted[0].service_request_id, 'DG0'])
  const list = await call('serviceRequests', { service_code: code, status: 'open' })
  console.log(JSON.stringify({ found, services, definition, posted, token, waiting, one, several, list }))
}
main().catch((e) => { console.error(e.message); process.exit(1) })
