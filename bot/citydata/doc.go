// Package citydata asks the city's data platform (政务数据) four things: do a
// name and an id number agree, which electronic licences does a person hold,
// what is a firm's profile, and which services are there. openapi.yaml in this
// folder is the document that the client and the stand-in server (standin)
// both keep to.
//
// It stands under bot, like openai and redis, because it is an outside
// technology met in one folder: errands never call HTTP. They declare the few
// things they need, and main ties this client to them.
//
// Requests and answers are signed (HMAC-SHA256 with time and nonce), have a
// deadline and a size limit, and are tried again only where the document says
// that a query may be repeated; a circuit breaker keeps a platform that is
// down from being waited for. It refuses to ask about anybody without a
// consent that was recorded, to ask what cannot be noted in the query log
// first, and to write a name or a number anywhere.
package citydata
