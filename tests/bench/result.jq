# SPDX-License-Identifier: MIT
# result: from samples, "ID VALUE P99" a line, and tests/bench/rows to bench.json.

def trim: gsub("^[ \t]+|[ \t]+$"; "");
def median: if length == 0 then null else sort | .[(length - 1) / 2 | floor] end;
def lines: split("\n") | map(select(. != ""));
def holds($op; $limit): if $op == "<=" then . <= $limit else . >= $limit end;

($samples | lines | map(split(" ") | {id: .[0], value: (.[1] | tonumber),
    p99: (if .[2] == "null" then null else .[2] | tonumber end)})) as $all
| ($without | lines | map(capture("^(?<key>[^ ]+) (?<value>.*)")) | from_entries) as $why
| def values($id): [$all[] | select(.id == $id) | .value];
# Round by round, so that what drifts cancels; else what there is.
def ratio($id; $to): values($id) as $a | values($to) as $b
    | if ($a | length) == 0 or ($b | length) == 0 then null
      elif ($a | length) == ($b | length) then [$a, $b] | transpose | map(.[0] / .[1]) | median
      else ($a | median) / ($b | median) end;

def beside($id):
    capture("^(?<row>[^<>]*)(?<op>[<>]=)?(?<limit>[0-9.]+)?$")
    | (if .row == "" then values($id) | median else ratio($id; .row) end) as $got
    | (if .limit == null then null else .limit | tonumber end) as $limit
    | {row: (if .row == "" then null else .row end), ratio: (if .row == "" then null else $got end),
       target: (if .op == null then null else "\(.op) \(.limit)" end),
       met: (if .op == null or $got == null then null else .op as $op | $got | holds($op; $limit) end)};

def row: split("|") | map(trim) | .[0] as $id
    | [$all[] | select(.id == $id)] as $mine
    | {id: $id, what: (.[3:] | join("|") | gsub("IDLE_SECONDS"; $idle)), unit: .[1],
       median: ($mine | map(.value) | median),
       p99: ($mine | map(.p99 // empty) | median),
       min: ($mine | map(.value) | min), max: ($mine | map(.value) | max), rounds: ($mine | length),
       beside: (.[2] | split(" ") | map(select(. != "") | beside($id)))}
    + (if ($mine | length) == 0 then {why: ($why[$id] // "not measured")} else {} end);

{version: $version, date: $date, rounds: ($rounds | tonumber), quick: ($quick != ""),
 machine: {arch: $arch, kernel: $kernel, processors: ($cores | tonumber), kvm: $kvm},
 groups: ($rows | split("\n## ")[1:] | map(lines | {name: .[0], rows: (.[1:] | map(row))}))}
