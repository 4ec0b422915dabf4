-- SPDX-License-Identifier: MIT
-- For wrk: median and 99th percentile in microseconds, requests per second, and
-- how many requests failed. With EVENTS=n each request pushes so many events; with
-- BODY=text that is what it sends.
local events = tonumber(os.getenv("EVENTS") or "0")
if events > 0 then
    local lines = {}
    for i = 1, events do lines[i] = string.rep("x", 100) end
    wrk.method = "POST"
    wrk.body = table.concat(lines, "\n")
end
local body = os.getenv("BODY")
if body then
    wrk.method = "POST"
    wrk.body = body
end

done = function(summary, latency)
    local e = summary.errors
    print(string.format("report %.1f %.1f %.0f %d", latency:percentile(50), latency:percentile(99),
        summary.requests * 1e6 / summary.duration,
        e.connect + e.read + e.write + e.status + e.timeout))
end
