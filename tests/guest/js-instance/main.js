// SPDX-License-Identifier: MIT
// js-instance: with reuse: instance globals stay, event and context are new for each event
let count = 0;
const kept = [];
const why = (attempt) => {
    try {
        attempt();
        return 'not refused';
    } catch (e) {
        return e.message;
    }
};
export default (event, context) => {
    count++;
    event.mark = context.mark = context.params.mark = (event.mark ?? 0) + (context.params.mark ?? 0) + 1;
    const old = kept[0];
    kept.push({ event, context, items: event.items });
    return {
        count, text: event.text(), mark: event.mark,
        same: old !== undefined && (old.event === event || old.context === context || old.context.params === context.params),
        old: old && [old.event.mark, why(() => old.event.text()), why(() => old.context.id), why(() => old.items[0].text())],
    };
};
