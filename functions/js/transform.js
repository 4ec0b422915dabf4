// SPDX-License-Identifier: MIT
// transform: readings of one form into those of another. {"readings": [{"id": "a",
// "celsius": 20.5, "at": 1700000000}]} becomes a list with Fahrenheit and ISO times,
// the newest first; what is no reading is counted.
const isReading = (r) => typeof r?.id === 'string' && Number.isFinite(r.celsius) && Number.isFinite(r.at);

function main({ readings }) {
    if (!Array.isArray(readings))
        return { statusCode: 400, body: 'transform: send {"readings": [...]}\n' };
    const good = readings.filter(isReading);
    return {
        body: {
            readings: good.toSorted((a, b) => b.at - a.at).map(({ id, celsius, at }) => ({
                id,
                fahrenheit: Math.round(celsius * 18 + 320) / 10,
                at: new Date(at * 1000).toISOString(),
            })),
            skipped: readings.length - good.length,
        },
    };
}
