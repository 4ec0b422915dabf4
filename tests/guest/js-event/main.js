// SPDX-License-Identifier: MIT
// js-event: an event is read as it was sent, field by field
function refusal(value) {
    try {
        return structuredClone(value);
    } catch (e) {
        return e.name;
    }
}
export default async (event, context) => ({
    method: event.method,
    path: event.path,
    query: event.query,
    header: event.headers['x-device'],
    several: ['x-many', 'cookie', 'constructor'].map((name) => event.headers[name]),
    text: event.body,
    json: event.json().v,
    bytes: event.bytes().length,
    trigger: event.trigger,
    attempt: event.attempt,
    items: event.items.length,
    type: event.type ?? null,
    name: context.functionName,
    left: context.timeLeft() > 0,
    cloned: [event, context, event.items[0]].map(refusal),
});
