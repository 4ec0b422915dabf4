// SPDX-License-Identifier: MIT
// A warm server as functions platforms keep one: Node's own, answering at once.
const server = require('http').createServer((request, response) => {
    response.setHeader('Content-Type', 'text/plain');
    response.end('no');
});
server.listen(0, '127.0.0.1', () => console.log('listening on ' + server.address().port));
